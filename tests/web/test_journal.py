"""The log's lines."""

import asyncio
import io
import json

from frontdesk.web.journal import JsonJournal, RequestLine, frames_of

LINE = RequestLine("req_aaaaaaaaaa", "GET", "/x/{id}", 200, 1.5, 12, "kyc")


async def test_a_request_line_is_written_within_a_moment() -> None:
    stream = io.BytesIO()
    JsonJournal(stream).request(LINE)
    await asyncio.sleep(0.12)
    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "request", "level": "info", "request_id": "req_aaaaaaaaaa", "method": "GET",
        "route": "/x/{id}", "status": 200, "ms": 1.5, "bytes": 12, "surface": "kyc",
    }  # fmt: skip


async def test_an_event_keeps_its_place_behind_the_lines_before_it() -> None:
    stream = io.BytesIO()
    journal = JsonJournal(stream)
    journal.request(LINE)
    journal.error("unexpected_failure", request_id="req_b")
    journal.warning("dependency_away")
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(each["event"], each["level"]) for each in events] == [
        ("request", "info"),
        ("unexpected_failure", "error"),
        ("dependency_away", "warning"),
    ]


async def test_many_lines_are_not_held_back() -> None:
    stream = io.BytesIO()
    journal = JsonJournal(stream)
    for _ in range(300):
        journal.request(LINE)
    assert len(stream.getvalue()) > 16_000


async def test_what_is_below_the_level_is_left_out() -> None:
    stream = io.BytesIO()
    JsonJournal(stream, "warning").info("started")
    assert stream.getvalue() == b""


def test_a_fault_is_told_by_its_places_and_never_by_its_message() -> None:
    try:
        try:
            int("Ada Lovelace")
        except ValueError as error:
            raise RuntimeError("Ada again") from error
    except RuntimeError as error:
        frames = frames_of(error)
    assert "RuntimeError" in frames
    assert "ValueError" in frames
    assert not [line for line in frames if "Ada" in line]
