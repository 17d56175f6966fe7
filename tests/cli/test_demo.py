"""`frontdesk demo`: the whole of it, as somebody sees it who tries Frontdesk for the first time."""

import json
import re
import signal
import socket
import sqlite3
from pathlib import Path

import httpx

from cli.command import Command


def test_the_demo_walks_a_session_to_its_end_and_ends(command: Command) -> None:
    done = command.run("demo", "--exit", "--port", "0", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [line for line in told if line["event"] == "session"]
    walked = [("kyc", "completed", True)] * 2 + [("kyc", "approved", True)] * 2 + [("forms", "completed", True)] * 2
    walked += [("onboarding", "SESSION_COMPLETED", True)] * 2 + [("agents", "idle", True)]
    assert [(line["kind"], line["status"], line["finished"]) for line in ended] == walked
    left = [line for line in told if line["event"] == "file"]
    assert [Path(line["path"]).read_bytes()[:5] for line in left] == [b"%PDF-"] * 2
    assert [Path(line["picture"]).read_bytes()[:4] for line in left] == [b"\x89PNG"] * 2
    [proof] = [line for line in told if line["event"] == "evidence"]
    assert Path(proof["report"]).read_bytes()[:5] == b"%PDF-"
    key = command.json("evidence", "key")["key_id"]
    assert command.json("evidence", "verify", proof["path"], "--key", key)["session_id"] == ended[1]["session_id"]
    streamed = [line for line in told if line["event"] == "streamed"]
    assert [line["type"] for line in streamed].count("tool.completed") == 2
    assert re.fullmatch(r"\d+ tokens in, \d+ out", streamed[-1]["gist"])
    assert told[-1] == {"event": "end", "finished": True}
    called = {(line["method"], line["path"].rpartition("/")[2]) for line in told if line["event"] == "call"}
    assert {("POST", "init"), ("POST", "confirm"), ("POST", "extract"), ("POST", "corrections")} <= called
    assert {("POST", "start"), ("POST", "frames"), ("POST", "process")} <= called
    (proved,) = [line for line in told if line["event"] == "call" and "/liveness/complete" in line["path"]]
    assert "Liveness check passed" in proved["gist"]
    assert not [line for line in told if line["event"] == "left_out"]
    assert {("POST", "steps"), ("POST", "tokens"), ("GET", "aisp"), ("POST", "delete")} <= called
    assert any(line["method"] == "PUT" for line in told if line["event"] == "call")
    hooks = [line for line in told if line["event"] == "webhook"]
    assert len(hooks) >= 5
    assert all(line["signature_valid"] for line in hooks)
    for session in ended[:3]:
        command.run("events", "verify", session["session_id"])
    with sqlite3.connect(command.data / "frontdesk.db") as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    connection.close()


def test_the_demo_stays_and_invites_until_it_is_interrupted(command: Command) -> None:
    with command.running("demo", "--port", "0") as background:
        lines = [background.next_line()]
        while "Ctrl-C" not in lines[-1]:
            lines.append(background.next_line())
        assert lines[0].startswith("Frontdesk is ready on http://127.0.0.1:")
        (link,) = [line.split()[-1] for line in lines if "to try yourself" in line]
        state = httpx.get(link, timeout=30, trust_env=False).json()["data"]
        assert (state["status"], state["current_step_index"]) == ("active", 0)
        assert not any("\x1b" in line for line in lines)
        assert background.stop(signal.SIGINT) == 0
        assert background.errors() == ""


def test_the_demo_can_be_seen_again_in_the_same_folder(command: Command) -> None:
    for known in ("0 so far", "5 so far"):
        printed = command.run("demo", "--exit", "--port", "0").stdout
        assert known in printed
        assert printed.count("ended as completed") == 4
    assert len(command.json("tenants", "list")) == 1
    keys = command.json("keys", "list", "--tenant", "Sample Bank")
    assert [key["state"] for key in keys if key["name"] == "demo"] == ["revoked", "enabled"]


def test_without_the_models_the_demo_says_what_it_leaves_out(command: Command, tmp_path: Path) -> None:
    command.environment["FRONTDESK_FACE_MODELS"] = str(tmp_path)
    done = command.run("demo", "--exit", "--port", "0", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    (left_out,) = [line for line in told if line["event"] == "left_out"]
    assert "models" in left_out["reason"]
    assert told[-1] == {"event": "end", "finished": True}


def test_the_demo_says_why_it_cannot_start(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = command.run("demo", "--exit", "--port", str(taken.getsockname()[1]), status=1)
    assert done.stderr.count("\n") == 1
