"""Apps, servers and time do anything in any order, also at once, on a real database: nothing leaves the table."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from databases import SECRET, SettableClock
from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.adapters.wakeup_memory import MemoryWakeup
from frontdesk.basics.errors import Problem
from frontdesk.kernel import events, expiry, tenants
from frontdesk.kernel.vault import Vault
from frontdesk.onboarding.model.session import LIFECYCLE, OPEN
from frontdesk.onboarding.rules.refusals import InvalidNonce, InvalidTempToken
from frontdesk.onboarding.rules.stepping import status_at
from frontdesk.onboarding.service import exchanging, expiring, looking, opening, submitting
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.service.submitting import Submission, Submitted
from frontdesk.onboarding.steps.registry import Skills
from frontdesk.onboarding.store import consents
from frontdesk.onboarding.store import sessions as store
from onboarding.skills import AT_ONCE, OFFLINE

Deed = Callable[[], Awaitable[Any]]
STEPS = {AT_ONCE.name: ["yes"], OFFLINE.name: ["check", "greet"]}


class Walks(RuleBasedStateMachine):
    """The model: the nonces that were given out, those that are spent, and the tokens."""

    template: Path
    runner: asyncio.Runner
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="frontdesk-walk-"))
        shutil.copyfile(self.template, self.folder / "walk.db")
        self.clock = SettableClock()
        self.db = SqliteDb(self.folder / "walk.db")
        skills = Skills([AT_ONCE, OFFLINE])
        vault, blobs = Vault(SECRET), FileBlobs(self.folder / "blobs")
        self.needs = Needs(self.db, blobs, MemoryWakeup(), LocalOcr(), vault, self.clock, "", {}, skills, "1")
        self.runner.run(self.begin())
        self.given: list[str] = []
        self.spent: set[str] = set()
        self.tokens: list[str] = []
        self.consents = 0
        self.over = ""

    async def begin(self) -> None:
        await self.db.open()
        self.client, writes = tenants.create(self.needs.vault, "Walk", self.clock.now())
        await self.db.commit(writes)

    @initialize(skill=st.sampled_from([AT_ONCE.name, OFFLINE.name]))
    def open(self, skill: str) -> None:
        self.skill = skill
        wish = opening.Wish("user", self.client.client_id, self.client.client_app_key, skill)
        started = self.runner.run(opening.create_session(self.needs, wish))
        self.session_id = started.session_id
        self.given.append(started.nonce)

    def submission(self, step: str, nonce: str, name: str = "Ana") -> Deed:
        data = {"name": name} if step == "check" else {}
        sent = Submission(self.session_id, self.client.client_id, nonce, self.skill, step, data)
        return lambda: submitting.submit_step(self.needs, sent)

    async def gathered(self, deeds: list[Deed]) -> list[Any]:
        found = await asyncio.gather(*(deed() for deed in deeds), return_exceptions=True)
        odd = [one for one in found if isinstance(one, BaseException) and not isinstance(one, Problem)]
        if odd:
            raise odd[0]
        return list(found)

    def learn(self, taken: Submitted, nonce: str) -> None:
        assert nonce not in self.spent, "a nonce was good twice"
        self.spent.add(nonce)
        if taken.nonce:
            self.given.append(taken.nonce)
        if taken.temp_token:
            self.tokens.append(taken.temp_token)

    @rule(step=st.integers(0, 2), back=st.integers(0, 3), name=st.sampled_from(["Ana", "Nobody", ""]))
    def submit(self, step: int, back: int, name: str) -> None:
        names = [*STEPS[self.skill], "nothing"]
        nonce = self.given[max(0, len(self.given) - 1 - back)]
        [found] = self.runner.run(self.gathered([self.submission(names[step % len(names)], nonce, name)]))
        if isinstance(found, Submitted):
            self.learn(found, nonce)
        elif nonce in self.spent and self.status() in OPEN:
            assert isinstance(found, InvalidNonce)

    @rule(times=st.integers(2, 8), step=st.integers(0, 1))
    def submit_at_once(self, times: int, step: int) -> None:
        nonce = self.given[-1]
        deed = self.submission(STEPS[self.skill][step % len(STEPS[self.skill])], nonce)
        found = self.runner.run(self.gathered([deed] * times))
        taken = [one for one in found if isinstance(one, Submitted)]
        assert len(taken) <= 1
        for one in taken:
            self.learn(one, nonce)

    @rule()
    def work(self) -> None:
        async def worked() -> None:
            read = await store.load(self.db, self.needs.vault, self.session_id)
            if read is not None and read.progress.offline is not None:
                await submitting.work(self.needs, self.session_id, read.progress.offline.run)

        self.runner.run(worked())

    @rule()
    def resume(self) -> None:
        keys = (self.client.client_id, self.client.client_secret, self.session_id)
        [found] = self.runner.run(self.gathered([lambda: looking.resume(self.needs, *keys)]))
        if isinstance(found, looking.Resumed):
            self.spent.update(self.given)
            self.given.append(found.nonce)

    @rule(times=st.integers(1, 8))
    def exchange(self, times: int) -> None:
        if not self.tokens:
            return
        keys = (self.client.client_id, self.client.client_secret, self.tokens[-1])
        found = self.runner.run(self.gathered([lambda: exchanging.exchange(self.needs, *keys)] * times))
        self.consents += sum(isinstance(one, exchanging.Exchanged) for one in found)
        assert {type(one) for one in found} <= {exchanging.Exchanged, InvalidTempToken}
        assert self.consents <= 1

    @rule(minutes=st.sampled_from([1, 29, 31, 24 * 60, 121 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        async def swept() -> None:
            now = self.clock.now()
            await expiry.sweep(self.db, self.needs.wakeup, self.needs.vault, {"onboarding": LIFECYCLE}, now)
            await expiring.clear(self.needs, self.session_id)

        self.runner.run(swept())

    def read(self) -> Any:
        return self.runner.run(store.load(self.db, self.needs.vault, self.session_id))

    def status(self) -> str:
        read = self.read()
        return "erased" if read is None else status_at(read.progress, self.clock.now())

    @invariant()
    def what_is_over_stays_over(self) -> None:
        if not hasattr(self, "session_id"):
            return
        status = self.status()
        self.reached.add(status)
        assert status == "erased" or status in LIFECYCLE.statuses
        if self.over and status != "erased":
            assert status == self.over
        if status not in OPEN and status != "erased":
            self.over = status
        consent = self.runner.run(consents.of_session(self.db, self.session_id))
        assert (consent is not None) is (self.consents == 1)

    @invariant()
    def the_log_is_whole(self) -> None:
        if hasattr(self, "session_id"):
            log = self.runner.run(events.after(self.db, self.session_id, 0, 10_000))
            assert events.first_break(log) is None

    def teardown(self) -> None:
        self.runner.run(self.db.close())
        shutil.rmtree(self.folder)


@pytest.mark.xdist_group("journeys-small")
def test_no_walk_leaves_the_table(sqlite_template: Path) -> None:
    chosen = settings(
        max_examples=80,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    with asyncio.Runner() as running:

        class Here(Walks):
            template, runner = sqlite_template, running

        run_state_machine_as_test(Here, settings=chosen)  # type: ignore[no-untyped-call]
    assert Here.reached >= LIFECYCLE.statuses
