"""A small API on the floor, with two surfaces that word their refusals differently; what the tests call."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from starlette.responses import Response, StreamingResponse

from frontdesk.basics.clock import iso
from frontdesk.basics.errors import Conflict, Problem, Unavailable
from frontdesk.web.endpoint import Answer, Call, Endpoint, Limit
from frontdesk.web.paging import PAGE_QUERY, page_in
from frontdesk.web.problems import (
    Forbidden,
    InvalidBody,
    NotFoundPath,
    NotNow,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unexpected,
    UnsupportedMediaType,
)
from frontdesk.web.surface import Refusal, Surface
from frontdesk.web.uploads import Digested

KEY = "sk_live_" + "a" * 40
READING_KEY = "sk_live_" + "b" * 40
TOKEN = "5c1d7f0e-3a42-4c8e-9f5b-0d2f6a7b8c91"
ORIGIN = "https://apply.example.net"


@dataclass(frozen=True)
class Who:
    tenant_id: str
    key_id: str
    permissions: frozenset[str]


PEOPLE = {
    KEY: Who("t_1", "key_1", frozenset({"kyc:create", "kyc:read"})),
    READING_KEY: Who("t_1", "key_2", frozenset({"kyc:read"})),
}


class SessionGone(Problem):
    code = "NOT_FOUND"


class Forgotten(Problem):
    """A refusal that its surface's table forgot."""

    code = "FORGOTTEN"


class Person(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(max_length=20)]
    sort: Literal["adult", "child"] = "adult"
    age: int = 0
    friends: list["Person"] = []


class Greeting(msgspec.Struct):
    text: str
    request_id: str


class CheckedError(msgspec.Struct):
    code: str
    message: str


class CheckedBody(msgspec.Struct):
    status: str
    error: CheckedError


class Flat(msgspec.Struct):
    error: str
    message: str
    retry_after: int


class Detail(msgspec.Struct):
    detail: str
    code: str


def checked_shape(refusal: Refusal) -> tuple[bytes, str]:
    if refusal.status == 429:
        flat = {
            "error": "Rate limit exceeded",
            "message": refusal.message,
            "retry_after": refusal.retry_after,
        }
        return msgspec.json.encode(flat), "application/json"
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.details:
        error["details"] = refusal.details
    body = {
        "status": "error",
        "error": error,
        "meta": {"request_id": refusal.request_id, "timestamp": iso(refusal.now)},
    }
    return msgspec.json.encode(body), "application/json"


def detail_shape(refusal: Refusal) -> tuple[bytes, str]:
    return msgspec.json.encode(Detail(refusal.message, refusal.code)), "application/json"


async def greet(call: Call) -> Answer:
    person = await call.json(Person)
    return Answer(201, Greeting(f"Hello, {person.name}", call.request_id))


async def public_session(call: Call) -> Answer:
    if call.path["access_token"] != TOKEN:
        raise SessionGone("Session not found or expired")
    return Answer(200, {"status": "active"})


async def write_step(call: Call) -> Answer:
    if call.path["access_token"] != TOKEN:
        raise SessionGone("Session not found or expired")
    return Answer(200, {"step": call.path["step_id"], "name": (await call.json(dict)).get("name")})


async def regenerate(call: Call) -> Answer:
    return Answer(200, await call.json(dict))


async def whoami(call: Call) -> Answer:
    return Answer(200, {"tenant_id": call.caller.tenant_id, "address": call.address})


async def create(call: Call) -> Answer:
    return Answer(204, None)


async def listing(call: Call) -> Answer:
    page = page_in(call.query, keys=2)
    after = list(page.after) if page.after else None
    return Answer(200, {"limit": page.limit, "after": after, "descending": page.descending})


async def put_file(call: Call) -> Response:
    digested = Digested(call.stream())
    async for _ in digested:
        pass
    return Response(headers={"ETag": digested.sha256, "X-Size": str(digested.size)})


async def read_path(call: Call) -> Answer:
    return Answer(200, {"path": call.path["path"]})


async def stream(call: Call) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"data: %d\n\n" % number

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def endless(call: Call) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b": still here\n\n"
            await asyncio.sleep(0.02)

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def break_off(call: Call) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"begun"
        raise ValueError("personal value")

    return StreamingResponse(pieces(), headers={"Content-Length": "100"})


async def fail(call: Call) -> Answer:
    match call.path["how"]:
        case "unavailable":
            raise Unavailable("the disk is full")
        case "conflict":
            raise Conflict("row 7")
        case "forgotten":
            raise Forgotten("no line in the table")
        case _:
            raise ValueError("Ada Lovelace was here")


async def shared(call: Call) -> Answer:
    """Two kinds share this path: the body says which of them words the refusal."""
    body = await call.json(dict)
    if "skill" in body:
        call.surface = DETAIL
    raise Forbidden("No")


CHECKED_ENDPOINTS = (
    Endpoint(
        "POST", "/greetings", greet, "Greet", "Greetings", auth="none", body=Person, answers={201: Greeting},
        refusals=(400, 415, 429), examples={"request": {"name": "Ida"}}, body_limit=200_000,
    ),
    Endpoint(
        "GET", "/public/sessions/{access_token}", public_session, "State", "Public", auth="access_token",
        cors=True, answers={200: dict[str, str]}, refusals=(404,),
    ),
    Endpoint(
        "POST", "/public/sessions/{access_token}/step/{step_id}/complete", write_step, "Complete a step",
        "Public", auth="access_token", cors=True, limit=Limit("steps", 5, 3600),
    ),
    Endpoint(
        "POST", "/public/sessions/{access_token}/regenerate", regenerate, "Renew", "Public",
        auth="access_token", open_body=True, body=dict[str, Any],
    ),
    Endpoint("GET", "/kyc/me", whoami, "Who", "Admin", permission="kyc:read"),
    Endpoint(
        "POST", "/kyc/sessions", create, "Create", "Admin", permission="kyc:create", answers={204: None},
        refusals=(401, 403), limit=Limit("creations", 4, 60, "key"),
    ),
    Endpoint("GET", "/kyc/sessions", listing, "List", "Admin", auth="none", query=PAGE_QUERY),
    Endpoint("GET", "/kyc/sessions/me", whoami, "Me", "Admin"),
    Endpoint("GET", "/kyc/sessions/{session_id}/fail/{how}", fail, "Fail", "Admin", auth="none"),
    Endpoint(
        "PUT", "/storage/u/{signed}", put_file, "Store", "Storage", auth="signed_url", raw_body=True,
        body_type="image/png", body_limit=1_000_000, cors=True, answers={200: None},
    ),
    Endpoint(
        "GET", "/kyc/stream", stream, "Stream", "Admin", auth="none", answer_type="text/event-stream",
        answers={200: str},
    ),
    Endpoint("GET", "/kyc/endless", endless, "Endless", "Admin", auth="none", hidden=True),
    Endpoint("GET", "/kyc/broken", break_off, "Break off", "Admin", auth="none", hidden=True),
    Endpoint("POST", "/v1/shared", shared, "Shared", "Shared", auth="none", body=dict[str, Any]),
)  # fmt: skip

CHECKED = Surface(
    name="kyc",
    prefixes=("/public", "/kyc", "/storage"),
    endpoints=CHECKED_ENDPOINTS,
    shape=checked_shape,
    statuses={SessionGone: 404},
    codes={
        InvalidBody: "VALIDATION_ERROR",
        Unauthorized: "UNAUTHORIZED",
        Forbidden: "FORBIDDEN",
        NotFoundPath: "NOT_FOUND",
        TooLarge: "PAYLOAD_TOO_LARGE",
        UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
        Unexpected: "INTERNAL_ERROR",
        NotNow: "SERVICE_UNAVAILABLE",
        RateLimited: "RATE_LIMITED",
    },
    error_type=CheckedBody,
    error_types={429: Flat},
    origins=frozenset({ORIGIN}),
)

DETAIL = Surface(
    name="forms",
    prefixes=("/forms", "/sessions"),
    endpoints=(
        Endpoint("GET", "/forms/{id}/contract", create, "Contract", "Forms", auth="none", cors=True),
        Endpoint("GET", "/forms/with-context/{job_id}", create, "Job", "Forms", auth="none"),
        Endpoint("GET", "/forms/{id}/fs/{path...}", read_path, "File", "Forms", auth="none"),
        Endpoint("POST", "/forms/{id}/fs/_/stat", create, "Stat", "Forms", auth="none"),
    ),
    shape=detail_shape,
    statuses={},
    error_type=Detail,
    origins=frozenset({"*"}),
)
