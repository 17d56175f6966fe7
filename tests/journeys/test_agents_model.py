"""A server with a model behind it is killed and asked to stop: what the model sees of that."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager

import httpx
import pytest

from frontdesk.config import Settings
from journeys import agents
from journeys.conftest import SECRET
from journeys.running import settings_for, until
from journeys.test_kill import Killed
from servers.openai import OpenAiServer, openai_server

pytestmark = pytest.mark.xdist_group("journeys-kill")
TWO_TOOLS = '#tool add {"a": 1, "b": 2}\n\n#tool add {"a": 3, "b": 4}\n\n'
WORDS = " ".join(f"word{n}" for n in range(30))


class Model:
    """The model's server, in a thread with a loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="model")
        self._thread.start()
        self._stack = AsyncExitStack()
        self.server: OpenAiServer = self._wait(self._stack.enter_async_context(openai_server()))

    def _wait(self, work: object) -> OpenAiServer:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)  # type: ignore[arg-type, return-value]

    def stop(self) -> None:
        self._wait(self._stack.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    @property
    def depths(self) -> list[int]:
        """How many messages each call so far was told: each step of a turn is told more."""
        return [len(body["messages"]) for body in self.server.requests]


class Modelled(Killed):
    """A server whose default model is that one."""

    def __init__(self, settings: Settings, model: Model) -> None:
        super().__init__(settings)
        self._url = model.server.url

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "FRONTDESK_LLM": "openai:small", "FRONTDESK_LLM_BASE_URL": self._url}


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.stop()


@pytest.fixture
def killed(storage: Settings, model: Model) -> Iterator[Modelled]:
    yield from serving(storage, model)


@pytest.fixture
def small(files: Settings, model: Model) -> Iterator[Modelled]:
    yield from serving(files, model)


@pytest.fixture
def pair(postgres_url: str, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Modelled]]:
    """Two servers on one database."""
    with ExitStack() as stack:
        servers = []
        for name in ("one", "two"):
            settings = settings_for(tmp_path_factory.mktemp(name), secret_key=SECRET, database_url=postgres_url)
            servers.append(stack.enter_context(contextmanager(serving)(settings, model)))
        yield servers


def serving(settings: Settings, model: Model) -> Iterator[Modelled]:
    """A server for as long as a fixture lives."""
    server = Modelled(settings, model)
    server.migrate()
    try:
        server.start()
        yield server
    finally:
        server.kill()


def client(server: Killed, key: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": key}, timeout=60, trust_env=False)


def test_a_model_is_not_asked_again_for_what_it_answered_before_the_kill(killed: Modelled, model: Model) -> None:
    key = killed.tenant_key()
    with client(killed, key) as http:
        session_id = agents.opened(http, "test_math")
        agents.say(http, session_id, f"{TWO_TOOLS}#slow 3 {WORDS}")
        until(lambda: agents.of(agents.events(http, session_id), "output.message.delta"), 60)
        before = agents.events(http, session_id)
    killed.kill()
    killed.start()
    with client(killed, key) as http:
        after = agents.at_rest(http, session_id, 90)
    assert agents.faults(after) == []
    assert after[: len(before)] == before
    # Two answered calls and the one that was cut off; then only that one again.
    assert model.depths == [2, 4, 6, 6]
    assert len(agents.of(after, "llm.generation")) == 3
    assert len(agents.of(after, "output.message.started")) == 4
    assert agents.of(after, "output.message.completed")[-1]["message"]["content"][0]["text"] == WORDS
    assert agents.of(after, "output.message.delta")[-1]["accumulated"] == WORDS


CANCELLED = ["turn.cancelled", "input.message", "output.message.completed", "session.idled"]


def test_the_model_is_left_as_soon_as_the_turn_is_cancelled(small: Modelled, model: Model) -> None:
    cancelled_and_left(small, small, model)


@pytest.mark.parametrize("runner", [0, 1])
def test_the_model_is_left_when_another_process_is_told_to_cancel(
    pair: list[Modelled], model: Model, runner: int
) -> None:
    cancelled_and_left(pair[runner], pair[1 - runner], model)


def cancelled_and_left(runner: Modelled, other: Modelled, model: Model) -> None:
    """One server does the turn, and the other cancels it; then the first goes on with the next message."""
    key = runner.tenant_key()
    with client(runner, key) as http, client(other, key) as elsewhere:
        session_id = agents.opened(http)
        agents.say(http, session_id, f"#slow 600 {WORDS}")
        until(lambda: agents.of(agents.events(http, session_id), "output.message.delta"), 60)
        answer = elsewhere.post(f"/v1/sessions/{session_id}/cancel", json={})
        assert answer.json()["status"] == "cancelled"
        until(model.server.left.is_set, 60)  # it would have gone on for ten minutes
        events = agents.at_rest(http, session_id)
        assert agents.faults(events) == []
        assert agents.types(events)[-4:] == CANCELLED
        agents.say(elsewhere, session_id, "Go on")
        until(lambda: agents.of(agents.events(http, session_id), "turn.completed"))
        after = agents.at_rest(http, session_id)
    assert after[: len(events)] == events, "something of the cancelled turn followed its end"
    assert agents.faults(after) == []
    assert [len(body["messages"]) for body in model.server.requests] == [2, 5]
