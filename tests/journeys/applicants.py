"""Who takes part in the journeys of forms: a developer with a key, and the forms that are uploaded."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx

from frontdesk.kernel.tenants import NewTenant
from journeys.running import Running, until

FORMS = Path(__file__).resolve().parents[1] / "fixtures" / "forms"
Body = dict[str, Any]
File = tuple[str, tuple[str | None, bytes | str, str]]


@lru_cache
def pdf(name: str) -> bytes:
    """A form of the fixtures, `acroform/fw9-2024` and the like."""
    return (FORMS / f"{name}.pdf").read_bytes()


def w9() -> bytes:
    """The fillable W-9 of 2024."""
    return pdf("acroform/fw9-2024")


class Developer:
    """Calls the API with a key of its own."""

    def __init__(self, server: Running, tenant: NewTenant | None = None) -> None:
        self.server = server
        self.tenant = tenant or server.tenant()
        self.http = server.staff(self.tenant.api_key)

    def upload(self, content: bytes | None = None, name: str = "fw9.pdf", **more: Any) -> Body:
        """The answer to an upload."""
        file = {"file": (name, w9() if content is None else content, "application/pdf")}
        return good(self.http.post("/forms", files=file, **more), 202)

    def read(self, form_id: str) -> Body:
        """The form once it was read, or could not be."""
        found: Body = until(lambda: self._settled(form_id), 120)
        return found

    def _settled(self, form_id: str) -> Body | None:
        found = good(self.http.get(f"/forms/{form_id}"))
        return None if found["status"] == "detecting" else found

    def form(self, content: bytes | None = None, **more: Any) -> str:
        """The id of a form that is ready."""
        form_id: str = self.upload(content, **more)["form_id"]
        found = self.read(form_id)
        assert found["status"] == "ready", found
        return form_id

    def open(self, form_id: str | None = None) -> str:
        """The id of a new session."""
        found = good(self.http.post("/sessions", json={"form_id": form_id or self.form()}), 201)
        session_id: str = found["session_id"]
        return session_id

    def state(self, session_id: str) -> dict[str, Body]:
        """The fields of a session by their ids."""
        found = good(self.http.get(f"/sessions/{session_id}"))
        return {field["id"]: field for field in found["fields"]}

    def put(self, session_id: str, **values: Any) -> httpx.Response:
        """Set values directly."""
        fields = [{"id": name, "value": value} for name, value in values.items()]
        return self.http.put(f"/sessions/{session_id}/fields", json={"fields": fields})

    def turn(self, session_id: str, message: str) -> list[str]:
        """The fields that a message changed."""
        updated: list[str] = good(self.http.post(f"/sessions/{session_id}/turns", json={"message": message}))["updated"]
        return updated

    def job(self, job_id: str) -> Body:
        """A context job once it has ended, polled as clients do."""
        found: Body = until(lambda: self._ended(job_id), 120)
        return found

    def _ended(self, job_id: str) -> Body | None:
        found = good(self.http.get(f"/forms/with-context/{job_id}"))
        return None if found["status"] in ("processing", "queued", "running") else found


def good(response: httpx.Response, status: int = 200) -> Body:
    """The body of a success."""
    assert response.status_code == status, response.text
    found: Body = response.json()
    return found


def refused(response: httpx.Response, status: int, code: str) -> str:
    """The sentence of a refusal, which has exactly two keys."""
    assert response.status_code == status, response.text
    found = response.json()
    assert set(found) == {"detail", "code"}
    assert found["code"] == code
    return str(found["detail"])


def by_label(contract: Body, words: str, kind: str = "checkbox") -> str:
    """The id of the one field of this kind whose label holds these words."""
    told = [(field["id"], field["label"].lower()) for field in contract["fields"] if field.get("type") == kind]
    hits = [name for name, label in told if words.lower() in label]
    assert len(hits) == 1, f"{words}: {[field['label'] for field in contract['fields']]}"
    found: str = hits[0]
    return found
