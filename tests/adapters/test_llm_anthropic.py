"""Anthropic's dialect over a real connection: text, thinking with its signature, tools, cuts, errors."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from frontdesk.adapters.llm_pydantic import PydanticLlm
from frontdesk.ports.llm import Answer, Away, Delta, Refused, Request, Target
from frontdesk.ports.llm_conversation import Call, Offered, Returned, Said, Text
from servers.web import Asked, Send, WebServer, answering, head, web_server

HELLO = Said("user", (Text("Hello"),))
TOOLS = (Offered("add", "Add.", {"type": "object", "properties": {"a": {"type": "number"}}}),)


def event(kind: str, **more: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()


def started() -> bytes:
    usage = {"input_tokens": 11, "output_tokens": 1, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 0}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": []}
    return event("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": usage})


def block(index: int, content: dict[str, Any], *deltas: dict[str, Any]) -> bytes:
    pieces = [event("content_block_start", index=index, content_block=content)]
    pieces += [event("content_block_delta", index=index, delta=delta) for delta in deltas]
    return b"".join([*pieces, event("content_block_stop", index=index)])


def ended(reason: str) -> bytes:
    delta = {"stop_reason": reason, "stop_sequence": None}
    return event("message_delta", delta=delta, usage={"output_tokens": 7}) + event("message_stop")


def said(*words: str) -> bytes:
    return block(0, {"type": "text", "text": ""}, *({"type": "text_delta", "text": word} for word in words))


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as served:
        yield served


@pytest.fixture
async def llm(web: WebServer) -> AsyncIterator[PydanticLlm]:
    made = PydanticLlm(trusted=frozenset({web.url}), pause_seconds=0.001)
    yield made
    await made.stop()


def request(web: WebServer, *history: Said) -> Request:
    target = Target("anthropic", "claude-of-tests", web.url, "key-of-tests")
    return Request(target, "Be brief.", history or (HELLO,), TOOLS, seconds=20.0)


async def asked(llm: PydanticLlm, request: Request) -> tuple[list[Delta], Answer]:
    async with aclosing(llm.ask(request)) as pieces:
        found = [piece async for piece in pieces]
    last = found[-1]
    assert isinstance(last, Answer)
    return [piece for piece in found if isinstance(piece, Delta)], last


def stream(*pieces: bytes) -> Any:
    return answering(b"".join(pieces), kind="text/event-stream")


async def test_text_comes_in_pieces_with_its_tokens(web: WebServer, llm: PydanticLlm) -> None:
    web.page("/v1/messages?beta=true", stream(started(), said("Good ", "day"), ended("end_turn")))
    web.pages["/v1/messages"] = web.pages["/v1/messages?beta=true"]
    deltas, answer = await asked(llm, request(web))
    assert [delta.text for delta in deltas] == ["Good ", "day"]
    assert (answer.text, answer.finish_reason, answer.response_id) == ("Good day", "stop", "msg_1")
    assert answer.usage.output_tokens == 7
    assert answer.usage.cache_read_tokens == 5
    body = json.loads(web.asked[0].body)
    assert "Be brief." in json.dumps(body["system"])
    assert [tool["name"] for tool in body["tools"]] == ["add"]
    sent = web.asked[0].headers
    assert "key-of-tests" in sent.get("x-api-key", sent.get("authorization", ""))


async def test_thinking_goes_back_with_its_signature_and_calls_with_their_results(
    web: WebServer, llm: PydanticLlm
) -> None:
    thinking = block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "Hm."},
        {"type": "signature_delta", "signature": "signed"},
    )
    call = block(
        1,
        {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {}},
        {"type": "input_json_delta", "partial_json": '{"a":'},
        {"type": "input_json_delta", "partial_json": " 1}"},
    )
    replies = [stream(started(), thinking, call, ended("tool_use")), stream(started(), said("1"), ended("end_turn"))]

    async def page(asked: Asked, send: Send) -> None:
        await replies.pop(0)(asked, send)

    for path in ("/v1/messages", "/v1/messages?beta=true"):
        web.page(path, page)
    deltas, answer = await asked(llm, request(web))
    assert [delta.text for delta in deltas if delta.kind == "thinking"] == ["Hm."]
    assert (answer.thinking, answer.thinking_signature) == ("Hm.", "anthropic:signed")
    assert [(each.id, each.arguments) for each in answer.calls] == [("toolu_1", {"a": 1})]
    assert answer.finish_reason == "tool_calls"
    reply = Said("assistant", (Call("toolu_1", "add", {"a": 1}),), answer.thinking, answer.thinking_signature)
    await asked(llm, request(web, HELLO, reply, Said("user", (Returned("toolu_1", "add", "1"),))))
    told = json.loads(web.asked[1].body)["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "user"]
    assert told[1]["content"][0] == {"type": "thinking", "thinking": "Hm.", "signature": "signed"}
    assert told[1]["content"][1]["type"] == "tool_use"
    assert told[2]["content"][0]["type"] == "tool_result"


async def test_an_answer_that_breaks_off_begins_anew(web: WebServer, llm: PydanticLlm) -> None:
    replies = [stream(started(), said("Good ")), stream(started(), said("Good ", "day"), ended("end_turn"))]

    async def page(asked: Asked, send: Send) -> None:
        await replies.pop(0)(asked, send)

    for path in ("/v1/messages", "/v1/messages?beta=true"):
        web.page(path, page)
    deltas, answer = await asked(llm, request(web))
    assert [delta.kind for delta in deltas] == ["text", "restart", "text", "text"]
    assert (answer.text, answer.retries) == ("Good day", 1)


@pytest.mark.parametrize(
    ("status", "kind", "raised", "told"),
    [
        (401, "authentication_error", Refused, "auth"),
        (404, "not_found_error", Refused, "unknown_model"),
        (400, "invalid_request_error", Refused, "bad_request"),
        (529, "overloaded_error", Away, "overloaded"),
        (429, "rate_limit_error", Away, "rate_limited"),
    ],
)
async def test_its_errors_are_those_of_the_port(
    web: WebServer, llm: PydanticLlm, status: int, kind: str, raised: type[Away] | type[Refused], told: str
) -> None:
    async def page(asked: Asked, send: Send) -> None:
        body = {"type": "error", "error": {"type": kind, "message": "no"}}
        await send(head(status, "application/json") + json.dumps(body).encode())

    for path in ("/v1/messages", "/v1/messages?beta=true"):
        web.page(path, page)
    with pytest.raises(raised) as caught:
        await asked(llm, request(web))
    assert caught.value.kind == told
