"""What keeps turns going: signs of life, the watch job, and the takeover of what a dead process left half done."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from frontdesk.agents.rules import turns as rules
from frontdesk.agents.service import turning
from frontdesk.agents.service.needs import TURNS_TOPIC, WATCH_EVERY, Needs, keep, launch, now_for
from frontdesk.agents.store import sessions as store
from frontdesk.agents.store import turns
from frontdesk.basics.errors import PortError, Problem
from frontdesk.kernel import change as changes
from frontdesk.kernel import outbox

BEAT_SECONDS = 2.0
LOOK_SECONDS = 0.5
IDLE_SECONDS = 2.0
_log = structlog.get_logger(__name__)


def ready(needs: Needs) -> Needs:
    """Say what doing a turn is; from then on a message begins its turn in this process."""
    needs.tasks.does(lambda session_id, turn_id: turning.run(needs, session_id, turn_id))
    return needs


@asynccontextmanager
async def working(needs: Needs) -> AsyncIterator[None]:
    """Do turns in this process while the context lasts."""
    tasks = needs.tasks
    await turns.beat(needs.db, tasks.name)
    if tasks.is_owner:
        await _resume_own(needs)
    keeping = asyncio.create_task(_keep_for_ever(needs), name="turns kept")
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await tasks.end()
        await turns.leave(needs.db, tasks.name)


async def _resume_own(needs: Needs) -> None:
    """The embedded database has one owner at a time: whoever had it before is gone, and this one goes on at once."""
    for runner in await turns.runners_like(needs.db, f"{needs.tasks.kind}-"):
        if runner != needs.tasks.name:
            await _take_all(needs, runner)


async def _inherit(needs: Needs) -> None:
    """Go on with what processes had that give no sign of life any more."""
    for runner, beat in await turns.beats(needs.db):
        if runner != needs.tasks.name and needs.tasks.seems_dead(runner, beat):
            await _take_all(needs, runner)


async def _take_all(needs: Needs, runner: str) -> None:
    for session_id, turn_id in await turns.of_runner(needs.db, runner):
        await _take_over(needs, session_id, turn_id, runner)
    await turns.leave(needs.db, runner)


async def _keep_for_ever(needs: Needs) -> None:
    """Give signs of life, and stop what somebody else has ended: at once when told, else within half a second."""
    beat_at = 0.0
    async with needs.wakeup.subscribe(TURNS_TOPIC) as ended:
        while True:
            try:
                if time.monotonic() >= beat_at:
                    await turns.beat(needs.db, needs.tasks.name)
                    beat_at = time.monotonic() + BEAT_SECONDS
                    await _inherit(needs)
                await _stop_ended(needs)
            except (PortError, Problem) as error:
                _log.warning("turns_not_kept", error=type(error).__name__)
            await ended.wait(LOOK_SECONDS if needs.tasks.count else IDLE_SECONDS)


async def _stop_ended(needs: Needs) -> None:
    running = needs.tasks.running()
    if running:
        held = {session_id for session_id, _ in await turns.of_runner(needs.db, needs.tasks.name)}
        # Only what was running before the look: what began meanwhile may not be in its answer. By session: the turn
        # that began when this one ended is done by the same task, which may not have heard of it yet.
        for session_id, turn_id in running:
            if session_id not in held and needs.tasks.holds(session_id, turn_id):
                needs.tasks.stop(session_id)


async def look_after(needs: Needs, session_id: str, turn_id: str, number: int) -> None:
    """The watch job: is the turn still being done? Takes it over if not, and looks again later if it is not over."""
    read = await store.for_turn(needs.db, needs.vault, session_id)
    turn = None if read is None else read.conversation.turn
    if turn is None or turn.id != turn_id:
        return
    if not turn.runner:
        await _stop_waiting(needs, session_id, turn_id)
        return
    if turn.runner == needs.tasks.name:
        if not needs.tasks.holds(session_id, turn_id):
            await _take_over(needs, session_id, turn_id, turn.runner)
    elif needs.tasks.seems_dead(turn.runner, await turns.beat_of(needs.db, turn.runner)):
        await _take_over(needs, session_id, turn_id, turn.runner)
    now = needs.clock.now()
    again = turns.watch(session_id, turn_id, number + 1)
    later = outbox.Intent(again.job, again.key, again.argument, session_id, now + WATCH_EVERY)
    await needs.db.commit([outbox.inserted(later, now)])


async def _take_over(needs: Needs, session_id: str, turn_id: str, runner: str) -> None:
    """Go on with the turn here, unless somebody else was quicker."""

    async def take() -> None:
        read = await store.for_turn(needs.db, needs.vault, session_id)
        turn = None if read is None else read.conversation.turn
        if read is None or turn is None or (turn.id, turn.runner) != (turn_id, runner):
            return
        outcome = rules.take_over(read.conversation, needs.tasks.name)
        await keep(needs, read, outcome, now_for(needs, read))
        launch(needs, read, outcome.conversation)
        _log.info("turn_taken_over", turn_id=turn_id)

    await changes.again(take)


async def _stop_waiting(needs: Needs, session_id: str, turn_id: str) -> None:
    """The client did not return its results in time: they count as failed, and the turn goes on."""

    async def stop() -> None:
        read = await store.for_turn(needs.db, needs.vault, session_id)
        if read is None or read.conversation.turn is None or read.conversation.turn.id != turn_id:
            return
        now = now_for(needs, read)
        outcome = rules.stop_waiting(read.conversation, runner=needs.tasks.name, now=now)
        if outcome is not None:
            await keep(needs, read, outcome, now)
            launch(needs, read, outcome.conversation)

    await changes.again(stop)
