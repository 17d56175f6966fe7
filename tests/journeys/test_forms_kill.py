"""A server that is killed while it reads and renders forms: what was acknowledged goes on after the restart."""

import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pikepdf
import pytest

from frontdesk.config import Settings
from journeys.applicants import Body, pdf
from journeys.running import until
from journeys.test_kill import Killed

pytestmark = pytest.mark.xdist_group("journeys-forms-kill")
LARGE = "acroform/f1040-2025"


@pytest.fixture(scope="module")
def killed(storage: Settings) -> Iterator[Killed]:
    server = Killed(storage)
    server.migrate()
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def key(killed: Killed) -> str:
    return killed.tenant_key()


def client(server: Killed, key: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False)


def marked(content: bytes, number: int) -> bytes:
    """Another paper of the same look: its layout is not reused."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.pages[0].contents_add(b"%% copy %d\n" % number)
        document.save(out)
    return out.getvalue()


def settled(http: httpx.Client, form_id: str) -> Body | None:
    found: Body = http.get(f"/forms/{form_id}").json()
    return None if found["status"] == "detecting" else found


def test_a_form_that_was_being_read_when_the_server_died_is_ready_after_it_came_back(killed: Killed, key: str) -> None:
    interrupted = 0
    for number, seconds in enumerate((0.0, 0.3, 0.8)):
        with client(killed, key) as http:
            file = {"file": ("f1040.pdf", marked(pdf(LARGE), number), "application/pdf")}
            made = http.post("/forms", files=file)
            assert made.status_code == 202
            form_id = made.json()["form_id"]
            time.sleep(seconds)
            interrupted += settled(http, form_id) is None
        killed.kill()
        killed.start()
        with client(killed, key) as http:
            found = until(lambda http=http, form_id=form_id: settled(http, form_id), 120)
        assert (found["status"], found["progress"]) == ("ready", 1.0)
    assert interrupted, "no form was being read when the server died"


def test_a_session_that_was_being_rendered_when_the_server_died_gets_its_pdf(killed: Killed, key: str) -> None:
    with client(killed, key) as http:
        file = {"file": ("f1040.pdf", pdf(LARGE), "application/pdf")}
        form_id = http.post("/forms", files=file).json()["form_id"]
        until(lambda: settled(http, form_id), 120)
    interrupted = 0
    for _ in range(6):
        with client(killed, key) as http:
            session_id = http.post("/sessions", json={"form_id": form_id}).json()["session_id"]
            fields = http.get(f"/sessions/{session_id}").json()["fields"]
            values = [{"id": field["id"], "value": "7"} for field in fields if field["type"] == "text"]
            assert http.put(f"/sessions/{session_id}/fields", json={"fields": values}).status_code == 200
        answers: list[Any] = []
        filling = threading.Thread(target=fill, args=(killed, key, session_id, answers))
        filling.start()
        interrupted += seen_rendering(killed, key, session_id, filling)
        killed.kill()
        filling.join(60)
        killed.start()
        with client(killed, key) as http:
            again = http.post(f"/sessions/{session_id}/fill")
            assert again.status_code in (200, 409), again.text
            until(lambda http=http, session_id=session_id: has_pdf(http, session_id), 120)
            state = http.get(f"/sessions/{session_id}").json()
            assert state["status"] == "completed"
            assert [field["value"] for field in state["fields"] if field["type"] == "text"] == ["7"] * len(values)
        if interrupted == 2:
            break
    assert interrupted, "no session was being rendered when the server died"


def seen_rendering(server: Killed, key: str, session_id: str, filling: threading.Thread) -> bool:
    """Whether the session was seen while its PDF was made; looks until it is, or was missed."""
    with client(server, key) as http:
        while filling.is_alive():
            code = http.put(f"/sessions/{session_id}/fields", json={"fields": []}).json().get("code")
            if code is not None:
                return bool(code == "in_use")
            # Each look is a change of the session too: without a pause the filling itself would never come through.
            time.sleep(0.01)
        return False


def fill(server: Killed, key: str, session_id: str, answers: list[Any]) -> None:
    with client(server, key) as http:
        try:
            answers.append(http.post(f"/sessions/{session_id}/fill"))
        except httpx.TransportError:
            return  # killed, as it should be


def has_pdf(http: httpx.Client, session_id: str) -> bool:
    answer = http.get(f"/sessions/{session_id}/pdf")
    return answer.status_code == 200 and answer.content.startswith(b"%PDF-")
