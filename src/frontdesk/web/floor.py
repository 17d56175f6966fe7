"""The ASGI application: everything between the socket and an endpoint's function, for all kinds alike."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from time import perf_counter

from starlette.responses import Response

from frontdesk.basics.clock import Clock
from frontdesk.basics.errors import Conflict, Problem, Unavailable
from frontdesk.web.answering import Relay, Writer, Written
from frontdesk.web.auth import Identify, identity_of, key_in, require
from frontdesk.web.cors import headers_for, origin_in, preflight
from frontdesk.web.endpoint import Answer, Auth, Call, Endpoint, Limit, Lockout, Receive, Scope, Send
from frontdesk.web.journal import Journal, RequestLine, frames_of
from frontdesk.web.limits import Addresses, Limiter, counted_as
from frontdesk.web.lingering import leaves_body_unread, linger
from frontdesk.web.metrics import Metrics
from frontdesk.web.problems import ClientGone, Contended, MethodNotAllowed, NotFoundPath, NotNow, Unexpected
from frontdesk.web.request_ids import RequestIds
from frontdesk.web.routing import Found, Owners, Route, Router
from frontdesk.web.surface import Surface

CLIENT_GONE = 499
"""In log and metrics, for a client that closed the connection before it was answered."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """What may be set. `body_for` is how many seconds the next piece of a body may take to come."""

    body_limit: int = 1_048_576
    body_for: float = 30.0
    trusted_proxies: tuple[str, ...] = ()
    https: bool = False
    log_requests: bool = True


Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class Floor:
    """Serves the surfaces. `default` words the refusals of paths that belong to none."""

    def __init__(
        self,
        surfaces: Sequence[Surface],
        default: Surface,
        settings: FloorSettings,
        clock: Clock,
        limiter: Limiter,
        journal: Journal,
        identify: Identify,
        metrics: Metrics | None = None,
        lifespan: Lifespan | None = None,
    ) -> None:
        self.metrics = metrics or Metrics()
        self._settings = settings
        self._clock = clock
        self._limiter = limiter
        self._journal = journal
        self._identify = identify
        self._lifespan = lifespan
        self._writer = Writer(hsts=settings.https)
        self._new_id = RequestIds().next
        self._addresses = Addresses(settings.trusted_proxies)
        # Only a surface that was left out is added: a surface that is named twice would answer twice.
        everyone = surfaces if default in surfaces else [*surfaces, default]
        self._owners = Owners(everyone, default)
        self._router = Router(
            Route(endpoint, surface, self.metrics.meter(surface.name, endpoint.path, endpoint.method))
            for surface in everyone
            for endpoint in surface.endpoints
        )

        _check_limits(everyone)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        found = self._router.find(scope)
        method: str = scope["method"]
        route = self._route(scope, found, method)
        client = scope.get("client")
        headers = scope["headers"]
        call = Call(
            scope,
            receive,
            route.endpoint,
            found.path if found else {},
            surface=route.surface,
            request_id=self._new_id(),
            address=self._addresses.of(client[0] if client else "", headers),
            body_limit=route.endpoint.body_limit or self._settings.body_limit,
            body_seconds=self._settings.body_for,
        )
        extra = headers_for(route, origin_in(headers)) if route.endpoint.cors else []
        status, sent = CLIENT_GONE, 0
        relay: Relay | None = None
        try:
            try:
                answer = await self._run(route, call, found)
                if isinstance(answer, Answer):
                    written = self._writer.written(answer, call.request_id.encode())
                else:
                    relay = Relay(send, self._writer, call.request_id.encode(), extra, head=method == "HEAD")
                    await relay.run(answer, scope, receive)
                    status, sent = relay.status, relay.bytes_sent
                    return
            except ClientGone:
                return
            except Exception as error:  # noqa: BLE001 - the outermost place: a client is told of every failure
                if relay is not None and relay.status:
                    # Half an answer is out. Returning makes the server cut the connection, so that it shows.
                    status, sent = relay.status, relay.bytes_sent
                    self._journal.error("answer_broken", request_id=call.request_id, frames=frames_of(error))
                    return
                written = self._refused(route, call, error)
            status, sent = written.status, len(written.body)
            await _send(written, extra, call, send, head=method == "HEAD")
        except OSError:
            # Some servers say so when the client has gone meanwhile.
            status = CLIENT_GONE
        finally:
            self._note(route, call, method, status, sent, perf_counter() - started)

    def _route(self, scope: Scope, found: Found | None, method: str) -> Route:
        """The route to run; for what no route answers, one that stands for that and words its refusal."""
        if found is not None:
            route = found.routes.get(method)
            if route is None and method == "HEAD":
                route = found.routes.get("GET")
            if route is not None:
                return route
            near = next(iter(found.routes.values()))
            return self._stand_in(near.surface, near.endpoint.path, method, near.endpoint.auth)
        return self._stand_in(self._owners.of(scope["path"]), "unmatched", method, "none")

    def _stand_in(self, surface: Surface, path: str, method: str, auth: Auth) -> Route:
        named = method if method in _METHODS else "OTHER"
        endpoint = Endpoint(named, path, _nothing_here, "", "", auth=auth)
        return Route(endpoint, surface, self.metrics.meter(surface.name, path, named))

    async def _run(self, route: Route, call: Call, found: Found | None) -> Answer | Response:
        endpoint = route.endpoint
        limiter = self._limiter
        now = self._clock.now().timestamp() if limiter.on else 0.0
        if limiter.on:
            limiter.count_address(counted_as(call.address), now)
        if endpoint.run is _nothing_here:
            return _elsewhere(call, found)
        caller = call.address
        if route.reads_token:
            caller = call.token_mark = _mark(call)
            if limiter.on:
                limiter.refuse_guessers(counted_as(call.address), now)
                if route.writes:
                    limiter.count(limiter.rules.token_writes, caller, now)
        elif endpoint.auth == "key":
            call.identity = await identity_of(call.header("authorization"), self._identify)
            caller = call.identity.key_id
            if endpoint.permission is not None:
                require(call.identity, endpoint.permission)
        if endpoint.limit is not None:
            limiter.count(endpoint.limit, counted_as(call.address) if endpoint.limit.by == "address" else caller, now)
        if endpoint.lockout is None or not limiter.on:
            return await endpoint.run(call)
        return await self._counting_failures(endpoint.lockout, caller, call)

    async def _counting_failures(self, lockout: Lockout, caller: str, call: Call) -> Answer | Response:
        now = self._clock.now().timestamp()
        self._limiter.refuse_locked_out(lockout, caller, now)
        try:
            answer = await call.endpoint.run(call)
        except Problem as problem:
            if not isinstance(problem, lockout.forgiven):
                self._limiter.count_failure(lockout, caller, now)
            raise
        if isinstance(answer, Answer) and answer.failed:
            self._limiter.count_failure(lockout, caller, now)
        return answer

    def _refused(self, route: Route, call: Call, error: Exception) -> Written:
        surface: Surface = call.surface
        problem = self._problem_of(error, call)
        status = surface.status_of(problem)
        if status is None:
            self._journal.error("refusal_without_status", request_id=call.request_id, code=problem.code)
            problem, status = Unexpected(), 500
        now = self._clock.now()
        if (
            status == 404
            and route.reads_token
            and (not surface.unknown_token or isinstance(problem, surface.unknown_token))
        ):
            self._limiter.count_guess(counted_as(call.address), now.timestamp())
        return self._writer.refused(surface, problem, status, call.request_id, now)

    def _problem_of(self, error: Exception, call: Call) -> Problem:
        if isinstance(error, Problem):
            return error
        if isinstance(error, Unavailable):
            self._journal.warning("dependency_away", request_id=call.request_id, frames=frames_of(error))
            return NotNow()
        if isinstance(error, Conflict):
            self._journal.warning("conflict_left_over", request_id=call.request_id, frames=frames_of(error))
            return Contended()
        self._journal.error("unexpected_failure", request_id=call.request_id, frames=frames_of(error))
        return Unexpected()

    def _note(self, route: Route, call: Call, method: str, status: int, sent: int, seconds: float) -> None:
        route.meter.count(status, seconds)
        if not self._settings.log_requests:
            return
        self._journal.request(
            RequestLine(
                call.request_id,
                method if method in _METHODS else "OTHER",
                route.path,
                status,
                int(seconds * 100_000) / 100,
                sent,
                call.surface.name,
                call.token_mark,
            )
        )

    async def _live(self, receive: Receive, send: Send) -> None:
        """The lifespan protocol: `lifespan` is entered before the first request and left after the last."""
        await receive()
        begun = False
        try:
            async with self._lifespan() if self._lifespan else nullcontext():
                begun = True
                await send({"type": "lifespan.startup.complete"})
                await receive()
        finally:
            # Some servers go on after a start that merely raised.
            if not begun:
                await send({"type": "lifespan.startup.failed", "message": "Frontdesk could not start"})
        await send({"type": "lifespan.shutdown.complete"})


def _check_limits(surfaces: Sequence[Surface]) -> None:
    """Raises `ValueError` when one name stands for two limits: they would be counted together."""
    named: dict[str, Limit] = {}
    for endpoint in (each for surface in surfaces for each in surface.endpoints):
        if endpoint.limit is not None and named.setdefault(endpoint.limit.name, endpoint.limit) != endpoint.limit:
            raise ValueError(f"The limit {endpoint.limit.name} is defined in two ways")


def _mark(call: Call) -> str:
    """Stands for an access token in log and limits: tells two apart, opens nothing."""
    token = call.path.get("access_token") or key_in(call.header("authorization")) or ""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def _elsewhere(call: Call, found: Found | None) -> Answer:
    """OPTIONS, or the refusal of a path or method that no endpoint has."""
    if found is None:
        raise NotFoundPath
    methods = set(found.routes) | {"OPTIONS"} | ({"HEAD"} if "GET" in found.routes else set())
    allow = tuple(sorted(methods))
    if call.method != "OPTIONS":
        raise MethodNotAllowed(allow)
    return preflight(found.routes, call.scope["headers"], ", ".join(allow))


async def _nothing_here(call: Call) -> Answer:
    raise NotFoundPath


async def _send(written: Written, extra: list[tuple[bytes, bytes]], call: Call, send: Send, *, head: bool) -> None:
    headers = written.headers + extra if extra else written.headers
    unread = written.status >= 400 and leaves_body_unread(call, written.status)
    if unread:
        headers = [*headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": written.status, "headers": headers})
    body = b"" if head else written.body
    if unread:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await linger(call, written.status)
        body = b""
    await send({"type": "http.response.body", "body": body})
