"""What a model says while it says it: pieces put together to events, about ten a second."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from frontdesk.agents.model import ids
from frontdesk.agents.model.session import Conversation, Happened, Outcome, Turn
from frontdesk.agents.rules import steps
from frontdesk.agents.service.needs import Lost
from frontdesk.agents.service.tasks import rest
from frontdesk.basics.errors import PortError
from frontdesk.ports.llm import Answer, Delta

FIRST_SECONDS = 0.01
"""An answer that is whole within this time is kept as one change."""
EVERY_SECONDS = 0.1


class Log(Protocol):
    """Where the events go."""

    def queue(self, decide: Callable[[Conversation, Turn, datetime], Outcome]) -> None: ...

    async def flush(self) -> None: ...


class Speech:
    """One model call. While the context lasts, what was heard is flushed in time by a task of its own."""

    def __init__(self, log: Log, asked: steps.Asked, seen: frozenset[str]) -> None:
        self._log = log
        self._asked = asked
        self._exec_id = ids.new("exec")
        self._seen = seen
        self._texts = {"text": "", "thinking": ""}
        self._told = {"text": 0, "thinking": 0}
        self._thinks = False
        self._flushed_at = time.monotonic() - EVERY_SECONDS + FIRST_SECONDS
        self._new = asyncio.Event()
        self._flusher: asyncio.Task[None] | None = None
        self._caller = asyncio.current_task()

    async def __aenter__(self) -> Self:
        self._begin()
        self._flusher = asyncio.create_task(self._flush_for_ever(), name="speech")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        flusher = self._flusher
        if flusher is not None:
            flusher.cancel()
            await rest(flusher)
            if not flusher.cancelled():
                flusher.result()

    def _begin(self) -> None:
        self._log.queue(lambda c, t, now: steps.ask(c, t, self._asked, self._exec_id, self._seen))
        self._new.set()

    def hear(self, piece: Delta) -> None:
        """The next piece."""
        if piece.kind == "restart":
            self._texts, self._told = {"text": "", "thinking": ""}, {"text": 0, "thinking": 0}
            self._begin()
        elif piece.kind in self._texts:
            self._texts[piece.kind] += piece.text
            self._new.set()

    def end(self, answer: Answer) -> None:
        """The rest of what was said, before the message that it belongs to."""
        self._texts["text"] = answer.text or self._texts["text"]
        self._queue_deltas()
        if self._thinks:
            thinking = answer.thinking or self._texts["thinking"]
            self._tell("reason.thinking.completed", {"thinking": thinking})

    async def _flush_for_ever(self) -> None:
        while True:
            await self._new.wait()
            await asyncio.sleep(max(0.0, self._flushed_at + EVERY_SECONDS - time.monotonic()))
            self._new.clear()
            self._queue_deltas()
            self._flushed_at = time.monotonic()
            try:
                await self._log.flush()
            except PortError:
                self._new.set()  # the database is away for a moment: what was queued is kept with the next flush
            except Lost:
                # Whoever listens to the model for this turn must stop.
                if self._caller is not None:
                    self._caller.cancel()
                return

    def _queue_deltas(self) -> None:
        for kind, name in (("thinking", "reason.thinking.delta"), ("text", "output.message.delta")):
            whole, told = self._texts[kind], self._told[kind]
            if len(whole) > told:
                if kind == "thinking" and not self._thinks:
                    self._thinks = True
                    self._tell("reason.thinking.started", {"model": self._asked.model})
                self._tell(name, {"delta": whole[told:]})
                self._told[kind] = len(whole)

    def _tell(self, name: str, facts: dict[str, str]) -> None:
        def decide(conversation: Conversation, turn: Turn, now: datetime) -> Outcome:
            exec_id = turn.step.exec_id if turn.step else self._exec_id
            told = {"turn_id": turn.id, **facts}
            return Outcome(conversation, None, (Happened(name, told, steps.within(turn, exec_id)),))

        self._log.queue(decide)
