"""What is said in a session: messages and the parts they are made of, as the API publishes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Role = Literal["user", "agent", "tool_result", "system"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """`{"type": "text", "text"}`."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """`{"type": "image", "url"}`, or with `base64` and `media_type`."""

    url: str = ""
    base64: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class ImageFilePart:
    """`{"type": "image_file", "image_id", "filename"}`."""

    image_id: str
    filename: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """`{"type": "tool_call", "id", "name", "arguments"}`.

    `unreadable` is what the model wrote when that is no JSON object; it is kept, but not published.
    """

    id: str
    name: str
    arguments: Mapping[str, Any]
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """`{"type": "tool_result", "tool_call_id", "result" | "error"}`; `result` is any JSON, `error` a text or None."""

    tool_call_id: str
    result: Any = None
    error: str | None = None


Part = TextPart | ImagePart | ImageFilePart | ToolCallPart | ToolResultPart


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `sequence` is that of its event; `id` is `message_` and 32 hexadecimal digits."""

    id: str
    session_id: str
    sequence: int
    role: Role
    content: tuple[Part, ...]
    created_at: datetime
    controls: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    tags: tuple[str, ...] = ()
    thinking: str = ""
    thinking_signature: str = ""
    heard_sequence: int | None = None
    """Of an agent's message: up to which one the model had heard when it began to answer."""

    @property
    def text(self) -> str:
        """Its text parts, a line break between them."""
        return "\n".join(part.text for part in self.content if isinstance(part, TextPart))

    @property
    def calls(self) -> tuple[ToolCallPart, ...]:
        """The tools it asks for."""
        return tuple(part for part in self.content if isinstance(part, ToolCallPart))


def as_dict(part: Part) -> dict[str, Any]:
    """A part as published: fields without a value are left out."""
    match part:
        case TextPart():
            return {"type": "text", "text": part.text}
        case ImagePart():
            named = {"url": part.url, "base64": part.base64, "media_type": part.media_type}
            return {"type": "image", **{name: value for name, value in named.items() if value}}
        case ImageFilePart():
            return {"type": "image_file", "image_id": part.image_id, "filename": part.filename}
        case ToolCallPart():
            return {"type": "tool_call", "id": part.id, "name": part.name, "arguments": dict(part.arguments)}
        case ToolResultPart(error=None):
            return {"type": "tool_result", "tool_call_id": part.tool_call_id, "result": part.result}
        case ToolResultPart():
            return {"type": "tool_result", "tool_call_id": part.tool_call_id, "error": part.error}


def from_dict(kept: Mapping[str, Any]) -> Part:
    """A part that `as_dict` made. Raises `KeyError` for anything else."""
    match kept["type"]:
        case "text":
            return TextPart(kept["text"])
        case "image":
            return ImagePart(kept.get("url", ""), kept.get("base64", ""), kept.get("media_type", ""))
        case "image_file":
            return ImageFilePart(kept["image_id"], kept.get("filename", ""))
        case "tool_call":
            return ToolCallPart(kept["id"], kept["name"], kept["arguments"])
        case "tool_result":
            return ToolResultPart(kept["tool_call_id"], kept.get("result"), kept.get("error"))
        case other:
            raise KeyError(other)
