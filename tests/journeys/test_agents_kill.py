"""Turns of five steps while the server is killed at random instants: each ends once, and its log is whole."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from frontdesk.config import Settings
from journeys import agents
from journeys.conftest import SECRET
from journeys.running import settings_for, until
from journeys.test_kill import Killed

pytestmark = pytest.mark.xdist_group("journeys-kill")
SEED = 20260207
STEPS = "\n\n".join(f'#tool kv_store {{"operation":"set","key":"k{n}","value":"{n}"}}' for n in range(4))
FIVE_STEPS = STEPS + "\n\n#slow 0.4 four values are kept now, and here is what I have to say about them"


@pytest.fixture
def killed(storage: Settings) -> Iterator[Killed]:
    server = Killed(storage)
    server.migrate()
    server.start()
    yield server
    server.kill()


def client(server: Killed, key: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": key}, timeout=60, trust_env=False)


class Speaker(threading.Thread):
    """Opens session after session and says one thing in each, until the server is killed."""

    def __init__(self, server: Killed, key: str, agent_id: str, most: int) -> None:
        super().__init__(name="speaker")
        self.heard: dict[str, str] = {}
        self._server, self._key, self._agent_id, self._most = server, key, agent_id, most

    def run(self) -> None:
        try:
            with client(self._server, self._key) as http:
                for _ in range(self._most):
                    session_id = agents.session(http, self._agent_id)
                    self.heard[session_id] = agents.say(http, session_id, FIVE_STEPS)["id"]
        except httpx.TransportError:
            return  # killed; what was not answered may or may not have happened


def check(http: httpx.Client, session_id: str, message_id: str) -> None:
    """The acknowledged message was answered by one whole turn."""
    found = agents.at_rest(http, session_id, 90)
    assert agents.faults(found) == []
    assert [one["message"]["id"] for one in agents.of(found, "input.message")] == [message_id]
    failed = agents.of(found, "turn.failed")
    if failed:  # taken up three times without a new step: it was killed again and again in the same one
        assert [one["error_code"] for one in failed] == ["no_progress"]
        return
    [completed] = agents.of(found, "turn.completed")
    assert completed["iterations"] == 5
    assert len(agents.of(found, "llm.generation")) == 5, "an answered model call was made again"
    [last] = [
        one for one in agents.of(found, "output.message.completed") if one["message"]["content"][0]["type"] == "text"
    ]
    assert last["message"]["content"][0]["text"].endswith("about them")
    # An interrupted call is an error: nobody knows how far it got.
    assert {one["status"] for one in agents.of(found, "tool.completed")} <= {"success", "error"}


def inherited(survivor: Killed, key: str, heard: dict[str, str]) -> int:
    """How many of these turns were still running; returns when this server has brought them all to an end."""
    with client(survivor, key) as http:
        running = [one for one in heard if agents.status(http, one) == "active"]
        until(lambda: all(agents.status(http, one) == "idle" for one in heard), 90)
    return len(running)


def test_turns_go_on_after_kills_at_random_instants(killed: Killed) -> None:
    chance = random.Random(SEED)
    embedded = killed.settings.sqlite_path is not None
    key = killed.tenant_key()
    with client(killed, key) as http:
        agent_id = agents.agent(http, capabilities=["session_storage"])["id"]
    heard: dict[str, str] = {}
    kills = 0
    # On a slow machine a kill may come before the first message is taken: there must be turns to be killed, too.
    while kills < (8 if embedded else 3) or len(heard) < 5:
        kills += 1
        speaker = Speaker(killed, key, agent_id, 3)
        speaker.start()
        time.sleep(chance.uniform(0.05, 0.7))
        killed.kill()
        speaker.join(60)
        heard |= speaker.heard
        killed.start()
    with client(killed, key) as http:
        for session_id, message_id in heard.items():
            check(http, session_id, message_id)


def test_another_process_goes_on_with_the_turns_of_one_that_died(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    servers = []
    for name in ("one", "two"):
        settings = settings_for(tmp_path_factory.mktemp(name), secret_key=SECRET, database_url=postgres_url)
        servers.append(Killed(settings))
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.kill)
        servers[0].migrate()
        for server in servers:
            server.start()
        first, second = servers
        key = first.tenant_key()
        with client(first, key) as http:
            agent_id = agents.agent(http, capabilities=["session_storage"])["id"]
            heard = {}
            for _ in range(5):
                session_id = agents.session(http, agent_id)
                heard[session_id] = agents.say(http, session_id, FIVE_STEPS)["id"]
        first.kill()
        assert inherited(second, key, heard) > 0
        with client(second, key) as http:
            for session_id, message_id in heard.items():
                check(http, session_id, message_id)
