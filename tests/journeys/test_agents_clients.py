"""The published Python client, two versions of it, unmodified: only the address and the key are ours."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.config import Settings
from journeys.conftest import running
from journeys.running import Running
from shape.tree import ROOT

CLIENTS = Path(__file__).with_name("clients")


@pytest.fixture(scope="module")
def machine_time(files: Settings) -> Iterator[Running]:
    """A server with the machine's clock."""
    yield from running(files, settable=False)


def told(script: str, version: str, server: Running, base: str) -> dict[str, Any]:
    """What a script saw with this version of the client."""
    subprocess.run([sys.executable, str(ROOT / "tools" / "clients.py"), f"everruns-{version}"], check=True, cwd=ROOT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / ".cache" / "clients" / f"everruns-{version}")}
    command = [sys.executable, str(CLIENTS / script), server.url + base, server.tenant().api_key]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("base", ["", "/api"])
@pytest.mark.parametrize("version", ["0.1.1", "0.3.1"])
def test_the_published_client_goes_from_an_agent_to_a_deleted_session(
    machine_time: Running, version: str, base: str
) -> None:
    seen = told("everruns_story.py", version, machine_time, base)
    assert seen["prompt"] == seen["imported"] == "You check invoices."
    assert seen["agents"] == [seen["agent"]]
    assert seen["exported"].startswith("---\nname: invoice-helper\n")
    assert {"current_time", "web_fetch", "session_file_system", "stateless_todo_list"} <= set(seen["capabilities"])
    assert (seen["status"], seen["message"]) == ("started", "user")
    assert seen["streamed"] == seen["listed"]
    assert seen["streamed"][0] == "session.started"
    assert seen["streamed"][-2:] == ["turn.completed", "session.idled"]
    assert seen["roles"] == ["user", "agent"]
    assert seen["after_cancel"] == "idle"
    assert seen["cancelled"][-1] == "turn.cancelled"
    assert seen["sessions"] == [seen["session"]]
    assert seen["gone"] == [404, "session_not_found", "Session not found"]
    assert seen["archived"] == "archived"
    assert seen["stranger"] == [401, "Unauthorized"]


def test_the_later_client_does_what_it_can_do_besides(machine_time: Running) -> None:
    seen = told("everruns_later.py", "0.3.1", machine_time, "")
    assert seen["copy"] == "weather-teller"
    assert seen["models"] == ["scripted"]
    assert seen["model"] is True
    assert seen["harnesses"] == ["generic"]
    assert seen["found"] is True
    assert seen["filtered"] == ["turn.completed", "session.idled"]
    assert seen["exported"] == 2
    assert seen["card"] == "weather-teller"
    assert seen["reply"].endswith("How warm is it?")
    assert seen["again"].endswith("And tomorrow?")
