"""Eight at once for one nonce, and for one token: exactly one wins, and its answer can be had again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from frontdesk.basics.errors import Problem
from frontdesk.kernel.tenants import NewTenant
from frontdesk.onboarding.rules.refusals import InvalidNonce, InvalidSession, InvalidTempToken
from frontdesk.onboarding.service import exchanging, opening, submitting
from frontdesk.onboarding.service.needs import Needs, Repeat
from frontdesk.onboarding.service.opening import Started, Wish
from frontdesk.onboarding.service.submitting import Submission, Submitted
from frontdesk.onboarding.steps.skills import deposit
from onboarding.skills import AT_ONCE

RACES, RUNNERS, AT_A_TIME = 1000, 8, 50
FORM = {"value": "25000", "currency": "EUR", "period": "6"}
Run = Callable[[Repeat], Awaitable[Any]]


async def opened(needs: Needs, client: NewTenant, skill: str, user: int) -> Started:
    wish = Wish(f"user-{user}", client.client_id, client.client_app_key, skill)
    return await opening.create_session(needs, wish)


async def race(run: Run) -> tuple[Any, Repeat, Sequence[Problem]]:
    """Eight runners, each with a key of its own: the winner's answer, its key, and what the others were told."""
    repeats = [Repeat("POST /v1", f"runner-{number}", b"the same body") for number in range(RUNNERS)]
    found = await asyncio.gather(*(run(repeat) for repeat in repeats), return_exceptions=True)
    winners = [
        (answer, repeat) for answer, repeat in zip(found, repeats, strict=True) if not isinstance(answer, BaseException)
    ]
    losers = [one for one in found if isinstance(one, Problem)]
    assert len(winners) == 1, found
    assert len(losers) == RUNNERS - 1, found
    return *winners[0], losers


async def races(needs: Needs, one: Callable[[int], Awaitable[None]]) -> None:
    for start in range(0, RACES, AT_A_TIME):
        await asyncio.gather(*(one(start + number) for number in range(AT_A_TIME)))


async def test_of_eight_submissions_on_one_nonce_exactly_one_is_taken(needs: Needs, client: NewTenant) -> None:
    async def one(number: int) -> None:
        started = await opened(needs, client, deposit.SKILL.name, number)
        sent = Submission(started.session_id, client.client_id, started.nonce, deposit.SKILL.name, "product_form", FORM)
        answer, repeat, losers = await race(lambda repeat: submitting.submit_step(needs, sent, repeat))
        assert {type(loser) for loser in losers} == {InvalidNonce}
        assert await submitting.submit_step(needs, sent, repeat) == answer

    await races(needs, one)


async def test_of_eight_exchanges_of_one_token_exactly_one_gets_a_consent(needs: Needs, client: NewTenant) -> None:
    async def one(number: int) -> None:
        started = await opened(needs, client, AT_ONCE.name, number)
        ended: Submitted = await submitting.submit_step(
            needs, Submission(started.session_id, client.client_id, started.nonce, AT_ONCE.name, "yes", {})
        )
        keys = (client.client_id, client.client_secret, ended.temp_token)
        answer, repeat, losers = await race(lambda repeat: exchanging.exchange(needs, *keys, repeat))
        assert {type(loser) for loser in losers} == {InvalidTempToken}
        assert await exchanging.exchange(needs, *keys, repeat) == answer

    await races(needs, one)
    [count] = await needs.db.one("SELECT count(*) FROM onboarding_consents") or [0]
    assert count == RACES


async def test_of_eight_last_submissions_one_ends_the_session(needs: Needs, client: NewTenant) -> None:
    started = await opened(needs, client, AT_ONCE.name, 1)
    sent = Submission(started.session_id, client.client_id, started.nonce, AT_ONCE.name, "yes", {})
    answer, _, losers = await race(lambda repeat: submitting.submit_step(needs, sent, repeat))
    assert answer.temp_token
    # The session is over before the nonce is looked at: both refusals are documented.
    assert {type(loser) for loser in losers} <= {InvalidNonce, InvalidSession}


async def test_the_same_key_at_once_is_answered_the_same(needs: Needs, client: NewTenant) -> None:
    started = await opened(needs, client, deposit.SKILL.name, 1)
    sent = Submission(started.session_id, client.client_id, started.nonce, deposit.SKILL.name, "product_form", FORM)
    repeat = Repeat("POST /v1", "one", b"body")
    found = await asyncio.gather(*(submitting.submit_step(needs, sent, repeat) for _ in range(RUNNERS)))
    assert len({(one.step_id, one.nonce) for one in found}) == 1
    assert found[0] == found[-1]
