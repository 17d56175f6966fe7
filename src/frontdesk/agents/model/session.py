"""One conversation: its statuses, the turn that runs in it, and what a decision about it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from frontdesk.agents.model.agent import ClientTool, Ref
from frontdesk.kernel.lifecycle import Lifecycle

LIFECYCLE = Lifecycle(
    "started",
    {
        ("started", "begin"): "active",
        ("idle", "begin"): "active",
        ("active", "end"): "idle",
        ("active", "await_tools"): "waitingfortoolresults",
        ("waitingfortoolresults", "resume"): "active",
        ("waitingfortoolresults", "end"): "idle",
    },
)
MESSAGE_EVENTS = frozenset({"input.message", "output.message.completed", "tool.completed"})
"""Events that hold a message of the conversation."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens; the cached ones are part of the input and None when no provider told them. `cost` in USD."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None
    cost: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            _sum(self.cache_read_tokens, other.cache_read_tokens),
            _sum(self.cache_creation_tokens, other.cache_creation_tokens),
            self.cost + other.cost,
        )

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    def told(self) -> dict[str, int]:
        """As events and answers hold it: what is not known is left out."""
        found = {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_tokens": self.cache_read_tokens,
            "cache_creation_tokens": self.cache_creation_tokens,
        }
        return {name: count for name, count in found.items() if count is not None}


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A tool call that has no result yet. `started`: its `tool.started` is in the log; `client`: the client runs it.

    `shown` is what events hold in place of arguments that are secret. `unreadable`: the arguments were no object.
    """

    id: str
    name: str
    arguments: Mapping[str, Any]
    started: bool = False
    client: bool = False
    shown: Mapping[str, Any] | None = None
    unreadable: bool = False

    @property
    def told(self) -> dict[str, Any]:
        """As events hold it."""
        return {
            "id": self.id,
            "name": self.name,
            "arguments": dict(self.arguments if self.shown is None else self.shown),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """A model call that is under way: its `exec_id`, and whether its text has begun in the log."""

    exec_id: str
    speaking: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """The work for one message. `runner` is the process that does it, empty while the client's tools are awaited.

    `finished_steps` counts model calls and tools; at the last takeover it
    was `taken_over_at_step`. `acting`: tool calls of the batch by success. `unseen`: a message came since the model
    was last asked.
    """

    id: str
    message_id: str
    started_at: datetime
    runner: str
    model_id: str | None = None
    effort: str = ""
    iterations: int = 0
    usage: Usage = Usage()
    finished_steps: int = 0
    taken_over_at_step: int = -1
    restarts: int = 0
    step: Step | None = None
    calls: tuple[OpenCall, ...] = ()
    succeeded: int = 0
    failed: int = 0
    acting: bool = False
    acting_since: datetime | None = None
    unseen: str | None = None

    @property
    def context(self) -> dict[str, Any]:
        """What every event of the turn carries."""
        return {"turn_id": self.id, "input_message_id": self.message_id, "trace_id": self.id}


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything kept of a session beside the kernel's row and its events.

    `iterations` are the answered model calls of all turns; `seconds` is how long the turns lasted that are over.
    """

    agent_id: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    model_id: str | None = None
    capabilities: tuple[Ref, ...] = ()
    tools: tuple[ClientTool, ...] = ()
    started_at: datetime | None = None
    preview: str | None = None
    output_preview: str | None = None
    usage: Usage | None = None
    iterations: int = 0
    seconds: float = 0.0
    turn: Turn | None = None
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact to be: the published type, `data` and context of an event."""

    type: str
    facts: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision comes to: a move (or None), the conversation after it, and what has happened."""

    conversation: Conversation
    verb: str | None = None
    events: tuple[Happened, ...] = ()
