"""`frontdesk demo`: the whole of it, as somebody sees it who tries Frontdesk for the first time."""

import json
import socket
import sqlite3

from cli.command import Command


def test_the_demo_walks_a_session_to_its_end_and_ends(command: Command) -> None:
    done = command.run("demo", "--exit", "--port", "0", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [line for line in told if line["event"] == "session"]
    assert [(line["kind"], line["status"], line["finished"]) for line in ended] == [("kyc", "completed", True)] * 2
    assert told[-1] == {"event": "end", "finished": True}
    called = {(line["method"], line["path"].rpartition("/")[2]) for line in told if line["event"] == "call"}
    assert {("POST", "init"), ("POST", "confirm"), ("POST", "extract"), ("POST", "corrections")} <= called
    assert any(line["method"] == "PUT" for line in told if line["event"] == "call")
    hooks = [line for line in told if line["event"] == "webhook"]
    assert len(hooks) >= 5
    assert all(line["signature_valid"] for line in hooks)
    for session in ended:
        command.run("events", "verify", session["session_id"])
    with sqlite3.connect(command.data / "frontdesk.db") as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    connection.close()


def test_the_demo_says_why_it_cannot_start(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = command.run("demo", "--exit", "--port", str(taken.getsockname()[1]), status=1)
    assert done.stderr.count("\n") == 1
