"""The interpreting port: what does a message, or supporting material, say about the fields of a form?"""

from dataclasses import dataclass
from typing import Literal, Protocol

Answer = str | bool | tuple[str, ...]  # text, a box that is on or off, the value of an option, of several
Choice = tuple[str, str]  # the value that an update carries, and the label that people say


@dataclass(frozen=True, slots=True)
class Question:
    """A field as far as the interpreter needs to know it, in the form's order.

    `kind` is `text`, `checkbox`, `radio`, `dropdown`, `listbox` or `signature`; `data_type` is `string`, `boolean`,
    `signature`, `number`, `date`, `currency`, `email`, `phone` or `choice`. Boxes of one `group` exclude each other.
    `state` is `empty`, `proposed`, `confirmed`, `skipped` or `declined`; `value` is what it holds now.
    """

    id: str
    label: str
    kind: str
    data_type: str
    required: bool = False
    choices: tuple[Choice, ...] = ()
    group: str | None = None
    description: str | None = None
    section: str | None = None
    max_length: int | None = None
    format: str | None = None
    state: str = "empty"
    value: Answer | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier message of the conversation; `role` is `user` or `assistant`."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A message to understand. `asked` is the field that the last reply asked about, `printed` the form's own text."""

    message: str
    questions: tuple[Question, ...]
    asked: str | None = None
    history: tuple[Said, ...] = ()
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """Propose a value for a field, leave it blank on purpose (`skip`), or drop what was suggested (`decline`).

    A date comes in the question's `format`, else as ISO 8601, and as written if day and month cannot be told apart.
    Of a group at most one box is proposed on: whoever keeps the update switches the others off.
    """

    id: str
    action: Literal["propose", "skip", "decline"]
    value: Answer | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """At most one update for a field of the form, with a value that it can hold; `asking` is what `reply` asks for."""

    reply: str
    updates: tuple[Update, ...] = ()
    asking: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of supporting material: `key` is its column, path or caption where it has one."""

    text: str
    source: str
    key: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A value for a field that the material holds, with the source's name and the words that it was taken from."""

    id: str
    value: Answer
    source: str
    quote: str
    confidence: Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Matched:
    """`dropped` are what looked like values but cannot be: (field id, the text, the reason)."""

    findings: tuple[Finding, ...] = ()
    dropped: tuple[tuple[str, str, str], ...] = ()


class Interpreter(Protocol):
    """Reads language against a form. Raises `Unavailable` when the model behind it is away. Never fills signatures."""

    name: str  # `builtin`, or the provider and model

    async def take_turn(self, ask: Ask) -> Understood:
        """What the message says of the fields; the reply asks for what is missing, in the form's order. A field that
        was confirmed, skipped or declined changes only when the message names it."""
        ...

    async def match(self, questions: tuple[Question, ...], passages: tuple[Passage, ...]) -> Matched:
        """Which fields the material answers. At most one finding for a field."""
        ...

    async def check(self) -> None:
        """Raises `Unavailable` with the reason, for `frontdesk doctor`."""
        ...
