"""Who takes part in a journey: the tenant's staff, and a customer with a link."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx

from frontdesk.kernel.tenants import NewTenant
from hostile_files import document, picture, saved
from journeys.running import Running
from journeys.watching import INTERNAL

IDS = Path(__file__).resolve().parents[1] / "fixtures" / "ids"
PERSON = {"full_name": "Ana Ruiz", "date_of_birth": "1991-11-02", "email": "ana@example.net"}
Body = dict[str, Any]


@lru_cache
def photo(text: str = "SPECIMEN") -> bytes:
    """A small picture with a word on it."""
    return picture(text=text)


@lru_cache
def paper() -> bytes:
    """A PDF of one page."""
    return saved(document())


def document_step(step_id: str = "step_1", name: str = "ID Document", kind: str = "id", **asked: Any) -> Body:
    requirement = {
        "document_type": kind,
        "display_name": "Government ID",
        "entity_role": f"{INTERNAL}-role",
        **asked,
    }
    return {"step_id": step_id, "name": name, "type": "document_upload", "document_requirements": [requirement]}


def form_step(step_id: str = "step_3", name: str = "Personal Information", **more: Any) -> Body:
    fields: list[Body] = [
        {"field_id": "full_name", "name": "Full Name", "type": "text", "required": True},
        {"field_id": "date_of_birth", "name": "Date of Birth", "type": "date", "required": True},
        {"field_id": "email", "name": "Email", "type": "email", "required": True},
    ]
    return {"step_id": step_id, "name": name, "type": "form_fill", "custom_fields": fields, **more}


def collection_step(workflow_id: str, step_id: str = "step_ubos", **config: Any) -> Body:
    asked = {"workflow_id": workflow_id, "category": "ubo", "min_required": 1, "max_allowed": 5, **config}
    return {"step_id": step_id, "name": "Owners", "type": "subsession_collection", "subsession_config": asked}


def workflow(*steps: Body, name: str = "Basic KYC", resolution: str = "manual_review", **more: Any) -> Body:
    """A workflow with things in it that are nobody's business but the tenant's."""
    rule = {"country_code": "SY", "action": "auto_deny", "applies_to": ["all"], "reason": f"{INTERNAL} reason"}
    return {
        "name": name,
        "description": "Standard KYC onboarding workflow",
        "industry": f"{INTERNAL} industry",
        "tags": [f"{INTERNAL} tag"],
        "steps": list(steps) or [document_step(), form_step()],
        "validation_config": {
            "run_lists": True,
            "lists": [f"{INTERNAL}-list"],
            "correction_resolution": resolution,
            "automation_rules": {"country_rules": [rule], "default_action": "manual_review"},
        },
        "completion_redirect_url": "https://example.com/kyc-complete",
        **more,
    }


class Customer:
    """Somebody with an access token."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        self.http = http
        self.token = token

    def call(self, method: str, suffix: str = "", body: Any = None, **more: Any) -> httpx.Response:
        arguments = {} if body is None else {"json": body}
        return self.http.request(method, f"/public/sessions/{self.token}{suffix}", **arguments, **more)

    def state(self) -> Body:
        return success(self.call("GET"))

    def step(self, step_id: str) -> Body:
        """The state of one step."""
        found: Body = next(one for one in self.state()["steps_data"] if one["step_id"] == step_id)
        return found

    def begin(self, step_id: str = "step_1", kind: str = "id", **more: Any) -> Body:
        """Announce a file."""
        body = {"step_id": step_id, "document_type": kind, "file_name": "front.jpg", "mime_type": "image/jpeg", **more}
        return success(self.call("POST", "/upload/init", body), 201)

    def send(self, slot: Body, content: bytes) -> httpx.Response:
        """PUT the bytes where the slot says."""
        return httpx.put(slot["upload_url"], content=content, headers=slot["required_headers"], timeout=60)

    def confirm(self, slot: Body, step_id: str = "step_1", kind: str = "id", **more: Any) -> httpx.Response:
        body = {
            "doc_id": slot["doc_id"],
            "s3_key": slot["s3_key"],
            "step_id": step_id,
            "document_type": kind,
            "file_name": "front.jpg",
            "mime_type": slot["required_headers"]["Content-Type"],
            **more,
        }
        return self.call("POST", "/upload/confirm", body)

    def upload(
        self, step_id: str = "step_1", kind: str = "id", content: bytes | None = None, mime_type: str = "image/jpeg"
    ) -> str:
        """Announce, send and confirm; the document's id."""
        slot = self.begin(step_id, kind, mime_type=mime_type)
        assert self.send(slot, photo() if content is None else content).status_code == 200
        found: str = success(self.confirm(slot, step_id, kind))["doc_id"]
        return found

    def complete(self, step_id: str, form_data: Any = None) -> Body:
        return success(self.call("POST", f"/step/{step_id}/complete", {"form_data": form_data}))

    def walk(self) -> Body:
        """Through the workflow that `workflow()` makes."""
        self.upload()
        self.complete("step_1")
        return self.complete("step_3", PERSON)


class Office:
    """A tenant's staff."""

    def __init__(self, server: Running, new: NewTenant | None = None) -> None:
        self.server = server
        self.tenant = new or server.tenant()
        self.http = server.staff(self.tenant.api_key)
        self.outside = server.client()

    def save(self, body: Body | None = None) -> str:
        """A workflow's id."""
        found: str = success(self.http.post("/kyc/workflows", json=body or workflow()), 201)["workflow_id"]
        return found

    def open(self, workflow_id: str | None = None, **more: Any) -> tuple[str, Customer]:
        """A session and its customer."""
        wish = {"workflow_id": workflow_id or self.save(), "metadata": {"note": f"{INTERNAL} metadata"}, **more}
        opened = success(self.http.post("/kyc/sessions", json=wish), 201)
        return opened["session_id"], Customer(self.outside, opened["access_token"])

    def detail(self, session_id: str) -> Body:
        return success(self.http.get(f"/kyc/sessions/{session_id}"))

    def correct(self, session_id: str, *items: Body, **more: Any) -> Body:
        listed = [{"message": "Please look again.", "internal_note": f"{INTERNAL} note", **one} for one in items]
        return success(self.http.post(f"/kyc/sessions/{session_id}/corrections", json={"corrections": listed, **more}))

    def decide(self, session_id: str, status: str, **more: Any) -> httpx.Response:
        body = {"status": status, "reason": f"{INTERNAL} reason", "notes": f"{INTERNAL} notes", **more}
        return self.http.patch(f"/kyc/sessions/{session_id}", json=body)

    def close(self) -> None:
        self.http.close()
        self.outside.close()


def success(response: httpx.Response, status: int = 200) -> Body:
    """What a success holds."""
    assert response.status_code == status, f"{response.status_code} {response.text}"
    body = response.json()
    assert body["status"] == "success"
    assert set(body) == {"status", "data", "meta"}
    assert set(body["meta"]) == {"request_id", "timestamp"}
    found: Body = body["data"]
    return found


def refused(response: httpx.Response, status: int, code: str, message: str | None = None) -> Body:
    """The error of a refusal."""
    assert response.status_code == status, f"{response.status_code} {response.text}"
    body = response.json()
    assert body["status"] == "error"
    assert set(body) == {"status", "error", "meta"}
    assert body["error"]["code"] == code
    if message is not None:
        assert body["error"]["message"] == message
    found: Body = body["error"]
    return found
