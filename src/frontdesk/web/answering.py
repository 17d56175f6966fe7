"""Answers on their way out: the headers that every one carries, and the bytes of a refusal."""

from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any

import msgspec
from starlette.responses import Response

from frontdesk.basics.errors import Problem
from frontdesk.web.endpoint import Answer, Message, Receive, Scope, Send
from frontdesk.web.surface import Refusal, Surface

Headers = list[tuple[bytes, bytes]]

_encode = msgspec.json.Encoder().encode

_ALWAYS: Headers = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"x-robots-tag", b"noindex"),
]
_JSON = (b"content-type", b"application/json")


class Written(msgspec.Struct, frozen=True):
    """One answer as bytes."""

    status: int
    headers: Headers
    body: bytes


class Writer:
    """Makes answers of values. `hsts` is for servers that are reached by https only."""

    def __init__(self, *, hsts: bool) -> None:
        self._always = [*_ALWAYS, (b"strict-transport-security", b"max-age=31536000")] if hsts else _ALWAYS
        self._always_json = [_JSON, *self._always]

    def written(self, answer: Answer, request_id: bytes) -> Written:
        """A success in bytes."""
        struct = answer.struct
        if struct is None:
            body, always = b"", self._always
        else:
            body, always = _encode(struct), self._always_json
        headers = always if answer.headers is None else _merged(always, answer.headers)
        own: Headers = [(b"x-request-id", request_id)]
        if answer.status != 204:
            own.append((b"content-length", b"%d" % len(body)))
        return Written(answer.status, headers + own, body)

    def refused(self, surface: Surface, problem: Problem, status: int, request_id: str, now: datetime) -> Written:
        """A refusal in the surface's own shape."""
        found = getattr(problem, "headers", None)
        told: dict[str, str] = dict(found()) if callable(found) else {}
        told.update(surface.headers(problem))
        retry_after = getattr(problem, "retry_after", None)
        body, content_type = surface.shape(
            Refusal(
                status,
                surface.code_of(problem),
                surface.message_of(problem),
                problem.details,
                request_id,
                now,
                retry_after,
            )
        )
        headers = _merged(self._always, {**told, "content-type": content_type})
        headers += [(b"x-request-id", request_id.encode()), (b"content-length", b"%d" % len(body))]
        return Written(status, headers, body)

    def added_to(self, sent: Headers, request_id: bytes) -> Headers:
        """A response made elsewhere, with the headers that it lacks."""
        names = {name.lower() for name, _ in sent}
        return [
            *sent,
            *[pair for pair in self._always if pair[0] not in names],
            (b"x-request-id", request_id),
        ]


def _merged(always: Headers, own: Mapping[str, str]) -> Headers:
    mine = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in own.items()]
    names = {name for name, _ in mine}
    return [pair for pair in always if pair[0] not in names] + mine


class Relay:
    """Sends a Starlette response with the floor's headers, and keeps count of what went out."""

    __slots__ = ("_extra", "_head", "_request_id", "_send", "_writer", "bytes_sent", "status")

    def __init__(self, send: Send, writer: Writer, request_id: bytes, extra: Headers, *, head: bool) -> None:
        self._send = send
        self._writer = writer
        self._request_id = request_id
        self._extra = extra
        self._head = head
        self.status = 0
        self.bytes_sent = 0

    async def run(self, response: Response, scope: Scope, receive: Receive) -> None:
        await response(scope, receive, self._pass_on)

    async def _pass_on(self, message: Message) -> None:
        passed: MutableMapping[str, Any] = dict(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = self._writer.added_to(list(message.get("headers", [])), self._request_id)
            passed["headers"] = headers + self._extra
        elif message["type"] == "http.response.body":
            if self._head:
                passed["body"] = b""
            self.bytes_sent += len(passed.get("body", b""))
        await self._send(passed)
