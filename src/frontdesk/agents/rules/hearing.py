"""The order in which a model hears a conversation: what was said while it spoke comes after what it said."""

from collections.abc import Sequence

from frontdesk.agents.model.message import Message


def as_heard(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages of a session, in order of `sequence`, with those that an answer did not know behind it.

    Otherwise a message that came during an answer would seem to be answered already.
    """
    spans = [
        (one.heard_sequence, one.sequence)
        for one in messages
        if one.role == "agent" and one.heard_sequence is not None and one.heard_sequence < one.sequence
    ]

    def place(message: Message) -> tuple[int, int]:
        if message.role != "user":
            return message.sequence, 0
        behind = [end for heard, end in spans if heard < message.sequence < end]
        return (max(behind), message.sequence) if behind else (message.sequence, 0)

    return tuple(sorted(messages, key=place))
