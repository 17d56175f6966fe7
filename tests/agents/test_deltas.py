"""Deltas are kept without what was said before them, and read with it, wherever a reader begins."""

import random
from typing import Any

from agents.test_real_model import Talk, answer, of
from agents.test_real_model import model as model
from agents.test_real_model import talk as talk
from frontdesk.agents.model.session import Happened, Outcome
from frontdesk.agents.service import reading
from frontdesk.agents.service.needs import keep, now_for, owned
from frontdesk.agents.service.reading import Filter
from frontdesk.agents.store.deltas import BEGIN, DELTAS, Reader
from frontdesk.kernel import events as log

SEED = 20260209
TEXT, THINKING = DELTAS
WORDS = " ".join(f"word{n}" for n in range(40))


async def stored(talk: Talk) -> list[tuple[str, dict[str, Any]]]:
    """Types and facts of all events as they are kept."""
    read = await owned(talk.needs, talk.tenant_id, talk.session_id)
    kept = await log.after(talk.needs.db, read.session.id, 0, 1000)
    return [(one.type, one.facts(read.seal)["data"]) for one in kept]


async def write(talk: Talk, kinds: list[str]) -> list[str]:
    """Append events of these types; what each delta should tell, and nothing for the others."""
    read = await owned(talk.needs, talk.tenant_id, talk.session_id)
    said = dict.fromkeys(DELTAS, "")
    facts: list[Happened] = []
    expected = []
    for number, kind in enumerate(kinds):
        if kind == BEGIN:
            said = dict.fromkeys(DELTAS, "")
        if kind in DELTAS:
            said[kind] += f"{number} "
        expected.append(said.get(kind, ""))
        facts.append(Happened(kind, {"delta": f"{number} "} if kind in DELTAS else {"n": number}))
    outcome = Outcome(read.conversation, None, tuple(facts))
    await keep(talk.needs, read, outcome, now_for(talk.needs, read))
    return expected


async def test_an_answer_takes_as_much_room_as_it_is_long(talk: Talk) -> None:
    events = await talk.said(f"#slow 1 {WORDS}")
    deltas = [facts for kind, facts in await stored(talk) if kind == TEXT]
    assert len(deltas) > 3
    assert all(set(facts) == {"turn_id", "delta"} for facts in deltas)
    assert "".join(facts["delta"] for facts in deltas) == answer(events) == WORDS
    told = [one["accumulated"] for one in of(events, TEXT)]
    assert told == ["".join(facts["delta"] for facts in deltas[: n + 1]) for n in range(len(deltas))]


async def test_wherever_a_reader_begins_it_is_told_all_that_was_said(talk: Talk) -> None:
    chance = random.Random(SEED)
    kinds = chance.choices([BEGIN, TEXT, THINKING, "act.started"], [1, 6, 3, 1], k=150)
    expected = ["", *await write(talk, kinds)]  # the session's own first event
    whole = await talk.events()
    assert [one.content.get("accumulated", "") for one in whole] == expected
    for number in range(len(whole)):
        found = await reading.events(
            talk.needs, talk.tenant_id, talk.session_id, Filter(), after_sequence=number, limit=2
        )
        assert found == whole[number : number + 2]


async def test_pages_of_any_size_and_leaps_between_them_tell_the_same(talk: Talk) -> None:
    chance = random.Random(SEED)
    await write(talk, chance.choices([BEGIN, TEXT, THINKING], [1, 6, 3], k=150))
    whole = await talk.events()
    read = await owned(talk.needs, talk.tenant_id, talk.session_id)
    reader = Reader(talk.needs.db, read.seal, read.session.id)
    number = 0
    for _ in range(120):
        size = chance.randint(1, 9)
        assert await reader.after(number, size) == whole[number : number + size]
        number = min(number + size, len(whole)) if chance.random() < 0.8 else chance.randrange(len(whole))


async def test_a_log_that_begins_with_a_delta_is_read_too(talk: Talk) -> None:
    expected = await write(talk, [TEXT, TEXT, THINKING])
    assert [one.content["accumulated"] for one in (await talk.events())[1:]] == expected
