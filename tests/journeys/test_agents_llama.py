"""Conversations with a real small model behind llama.cpp's server: what it says is its own, the log is ours."""

from collections.abc import Iterator

import httpx
import pytest

from journeys import agents
from journeys.conftest import SECRET, running
from journeys.running import Running, settings_for, until
from journeys.test_agents_streams import Frames
from servers.llama import llama_server

pytestmark = pytest.mark.xdist_group("llama")
DELTA = "output.message.delta"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose default model is that one."""
    with llama_server(tmp_path_factory.mktemp("llama")) as url:
        settings = settings_for(
            tmp_path_factory.mktemp("server"), secret_key=SECRET, llm="openai:smollm2", llm_base_url=url
        )
        yield from running(settings, settable=False)


@pytest.fixture
def http(desk: Running) -> httpx.Client:
    return desk.staff(desk.tenant().api_key)


def text_of(message: agents.Body) -> str:
    return "".join(part["text"] for part in message["content"] if part["type"] == "text")


def test_what_it_says_is_streamed_word_by_word_and_counted(http: httpx.Client) -> None:
    session_id = agents.opened(http, system_prompt="You are a friendly clerk.")
    with Frames(http, f"/v1/sessions/{session_id}/sse") as stream:
        agents.say(http, session_id, "Tell me about the sea.")
        streamed = stream.until("session.idled")
    assert streamed == agents.events(http, session_id)
    assert agents.faults(streamed) == []
    [answer] = agents.of(streamed, "output.message.completed")
    deltas = agents.of(streamed, DELTA)
    assert len(deltas) > 2, "it spoke for longer than one delta takes"
    assert "".join(one["delta"] for one in deltas) == deltas[-1]["accumulated"] == text_of(answer["message"])
    assert "sea" in text_of(answer["message"]).lower()
    [generation] = agents.of(streamed, "llm.generation")
    assert generation["metadata"]["model"] == "smollm2"
    assert generation["metadata"]["finish_reasons"][0] in ("stop", "length")
    [completed] = agents.of(streamed, "turn.completed")
    assert completed["usage"]["input_tokens"] > 20
    assert 10 < completed["usage"]["output_tokens"] <= 48
    agents.say(http, session_id, "And about rivers?")
    found = agents.at_rest(http, session_id)
    later = agents.of(found, "turn.completed")[-1]["usage"]
    assert later["input_tokens"] > completed["usage"]["input_tokens"] + completed["usage"]["output_tokens"]
    assert agents.faults(found) == []


def test_tools_are_offered_to_it_and_a_turn_ends_whatever_it_makes_of_them(http: httpx.Client) -> None:
    session_id = agents.opened(http, "test_math")
    agents.say(http, session_id, "What is two and three?")
    found = agents.at_rest(http, session_id, 120)
    assert agents.faults(found) == []
    assert agents.types(found)[-2:] == ["turn.completed", "session.idled"]
    assert {tool["name"] for tool in agents.of(found, "llm.generation")[0]["tools"]} >= {"add", "divide"}


def test_it_is_left_in_the_middle_of_a_sentence_and_answers_the_next_message(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    agents.say(http, session_id, "Write a long story about a lighthouse.")
    until(lambda: DELTA in agents.types(agents.events(http, session_id)))
    assert http.post(f"/v1/sessions/{session_id}/cancel").json()["status"] == "cancelled"
    before = agents.at_rest(http, session_id)
    assert agents.types(before)[-4:] == [
        "turn.cancelled",
        "input.message",
        "output.message.completed",
        "session.idled",
    ]
    agents.say(http, session_id, "Say hello.")
    until(lambda: agents.of(agents.events(http, session_id), "turn.completed"))
    found = agents.at_rest(http, session_id)
    assert found[: len(before)] == before
    assert agents.faults(found) == []
