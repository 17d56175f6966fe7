"""Steps that are worked on in the background: pending, told once done, refused, and done after a restart."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from databases import SettableClock
from frontdesk import wiring
from frontdesk.config import Settings
from frontdesk.kernel import outbox, tenants
from frontdesk.kernel.change import topic
from frontdesk.kernel.tenants import NewTenant
from frontdesk.migrations import migrate
from frontdesk.onboarding.jobs import JOBS
from frontdesk.onboarding.rules.refusals import InvalidField, InvalidNonce
from frontdesk.onboarding.service import looking, opening, submitting
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.service.submitting import Submission, Submitted
from frontdesk.onboarding.steps.registry import Skills
from frontdesk.wiring import House
from frontdesk.worker import working
from onboarding.skills import OFFLINE

PENDING = {"pending": True, "retry_after": 30}


class Walk:
    """One session of the skill that works in the background."""

    def __init__(self, needs: Needs, client: NewTenant, started: Any) -> None:
        self.needs, self.client, self.session_id, self.nonce = needs, client, started.session_id, started.nonce

    async def submit(self, step: str, data: Any = None) -> Submitted:
        sent = Submission(self.session_id, self.client.client_id, self.nonce, OFFLINE.name, step, data or {})
        taken = await submitting.submit_step(self.needs, sent)
        self.nonce = taken.nonce
        return taken

    async def work(self) -> int:
        """Hand over what is queued, and run it; twice, as may happen."""
        ran = Ran()
        await outbox.dispatch(self.needs.db, ran, self.needs.clock.now())
        for name, argument in ran.queued * 2:
            await JOBS[name](self.needs, argument)
        return len(ran.queued)


class Ran:
    """An engine that only takes note."""

    def __init__(self) -> None:
        self.queued: list[tuple[str, str]] = []

    def register(self, name: str, job: Any) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def counts(self) -> dict[str, int]:
        return {}

    async def enqueue(self, key: str, name: str, argument: str) -> None:
        self.queued.append((name, argument))


@pytest.fixture
async def walk(needs: Needs, client: NewTenant) -> Walk:
    wish = opening.Wish("somebody", client.client_id, client.client_app_key, OFFLINE.name)
    return Walk(needs, client, await opening.create_session(needs, wish))


async def test_the_step_is_pending_until_the_work_is_done_and_then_taken(walk: Walk) -> None:
    first = await walk.submit("check", {"name": "Ana"})
    assert (first.status, first.data) == ("SESSION_IN_PROGRESS", PENDING)
    again = await walk.submit("check", {"name": "Ana"})
    assert (again.data, again.step_id) == (PENDING, first.step_id)
    assert again.nonce != first.nonce
    assert await walk.work() == 1
    done = await walk.submit("check", {"name": "Ana"})
    assert (done.data, done.step_id) == ({"found": True}, first.step_id)
    assert (await walk.submit("greet")).data == {"entry": 17, "name": "Ana"}


async def test_a_refusal_is_told_once_and_the_step_may_be_tried_anew(walk: Walk) -> None:
    await walk.submit("check", {"name": "Nobody"})
    await walk.work()
    with pytest.raises(InvalidField, match=r"data\.name: expected a name that is in the register"):
        await walk.submit("check", {"name": "Nobody"})
    assert (await walk.submit("check", {"name": "Ana"})).data == PENDING
    assert await walk.work() == 1
    assert (await walk.submit("check", {"name": "Ana"})).data == {"found": True}


async def test_work_that_was_queued_before_a_restart_is_done_after_it(walk: Walk) -> None:
    await walk.submit("check", {"name": "Ana"})
    # All that a restart leaves is the database: the line is there, and a new engine gets it.
    assert await walk.work() == 1
    assert await walk.work() == 0
    assert (await walk.submit("check", {"name": "Ana"})).data == {"found": True}


async def test_the_durable_engine_does_it_in_another_life_of_the_server(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, secret_key="the key of both lives, 32 characters or more", bank="off")
    migrate(wiring.database_url(settings))

    def house() -> House:
        built = wiring.build(settings, "http://127.0.0.1:1")
        return replace(built, onboarding=structs.replace(built.onboarding, skills=Skills([OFFLINE])))

    first = house()
    async with wiring.opened(first):
        client, writes = tenants.create(first.vault, "Lives", first.clock.now())
        await first.db.commit(writes)
        wish = opening.Wish("somebody", client.client_id, client.client_app_key, OFFLINE.name)
        walk = Walk(first.onboarding, client, await opening.create_session(first.onboarding, wish))
        assert (await walk.submit("check", {"name": "Ana"})).data == PENDING
    second = house()
    async with wiring.opened(second), working(second, lambda *_: None):
        walk.needs = second.onboarding
        async with asyncio.timeout(60), second.wakeup.subscribe(topic(walk.session_id)) as changed:
            while (await walk.submit("check", {"name": "Ana"})).data == PENDING:
                await changed.wait(0)  # by the submission itself: who asked again for that would race the job for ever
                await changed.wait(1)
        assert (await walk.submit("greet")).data == {"entry": 17, "name": "Ana"}


async def test_a_session_that_waited_longer_than_its_nonce_is_resumed(walk: Walk, clock: SettableClock) -> None:
    await walk.submit("check", {"name": "Ana"})
    clock.advance(hours=3)
    await walk.work()
    resumed = await looking.resume(walk.needs, walk.client.client_id, walk.client.client_secret, walk.session_id)
    assert resumed.next_step == "check"
    with pytest.raises(InvalidNonce):
        await walk.submit("check", {"name": "Ana"})
    walk.nonce = resumed.nonce
    assert (await walk.submit("check", {"name": "Ana"})).data == {"found": True}


async def test_work_for_a_session_that_is_over_changes_nothing(walk: Walk, clock: SettableClock) -> None:
    await walk.submit("check", {"name": "Ana"})
    clock.advance(hours=25)
    await walk.work()
    found = await looking.look(walk.needs, walk.client.client_id, walk.client.client_secret, walk.session_id)
    assert found.status == "SESSION_EXPIRED"
