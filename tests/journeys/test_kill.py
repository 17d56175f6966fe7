"""A server that is killed at random instants: nothing that was acknowledged is lost, and half-done work goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from frontdesk.config import Settings
from journeys.conftest import SECRET
from journeys.people import PERSON, Body, document_step, form_step, photo, workflow
from journeys.running import until
from servers.child import free_ports

pytestmark = pytest.mark.xdist_group("journeys-kill")
SEED = 20260409


class Killed:
    """A server that is started, and killed, on the same place again and again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        [self.port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "frontdesk", *arguments, "--data", str(self.settings.data)]

    def environment(self) -> dict[str, str]:
        """The settings as variables."""
        wanted = {
            "DATABASE_URL": self.settings.database_url,
            "BLOBS_URL": self.settings.blobs_url,
            "S3_ENDPOINT": self.settings.s3_endpoint,
            "S3_ACCESS_KEY": self.settings.s3_access_key,
            "S3_SECRET_KEY": self.settings.s3_secret_key,
            "SECRET_KEY": SECRET,
            "RATE_LIMITS": "off",
        }
        environment = {**os.environ, **{f"FRONTDESK_{key}": value for key, value in wanted.items()}}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        return environment

    def migrate(self) -> None:
        """Bring the database to this version."""
        subprocess.run(self.command("migrate"), env=self.environment(), capture_output=True, check=True)

    def tenant_key(self) -> str:
        """The key of a new tenant."""
        command = self.command("tenants", "create", "Killed", "--json")
        made = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=True)
        found: str = json.loads(made.stdout)["api_key"]
        return found

    def start(self) -> None:
        """Returns once it answers."""
        with (self.settings.data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command("serve", "--port", str(self.port)),
                env=self.environment(),
                stdout=log,
                stderr=log,
                cwd=self.settings.data,
                start_new_session=True,
            )
        until(self._answers, 60)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.settings.data / "server.log").read_text()[-2000:]
        try:
            return httpx.get(self.url + "/health", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def pid(self) -> int:
        """The process that answers."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL, to the server alone: what it has started must notice by itself."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


class Walker(threading.Thread):
    """A customer who goes from session to session and remembers every answer that came."""

    def __init__(self, server: Killed, key: str, workflow_id: str) -> None:
        super().__init__(name="walker")
        self.acknowledged: list[tuple[str, Any]] = []
        self.sessions: dict[str, str] = {}
        self.failure: str | None = None
        self._server, self._key, self._workflow_id = server, key, workflow_id
        self._ended = threading.Event()

    def end(self) -> None:
        self._ended.set()
        self.join(60)

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self._key}"}
        with httpx.Client(base_url=self._server.url, headers=headers, timeout=30, trust_env=False) as http:
            while not self._ended.is_set():
                try:
                    self._walk(http)
                    self._ended.wait(0.3)  # each walk is a document to be read in the end
                except httpx.TransportError:
                    time.sleep(0.02)  # killed; what was not answered may or may not have happened
                except AssertionError as error:
                    self.failure = str(error)
                    return

    def _walk(self, http: httpx.Client) -> None:
        opened = self._answer(http.post("/kyc/sessions", json={"workflow_id": self._workflow_id}))
        session_id, token = opened["session_id"], opened["access_token"]
        self.sessions[session_id] = token
        self.acknowledged.append(("opened", session_id))
        start = f"/public/sessions/{token}"
        file = {"step_id": "step_1", "document_type": "id", "file_name": "a.jpg", "mime_type": "image/jpeg"}
        slot = self._answer(http.post(start + "/upload/init", json=file))
        sent = httpx.put(slot["upload_url"], content=photo(), headers=slot["required_headers"], trust_env=False)
        assert sent.status_code == 200, sent.text
        named = {"doc_id": slot["doc_id"], "s3_key": slot["s3_key"]}
        self._answer(http.post(start + "/upload/confirm", json={**named, **file}))
        self.acknowledged.append(("confirmed", (session_id, slot["doc_id"])))
        self._answer(http.post(start + "/step/step_1/complete", json={"form_data": None}))
        self.acknowledged.append(("completed", (session_id, "step_1")))
        done = self._answer(http.post(start + "/step/step_3/complete", json={"form_data": PERSON}))
        assert done["session_completed"] is True
        self.acknowledged.append(("finished", session_id))

    def _answer(self, response: httpx.Response) -> Body:
        assert response.status_code in (200, 201), response.text
        found: Body = response.json()["data"]
        return found


@pytest.fixture
def killed(storage: Settings) -> Iterator[Killed]:
    server = Killed(storage)
    yield server
    server.kill()


def missing(server: Killed, key: str, walker: Walker) -> list[tuple[str, Any]]:
    """What was acknowledged and is not there."""
    details: dict[str, Body] = {}
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as http:
        for session_id in walker.sessions:
            found = http.get(f"/kyc/sessions/{session_id}")
            details[session_id] = found.json()["data"] if found.status_code == 200 else {}
    return [fact for fact in walker.acknowledged if not _holds(fact, details)]


def _holds(fact: tuple[str, Any], details: dict[str, Body]) -> bool:
    kind, about = fact
    detail = details[about if isinstance(about, str) else about[0]]
    if kind == "opened":
        return bool(detail)
    if kind == "finished":
        return detail.get("status") == "completed"
    steps = {step["step_id"]: step for step in detail.get("steps_data", ())}
    if kind == "confirmed":
        return about[1] in [one["doc_id"] for one in steps["step_1"]["documents"]]
    return bool(steps[about[1]]["status"] == "completed")


def unread(server: Killed, key: str, walker: Walker) -> list[str]:
    """The confirmed documents that were not read yet."""
    confirmed = {about for kind, about in walker.acknowledged if kind == "confirmed"}
    found = []
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as http:
        for session_id, doc_id in confirmed:
            steps = http.get(f"/kyc/sessions/{session_id}").json()["data"]["steps_data"]
            document = next(one for one in steps[0]["documents"] if one["doc_id"] == doc_id)
            if document["extraction_state"] != "done":
                found.append(doc_id)
    return found


def test_twenty_kills_lose_nothing_that_was_acknowledged(killed: Killed) -> None:
    embedded = killed.settings.sqlite_path is not None
    chance = random.Random(SEED)
    killed.migrate()
    killed.start()
    key = killed.tenant_key()
    body = workflow(document_step(auto_extract=True), form_step())
    saved = httpx.post(killed.url + "/kyc/workflows", json=body, headers={"Authorization": f"Bearer {key}"})
    workflow_id = saved.json()["data"]["workflow_id"]
    walked: list[Walker] = []
    for number in range(20 if embedded else 5):
        walker = Walker(killed, key, workflow_id)
        walked.append(walker)
        walker.start()
        seconds = chance.uniform(0.05, 1.2)
        print(f"kill {number} after {seconds:.3f} s")
        time.sleep(seconds)
        killed.kill()
        walker.end()
        assert walker.failure is None
        killed.start()
        assert missing(killed, key, walker) == []
    assert sum(len(walker.acknowledged) for walker in walked) > len(walked)
    for walker in walked:
        assert missing(killed, key, walker) == []
        until(lambda walker=walker: not unread(killed, key, walker), 120, pause=0.5)
