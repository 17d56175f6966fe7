"""`frontdesk demo`: the whole of it, as somebody sees it who tries Frontdesk for the first time.

It is long, so it runs twice in one folder, once to its end and once until it is interrupted; the tests look at both.
"""

import json
import re
import shutil
import signal
import socket
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.command import Command

SECONDS = 900
"""A demo takes less than a minute, and much longer on a busy machine."""
twice = pytest.mark.xdist_group("cli-demo")


@dataclass(frozen=True)
class Seen:
    """What the first demo in a folder told as JSON, and what the second one printed, answered and ended with."""

    command: Command
    left: Path
    told: list[dict[str, Any]]
    outbox: int
    printed: list[str]
    state: dict[str, Any]
    status: int
    errors: str

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.told if line["event"] == name]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    command = Command(tmp_path_factory.mktemp("demo"))
    told = [
        json.loads(line)
        for line in command.run("demo", "--exit", "--port", "0", "--json", seconds=SECONDS).stdout.splitlines()
    ]
    outbox = left_in_outbox(command)
    left = shutil.copytree(command.data / "demo", command.folder / "left by the first")
    with command.running("demo", "--port", "0") as background:
        printed = [background.next_line()]
        while "Ctrl-C" not in printed[-1]:
            printed.append(background.next_line())
        (link,) = [line.split()[-1] for line in printed if "to try yourself" in line]
        state = httpx.get(link, timeout=30, trust_env=False).json()["data"]
        status = background.stop(signal.SIGINT)
        return Seen(command, left, told, outbox, printed, state, status, background.errors())


def left_in_outbox(command: Command) -> int:
    connection = sqlite3.connect(command.data / "frontdesk.db")
    (count,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    connection.close()
    return int(count)


@twice
def test_the_demo_walks_a_session_to_its_end_and_ends(seen: Seen) -> None:
    ended = seen.events("session")
    walked = [("kyc", "completed", True)] * 2 + [("kyc", "approved", True)] * 2 + [("forms", "completed", True)] * 2
    walked += [("onboarding", "SESSION_COMPLETED", True)] * 2 + [("agents", "idle", True)]
    assert [(line["kind"], line["status"], line["finished"]) for line in ended] == walked
    streamed = seen.events("streamed")
    assert [line["type"] for line in streamed].count("tool.completed") == 2
    assert re.fullmatch(r"\d+ tokens in, \d+ out", streamed[-1]["gist"])
    assert seen.told[-1] == {"event": "end", "finished": True}
    called = {(line["method"], line["path"].rpartition("/")[2]) for line in seen.events("call")}
    assert {("POST", "init"), ("POST", "confirm"), ("POST", "extract"), ("POST", "corrections")} <= called
    assert {("POST", "start"), ("POST", "frames"), ("POST", "process")} <= called
    (proved,) = [line for line in seen.events("call") if "/liveness/complete" in line["path"]]
    assert "Liveness check passed" in proved["gist"]
    assert not seen.events("left_out")
    assert {("POST", "steps"), ("POST", "tokens"), ("GET", "aisp"), ("POST", "delete")} <= called
    assert any(line["method"] == "PUT" for line in seen.events("call"))
    for session in ended[:3]:
        seen.command.run("events", "verify", session["session_id"])


@twice
def test_the_demo_leaves_filled_forms_and_evidence_that_holds(seen: Seen) -> None:

    def kept(path: str) -> Path:
        """The file as the first demo left it; the second has written another of that name."""
        return seen.left / Path(path).relative_to(seen.command.data / "demo")

    left = seen.events("file")
    assert [kept(line["path"]).read_bytes()[:5] for line in left] == [b"%PDF-"] * 2
    assert [kept(line["picture"]).read_bytes()[:4] for line in left] == [b"\x89PNG"] * 2
    [proof] = seen.events("evidence")
    assert kept(proof["report"]).read_bytes()[:5] == b"%PDF-"
    key = seen.command.json("evidence", "key")["key_id"]
    proved = seen.command.json("evidence", "verify", str(kept(proof["path"])), "--key", key)["session_id"]
    assert proved == seen.events("session")[1]["session_id"]


@twice
def test_what_the_demo_announced_came_signed_and_nothing_is_left_to_do(seen: Seen) -> None:
    hooks = seen.events("webhook")
    assert len(hooks) >= 5
    assert all(line["signature_valid"] for line in hooks)
    assert seen.outbox == 0


@twice
def test_the_demo_stays_and_invites_until_it_is_interrupted(seen: Seen) -> None:
    assert seen.printed[0].startswith("Frontdesk is ready on http://127.0.0.1:")
    assert (seen.state["status"], seen.state["current_step_index"]) == ("active", 0)
    assert not any("\x1b" in line for line in seen.printed)
    assert (seen.status, seen.errors) == (0, "")


@twice
def test_the_demo_can_be_seen_again_in_the_same_folder(seen: Seen) -> None:
    assert "0 so far" in [line["gist"] for line in seen.events("call")]
    printed = "\n".join(seen.printed)
    assert "5 so far" in printed
    completed = [line for line in seen.events("session") if line["status"] == "completed"]
    assert len(completed) == printed.count("ended as completed") == 4
    assert len(seen.command.json("tenants", "list")) == 1
    keys = seen.command.json("keys", "list", "--tenant", "Sample Bank")
    assert [key["state"] for key in keys if key["name"] == "demo"] == ["revoked", "enabled"]


def test_without_the_models_the_demo_says_what_it_leaves_out(command: Command, tmp_path: Path) -> None:
    command.environment["FRONTDESK_FACE_MODELS"] = str(tmp_path)
    done = command.run("demo", "--exit", "--port", "0", "--json", seconds=SECONDS)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    (left_out,) = [line for line in told if line["event"] == "left_out"]
    assert "models" in left_out["reason"]
    assert told[-1] == {"event": "end", "finished": True}


def test_the_demo_says_why_it_cannot_start(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = command.run("demo", "--exit", "--port", str(taken.getsockname()[1]), status=1)
    assert done.stderr.count("\n") == 1
