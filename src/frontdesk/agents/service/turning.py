"""Doing a turn: model call, tools, model call, until an answer or a limit; what is in the log is not done again."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any

from frontdesk.agents.capabilities import running
from frontdesk.agents.capabilities.contract import Tool
from frontdesk.agents.model import ids
from frontdesk.agents.model.agent import Agent
from frontdesk.agents.model.message import Message, Part, ToolResultPart
from frontdesk.agents.model.session import Conversation, Happened, OpenCall, Outcome, Turn, Usage
from frontdesk.agents.rules import limits, steps, turns
from frontdesk.agents.rules.hearing import as_heard
from frontdesk.agents.service import equipping, replies
from frontdesk.agents.service.equipping import Equipped
from frontdesk.agents.service.needs import Lost, Needs, keep, now_for
from frontdesk.agents.service.speaking import Speech
from frontdesk.agents.service.tasks import whole
from frontdesk.agents.store import agents as agents_store
from frontdesk.agents.store import events as log
from frontdesk.agents.store import sessions as store
from frontdesk.agents.store.sessions import Dossier
from frontdesk.kernel import change as changes
from frontdesk.ports.llm import Answer, Away, Delta, Refused, Request

CALL_SECONDS = 300.0
Decide = Callable[[Conversation, Turn, datetime], Outcome]


async def run(needs: Needs, session_id: str, turn_id: str) -> None:
    """Do a turn that this process holds, and those that follow it at once, to the end."""
    work = Work(needs, session_id, turn_id)
    try:
        while await work.advance():
            pass
    except Lost:
        return
    except asyncio.CancelledError:
        # Who sees in the database that it is over may be here before it has heard so itself: nothing was cut off.
        if not work.is_over:
            raise


class Work:
    """One turn while it is done here. Decisions queue up and are committed together: see `flush`."""

    def __init__(self, needs: Needs, session_id: str, turn_id: str) -> None:
        self.needs = needs
        self.session_id = session_id
        self.turn_id = turn_id
        self._queue: list[Decide] = []
        self._lock = asyncio.Lock()
        self._messages: list[Message] = []
        self._returned: dict[str, Any] = {}
        self._begun: set[str] = set()
        self.is_over = False

    async def advance(self) -> bool:
        """The next step of the turn; whether there is another one."""
        read = await self._load()
        turn = self._held(read)
        if turns.makes_no_progress(turn):
            await self._fail("no_progress", "The turn was taken up several times without getting any further")
        elif turn.calls:
            return await self._act(read, turn)
        else:
            await self._ask(read, turn)
        return self._goes_on(await self._load())

    def _goes_on(self, read: Dossier) -> bool:
        """Whether there is a turn to go on with, the same or the one that began when it ended."""
        turn = read.conversation.turn
        if turn is None or turn.runner != self.needs.tasks.name:
            return False
        if turn.id != self.turn_id:
            self.turn_id = turn.id
            self.needs.tasks.renamed(self.session_id, turn.id)
        return True

    # What is kept

    def queue(self, decide: Decide) -> None:
        """Decide this with the next commit."""
        self._queue.append(decide)

    async def flush(self) -> None:
        """Commit everything that was queued, as one change. Raises `Lost`, `Unavailable`."""
        # Nothing cuts a commit off: it would be unknown whether it was kept, and nobody would be told of its events.
        await whole(self._flush())

    async def _flush(self) -> None:
        async with self._lock:
            decisions = list(self._queue)
            if not decisions:
                return
            await changes.again(lambda: self._commit(decisions))
            del self._queue[: len(decisions)]

    async def _commit(self, decisions: list[Decide]) -> None:
        read = await self._load()
        self._held(read)
        now = now_for(self.needs, read)
        conversation, verb, events = read.conversation, None, list[Happened]()
        for decide in decisions:
            turn = conversation.turn
            if turn is None:
                raise LookupError("something was decided after the end of the turn")
            outcome = decide(conversation, turn, now)
            conversation, verb = outcome.conversation, outcome.verb or verb
            events += outcome.events
        await keep(self.needs, read, Outcome(conversation, verb, tuple(events)), now)
        self.is_over = conversation.turn is None

    async def _load(self) -> Dossier:
        read = await store.for_turn(self.needs.db, self.needs.vault, self.session_id)
        if read is None:
            raise Lost
        return read

    def _held(self, read: Dossier) -> Turn:
        turn = read.conversation.turn
        if turn is None or turn.id != self.turn_id or turn.runner != self.needs.tasks.name:
            raise Lost
        return turn

    async def _agent(self, read: Dossier) -> Agent | None:
        """The agent, as it is now; without one the turn fails."""
        agent = await agents_store.load(self.needs.db, read.session.tenant_id, read.conversation.agent_id)
        if agent is None:
            await self._fail("agent_gone", "The agent of this session is gone")
        return agent

    async def _fail(self, code: str, error: str) -> None:
        next_turn = ids.new("turn")
        self.queue(lambda c, t, now: turns.fail(c, t, code, error, next_turn_id=next_turn, now=now))
        await self.flush()

    # The model

    async def _ask(self, read: Dossier, turn: Turn) -> None:
        agent = await self._agent(read)
        if agent is None:
            return
        equipped = await equipping.equip(self.needs, read, agent, turn)
        allowed = limits.tightest((self.needs.limits, *equipped.offer.limits))
        spent = _spent(read.conversation, turn, now_for(self.needs, read))
        broken = limits.breach(allowed, *spent)
        if broken is not None:
            await self._fail(broken.code, broken.message)
            return
        await self._hear(read)
        seconds = limits.seconds_left(allowed, *spent, CALL_SECONDS)
        heard = self._messages[-1].sequence if self._messages else 0
        request = equipping.request(equipped, as_heard(self._as_known()), turn, seconds)
        shown = equipping.request(equipped, as_heard(self._messages), turn, seconds) if self._returned else request
        speech = Speech(self, equipped.chosen.asked, frozenset(one.id for one in self._messages))
        try:
            answer = await self._listen(speech, request)
        except (Away, Refused) as error:
            spent = _spent(read.conversation, turn, now_for(self.needs, read))
            await self._not_answered(error, shown, equipped, limits.breach(allowed, *spent))
            return
        reply = replies.reply(self.needs, equipped, shown, answer, heard)
        self.queue(lambda c, t, now: steps.answered(c, t, reply))
        if reply.calls:
            self._begin_calls(reply.calls)
        else:
            next_turn = ids.new("turn")
            self.queue(lambda c, t, now: turns.finish(c, t, next_turn_id=next_turn, now=now))
        await self.flush()

    async def _listen(self, speech: Speech, request: Request) -> Answer:
        """The model's answer; what it says meanwhile goes to the log about every 100 ms."""
        answer: Answer | None = None
        async with speech, aclosing(self.needs.llm.ask(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Delta):
                    speech.hear(piece)
                else:
                    answer = piece
        if answer is None:
            raise Refused("nonsense", "The model ended without an answer")
        speech.end(answer)
        return answer

    async def _not_answered(
        self, error: Away | Refused, request: Request, equipped: Equipped, broken: limits.Breach | None
    ) -> None:
        """End the turn; a call that was cut off because the time is over ends it with that reason."""
        generation = replies.failure(self.needs, equipped, request, f"{error.kind}: {error.reason}")
        apology = replies.apology(self.needs.clock.now())
        told = f"{error.kind}: {error.reason}"
        self.queue(lambda c, t, now: steps.not_answered(c, t, told, generation, apology))
        if broken is None:
            await self._fail("llm_error", steps.GENERAL_ERROR)
        else:
            await self._fail(broken.code, broken.message)

    async def _hear(self, read: Dossier) -> None:
        """Read what was said since the last call, as the log has it."""
        last = self._messages[-1].sequence if self._messages else 0
        self._messages += await log.messages(self.needs.db, read.seal, self.session_id, last)

    def _as_known(self) -> list[Message]:
        """The messages for the model: what was masked in the log is known here as it was."""
        return [replace(message, content=tuple(map(self._unmasked, message.content))) for message in self._messages]

    def _unmasked(self, part: Part) -> Part:
        if isinstance(part, ToolResultPart) and part.tool_call_id in self._returned:
            return replace(part, result=self._returned[part.tool_call_id])
        return part

    # The tools

    async def _act(self, read: Dossier, turn: Turn) -> bool:
        """Run the calls of the server's tools side by side, then wait for the client's if there are any."""
        agent = await self._agent(read)
        if agent is None:
            return self._goes_on(await self._load())
        equipped = await equipping.equip(self.needs, read, agent, turn)
        ours = [call for call in turn.calls if not call.client]
        if not turn.acting or any(not call.started for call in ours):
            self._begin_calls(turn.calls)
        if not ours:
            self.queue(lambda c, t, now: steps.call_client(c, t))
            await self.flush()
            return False
        await self.flush()
        try:
            async with asyncio.TaskGroup() as group:
                for call in ours:
                    group.create_task(self._run_tool(read, equipped.tools.get(call.name), call))
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from several
        left = await self._load()
        after = self._held(left)
        if after.calls:
            self.queue(lambda c, t, now: steps.call_client(c, t))
            await self.flush()
            return False
        return True

    def _begin_calls(self, calls: Sequence[OpenCall]) -> None:
        """Announce the calls of our tools that were not announced yet. Only then may they run."""
        fresh = [call for call in calls if not call.client and not call.started]
        self._begun |= {call.id for call in fresh}
        self.queue(lambda c, t, now: steps.act(c, t, fresh, now))

    async def _run_tool(self, read: Dossier, tool: Tool | None, call: OpenCall) -> None:
        cut_off = call.started and call.id not in self._begun
        if cut_off and (tool is None or not tool.safe_to_repeat):
            ran = steps.Ran(call, "error", error=steps.INTERRUPTED)
        else:
            context = equipping.context(self.needs, read)
            done = await running.run(tool, context, call.arguments, "{" if call.unreadable else "")
            if done.error is None and done.shown is not done.value:
                self._returned[call.id] = done.value
            shown = None if done.error is not None else [{"type": "text", "text": _text(done.shown)}]
            ran = steps.Ran(call, done.status, shown, done.error, done.duration_ms)
        self.queue(lambda c, t, now: steps.ran(c, t, ran, now))
        await self.flush()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _spent(read: Conversation, turn: Turn, now: datetime) -> tuple[limits.Spent, limits.Spent]:
    """By the turn, and by its session with it."""
    lasted = (now - turn.started_at).total_seconds()
    total = read.usage or Usage()
    return (
        limits.Spent(turn.iterations, turn.usage.tokens, lasted, turn.usage.cost),
        limits.Spent(read.iterations, total.tokens, read.seconds + lasted, total.cost),
    )
