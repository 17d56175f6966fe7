"""What an agent, a session or a message may hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from frontdesk.agents.model.agent import ClientTool, Definition, Ref
from frontdesk.agents.model.message import ImageFilePart, ImagePart, Part, TextPart
from frontdesk.agents.rules.refusals import Invalid, OverLimit, Unfit

NAME_BYTES = 2 * 1024
DESCRIPTION_BYTES = 10 * 1024
PROMPT_BYTES = 1024 * 1024
MOST_CAPABILITIES = 250
IMPORT_BYTES = 3 * 1024 * 1024
MESSAGE_TEXT_BYTES = 1024 * 1024
MESSAGE_BYTES = 20 * 1024 * 1024
MOST_PARTS = 1_000
MOST_TAGS = 100
TAG_BYTES = 1024
MOST_TOOLS = 250
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
HARNESS_ID = "harness_00000000000000000000000000000001"
HARNESS_NAME = "generic"


def check_definition(definition: Definition) -> Definition:
    """Raises `OverLimit`, `Invalid`."""
    if not definition.name.strip():
        raise Invalid("name must not be empty")
    _within(definition.name, NAME_BYTES)
    _within(definition.description, DESCRIPTION_BYTES)
    _within(definition.system_prompt, PROMPT_BYTES)
    check_lists(definition.tags, definition.capabilities, definition.tools)
    return definition


def check_lists(tags: Sequence[str], capabilities: Sequence[Ref], tools: Sequence[ClientTool] = ()) -> None:
    """Raises `OverLimit`, `Invalid`."""
    if len(tags) > MOST_TAGS or len(capabilities) > MOST_CAPABILITIES or len(tools) > MOST_TOOLS:
        raise OverLimit
    for tag in tags:
        _within(tag, TAG_BYTES)
    for one in capabilities:
        if not 1 <= len(one.ref) <= 255:
            raise Invalid("capabilities: a ref has 1 to 255 characters")
    names = [tool.name for tool in tools]
    for name in names:
        if not (1 <= len(name) <= 64 and name.isascii() and name.replace("_", "").replace("-", "").isalnum()):
            raise Invalid("tools: a name has 1 to 64 letters, digits, '_' and '-'")
    if len(set(names)) < len(names):
        raise Invalid("tools: two have the same name")


def check_title(title: str | None) -> None:
    """Raises `OverLimit`."""
    _within(title, NAME_BYTES)


def _within(text: str | None, most: int) -> None:
    if text is not None and len(text.encode()) > most:
        raise OverLimit


def refs_in(given: Sequence[Any]) -> tuple[Ref, ...]:
    """Capabilities as a client writes them: `{"ref", "config"}`, or a bare ref. Raises `Unfit`."""
    found = []
    for number, one in enumerate(given):
        if isinstance(one, str):
            found.append(Ref(one))
            continue
        place = f"capabilities[{number}]"
        if not isinstance(one, Mapping):
            raise Unfit(f"Field {place}: expected an object or text")
        ref, config = one.get("ref"), one.get("config")
        if not isinstance(ref, str):
            raise Unfit(f"Field {place}.ref: expected text" if "ref" in one else f"Field {place}.ref is missing")
        if config is not None and not isinstance(config, Mapping):
            raise Unfit(f"Field {place}.config: expected an object")
        found.append(Ref(ref, dict(config or {})))
    return tuple(found)


def tools_in(given: Sequence[Any]) -> tuple[ClientTool, ...]:
    """Client-side tools as a client writes them. Raises `Unfit`."""
    found = []
    for number, one in enumerate(given):
        place = f"tools[{number}]"
        if not isinstance(one, Mapping):
            raise Unfit(f"Field {place}: expected an object")
        if one.get("type", "client_side") != "client_side":
            raise Unfit(f"Field {place}.type: expected client_side")
        name, description = one.get("name"), one.get("description") or ""
        parameters = one.get("parameters") or {"type": "object", "properties": {}}
        if not isinstance(name, str) or not isinstance(description, str) or not isinstance(parameters, Mapping):
            raise Unfit(f"Field {place}: expected a name, a description and parameters")
        found.append(ClientTool(name, description, dict(parameters)))
    return tuple(found)


def content_in(given: Sequence[Any], role: str) -> tuple[Part, ...]:
    """The parts of a user's message. Raises `Invalid`, `Unfit`, `OverLimit`."""
    if role != "user":
        raise Invalid("message.role must be user")
    if not given:
        raise Invalid("message.content must hold at least one part")
    if len(given) > MOST_PARTS:
        raise OverLimit
    parts = tuple(_part(one, f"message.content[{number}]") for number, one in enumerate(given))
    if sum(len(part.text.encode()) for part in parts if isinstance(part, TextPart)) > MESSAGE_TEXT_BYTES:
        raise OverLimit
    return parts


def _part(one: Any, place: str) -> Part:
    if not isinstance(one, Mapping):
        raise Unfit(f"Field {place}: expected an object")
    kind = one.get("type")
    if kind == "text":
        return TextPart(_text(one, "text", place))
    if kind == "image_file":
        named = _text(one, "filename", place) if one.get("filename") is not None else ""
        return ImageFilePart(_text(one, "image_id", place), named)
    if kind == "image":
        if one.get("url") is not None:
            return ImagePart(url=_text(one, "url", place))
        if one.get("base64") is None:
            raise Invalid(f"{place}: an image has a url, or base64 with media_type")
        return ImagePart(base64=_text(one, "base64", place), media_type=_text(one, "media_type", place))
    if isinstance(kind, str):
        raise Invalid(f"{place}.type: a user's message holds text, image and image_file")
    raise Unfit(f"Field {place}.type: expected text")


def _text(one: Mapping[str, Any], name: str, place: str) -> str:
    found = one.get(name)
    if not isinstance(found, str):
        raise Unfit(f"Field {place}.{name}: expected text" if name in one else f"Field {place}.{name} is missing")
    return found


def effort_in(controls: Mapping[str, Any]) -> str:
    """The effort that a message asks for, or nothing. Raises `Unfit`, `Invalid`."""
    reasoning = controls.get("reasoning")
    if reasoning is None:
        return ""
    if not isinstance(reasoning, Mapping):
        raise Unfit("Field controls.reasoning: expected an object")
    effort = reasoning.get("effort")
    if effort is None:
        return ""
    if not isinstance(effort, str):
        raise Unfit("Field controls.reasoning.effort: expected text")
    if effort not in EFFORTS:
        raise Invalid(f"controls.reasoning.effort must be one of {', '.join(EFFORTS)}")
    return effort


def check_harness(harness_id: str | None, harness_name: str | None) -> None:
    """Raises `Invalid` for any harness but the one there is."""
    if harness_id not in (None, HARNESS_ID) or harness_name not in (None, HARNESS_NAME):
        raise Invalid(f"There is one harness: {HARNESS_NAME} ({HARNESS_ID})")


def preview(text: str) -> str:
    """The start of a text, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 200 else flat[:200] + "…"
