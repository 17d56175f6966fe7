"""Asking a real server: what is sent, what is tried again, what ends a call, what never gets out."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from frontdesk.adapters.llm_breaker import FAILURES, Breaker
from frontdesk.adapters.llm_pydantic import PydanticLlm
from frontdesk.ports.llm import Answer, Away, Delta, Refused, Request, Target
from frontdesk.ports.llm_conversation import Call, Image, Offered, Returned, Said, Text
from servers.openai import OpenAiServer, chunk, cut, failing, openai_server, sending, silent

KEY = "key-of-tests-0123456789"
SCHEMA = {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as served:
        yield served


@pytest.fixture
async def llm(server: OpenAiServer) -> AsyncIterator[PydanticLlm]:
    made = PydanticLlm(trusted=frozenset({server.url}), pause_seconds=0.001)
    yield made
    await made.stop()


def request(server: OpenAiServer, *history: Said, seconds: float = 20.0, **more: object) -> Request:
    target = Target("openai", "small", server.url, KEY)
    return Request(target, "Be brief.", history or (Said("user", (Text("Hello"),)),), seconds=seconds, **more)  # type: ignore[arg-type]


async def asked(llm: PydanticLlm, request: Request) -> list[Delta | Answer]:
    async with aclosing(llm.ask(request)) as pieces:
        return [piece async for piece in pieces]


async def answer(llm: PydanticLlm, request: Request) -> Answer:
    last = (await asked(llm, request))[-1]
    assert isinstance(last, Answer)
    return last


class TestWhatIsSent:
    async def test_the_conversation_is_told_in_the_servers_own_form(
        self, server: OpenAiServer, llm: PydanticLlm
    ) -> None:
        history = (
            Said("user", (Text("What is this?"), Image(content=b"\x89PNG", media_type="image/png"))),
            Said("assistant", (Text("I look."), Call("c1", "add", {"a": 1}))),
            Said("user", (Returned("c1", "add", '{"result": 2}'),)),
            Said("user", (Text("Well?"),)),
        )
        tools = (Offered("add", "Add.", SCHEMA),)
        await answer(llm, request(server, *history, tools=tools, max_output_tokens=99, effort="low"))
        (body,) = server.requests
        assert server.headers[0]["authorization"] == f"Bearer {KEY}"
        assert body["model"] == "small"
        assert body["reasoning_effort"] == "low"
        assert body["stream"] is True
        assert body["stream_options"] == {"include_usage": True}
        assert 99 in (body.get("max_tokens"), body.get("max_completion_tokens"))
        roles = [message["role"] for message in body["messages"]]
        assert roles == ["system", "user", "assistant", "tool", "user"]
        assert body["messages"][0]["content"] == "Be brief."
        assert body["messages"][1]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
        call = body["messages"][2]["tool_calls"][0]
        assert (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) == (
            "c1",
            "add",
            {"a": 1},
        )
        assert (body["messages"][3]["tool_call_id"], body["messages"][3]["content"]) == ("c1", '{"result": 2}')
        assert [tool["function"]["name"] for tool in body["tools"]] == ["add"]
        assert body["tools"][0]["function"]["parameters"]["required"] == ["a"]

    async def test_without_a_key_a_server_of_ones_own_is_asked_all_the_same(
        self, server: OpenAiServer, llm: PydanticLlm
    ) -> None:
        asking = Request(Target("openai_completions", "small", server.url), "", (Said("user", (Text("Hi"),)),))
        assert (await answer(llm, asking)).finish_reason == "stop"
        assert KEY not in str(server.headers)

    async def test_connections_of_one_target_are_shared(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        for _ in range(3):
            await answer(llm, request(server))
        assert len(server.requests) == 3


class TestTryingAgain:
    async def test_errors_of_the_server_are_tried_again_with_growing_pauses(self, server: OpenAiServer) -> None:
        server.replies = [failing(500), failing(503), failing(502)]
        llm = PydanticLlm(trusted=frozenset({server.url}), pause_seconds=0.02)
        given = await answer(llm, request(server))
        await llm.stop()
        assert given.retries == 3
        assert given.waited_ms >= 140
        assert len(server.requests) == 4

    async def test_after_three_more_tries_it_is_away(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        server.replies = [failing(500) for _ in range(4)]
        with pytest.raises(Away) as caught:
            await asked(llm, request(server))
        assert caught.value.kind == "overloaded"
        assert len(server.requests) == 4

    async def test_a_rate_limit_is_waited_for_as_long_as_the_server_says(
        self, server: OpenAiServer, llm: PydanticLlm
    ) -> None:
        server.replies = [failing(429, "rate_limit_exceeded", retry_after="1")]
        given = await answer(llm, request(server))
        assert given.retries == 1
        assert given.waited_ms >= 1000

    async def test_a_wait_beyond_patience_is_told_at_once(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        server.replies = [failing(429, "rate_limit_exceeded", retry_after="120")]
        with pytest.raises(Away) as caught:
            await asked(llm, request(server))
        assert (caught.value.kind, caught.value.retry_after) == ("rate_limited", 120)
        assert len(server.requests) == 1

    async def test_a_wrong_key_is_not_tried_again_and_not_told(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        server.replies = [failing(401, "invalid_api_key", f"Incorrect API key provided: {KEY}")]
        with pytest.raises(Refused) as caught:
            await asked(llm, request(server))
        assert caught.value.kind == "auth"
        assert KEY not in str(caught.value)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("promises_length", [True, False])
    async def test_an_answer_that_breaks_off_begins_anew(
        self, server: OpenAiServer, llm: PydanticLlm, promises_length: bool
    ) -> None:
        broken = cut("Well, ", "I ") if promises_length else sending(chunk({"content": "Well, "}))
        server.replies = [broken]
        pieces = await asked(llm, request(server))
        restart = pieces.index(Delta("restart"))
        assert restart > 0
        last = pieces[-1]
        assert isinstance(last, Answer)
        after = [piece.text for piece in pieces[restart + 1 :] if isinstance(piece, Delta)]
        assert "".join(after) == last.text
        assert last.retries == 1

    @pytest.mark.parametrize(
        "reply",
        [
            pytest.param(sending(b"<html>It works!</html>", kind="text/html"), id="a page"),
            pytest.param(sending(b"data: {not json\n\n"), id="broken JSON"),
            pytest.param(sending(b'data: {"id": 1, "choices": [{"delta": {"content": "x"}}]}\n\n'), id="no end"),
            pytest.param(sending(b'data: {"error": {"message": "boom"}}\n\n'), id="an error in the stream"),
            pytest.param(sending(b"data: [1, 2, 3]\n\ndata: [DONE]\n\n"), id="a list"),
            pytest.param(sending(b'data: {"choices": "none"}\n\ndata: [DONE]\n\n'), id="choices that are none"),
            pytest.param(sending(b'data: {"choices": [{"delta": 7}]}\n\ndata: [DONE]\n\n'), id="a delta that is none"),
            pytest.param(sending(b'data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\n'), id="text that is none"),
            pytest.param(
                sending(b'data: {"choices": [{"delta": {"tool_calls": [{"index": "x", "function": 3}]}}]}\n\n'),
                id="calls that are none",
            ),
            pytest.param(sending(b"\xff\xfe\x00"), id="bytes"),
            pytest.param(sending(), id="nothing"),
        ],
    )
    async def test_nonsense_is_an_error_of_the_port(
        self, server: OpenAiServer, llm: PydanticLlm, reply: object
    ) -> None:
        server.replies = [reply] * 4  # type: ignore[list-item]
        with pytest.raises((Away, Refused)):
            await asked(llm, request(server))

    async def test_a_server_that_is_not_there_is_away(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        async with openai_server() as gone:
            url = gone.url
        with pytest.raises(Away) as caught:
            await asked(llm, Request(Target("openai", "small", url, KEY), "", (Said("user", (Text("Hi"),)),)))
        assert caught.value.kind == "network"


class TestEnding:
    async def test_closing_hangs_up_on_the_server_at_once(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        server.replies = [silent("One ")]
        pieces = llm.ask(request(server))
        assert await anext(pieces) == Delta("text", "One ")
        await pieces.aclose()
        async with asyncio.timeout(5):
            await server.left.wait()

    async def test_cancelling_whoever_waits_hangs_up_too(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        server.replies = [silent()]
        waiting = asyncio.create_task(asked(llm, request(server)))
        while not server.requests:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(5):
            await server.left.wait()

    async def test_a_model_that_falls_silent_is_given_up(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        server.replies = [silent("One ")]
        with pytest.raises(Away) as caught:
            await asked(llm, request(server, seconds=0.5))
        assert caught.value.kind == "timeout"
        async with asyncio.timeout(5):
            await server.left.wait()


class TestLeavingAlone:
    async def test_who_fails_again_and_again_is_not_asked_for_a_while(
        self, server: OpenAiServer, llm: PydanticLlm
    ) -> None:
        server.replies = [failing(500) for _ in range(20)]
        kinds = []
        for _ in range(3):
            with pytest.raises(Away) as caught:
                await asked(llm, request(server))
            kinds.append(caught.value.kind)
        assert kinds[0] == "overloaded"
        assert kinds[-1] == "resting"
        assert caught.value.retry_after is not None
        assert len(server.requests) == FAILURES

    async def test_a_refusal_says_nothing_against_the_server(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        for _ in range(FAILURES + 1):
            server.replies = [failing(401)]
            with pytest.raises(Refused):
                await asked(llm, request(server))
        assert await answer(llm, request(server))

    def test_a_rest_grows_and_ends_with_the_first_success(self) -> None:
        breaker = Breaker()
        for _ in range(FAILURES):
            assert breaker.wait(0.0) == 0.0
            breaker.failed(0.0)
        assert breaker.wait(0.0) == 10.0
        assert breaker.wait(10.0) == 0.0
        assert breaker.wait(10.0) == 1.0
        breaker.failed(10.0)
        assert breaker.wait(10.0) == 20.0
        assert breaker.wait(30.0) == 0.0
        breaker.succeeded()
        assert breaker.wait(30.0) == 0.0

    def test_a_probe_that_was_cancelled_leaves_the_way_open(self) -> None:
        breaker = Breaker()
        for _ in range(FAILURES):
            breaker.failed(0.0)
        assert breaker.wait(10.0) == 0.0
        breaker.abandoned()
        assert breaker.wait(10.0) == 0.0


class TestWhereItGoes:
    async def test_a_server_that_may_not_be_reached_is_refused_before_anything_is_sent(
        self, server: OpenAiServer
    ) -> None:
        async def guard(url: str) -> str:
            raise Refused("bad_request", "private")

        llm = PydanticLlm(guard=guard)
        with pytest.raises(Refused):
            await asked(llm, request(server))
        assert server.requests == []
        await llm.stop()

    async def test_the_connection_goes_to_the_address_that_was_judged(self, server: OpenAiServer) -> None:
        asked_for: list[str] = []

        async def guard(url: str) -> str:
            asked_for.append(url)
            return "127.0.0.1"

        llm = PydanticLlm(guard=guard)
        port = server.url.rsplit(":", 1)[1]
        target = Target("openai", "small", f"http://models.invalid:{port}", KEY)
        given = await answer(llm, Request(target, "", (Said("user", (Text("Hi"),)),)))
        await llm.stop()
        assert given.finish_reason == "stop"
        assert server.headers[0]["host"].startswith("models.invalid:")
        assert len(asked_for) == 2

    @pytest.mark.parametrize("provider", ["nobody", "mistral", "groq", "llmsim"])
    async def test_a_provider_that_cannot_be_asked_is_refused(self, llm: PydanticLlm, provider: str) -> None:
        with pytest.raises(Refused) as caught:
            await asked(llm, Request(Target(provider, "m", "", KEY), "", (Said("user", (Text("Hi"),)),)))
        assert caught.value.kind == "unknown_provider"

    async def test_without_any_key_the_providers_own_server_is_not_asked(self, llm: PydanticLlm) -> None:
        with pytest.raises(Refused) as caught:
            await asked(llm, Request(Target("anthropic", "claude-of-tests"), "", (Said("user", (Text("Hi"),)),)))
        assert caught.value.kind == "auth"

    async def test_a_dialect_of_its_own_is_spoken_over_connections_of_ours(
        self, server: OpenAiServer, llm: PydanticLlm
    ) -> None:
        given = await answer(llm, Request(Target("ollama", "small", server.url), "", (Said("user", (Text("Hi"),)),)))
        assert given.text.endswith("You said: Hi")

    async def test_a_provider_without_our_connections_is_not_asked_at_a_tenants_address(self) -> None:
        async def guard(url: str) -> str:
            return "127.0.0.1"

        llm = PydanticLlm(guard=guard)
        with pytest.raises(Refused, match="address of your own"):
            await asked(llm, Request(Target("groq", "m", "https://models.invalid"), "", (Said("user", (Text("x"),)),)))

    async def test_the_models_of_long_ago_are_forgotten(self, server: OpenAiServer, llm: PydanticLlm) -> None:
        for number in range(70):
            target = Target("openai", f"m{number}", server.url, KEY)
            await llm.check(target)
        assert (await answer(llm, request(server))).finish_reason == "stop"
