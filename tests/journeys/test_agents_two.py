"""Two servers on one PostgreSQL: a turn runs in one, and is followed, resumed and cancelled through the other."""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from journeys import agents
from journeys.agents import Body
from journeys.conftest import SECRET
from journeys.running import settings_for, until
from journeys.test_agents_kill import client
from journeys.test_agents_streams import Frames, cut_off
from journeys.test_kill import Killed
from servers.postgres import fresh_database

pytestmark = pytest.mark.xdist_group("journeys-kill")
SEED = 20260211
WORDS = " ".join(f"word{n}" for n in range(40))
TURN = '#tool add {"a": 1, "b": 1}\n\n#slow 2 ' + WORDS
ENDLESS = "#slow 900 " + "word " * 3000
DELTA = "output.message.delta"


@pytest.fixture(scope="module")
def pair(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """A client of each."""
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(postgres_server))
        servers = []
        for name in ("one", "two"):
            settings = settings_for(tmp_path_factory.mktemp(name), secret_key=SECRET, database_url=url)
            servers.append(Killed(settings))
            stack.callback(servers[-1].kill)
        servers[0].migrate()
        for server in servers:
            server.start()
        key = servers[0].tenant_key()
        one, two = (stack.enter_context(client(server, key)) for server in servers)
        yield one, two


def resumed(http: httpx.Client, session_id: str, after: str, kind: str) -> list[Body]:
    """What a browser gets that comes back with the last id it has seen, up to the first event of a type."""
    with Frames(http, f"/v1/sessions/{session_id}/sse", {"Last-Event-ID": after}) as stream:
        return stream.until(kind)


def test_a_turn_of_one_process_is_followed_live_at_the_other(pair: tuple[httpx.Client, httpx.Client]) -> None:
    one, two = pair
    session_id = agents.opened(one, "test_math")
    with Frames(two, f"/v1/sessions/{session_id}/sse") as stream:
        agents.say(one, session_id, TURN)
        streamed = stream.until(DELTA)
        assert agents.status(one, session_id) == "active", "its words come while it speaks"
        streamed += stream.until("session.idled")
    assert streamed == agents.events(one, session_id) == agents.events(two, session_id)
    assert agents.faults(streamed) == []
    deltas = agents.of(streamed, DELTA)
    assert len(deltas) > 5
    assert "".join(one["delta"] for one in deltas) == deltas[-1]["accumulated"] == WORDS


def test_a_stream_goes_on_at_the_other_behind_the_last_event(pair: tuple[httpx.Client, httpx.Client]) -> None:
    one, two = pair
    session_id = agents.opened(one, "test_math")
    agents.say(one, session_id, TURN)
    with Frames(two, f"/v1/sessions/{session_id}/sse") as stream:
        streamed = stream.until(DELTA)
    streamed += resumed(one, session_id, streamed[-1]["id"], DELTA)
    streamed += resumed(two, session_id, streamed[-1]["id"], "session.idled")
    assert streamed == agents.events(one, session_id)
    assert agents.faults(streamed) == []


def test_cuts_at_random_with_a_change_of_process_give_exactly_the_log(pair: tuple[httpx.Client, httpx.Client]) -> None:
    chance = random.Random(SEED)
    session_id = agents.opened(pair[0], "test_math")
    read: list[Body] = []
    speaking = threading.Thread(target=agents.say, args=(pair[0], session_id, TURN))
    speaking.start()
    for _ in range(40):
        if read and read[-1]["type"] == "session.idled":
            agents.say(chance.choice(pair), session_id, "Once more")
        read += cut_off(chance.choice(pair), session_id, read, round(60 * 300 ** chance.random()))
    speaking.join(60)
    found = agents.at_rest(pair[1], session_id)
    while len(read) < len(found):
        read += resumed(pair[0], session_id, read[-1]["id"], found[-1]["type"])
    assert read == found
    assert agents.faults(found) == []


def test_either_process_cancels_what_the_other_does(pair: tuple[httpx.Client, httpx.Client]) -> None:
    one, two = pair
    for here, there in ((one, two), (two, one)):
        session_id = agents.opened(here)
        with (
            Frames(here, f"/v1/sessions/{session_id}/sse") as near,
            Frames(there, f"/v1/sessions/{session_id}/sse") as far,
        ):
            agents.say(here, session_id, ENDLESS)
            until(lambda session_id=session_id, here=here: agents.of(agents.events(here, session_id), DELTA))
            answer = there.post(f"/v1/sessions/{session_id}/cancel", json={})
            assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
            streamed = near.until("session.idled")
            assert streamed == far.until("session.idled") == agents.events(here, session_id)
        assert agents.faults(streamed) == []
        assert json.dumps(streamed).count("turn.cancelled") == 1
        agents.say(there, session_id, "Go on")
        found = agents.at_rest(here, session_id)
        assert found[: len(streamed)] == streamed, "something of the cancelled turn followed its end"
        assert agents.faults(found) == []
