"""The order in which a model hears a conversation."""

from datetime import UTC, datetime
from typing import Literal

from frontdesk.agents.model.message import Message
from frontdesk.agents.rules.hearing import as_heard

AT = datetime(2026, 4, 9, tzinfo=UTC)


def said(sequence: int, role: Literal["user", "agent"], heard: int | None = None) -> Message:
    return Message(f"message_{sequence}", "s", sequence, role, (), AT, heard_sequence=heard)


def test_what_was_said_during_an_answer_stands_behind_it() -> None:
    messages = [said(2, "user"), said(6, "user"), said(9, "agent", 2), said(12, "user")]
    assert [one.sequence for one in as_heard(messages)] == [2, 9, 6, 12]


def test_what_an_answer_had_heard_stays_before_it() -> None:
    messages = [said(2, "user"), said(3, "user"), said(9, "agent", 3)]
    assert [one.sequence for one in as_heard(messages)] == [2, 3, 9]
