"""One line of an endpoint table, and the request and the answer that its function sees."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response

from frontdesk.basics.errors import Problem
from frontdesk.web.auth import Identity
from frontdesk.web.json_body import read_json
from frontdesk.web.problems import InvalidJson, InvalidQuery, TooLarge, UnsupportedMediaType
from frontdesk.web.uploads import chunks_of, whole

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

Auth = Literal["key", "access_token", "none", "signed_url"]
T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True):
    """A JSON answer. `struct` None means an empty body; `headers` win over those of the floor.

    `failed` counts for the endpoint's lock-out although the call itself went well.
    """

    status: int = 200
    struct: Any = None
    headers: Mapping[str, str] | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class QueryParam:
    """One query parameter, for the description. `schema` is its type as msgspec understands it."""

    name: str
    description: str = ""
    schema: Any = str
    required: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` calls in each window of `seconds`, counted for each caller; 0 switches it off.

    Endpoints that share one limit name the same one. Where there is no key or token, the address counts.
    """

    name: str
    count: int
    seconds: int
    by: Literal["access_token", "key", "address"] = "access_token"


@dataclass(frozen=True, slots=True)
class Lockout:
    """After `count` failures within `seconds`, the access token waits `pause_seconds`. Refusals of the client's own
    making are failures but for the `forgiven`, and answers that say so. Endpoints that share one name the same one."""

    name: str
    count: int
    seconds: int
    pause_seconds: int
    forgiven: tuple[type[Problem], ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What answers one method of one path, and everything that is published about it.

    `path` has parameters of one segment, `{session_id}`; the last may be `{path...}`, the rest of the path.
    """

    method: str
    path: str
    run: "Callable[[Call], Awaitable[Answer | Response]]"
    summary: str
    tag: str
    body: Any = None
    """The type of the JSON body; what `Call.json` is asked for may be wider."""
    answers: Mapping[int, Any] = field(default_factory=lambda: {200: None})
    """Status to the type of the body; None means an empty body, `bytes` a file."""
    refusals: tuple[int, ...] = ()
    auth: Auth = "key"
    permission: str | None = None
    """Needed with `auth="key"`: the floor answers 403 without it."""
    query: tuple[QueryParam, ...] = ()
    description: str = ""
    raw_body: bool = False
    """The function reads `Call.stream()` or `Call.body()` itself: no content type is asked for."""
    body_type: str = "application/json"
    """The content type that is published, for a raw body."""
    body_limit: int | None = None
    """Bytes; None takes the floor's."""
    open_body: bool = False
    """May be called without a body and without a content type; then `Call.json` reads `{}`."""
    limit: Limit | None = None
    lockout: Lockout | None = None
    own_limit_only: bool = False
    """Calls do not count among the writes of their access token: there are many, and `limit` bounds them."""
    cors: bool = False
    """Browsers of the surface's origins may call this."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """`request` and statuses (`"200"`) to an example of the body."""
    answer_type: str = "application/json"
    """The content type of a success, when it is no JSON."""
    hidden: bool = False
    """Left out of the published description."""


class Call:
    """One request, as an endpoint's function sees it."""

    __slots__ = (
        "_body",
        "_headers",
        "_query",
        "_receive",
        "address",
        "body_limit",
        "body_seconds",
        "endpoint",
        "identity",
        "path",
        "read_to_end",
        "request_id",
        "scope",
        "surface",
        "token_mark",
    )

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        endpoint: Endpoint,
        path: dict[str, str],
        *,
        surface: Any,
        request_id: str,
        address: str,
        body_limit: int,
        body_seconds: float,
    ) -> None:
        self.scope = scope
        self.endpoint = endpoint
        self.path = path
        self.surface = surface
        """The surface that words the refusals of this call; a path that two kinds share sets it."""
        self.request_id = request_id
        self.address = address
        self.identity: Identity | None = None
        """Who calls, when the endpoint asks for a key."""
        self.token_mark: str | None = None
        """Stands for the access token of this call where the token itself may not be written."""
        self.read_to_end = False
        self.body_limit = body_limit
        self.body_seconds = body_seconds
        self._receive = receive
        self._body: bytes | None = None
        self._headers: dict[bytes, bytes] | None = None
        self._query: dict[str, str] | None = None

    @property
    def method(self) -> str:
        method: str = self.scope["method"]
        return method

    @property
    def caller(self) -> Identity:
        """Who calls; only where the endpoint asks for a key."""
        if self.identity is None:
            raise RuntimeError(f"{self.endpoint.path} asks for no key, so nobody is known")
        return self.identity

    def header(self, name: str) -> str | None:
        """One header's value, by its name in lower case; the last one if it was sent twice."""
        value = self._sent().get(name.encode("latin-1"))
        return None if value is None else value.decode("latin-1")

    def _sent(self) -> dict[bytes, bytes]:
        if self._headers is None:
            self._headers = dict(self.scope["headers"])
        return self._headers

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters; of one that was sent twice, the first."""
        if self._query is None:
            self._query = {}
            for name, value in self.query_pairs():
                self._query.setdefault(name, value)
        return self._query

    def query_pairs(self) -> list[tuple[str, str]]:
        """Every query parameter in its order. Raises `InvalidQuery` when it is no UTF-8."""
        raw: bytes = self.scope["query_string"]
        if not raw:
            return []
        try:
            pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
        except ValueError as error:
            raise InvalidQuery("", "at most 100 parameters in UTF-8, percent-encoded") from error
        if b"%00" in raw:
            raise InvalidQuery("", "no NUL characters")
        return pairs

    @property
    def declared_size(self) -> int | None:
        """The body's size as the client declared it, in bytes."""
        length = self._sent().get(b"content-length", b"")
        return int(length) if length.isdigit() and len(length) < 19 else None

    async def stream(self) -> AsyncIterator[bytes]:
        """The body as it arrives, once. Raises `TooLarge`, `TooSlow`, `ClientGone`."""
        self._check_declared_size()
        async for chunk in self.rest(self.body_limit):
            yield chunk

    def _check_declared_size(self) -> None:
        size = self.declared_size
        if size is not None and size > self.body_limit:
            raise TooLarge(self.body_limit)

    async def rest(self, limit: int) -> AsyncIterator[bytes]:
        """What is left of the body, at most `limit` bytes."""
        async for chunk in chunks_of(self._receive, limit, self.body_seconds):
            yield chunk
        self.read_to_end = True

    async def body(self) -> bytes:
        """The whole body. Raises as `stream` does."""
        if self._body is None:
            self._check_declared_size()
            self._body = await whole(self._receive, self.body_limit, self.body_seconds)
            self.read_to_end = True
        return self._body

    async def json(self, expected: type[T]) -> T:
        """The body as `expected`; unknown keys are ignored. Raises `InvalidBody`, `UnsupportedMediaType`."""
        content_type = self._sent().get(b"content-type")
        if content_type != b"application/json" and content_type is not None:
            _check_content_type(content_type.decode("latin-1"))
        if self._sent().get(b"content-encoding", b"identity") != b"identity":
            raise UnsupportedMediaType("application/json without Content-Encoding")
        raw = await self.body()
        if not raw:
            if not self.endpoint.open_body:
                raise InvalidJson("A JSON body is expected", expected="a JSON body")
            raw = b"{}"
        elif content_type is None:
            raise UnsupportedMediaType
        return read_json(raw, expected)


def _check_content_type(content_type: str) -> None:
    kind, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise UnsupportedMediaType
