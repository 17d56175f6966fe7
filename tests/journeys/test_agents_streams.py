"""Live streams: what they say first and last, where they go on, and that a cut one misses nothing."""

import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from journeys import agents
from journeys.agents import Body
from journeys.conftest import SECRET, running
from journeys.running import Running, settings_for, until

SEED = 20260208
LONG = "#slow 1.2 " + " ".join(f"word{n}" for n in range(60))


@pytest.fixture
def http(server: Running) -> httpx.Client:
    return server.staff(server.tenant().api_key)


class Frames:
    """Reads a stream by hand, as bytes: nothing is skipped and nothing is read again."""

    def __init__(self, http: httpx.Client, path: str, headers: dict[str, str] | None = None, **query: Any) -> None:
        # A client of its own: that of the journeys looks at whole answers, and this one has no end.
        authorization = {"Authorization": http.headers["authorization"], **(headers or {})}
        self._client = httpx.Client(base_url=http.base_url, headers=authorization, timeout=60, trust_env=False)
        self._streaming = self._client.stream("GET", path, params=query)
        self._answer = self._streaming.__enter__()
        assert self._answer.status_code == 200, self._answer.read()
        assert self._answer.headers["content-type"].startswith("text/event-stream")
        assert self._answer.headers["cache-control"] == "no-cache"
        assert self._answer.headers["x-accel-buffering"] == "no"
        self._lines = self._answer.iter_lines()

    def __enter__(self) -> "Frames":
        return self

    def __exit__(self, *_: object) -> None:
        self._streaming.__exit__(None, None, None)
        self._client.close()

    def __iter__(self) -> Iterator[dict[str, str]]:
        frame: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(": ") if not line.startswith(":") else ("comment", "", line[2:])
                frame[name] = value
            elif frame:
                yield frame
                frame = {}

    def until(self, kind: str) -> list[Body]:
        """The events up to the first of this type."""
        found: list[Body] = []
        for frame in self:
            if "id" in frame:
                found.append(json.loads(frame["data"]))
            if frame.get("event") == kind:
                return found
        raise AssertionError(f"the stream ended before {kind}")


def test_a_stream_begins_with_connected_and_goes_on_live(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    with Frames(http, f"/v1/sessions/{session_id}/sse") as stream:
        frames = iter(stream)
        assert next(frames) == {"event": "connected", "retry": "100", "data": '{"status":"connected"}'}
        first = next(frames)
        assert (first["event"], first["retry"]) == ("session.started", "100")
        assert json.loads(first["data"])["id"] == first["id"]
        agents.say(http, session_id, "Hello")
        streamed = [json.loads(first["data"]), *stream.until("session.idled")]
        assert agents.status(http, session_id) == "idle"
    assert streamed == agents.events(http, session_id)


def test_filters_hide_events_and_the_place_advances_past_them(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    agents.say(http, session_id, "Hello")
    found = agents.at_rest(http, session_id)
    path = f"/v1/sessions/{session_id}/sse"
    with Frames(http, path, exclude=["output.message.delta", "llm.generation"]) as stream:
        shown = stream.until("session.idled")
    hidden = {"output.message.delta", "llm.generation"}
    assert shown == [one for one in found if one["type"] not in hidden]
    with Frames(http, path, types=["turn.completed", "unheard.of"]) as stream:
        assert agents.types(stream.until("turn.completed")) == ["turn.completed"]


def test_a_reader_goes_on_behind_an_id_a_number_or_the_header(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    agents.say(http, session_id, "Hello")
    found = agents.at_rest(http, session_id)
    path, fourth = f"/v1/sessions/{session_id}/sse", found[3]["id"]
    for headers, query in (
        ({}, {"since_id": fourth}),
        ({"Last-Event-ID": fourth}, {}),
        ({"Last-Event-ID": found[7]["id"]}, {"since_id": fourth}),
        ({}, {"after_sequence": "4"}),
    ):
        with Frames(http, path, headers, **query) as stream:
            assert stream.until("session.idled") == found[4:]
    assert agents.events(http, session_id, since_id=fourth) == found[4:]
    assert agents.events(http, session_id, limit=2, order_desc="true") == [found[-1], found[-2]]
    assert http.get(path, params={"since_id": "event_1"}).status_code == 400


def test_an_id_of_no_event_of_the_session_stands_where_it_would_sort(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    agents.say(http, session_id, "Hello")
    found = agents.at_rest(http, session_id)
    for one in found:
        near = f"event_{int(one['id'][6:], 16) + 1:032x}"
        expected = [each for each in found if each["id"] > near]
        assert agents.events(http, session_id, since_id=near) == expected
    assert agents.events(http, session_id, since_id="event_" + "0" * 32) == found
    assert agents.events(http, session_id, since_id="event_" + "f" * 32) == []


def test_a_stream_cut_and_resumed_a_hundred_times_gives_exactly_the_log(http: httpx.Client) -> None:
    chance = random.Random(SEED)
    session_id = agents.opened(http, "test_math")
    speaking = threading.Thread(target=_speak, args=(http, session_id))
    speaking.start()
    read: list[Body] = []
    for _ in range(100):
        if read and read[-1]["type"] == "session.idled":
            agents.say(http, session_id, "Once more")
        read += cut_off(http, session_id, read, round(60 * 300 ** chance.random()))
    speaking.join(60)
    found = agents.at_rest(http, session_id)
    if len(read) < len(found):
        with Frames(http, f"/v1/sessions/{session_id}/sse", since_id=read[-1]["id"]) as stream:
            while len(read) < len(found):
                read += stream.until(found[-1]["type"])
    assert read == found
    assert agents.faults(found) == []


def cut_off(http: httpx.Client, session_id: str, read: list[Body], most: int) -> list[Body]:
    """The events that arrived whole before the connection broke after so many bytes, mostly within a frame."""
    headers = {"Authorization": http.headers["authorization"]}
    since = {"since_id": read[-1]["id"]} if read else {}
    url, taken = f"{http.base_url}/v1/sessions/{session_id}/sse", b""
    with httpx.stream("GET", url, headers=headers, params=since, timeout=60, trust_env=False) as answer:
        for piece in answer.iter_raw():
            taken += piece
            if len(taken) >= most or b"event: session.idled" in piece:
                break
    whole = taken[:most].split(b"\n\n")[:-1]
    return [json.loads(frame.partition(b"\ndata: ")[2]) for frame in whole if b"\nid: " in frame]


def _speak(http: httpx.Client, session_id: str) -> None:
    agents.say(http, session_id, '#tool add {"a": 1, "b": 1}\n\n' + LONG)
    agents.at_rest(http, session_id)


def test_a_stream_of_a_deleted_session_says_so_and_ends(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    with Frames(http, f"/v1/sessions/{session_id}/sse") as stream:
        frames = iter(stream)
        next(frames)
        next(frames)
        http.delete(f"/v1/sessions/{session_id}")
        last = next(frames)
        assert last["event"] == "disconnecting"
        assert json.loads(last["data"]) == {"reason": "session_deleted", "retry_ms": 100}
        assert list(frames) == []


def test_a_reader_that_does_not_read_holds_up_nobody(server: Running, http: httpx.Client) -> None:
    session_id = agents.opened(http)
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        key = http.headers["authorization"]
        lazy.sendall(
            f"GET /v1/sessions/{session_id}/sse HTTP/1.1\r\nHost: desk\r\nAuthorization: {key}\r\n\r\n".encode()
        )
        began = time.monotonic()
        for _ in range(6):
            agents.say(http, session_id, "#long 20000")
            agents.at_rest(http, session_id)
        assert time.monotonic() - began < 60
        assert lazy.recv(12) == b"HTTP/1.1 200"


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[Running]:
    """A server of few streams, which beat and end soon."""
    settings = settings_for(tmp_path, secret_key=SECRET, agent_streams=2, agent_heartbeat_for=1, agent_stream_for=3)
    yield from running(settings, settable=False)


def test_a_quiet_stream_beats_and_ends_politely(paced: Running) -> None:
    http = paced.staff(paced.tenant().api_key)
    with Frames(http, f"/v1/sessions/{agents.opened(http)}/sse") as stream:
        frames = list(stream)
    assert {"comment": "heartbeat", "retry": "500"} in frames
    assert json.loads(frames[-1]["data"]) == {"reason": "connection_cycle", "retry_ms": 100}


def test_an_organization_has_so_many_streams_and_no_more(paced: Running) -> None:
    http = paced.staff(paced.tenant().api_key)
    path = f"/v1/sessions/{agents.opened(http)}/sse"
    with Frames(http, path) as one, Frames(http, path) as two:
        assert next(iter(one))["event"] == next(iter(two))["event"] == "connected"
        answer = http.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    until(lambda: _opens(http, path))


def test_streams_say_that_the_server_is_about_to_stop(paced: Running) -> None:
    http = paced.staff(paced.tenant().api_key)
    with Frames(http, f"/v1/sessions/{agents.opened(http)}/sse") as stream:
        frames = iter(stream)
        next(frames)
        next(frames)
        paced.loop.call_soon_threadsafe(paced.house.agents.streams.closing.begin)
        assert json.loads(next(frames)["data"])["reason"] == "server_maintenance"


def _opens(http: httpx.Client, path: str) -> bool:
    headers = {"Authorization": http.headers["authorization"]}
    with httpx.stream("GET", f"{http.base_url}{path}", headers=headers, trust_env=False) as answer:
        return answer.status_code == 200
