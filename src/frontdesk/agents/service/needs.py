"""What the verbs of agents need, how a session is found, and how a decision is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from frontdesk.agents.capabilities.contract import Capability, Fetcher
from frontdesk.agents.capabilities.mcp import McpClient
from frontdesk.agents.model import ids
from frontdesk.agents.model.session import LIFECYCLE, MESSAGE_EVENTS, Conversation, Outcome, Turn, Usage
from frontdesk.agents.rules.limits import Limits
from frontdesk.agents.rules.refusals import MalformedId, SessionNotFound
from frontdesk.agents.service.tasks import Tasks
from frontdesk.agents.store import agents as agents_store
from frontdesk.agents.store import sessions as store
from frontdesk.agents.store import turns
from frontdesk.agents.store.sessions import Dossier as Dossier
from frontdesk.basics.clock import Clock
from frontdesk.kernel import change as changes
from frontdesk.kernel import outbox
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import Fact
from frontdesk.kernel.vault import Vault
from frontdesk.ports.db import Db, Write
from frontdesk.ports.llm import Llm, Target
from frontdesk.ports.wakeup import Wakeup

WATCH_EVERY = timedelta(seconds=5)
CLIENT_TOOLS_WAIT_FOR = timedelta(minutes=5)
TURNS_TOPIC = "agents turns"
"""Woken when a turn was ended by somebody else than the process that does it."""


class Lost(Exception):
    """The turn is over, or another process does it now."""


class Closing:
    """Tells open streams that the server is about to stop, so that they can say so."""

    def __init__(self) -> None:
        self.has_begun = False
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this when it begins."""
        self._listeners.append(listener)

    def begin(self) -> None:
        """Let every stream end. Called in the loop."""
        self.has_begun = True
        for listener in self._listeners:
            listener()


@dataclass(frozen=True, slots=True)
class Streams:
    """How live streams are paced. `most` are open at once for an organization."""

    most: int = 100
    heartbeat_seconds: float = 15.0
    cycle_seconds: float = 300.0
    closing: Closing = field(default_factory=Closing)


@dataclass(frozen=True, slots=True)
class Needs:
    """`default_target` is the model of the server's settings, None when there is only the simulator."""

    db: Db
    wakeup: Wakeup
    vault: Vault
    clock: Clock
    llm: Llm
    capabilities: Mapping[str, Capability]
    fetcher: Fetcher
    mcp: McpClient
    default_target: Target | None = None
    limits: Limits = field(default_factory=Limits)
    keeps_prompts: bool = True
    streams: Streams = field(default_factory=Streams)
    tasks: Tasks = field(default_factory=Tasks)


def session_uuid(session_id: str) -> str:
    """The kernel's id of a session. Raises `MalformedId`."""
    found = ids.uuid_in("session", session_id)
    if found is None:
        raise MalformedId("session")
    return found


async def owned(needs: Needs, tenant_id: str, session_id: str) -> Dossier:
    """The tenant's session, by its published id. Raises `MalformedId`, `SessionNotFound`."""
    dossier = await store.load(needs.db, needs.vault, session_uuid(session_id), tenant_id)
    if dossier is None:
        raise SessionNotFound
    return dossier


def now_for(needs: Needs, read: Dossier) -> datetime:
    """The present instant. Events' ids tell theirs: a log must not go back in time with the clock of a machine."""
    return max(needs.clock.now(), read.updated_at)


async def keep(needs: Needs, read: Dossier, outcome: Outcome, now: datetime, writes: tuple[Write, ...] = ()) -> None:
    """Commit what was decided at `now`, see `now_for`. Raises `Conflict`."""
    facts = [Fact(one.type, _facts(one.facts, one.context)) for one in outcome.events]
    messages = [
        store.message_at(read.session.id, read.session.last_number + place)
        for place, one in enumerate(outcome.events, start=1)
        if one.type in MESSAGE_EVENTS
    ]
    before, after = read.conversation, outcome.conversation
    kept: list[Write] = [*messages, *_turn_writes(read, after.turn, now), *writes]
    if after is not before:
        kept.append(store.updated(read, after))
    if after.usage is not None and after.usage != before.usage:
        spent = _difference(after.usage, before.usage)
        kept.append(agents_store.used(read.session.tenant_id, after.agent_id, spent))
    change = changes.change(read.session, LIFECYCLE, outcome.verb, read.seal, facts, now, writes=kept)
    await changes.commit(needs.db, needs.wakeup, change + Change((), _topics(before.turn, after.turn)))


def _facts(content: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": dict(content), "context": dict(context)} if context else {"data": dict(content)}


def _turn_writes(read: Dossier, after: Turn | None, now: datetime) -> tuple[Write, ...]:
    """Who does the turn, and the job that looks after it: kept in step with the record, whatever was decided."""
    before, session_id = read.conversation.turn, read.session.id
    if after is None:
        return () if before is None else turns.released(session_id)
    if before is not None and (before.id, before.runner) == (after.id, after.runner):
        return ()
    number = (read.session.version + 1) * 1_000_000
    watch = turns.watch(session_id, after.id, number)
    # Without its topic: the line is for later, and whoever dispatches looks every few seconds.
    if not after.runner:
        due = outbox.Intent(watch.job, watch.key, watch.argument, session_id, now + CLIENT_TOOLS_WAIT_FOR)
        return (*turns.released(session_id), outbox.inserted(due, now))
    due = outbox.Intent(watch.job, watch.key, watch.argument, session_id, now + WATCH_EVERY)
    return (
        *turns.released(session_id),
        *turns.held(session_id, after.id, after.runner),
        outbox.inserted(due, now),
    )


def _topics(before: Turn | None, after: Turn | None) -> frozenset[str]:
    return frozenset({TURNS_TOPIC}) if before is not None and after is None else frozenset()


def _difference(after: Usage, before: Usage | None) -> Usage:
    if before is None:
        return after

    def less(one: int | None, other: int | None) -> int | None:
        return None if one is None else one - (other or 0)

    return Usage(
        after.input_tokens - before.input_tokens,
        after.output_tokens - before.output_tokens,
        less(after.cache_read_tokens, before.cache_read_tokens),
        less(after.cache_creation_tokens, before.cache_creation_tokens),
    )


def launch(needs: Needs, read: Dossier, after: Conversation) -> None:
    """Begin to do the turn here, if it was just given to this process."""
    turn = after.turn
    if turn is not None and turn.runner == needs.tasks.name:
        needs.tasks.start(read.session.id, turn.id)
