"""Bodies of requests, as far as they are of a size that a bank reads."""

from urllib.parse import parse_qsl

from starlette.requests import Request

LARGEST = 64 * 1024


class TooLarge(Exception):
    """The body is over the limit."""


async def body_of(request: Request) -> bytes:
    """The whole body. Raises `TooLarge`."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise TooLarge
    return body


async def form_of(request: Request) -> dict[str, list[str]]:
    """The fields of a form, each with all its values. Raises `TooLarge`."""
    fields: dict[str, list[str]] = {}
    for name, text in parse_qsl((await body_of(request)).decode("utf-8", "replace"), keep_blank_values=True):
        fields.setdefault(name, []).append(text)
    return fields
