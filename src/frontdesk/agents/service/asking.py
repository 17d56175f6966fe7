"""From what an agent is told and offered in a turn to a request of the model port."""

import base64
import binascii
from collections.abc import Iterable, Sequence

from frontdesk.agents.capabilities.contract import Tool
from frontdesk.agents.capabilities.offering import Offer
from frontdesk.agents.model.message import ImageFilePart, ImagePart, TextPart, ToolCallPart
from frontdesk.agents.rules.history import Line, Outcome
from frontdesk.ports.llm import Request, Target
from frontdesk.ports.llm_conversation import Call, Image, Offered, Returned, Said, Text


def request(
    target: Target,
    offer: Offer,
    lines: Sequence[Line],
    *,
    effort: str = "",
    seconds: float = 300.0,
) -> Request:
    """The next model call of a turn."""
    history = tuple(_said(line) for line in lines)
    return Request(target, offer.system, history, _offered(offer.tools.values()), effort=effort, seconds=seconds)


def _offered(tools: Iterable[Tool]) -> tuple[Offered, ...]:
    return tuple(Offered(tool.name, tool.description, tool.parameters) for tool in tools)


def _said(line: Line) -> Said:
    return Said(line.role, tuple(_part(part) for part in line.parts), line.thinking, line.thinking_signature)


def _part(part: TextPart | ImagePart | ImageFilePart | ToolCallPart | Outcome) -> Text | Image | Call | Returned:
    match part:
        case TextPart():
            return Text(part.text)
        case ImagePart():
            return _image(part)
        case ImageFilePart():
            return Text(f"[An image that is not shown: {part.filename or part.image_id}]")
        case ToolCallPart():
            return Call(part.id, part.name, part.arguments, part.unreadable)
        case Outcome():
            return Returned(part.call.id, part.call.name, part.text, part.is_error)


def _image(part: ImagePart) -> Image | Text:
    if part.url:
        return Image(url=part.url)
    try:
        return Image(content=base64.b64decode(part.base64, validate=True), media_type=part.media_type or "image/png")
    except binascii.Error:
        return Text("[An image that cannot be read]")
