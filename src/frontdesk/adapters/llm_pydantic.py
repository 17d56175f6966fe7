"""The language-model port over pydantic-ai: OpenAI-compatible servers, Anthropic and others, with patience."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from frontdesk.adapters.llm_breaker import Breaker
from frontdesk.ports.llm import Answer, Away, Delta, Request, Target
from frontdesk.ports.llm_conversation import Said, Text

if TYPE_CHECKING:
    from frontdesk.adapters.llm_pydantic_model import Known

Guard = Callable[[str], Awaitable[str]]
"""Looks a URL up and gives the address to connect to. Raises `Refused` for one that may not be reached."""

RETRIES = 3
LONGEST_PAUSE_SECONDS = 30.0
KEPT_TARGETS = 64
_CHECK = Said("user", (Text("Say: ready"),))


class PydanticLlm:
    """`trusted` are base URLs of the operator's own settings; every other one must pass `guard`, at every connection.

    pydantic-ai is imported with the first call: it costs a second.
    """

    def __init__(
        self, *, guard: Guard | None = None, trusted: frozenset[str] = frozenset(), pause_seconds: float = 1.0
    ) -> None:
        self._guard = guard
        self._trusted = trusted
        self._pause_seconds = pause_seconds
        self._known: dict[Target, Known] = {}
        self._breakers: dict[tuple[str, str], Breaker] = {}

    async def ask(self, request: Request) -> AsyncGenerator[Delta | Answer, None]:
        began = time.monotonic()
        known = await self._model(request.target)
        breaker = self._breakers.setdefault((request.target.provider, request.target.base_url), Breaker())
        waited = 0.0
        for retries in range(RETRIES + 1):
            _admit(breaker)
            was_heard, was_judged = False, False
            try:
                async with aclosing(_within(known.stream(request), began + request.seconds)) as pieces:
                    async for piece in pieces:
                        was_heard = True
                        if isinstance(piece, Answer):
                            breaker.succeeded()
                            was_judged = True
                            piece = _timed(piece, began, retries, waited)
                        yield piece
                return
            except Away as error:
                breaker.failed(time.monotonic())
                was_judged = True
                pause = self._pause(error, retries)
                if pause is None or time.monotonic() + pause > began + request.seconds:
                    raise
            finally:
                if not was_judged:
                    breaker.abandoned()
            if was_heard:
                yield Delta("restart")
            await asyncio.sleep(pause)
            waited += pause

    async def check(self, target: Target) -> None:
        request = Request(target, "Answer with one word.", (_CHECK,), max_output_tokens=32, seconds=30.0)
        async with aclosing(self.ask(request)) as pieces:
            async for _ in pieces:
                pass

    async def stop(self) -> None:
        known, self._known = self._known, {}
        for each in known.values():
            await each.close()

    def _pause(self, error: Away, retries: int) -> float | None:
        """Seconds before the next try; None when there shall be none."""
        if retries == RETRIES or (error.retry_after or 0) > LONGEST_PAUSE_SECONDS:
            return None
        growing = self._pause_seconds * 2**retries * random.uniform(1.0, 1.1)  # noqa: S311 spread, no secret
        return float(max(growing, error.retry_after or 0.0))

    async def _model(self, target: Target) -> "Known":
        """The client of a target, kept with its connections for the next call."""
        guard = None if not target.base_url or target.base_url in self._trusted else self._guard
        if guard is not None:
            await guard(target.base_url)
        if target not in self._known:
            # In a thread: the loop of a busy machine would stand still so long that the process seemed dead.
            known = await asyncio.to_thread(_imported)
        if target not in self._known:
            if len(self._known) >= KEPT_TARGETS:
                await self._known.pop(next(iter(self._known))).close()
            self._known[target] = known.of(target, guard)
        return self._known[target]


def _imported() -> "type[Known]":
    from frontdesk.adapters.llm_pydantic_model import Known

    return Known


def _admit(breaker: Breaker) -> None:
    wait = breaker.wait(time.monotonic())
    if wait:
        raise Away("resting", "the model failed several times in a row and is left alone for a while", wait)


async def _within(
    pieces: AsyncGenerator[Delta | Answer, None], deadline: float
) -> AsyncGenerator[Delta | Answer, None]:
    """The same pieces, the wait for each bounded: a timeout around a `yield` would strike whoever is listening."""
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0.0)):
                    piece = await _next(pieces)
            except TimeoutError as error:
                raise Away("timeout", "the model took longer than the call may last") from error
            if piece is None:
                return
            yield piece


async def _next(pieces: AsyncIterator[Delta | Answer]) -> Delta | Answer | None:
    return await anext(pieces, None)


def _timed(answer: Answer, began: float, retries: int, waited: float) -> Answer:
    return replace(
        answer,
        duration_ms=round((time.monotonic() - began) * 1000),
        retries=retries,
        waited_ms=round(waited * 1000),
    )
