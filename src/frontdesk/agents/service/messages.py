"""Messages, results of the client's tools, and the request to stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from frontdesk.agents.model import ids
from frontdesk.agents.model.message import Message, Part, as_dict
from frontdesk.agents.rules import turns
from frontdesk.agents.rules.definitions import effort_in
from frontdesk.agents.rules.refusals import Unfit
from frontdesk.agents.rules.turns import Received, Returned
from frontdesk.agents.service import catalogue, sessions
from frontdesk.agents.service.needs import Needs, keep, launch, now_for, owned
from frontdesk.agents.store import events as log
from frontdesk.basics.clock import iso_millis
from frontdesk.kernel import change as changes
from frontdesk.kernel import idempotency
from frontdesk.kernel.idempotency import Claim


@dataclass(frozen=True, slots=True)
class Said:
    """What a client sends."""

    content: tuple[Part, ...]
    controls: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    tags: tuple[str, ...] = ()


async def send(needs: Needs, tenant_id: str, session_id: str, said: Said, claim: Claim | None) -> Message:
    """Keep a message; its turn is as safe as the message itself, and begins at once."""
    controls = said.controls or {}
    effort, model_id = effort_in(controls), controls.get("model_id")
    if model_id is not None and not isinstance(model_id, str):
        raise Unfit("Field controls.model_id: expected text")
    await catalogue.check_model(needs, tenant_id, model_id)

    async def turn() -> Message:
        now = needs.clock.now()
        if claim is not None:
            earlier = await idempotency.earlier_answer(needs.db, needs.vault, claim, now)
            if earlier is not None:
                return await _again(needs, tenant_id, session_id, msgspec.json.decode(earlier, type=int))
        read = await owned(needs, tenant_id, session_id)
        await sessions.usable(needs, read)
        now = now_for(needs, read)
        message_id = ids.new("message")
        body: dict[str, Any] = {"id": message_id, "role": "user", "content": [as_dict(one) for one in said.content]}
        optional = {"controls": said.controls, "metadata": said.metadata, "tags": list(said.tags)}
        body |= {name: value for name, value in optional.items() if value}
        body["created_at"] = iso_millis(now)
        message = Message(
            message_id, read.session.id, 0, "user", said.content, now, said.controls, said.metadata, said.tags
        )
        received = Received(message_id, body, message.text, model_id, effort)
        outcome = turns.receive(
            read.conversation,
            received,
            turn_id=ids.new("turn"),
            runner=needs.tasks.name,
            now=now,
        )
        place = next(n for n, one in enumerate(outcome.events, 1) if one.type == "input.message")
        number = read.session.last_number + place
        answer = msgspec.json.encode(number)
        writes = () if claim is None else tuple(idempotency.kept(needs.vault, claim, answer, now))
        await keep(needs, read, outcome, now, writes)
        launch(needs, read, outcome.conversation)
        return replace(message, sequence=number)

    return await changes.again(turn)


async def _again(needs: Needs, tenant_id: str, session_id: str, number: int) -> Message:
    """The message that was kept for this claim before."""
    read = await owned(needs, tenant_id, session_id)
    return await log.message_at(needs.db, read.seal, read.session.id, number)


async def listed(needs: Needs, tenant_id: str, session_id: str) -> list[Message]:
    """The conversation, in order."""
    read = await owned(needs, tenant_id, session_id)
    return await log.messages(needs.db, read.seal, read.session.id)


async def take_results(needs: Needs, tenant_id: str, session_id: str, results: Sequence[Returned]) -> int:
    """Results of the client's tools: the turn goes on. How many were taken."""

    async def turn() -> int:
        read = await owned(needs, tenant_id, session_id)
        now = now_for(needs, read)
        outcome = turns.take_results(read.conversation, results, runner=needs.tasks.name, now=now)
        await keep(needs, read, outcome, now)
        launch(needs, read, outcome.conversation)
        return len(results)

    return await changes.again(turn)


async def cancel(needs: Needs, tenant_id: str, session_id: str) -> bool:
    """Stop the turn that runs or waits; whether there was one. The connection to the model closes at once."""

    async def turn() -> str | None:
        read = await owned(needs, tenant_id, session_id)
        now = now_for(needs, read)
        outcome = turns.cancel(
            read.conversation,
            message_id=ids.new("message"),
            reply_id=ids.new("message"),
            at=iso_millis(now),
            now=now,
        )
        if outcome is None:
            return None
        await keep(needs, read, outcome, now)
        return read.session.id

    stopped = await changes.again(turn)
    if stopped is not None:
        needs.tasks.stop(stopped)
    return stopped is not None
