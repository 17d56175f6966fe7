"""What a language model is told and says: messages, their parts, and the tools on offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """By `url`, or the bytes with their `media_type`."""

    url: str = ""
    content: bytes = b""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """The model wants a tool run. `unreadable` is what it wrote when its arguments are no JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What came of a call: text, JSON text mostly. Every call of a history needs exactly one, in the next `Said`."""

    call_id: str
    name: str
    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `user`: Text, Image, Returned. `assistant`: Text, then Call; its thinking with the signature."""

    role: Literal["user", "assistant"]
    parts: tuple[Text | Image | Call | Returned, ...]
    thinking: str = ""
    thinking_signature: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool that the model may call; `parameters` is a JSON Schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
