"""The capability `web_fetch`: reads a page of the public web."""

import asyncio
import re
from collections.abc import Mapping
from email.message import Message
from typing import Any

from frontdesk.agents.capabilities.contract import (
    Arguments,
    Capability,
    Config,
    Context,
    Fetched,
    Result,
    Tool,
)
from frontdesk.agents.capabilities.markdown import from_html

MAX_BYTES = 1024 * 1024
FIRST_BYTE_SECONDS = 10.0
BODY_SECONDS = 30.0
_TEXTUAL = re.compile(
    r"text/.*|application/(?:.*\+)?(?:json|xml|javascript|yaml|x-yaml|x-ndjson|toml|sql)|image/svg\+xml"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "required": ["url"],
    "properties": {
        "url": {"type": "string", "minLength": 1, "maxLength": 8192, "description": "http or https"},
        "method": {"type": "string", "enum": ["GET", "HEAD"], "description": "GET when left out."},
        "as_markdown": {"type": "boolean", "description": "Give a page of HTML as Markdown."},
        "as_text": {"type": "boolean", "description": "Give a page of HTML as plain text."},
    },
}
_CONFIG: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "timeout_ms": {
            "type": "integer",
            "minimum": 100,
            "maximum": 60_000,
            "description": "For the whole exchange; by default 10 s to the first byte and 30 s in all.",
        },
        "enable_file_download": {"type": "boolean", "description": "Accepted; files are not downloaded."},
    },
}


def tools(config: Config) -> tuple[Tool, ...]:
    """One tool; `timeout_ms` bounds it."""
    seconds = config.get("timeout_ms", BODY_SECONDS * 1000) / 1000

    async def web_fetch(context: Context, arguments: Arguments) -> Result:
        fetched = await context.web.fetch(
            arguments.get("method", "GET"),
            arguments["url"],
            headers={"Accept": "text/markdown, text/html;q=0.9, text/*;q=0.8, */*;q=0.5"},
            max_bytes=MAX_BYTES,
            first_byte_seconds=min(FIRST_BYTE_SECONDS, seconds),
            seconds=seconds,
        )
        # A megabyte of HTML takes half a second to read: not in the loop.
        return Result(await asyncio.to_thread(_told, fetched, arguments))

    about = "Read a page of the public web. Addresses inside networks are refused."
    return (
        Tool("web_fetch", about, _PARAMETERS, web_fetch, safe_to_repeat=True, seconds=seconds + FIRST_BYTE_SECONDS),
    )


def _told(fetched: Fetched, arguments: Arguments) -> dict[str, Any]:
    kind = fetched.headers.get("content-type", "")
    told: dict[str, Any] = {
        "url": fetched.url,
        "status_code": fetched.status,
        "content_type": kind,
        "size": len(fetched.content),
        "truncated": fetched.is_cut,
    }
    if "last-modified" in fetched.headers:
        told["last_modified"] = fetched.headers["last-modified"]
    media_type, charset = _kind(kind)
    if arguments.get("method") == "HEAD":
        told["size"] = _length(fetched)
        return told
    if not _is_text(media_type, fetched.content):
        return {**told, "error": "The content is binary and not shown"}
    text = _decoded(fetched.content, charset)
    is_html = media_type in ("text/html", "application/xhtml+xml")
    form = "markdown" if arguments.get("as_markdown") else "text" if arguments.get("as_text") else "raw"
    if is_html and form != "raw":
        text = from_html(text, fetched.url, is_marked=form == "markdown")
    elif form == "markdown" and media_type != "text/markdown":
        form = "raw"
    return {**told, "format": form, "content": _CONTROL.sub(" ", text)}


def _kind(content_type: str) -> tuple[str, str]:
    message = Message()
    message["content-type"] = content_type or "application/octet-stream"
    return message.get_content_type(), str(message.get_param("charset") or "utf-8")


def _is_text(media_type: str, content: bytes) -> bool:
    if _TEXTUAL.fullmatch(media_type):
        return True
    return media_type in ("application/octet-stream", "application/x-www-form-urlencoded") and _is_plain(content)


def _is_plain(content: bytes) -> bool:
    try:
        content[:4096].decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content[:4096] and bool(content)


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, errors="replace")
    except (LookupError, ValueError):  # a character set that nobody knows
        return content.decode(errors="replace")


def _length(fetched: Fetched) -> int:
    length = fetched.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0


CAPABILITY = Capability(
    id="web_fetch",
    name="Web fetch",
    description="Reads pages of the public web; private addresses are refused.",
    category="Network",
    icon="globe",
    tools=tools,
    config_schema=_CONFIG,
)
