"""Customers, staff and time do anything in any order, also at once, on a real database: no state outside the table."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from databases import SECRET, SettableClock
from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.adapters.faces_local import LocalFaces
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.adapters.wakeup_memory import MemoryWakeup
from frontdesk.basics.errors import Problem
from frontdesk.kernel import events, tenants
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.kyc.model.session import LIFECYCLE, STEP_LIFECYCLE, Progress
from frontdesk.kyc.rules import liveness
from frontdesk.kyc.rules.confirm import ConfirmRequest
from frontdesk.kyc.rules.corrections import Demand
from frontdesk.kyc.rules.public_state import public_state
from frontdesk.kyc.rules.refusals import Refusal
from frontdesk.kyc.rules.steps import all_completed, due_steps
from frontdesk.kyc.rules.upload import UploadRequest
from frontdesk.kyc.service import erasing, journey, opening, presence, reviewing, uploading, workflows
from frontdesk.kyc.service.needs import Needs, SessionNotFound, owned
from frontdesk.kyc.service.opening import Wish
from frontdesk.kyc.service.reviewing import Decision
from frontdesk.kyc.service.uploading import Slot
from frontdesk.kyc.store.recent import Recent
from frontdesk.kyc.wire import answers
from frontdesk.ports.liveness import Attempt, Challenge, Frame, Verdict
from hostile_files import picture

STEPS = ("passport", "about_you", "presence")
FORM = {"full_name": "Ana Ruiz", "date_of_birth": "1991-11-02"}
BODY: dict[str, Any] = {
    "name": "Walk",
    "steps": [
        {"step_id": "passport", "name": "Passport", "type": "document_upload",
         "document_requirements": [{"document_type": "id"}]},
        {"step_id": "about_you", "name": "About you", "type": "form_fill", "custom_fields": [
            {"field_id": "full_name", "name": "Name", "type": "name", "required": True},
            {"field_id": "date_of_birth", "name": "Born", "type": "date", "required": True}]},
        {"step_id": "presence", "name": "Presence", "type": "liveness",
         "liveness_config": {"max_retries": 2, "use_for_face_match": False, "provider": "local"}},
    ],
}  # fmt: skip
Deed = Callable[[], Awaitable[Any]]


class Drawn:
    """A provider whose verdict was drawn when the attempt began, and comes a little later."""

    name = "local"

    def __init__(self) -> None:
        self.wins = True
        self.opened = 0
        self.judged: list[str] = []

    async def open(self, challenge_type: str, now: datetime) -> Attempt:
        self.opened += 1
        await asyncio.sleep(0)
        verdict = "won" if self.wins else "lost"
        return Attempt(f"{verdict}-{self.opened}", now + timedelta(minutes=3), Challenge(("left", "right"), 12))

    async def judge(
        self, attempt: Attempt, frames: Sequence[Frame], portrait: tuple[float, ...] | None, now: datetime
    ) -> Verdict:
        self.judged.append(attempt.provider_id)
        await asyncio.sleep(0)
        if now >= attempt.expires_at:
            return Verdict("expired", "drawn")
        if attempt.provider_id.startswith("won"):
            return Verdict("succeeded", "drawn", 95.0, None, b"reference", (b"audit",))
        return Verdict("failed", "drawn", 20.0, "wrong_order", None, (b"audit",))

    async def check(self) -> None:
        return None


class Interleavings(RuleBasedStateMachine):
    """The model: which verbs the lifecycle allows, and what was acknowledged."""

    template: Path
    runner: asyncio.Runner
    ocr: LocalOcr
    photo = picture()
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="frontdesk-walk-"))
        shutil.copyfile(self.template, self.folder / "walk.db")
        self.clock = SettableClock()
        self.provider = Drawn()
        self.db = SqliteDb(self.folder / "walk.db")
        self.needs = Needs(
            self.db,
            FileBlobs(self.folder / "blobs"),
            MemoryWakeup(),
            self.ocr,
            LocalFaces(self.folder, LocalSandbox()),
            {"local": self.provider},
            LocalSandbox(),
            Vault(SECRET),
            self.clock,
            "http://127.0.0.1:1",
            ("image/jpeg",),
            Allowed(()),
        )
        self.runner.run(self.begin())

    async def begin(self) -> None:
        await self.db.open()
        await self.needs.wakeup.start()
        new, writes = tenants.create(self.needs.vault, "Walk", self.clock.now())
        await self.db.commit(writes)
        self.tenant_id = new.tenant_id

    @initialize(resolution=st.sampled_from(["manual_review", "auto_process", "completed"]))
    def open(self, resolution: str) -> None:
        body = {**BODY, "validation_config": {"correction_resolution": resolution}}
        saved = self.runner.run(workflows.create(self.needs, self.tenant_id, body, "walk"))
        wish = Wish(saved.head.workflow_id, ttl_days=5)
        opened = self.runner.run(opening.create_session(self.needs, self.tenant_id, wish, None))
        self.session_id, self.token = opened.session_id, opened.access_token
        self.slots: list[Slot] = []
        self.confirmed: set[str] = set()
        self.attempts: list[str] = []
        self.results: dict[str, set[str]] = {}
        self.erased = False
        self.seen = self.read()

    def read(self) -> Progress | None:
        try:
            return self.runner.run(owned(self.needs, self.tenant_id, self.session_id)).progress
        except SessionNotFound:
            return None

    def do(self, *deeds: Deed) -> list[Any]:
        """All of them at once; refusals come back as values."""

        async def one(deed: Deed) -> Any:
            await asyncio.sleep(0)
            try:
                return await deed()
            except Problem as refusal:
                assert isinstance(refusal, Refusal), repr(refusal)
                return refusal

        async def together() -> list[Any]:
            return await asyncio.gather(*(one(deed) for deed in deeds))

        return self.runner.run(together())

    # What can be done, each as a deed.

    async def begin_upload(self) -> None:
        request = UploadRequest("passport", "front.jpg", "image/jpeg", "id")
        slot = await uploading.begin(self.needs, self.token, request)
        self.slots.append(slot)

    async def send(self) -> None:
        slot = self.slots[-1]
        signed = slot.upload_url.rsplit("/", 1)[1]

        async def body(limit: int) -> bytes:
            await asyncio.sleep(0)
            return self.photo

        await uploading.receive(self.needs, signed, "image/jpeg", body)

    async def confirm(self) -> None:
        slot = self.slots[-1]
        request = ConfirmRequest(slot.doc_id, slot.s3_key, "passport", "image/jpeg", "id")
        done = await uploading.confirm(self.needs, self.token, request)
        assert done.doc_id == slot.doc_id
        self.confirmed.add(done.doc_id)

    def start(self, *, wins: bool) -> Deed:
        async def deed() -> None:
            self.provider.wins = wins
            started = await presence.start(self.needs, self.token, "presence")
            self.attempts.append(started.attempt.liveness_session_id)

        return deed

    async def frame(self) -> None:
        at_ms = 40 * len(self.results)
        await presence.add_frame(self.needs, self.token, self.attempts[-1], at_ms, self.photo)

    async def finish(self) -> None:
        attempt = self.attempts[-1]
        answer, _ = await presence.complete(self.needs, self.token, attempt)
        self.results.setdefault(attempt, set()).add(repr((answer.passed, answer.confidence)))

    def complete(self, step_id: str, form: Any) -> Deed:
        return lambda: journey.complete_step(self.needs, self.token, step_id, form)

    def correct(self, step_id: str) -> Deed:
        return lambda: reviewing.request_corrections(
            self.needs, self.tenant_id, self.session_id, [Demand(step_id, "Please look.")], 3, "walk"
        )

    def decide(self, status: str) -> Deed:
        made = Decision(status, "because")
        return lambda: reviewing.decide(self.needs, self.tenant_id, self.session_id, made, "walk")

    async def extend(self) -> None:
        await reviewing.extend(self.needs, self.tenant_id, self.session_id, ttl_days=5, expires_at=None)

    async def renew(self) -> None:
        made = await reviewing.generate_link(self.needs, self.tenant_id, self.session_id, None)
        self.token = made.access_token

    async def erase(self) -> None:
        await erasing.erase(self.needs, self.tenant_id, self.session_id, "key 1")
        self.erased = True

    def deed(self, name: str) -> Deed:
        deeds: dict[str, Deed] = {
            "begin": self.begin_upload,
            "complete passport": self.complete("passport", None),
            "complete form": self.complete("about_you", FORM),
            "complete half": self.complete("about_you", {"full_name": "Ana M. Ruiz"}),
            "complete wrong": self.complete("about_you", {"date_of_birth": "tomorrow"}),
            "correct passport": self.correct("passport"),
            "correct form": self.correct("about_you"),
            "approve": self.decide("approved"),
            "reject": self.decide("rejected"),
            "review": self.decide("manual_review"),
            "extend": self.extend,
            "renew": self.renew,
            "send": self.send if self.slots else self.begin_upload,
            "confirm": self.confirm if self.slots else self.begin_upload,
            "start winning": self.start(wins=True),
            "start losing": self.start(wins=False),
            "frame": self.frame if self.attempts else self.start(wins=True),
            "finish": self.finish if self.attempts else self.start(wins=False),
            "complete presence": self.complete("presence", None),
            "correct presence": self.correct("presence"),
        }
        return deeds[name]

    NAMES = st.sampled_from(
        ["begin", "send", "confirm", "complete passport", "complete form", "complete half", "complete wrong",
         "correct passport", "correct form", "approve", "reject", "review", "extend", "renew", "start winning",
         "start losing", "frame", "finish", "complete presence", "correct presence"]
    )  # fmt: skip

    @rule(name=NAMES)
    def alone(self, name: str) -> None:
        self.clock.advance(seconds=1)
        before = self.seen
        [found] = self.do(self.deed(name))
        after = self.seen = self.read()
        # Refusing a start may write down that the last attempt has run out.
        if isinstance(found, Refusal) and not self.erased and not name.startswith("start"):
            assert after == before, f"{name} was refused and changed something"

    @rule()
    def upload(self) -> None:
        self.clock.advance(seconds=1)
        for deed in (self.begin_upload, self.send, self.confirm):
            [found] = self.do(deed)
            if isinstance(found, Refusal):
                break
        self.seen = self.read()

    @rule(name=st.sampled_from(["approve", "reject", "review", "correct form", "begin"]))
    def walk_to_the_end(self, name: str) -> None:
        self.upload()
        for each in ("complete passport", "complete form", "start winning", "finish", name):
            self.alone(each)

    @rule(names=st.lists(st.sampled_from(["start losing", "frame", "finish"]), min_size=4, max_size=9))
    def presence_fails(self, names: list[str]) -> None:
        self.upload()
        for each in ("complete passport", "complete form", *names):
            self.alone(each)

    @rule(names=st.lists(NAMES, min_size=2, max_size=6))
    def at_once(self, names: list[str]) -> None:
        self.clock.advance(seconds=1)
        self.do(*(self.deed(name) for name in names))
        self.seen = self.read()

    @rule(name=NAMES, times=st.integers(2, 5))
    def repeated_at_once(self, name: str, times: int) -> None:
        self.clock.advance(seconds=1)
        deed = self.deed(name)
        before = self.seen
        found = self.do(*itertools.repeat(deed, times))
        after = self.seen = self.read()
        if name.startswith("complete") and before is not None and after is not None:
            answers = [one for one in found if not isinstance(one, Refusal)]
            assert len({repr(one) for one in answers}) <= 1
            entered = self.count("kyc.session.completed")
            assert entered - self.entered <= 1

    @rule(minutes=st.sampled_from([1, 4]))
    def a_little_time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule(days=st.sampled_from([1, 6]))
    def time_passes(self, days: int) -> None:
        self.clock.advance(days=days)

    @rule(chance=st.integers(0, 9), names=st.lists(NAMES, max_size=3))
    def erased_at_once_with_others(self, chance: int, names: list[str]) -> None:
        if chance == 0:
            self.do(self.erase, *(self.deed(name) for name in names))
            self.seen = self.read()

    def count(self, kind: str) -> int:
        log = self.runner.run(events.after(self.db, self.session_id, 0, 10_000))
        return sum(event.type == kind for event in log)

    async def look(self, needs: Needs) -> tuple[Progress, Any] | None:
        try:
            dossier = await journey.look(needs, self.token)
        except SessionNotFound:
            return None
        now = self.clock.now()
        told = msgspec.json.decode(answers.session_state(dossier, now))
        assert told == msgspec.to_builtins(public_state(dossier.progress, now=now))
        return dossier.progress, told

    @invariant()
    def every_state_is_in_the_table(self) -> None:
        if not hasattr(self, "session_id"):
            return
        progress = self.seen
        self.entered = self.count("kyc.session.completed")
        if self.erased:
            assert progress is None
            return
        assert progress is not None
        assert progress.status in LIFECYCLE.statuses
        self.reached.add(progress.status)
        assert {one.status for one in progress.steps} <= STEP_LIFECYCLE.statuses
        asked = {one.step_id for one in progress.corrections if one.status == "open"}
        waiting = {one.step_id for one in progress.steps if one.status == "needs_correction"}
        assert asked == waiting
        assert bool(asked) is (progress.status == "awaiting_client_correction")
        if progress.status == "active":
            assert due_steps(progress)
        if progress.status in ("completed", "manual_review", "approved", "rejected"):
            assert all_completed(progress) or self.count("kyc.liveness_exhausted")
        self.presence_is_bounded(progress)
        known = {one.doc_id for one in progress.documents if one.current or one.superseded}
        assert self.confirmed <= known
        assert sum(one.current for one in progress.documents) <= 1

    def presence_is_bounded(self, progress: Progress) -> None:
        """Attempts are counted, one is open, each was judged once, and its result never changes."""
        assert len(liveness.counted(progress, "presence")) <= 3
        assert sum(one.status == "pending" for one in progress.liveness) <= 1
        assert all(len(answers) == 1 for answers in self.results.values())
        assert self.count("kyc.liveness_passed") == sum(one.status == "passed" for one in progress.liveness)
        won = {one.provider_id for one in progress.liveness if one.status == "passed"}
        assert all(name.startswith("won") for name in won)

    @invariant()
    def what_is_remembered_is_what_is_stored(self) -> None:
        if not hasattr(self, "session_id"):
            return
        fresh = replace(self.needs, recent=Recent())
        looks = [self.runner.run(self.look(needs)) for needs in (fresh, self.needs, self.needs)]
        assert looks[1:] == looks[:1] * 2

    @invariant()
    def the_log_is_whole(self) -> None:
        if hasattr(self, "session_id") and not self.erased:
            log = self.runner.run(events.after(self.db, self.session_id, 0, 10_000))
            assert events.first_break(log) is None

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.runner.run(self.db.close())
            self.runner.run(self.needs.wakeup.stop())
        shutil.rmtree(self.folder)


@pytest.mark.xdist_group("journeys-small")
def test_no_interleaving_leaves_the_table(sqlite_template: Path) -> None:
    chosen = settings(
        max_examples=40,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    with asyncio.Runner() as running:
        papers = LocalOcr()
        running.run(papers.start())

        class Here(Interleavings):
            template, runner, ocr = sqlite_template, running, papers

        try:
            run_state_machine_as_test(Here, settings=chosen)  # type: ignore[no-untyped-call]
        finally:
            running.run(papers.stop())
    assert Here.reached >= LIFECYCLE.statuses - {"processed"}
