"""A turn is cut off at every point where it waits, before and right after what it waited for: its log stays whole."""

import asyncio
import contextvars
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from frontdesk import wiring
from frontdesk.agents.capabilities.contract import Arguments, Capability, Context, Result, Tool
from frontdesk.agents.model.agent import Definition, Ref
from frontdesk.agents.model.message import TextPart
from frontdesk.agents.rules.steps import INTERRUPTED
from frontdesk.agents.service import agents, keeping, messages, reading, sessions, turning
from frontdesk.agents.service.messages import Said
from frontdesk.agents.service.needs import Dossier, Needs, owned
from frontdesk.agents.service.reading import Filter
from frontdesk.agents.service.sessions import Wish
from frontdesk.agents.service.tasks import Tasks
from frontdesk.agents.store import turns
from frontdesk.basics.errors import Unavailable
from frontdesk.config import Settings
from frontdesk.kernel import change, tenants
from frontdesk.migrations import migrate
from journeys.agents import ENDS, faults

KEEP = '{"operation": "set", "key": "k", "value": "v"}'
TEXT = f'#tool add {{"a": 1, "b": 2}}\n#tool kv_store {KEEP}\n#tool stamp {{}}\n\n#slow 0.12 so it is'
stamped: Counter[str] = Counter()
_within: contextvars.ContextVar["Waits | None"] = contextvars.ContextVar("waits", default=None)


async def stamp(context: Context, arguments: Arguments) -> Result:
    """Has an effect that must not come twice, and waits before and after it."""
    await asyncio.sleep(0)
    stamped[context.session_id] += 1
    await asyncio.sleep(0)
    return Result("stamped")


STAMP = Capability(
    "stamp", "Stamp", "Stamps.", "Testing", "stamp", lambda config: (Tool("stamp", "", {"type": "object"}, stamp),)
)


@dataclass
class Waits:
    """Counts where a turn waits, in all its tasks, and calls `then` once at the place that was chosen."""

    chosen: int
    before: bool
    then: Callable[[], None] = lambda: None
    seen: int = 0
    tasks: list["asyncio.Task[Any]"] = field(default_factory=list)

    def waiting(self, future: Any) -> None:
        self.seen += 1
        if self.seen != self.chosen:
            return
        if self.before or not isinstance(future, asyncio.Future):
            self.then()
        else:
            # Called before whoever waits is woken: what it waited for has come, and it does not know yet.
            future.add_done_callback(lambda _: self.then())


class Watched(Coroutine[Any, Any, Any]):
    """A coroutine each of whose waits is told of."""

    def __init__(self, work: Coroutine[Any, Any, Any], waits: Waits) -> None:
        self._work, self._waits = work, waits

    def _told(self, future: Any) -> Any:
        self._waits.waiting(future)
        return future

    def send(self, value: Any) -> Any:
        return self._told(self._work.send(value))

    def throw(self, *error: Any) -> Any:
        return self._told(self._work.throw(*error))

    def close(self) -> None:
        self._work.close()

    def __next__(self) -> Any:
        return self.send(None)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __await__(self) -> Any:
        return self


def watch_tasks(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> "asyncio.Task[Any]":
    """A task factory: the tasks that a watched turn makes are watched as it is."""
    waits = _within.get()
    if waits is None:
        return asyncio.Task(work, loop=loop, **more)
    task: asyncio.Task[Any] = asyncio.Task(Watched(work, waits), loop=loop, **more)
    waits.tasks.append(task)
    return task


@dataclass
class Desk:
    """One agent, and the session that is looked at."""

    needs: Needs
    tenant_id: str
    agent_id: str
    session_id: str = ""
    told_of: int = 0

    def another(self) -> Needs:
        """As if a process began now: it has the same database, and knows nothing of turns."""
        return keeping.ready(replace(self.needs, tasks=Tasks(is_owner=True)))

    async def open(self) -> None:
        opened = await sessions.create(self.needs, self.tenant_id, Wish(self.agent_id), None)
        self.session_id, self.told_of = "session_" + opened.session.id.replace("-", ""), 0

    async def read(self) -> Dossier:
        return await owned(self.needs, self.tenant_id, self.session_id)

    async def log(self) -> list[dict[str, Any]]:
        """The events as the checker of logs takes them."""
        found = await reading.events(self.needs, self.tenant_id, self.session_id, Filter())
        told = [(one.number, one.type, one.at, one.context, one.content) for one in found]
        names = ("sequence", "type", "ts", "context", "data")
        return [{"id": f"{each[0]:06}", **dict(zip(names, each, strict=True))} for each in told]

    async def is_over(self) -> bool:
        return (await self.read()).conversation.turn is None

    async def everything_was_told_of(self) -> bool:
        return self.told_of == (await self.read()).session.last_number

    async def follow(self) -> None:
        """As a stream does, but it looks only when it is told to."""
        async with self.needs.wakeup.subscribe(change.topic((await self.read()).session.id)) as told:
            while await told.wait(60):
                self.told_of = (await self.read()).session.last_number


async def so(ready: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is."""
    async with asyncio.timeout(20):
        while not await ready():
            await asyncio.sleep(0.005)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(data=tmp_path, secret_key="k" * 40)
    await asyncio.to_thread(migrate, wiring.database_url(settings))
    house = wiring.build(settings)
    async with wiring.opened(house):
        needs = replace(house.agents, capabilities={**house.agents.capabilities, STAMP.id: STAMP})
        made, writes = tenants.create(needs.vault, "Acme", needs.clock.now())
        await needs.db.commit(writes)
        definition = Definition("A", "Be brief.", capabilities=(Ref("test_math"), Ref("session_storage"), Ref("stamp")))
        agent = (await agents.put(needs, made.tenant_id, None, definition)).agent
        asyncio.get_running_loop().set_task_factory(watch_tasks)
        yield Desk(needs, made.tenant_id, agent.id)
        asyncio.get_running_loop().set_task_factory(None)


def watched(needs: Needs, waits: Waits) -> None:
    """The turns of this process are watched."""

    async def work(session_id: str, turn_id: str) -> None:
        _within.set(waits)
        await Watched(turning.run(needs, session_id, turn_id), waits)

    needs.tasks.does(work)


async def spoken(desk: Desk, waits: Waits, stop: Callable[[Needs, str], None]) -> "asyncio.Task[None]":
    """The task of a turn that was stopped at the chosen wait, when nothing of it is left, and all was told."""
    await desk.open()
    needs = desk.another()
    watched(needs, waits)
    await turns.beat(needs.db, needs.tasks.name)
    session = (await desk.read()).session
    waits.then = lambda: stop(needs, session.id)
    following = asyncio.create_task(desk.follow())
    await asyncio.sleep(0)
    await messages.send(needs, desk.tenant_id, desk.session_id, Said((TextPart(TEXT),)), None)
    [task] = [one for one in asyncio.all_tasks() if one.get_name().startswith("turn ")]
    await asyncio.wait({task}, timeout=20)
    assert task.done(), "it was stopped and went on"
    assert [one.get_name() for one in waits.tasks if not one.done()] == [], "a part of the turn outlived it"
    await so(desk.everything_was_told_of)
    following.cancel()
    await asyncio.wait({following})
    return task


BEFORE = pytest.mark.parametrize("before", [True, False], ids=["before", "after"])


@BEFORE
async def test_a_turn_that_is_cut_off_wherever_it_waits_is_brought_to_its_end(desk: Desk, before: bool) -> None:
    told: dict[str, set[str | None]] = {"add": set(), "kv_store": set(), "stamp": set()}
    for place in range(1, 400):
        waits = Waits(place, before)
        task = await spoken(desk, waits, lambda needs, session_id: needs.tasks.stop(session_id))
        assert task.cancelled() or task.exception() is None
        assert task.cancelled() is not await desk.is_over(), f"stopped at wait {place}"
        async with keeping.working(desk.another()):
            await so(desk.is_over)
        log = await desk.log()
        assert faults(log) == [], f"stopped at wait {place}"
        ended = [one["data"]["iterations"] for one in log if one["type"] == "turn.completed"]
        assert ended == [2], f"stopped at wait {place}"
        for done in (one["data"] for one in log if one["type"] == "tool.completed"):
            told[done["tool_name"]].add(done.get("error"))
            if done["tool_name"] == "stamp":
                times = stamped[(await desk.read()).session.id]
                assert times == 1 if done["success"] else times <= 1, f"stopped at wait {place}"
        if waits.seen < place:
            # What may be repeated is done again; what may not is left, and the model is told that nobody knows.
            assert told == {"add": {None}, "kv_store": {None}, "stamp": {None, INTERRUPTED}}
            return
    raise AssertionError("the turn has no end")


@BEFORE
async def test_a_turn_that_is_cancelled_wherever_it_waits_says_nothing_more(desk: Desk, before: bool) -> None:
    ends: Counter[str] = Counter()
    for place in range(1, 400):
        waits, asked = Waits(place, before), list[asyncio.Task[bool]]()

        def cancel(needs: Needs, _: str, asked: "list[asyncio.Task[bool]]" = asked) -> None:
            # In a context of its own: the request to cancel is no part of the turn.
            work = messages.cancel(needs, desk.tenant_id, desk.session_id)
            asked.append(contextvars.Context().run(asyncio.create_task, work))

        await spoken(desk, waits, cancel)
        log = await desk.log()
        assert faults(log) == [], f"cancelled at wait {place}"
        assert await desk.is_over()
        [end] = [one["type"] for one in log if one["type"] in ENDS]
        if waits.seen < place:
            assert ends["turn.cancelled"] > ends["turn.completed"]
            return
        assert (end == "turn.cancelled") is await asked[0], f"cancelled at wait {place}"
        ends[end] += 1
    raise AssertionError("the turn has no end")


async def test_a_process_ends_although_a_turn_fails_while_it_is_waited_for() -> None:
    tasks, began = Tasks(), asyncio.Event()

    async def work(session_id: str, turn_id: str) -> None:
        began.set()
        await asyncio.sleep(0)
        raise Unavailable("The database cannot do this now")

    tasks.does(work)
    tasks.start("session", "turn")
    await began.wait()
    await tasks.end()
    assert tasks.count == 0


async def test_a_process_that_ends_waits_for_turns_that_are_nearly_done() -> None:
    tasks, done = Tasks(), asyncio.Event()

    async def work(session_id: str, turn_id: str) -> None:
        await asyncio.sleep(0.1)
        done.set()

    tasks.does(work)
    tasks.start("session", "turn")
    await tasks.end()
    assert done.is_set()
    tasks.start("session", "another turn")
    assert tasks.count == 0, "it takes no further one"
