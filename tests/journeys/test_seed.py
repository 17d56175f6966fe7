"""Every request and answer that the published page prints, key by key."""

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from journeys import heads
from journeys.people import (
    IDS,
    PERSON,
    Body,
    Customer,
    Office,
    collection_step,
    document_step,
    form_step,
    paper,
    photo,
    refused,
    success,
    workflow,
)
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-seed")

CLIENTS = Path(__file__).with_name("clients")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MISSING = "7c0e8400-e29b-41d4-a716-446655440002"


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


@pytest.fixture
def customer(office: Office) -> Customer:
    return office.open()[1]


def has(found: Body, **kinds: Any) -> None:
    """Exactly these keys, each of its JSON type."""
    assert set(found) == set(kinds)
    for key, kind in kinds.items():
        assert type(found[key]) is kind, f"{key} is {found[key]!r}"


def is_instant(text: str) -> bool:
    return ISO.fullmatch(text) is not None


class TestState:
    def test_a_new_session_shows_the_published_keys(self, office: Office, customer: Customer) -> None:
        found = customer.state()
        has(
            found,
            session_id=str,
            workflow_name=str,
            status=str,
            current_step_index=int,
            total_steps=int,
            steps_data=list,
            expires_at=int,
            created_at=str,
        )
        assert found["workflow_name"] == "Basic KYC"
        assert (found["status"], found["current_step_index"], found["total_steps"]) == ("active", 0, 2)
        assert is_instant(found["created_at"])
        assert found["steps_data"] == [
            {"step_id": "step_1", "status": "pending"},
            {"step_id": "step_3", "status": "pending"},
        ]

    def test_a_step_that_is_done_shows_its_times_and_documents(self, customer: Customer) -> None:
        doc_id = customer.upload()
        customer.complete("step_1")
        found = customer.state()
        assert found["current_step_index"] == 1
        done = found["steps_data"][0]
        has(done, step_id=str, status=str, started_at=str, completed_at=str, documents=list)
        assert done["status"] == "completed"
        assert is_instant(done["started_at"])
        assert is_instant(done["completed_at"])
        [shown] = done["documents"]
        has(shown, doc_id=str, type=str, file_name=str, mime_type=str, uploaded_at=str)
        assert (shown["doc_id"], shown["type"], shown["mime_type"]) == (doc_id, "id", "image/jpeg")

    def test_branding_has_the_published_keys(self, office: Office) -> None:
        wanted = {
            "logo_url": "https://cdn.example.net/logo.svg",
            "primary_color": "#10B981",
            "secondary_color": "#064E3B",
            "background_color": "#FFFFFF",
            "text_color": "#1F2937",
            "accent_color": "#34D399",
        }
        branded = Office(office.server)
        success(branded.http.patch("/kyc/tenants/me/branding", json=wanted))
        assert branded.open()[1].state()["branding"] == wanted
        branded.close()


class TestWorkflow:
    def test_it_shows_the_published_keys(self, customer: Customer) -> None:
        found = success(customer.call("GET", "/workflow"))
        has(
            found,
            workflow_name=str,
            description=str,
            total_steps=int,
            steps=list,
            completion_redirect_url=str,
        )
        first, second = found["steps"]
        common: Body = {"required": True, "fields": []}
        assert first == {
            "step_id": "step_1",
            "order": 1,
            "name": "ID Document",
            "type": "document_upload",
            "required_documents": ["id"],
            "document_requirements": [
                {"document_type": "id", "label": "Government ID", "required": True, "allow_multiple": False}
            ],
            "custom_fields": [],
            **common,
        }
        assert second == {
            "step_id": "step_3",
            "order": 2,
            "name": "Personal Information",
            "type": "form_fill",
            "required_documents": [],
            "document_requirements": [],
            "custom_fields": [
                {"field_id": "full_name", "name": "Full Name", "type": "text", "required": True},
                {"field_id": "date_of_birth", "name": "Date of Birth", "type": "date", "required": True},
                {"field_id": "email", "name": "Email", "type": "email", "required": True},
            ],
            **common,
        }

    def test_what_is_configured_besides_is_shown_too(self, office: Office) -> None:
        told = {"description": "Why we ask", "instructions": "All four corners.", "tooltip": "Any identity card"}
        logic = {
            "action": "show",
            "match": "all",
            "conditions": [{"field_id": "full_name", "operator": "is_not_empty"}],
        }
        child = office.save(workflow(form_step()))
        body = workflow(
            form_step(),
            {**document_step(), **told, "document_types": ["visa"], "conditional_logic": logic},
            collection_step(child),
        )
        customer = office.open(office.save(body))[1]
        _, shown, owners = success(customer.call("GET", "/workflow"))["steps"]
        assert {key: shown[key] for key in told} == told
        assert shown["document_types"] == ["visa"]
        assert shown["conditional_logic"] == logic
        assert owners["subsession_config"]["max_allowed"] == 5
        assert "workflow_id" not in owners["subsession_config"]


class TestUpload:
    def test_init_put_and_confirm_answer_as_published(self, customer: Customer) -> None:
        asked = {
            "step_id": "step_1",
            "document_type": "id",
            "file_name": "passport.pdf",
            "mime_type": "application/pdf",
        }
        slot = success(customer.call("POST", "/upload/init", asked), 201)
        has(
            slot,
            doc_id=str,
            upload_url=str,
            s3_key=str,
            expires_at=int,
            max_size_bytes=int,
            required_headers=dict,
        )
        state = customer.state()
        assert re.fullmatch(r"doc_[a-z2-7]{20}", slot["doc_id"])
        assert re.fullmatch(rf"[^/]+/{state['session_id']}/{slot['doc_id']}\.pdf", slot["s3_key"])
        put = httpx.put(slot["upload_url"], content=paper(), headers={"Content-Type": "application/pdf"})
        assert put.status_code == 200
        assert put.headers["etag"]
        confirmed = success(
            customer.call("POST", "/upload/confirm", {"doc_id": slot["doc_id"], "s3_key": slot["s3_key"], **asked})
        )
        has(confirmed, doc_id=str, s3_key=str, uploaded_at=str, confirmed=bool)
        assert confirmed["confirmed"] is True
        assert (confirmed["doc_id"], confirmed["s3_key"]) == (slot["doc_id"], slot["s3_key"])
        assert is_instant(confirmed["uploaded_at"])

    @pytest.mark.parametrize("suffix", ["/upload", "/documents"])
    @pytest.mark.parametrize("prefix", ["", "data:image/jpeg;base64,"])
    def test_base64_answers_as_published(self, customer: Customer, suffix: str, prefix: str) -> None:
        sent = {
            "step_id": "step_1",
            "document_type": "id",
            "file_data": prefix + base64.b64encode(photo()).decode(),
            "file_name": "passport.jpg",
            "mime_type": "image/jpeg",
        }
        found = success(customer.call("POST", suffix, sent))
        has(found, doc_id=str, s3_key=str, uploaded_at=str)
        assert customer.step("step_1")["documents"][0]["doc_id"] == found["doc_id"]


def test_a_passport_is_read_as_published(customer: Customer) -> None:
    doc_id = customer.upload(content=(IDS / "100_pass-ltu.jpg").read_bytes())
    found = success(customer.call("POST", "/extract", {"doc_id": doc_id, "document_type": "passport"}))
    has(found, doc_id=str, extracted_data=dict, confidence_scores=dict)
    assert found["doc_id"] == doc_id
    values, scores = found["extracted_data"], found["confidence_scores"]
    published = {"full_name", "document_number", "date_of_birth", "nationality", "expiry_date", "gender"}
    assert published <= set(values)
    assert all(type(value) is str for value in values.values())
    assert values["nationality"] == "LT"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", values["date_of_birth"])
    assert len(values["gender"]) == 1
    assert values["full_name"] == values["full_name"].upper()
    assert set(scores) == {"overall", *values}
    assert all(0 <= score <= 1 for score in scores.values())


class TestComplete:
    def test_a_document_step_and_a_form_step(self, customer: Customer) -> None:
        customer.upload()
        first = success(customer.call("POST", "/step/step_1/complete", {}))
        assert first == {
            "step_id": "step_1",
            "status": "completed",
            "next_step_id": "step_3",
            "session_completed": False,
        }
        form = {"full_name": "John Doe", "date_of_birth": "1985-03-15", "email": "john@example.com"}
        last = success(customer.call("POST", "/step/step_3/complete", {"form_data": form}))
        assert last == {
            "step_id": "step_3",
            "status": "completed",
            "next_step_id": None,
            "session_completed": True,
        }
        assert customer.state()["current_step_index"] == 2

    @pytest.mark.parametrize("modes", [("manual_review", "manual_review"), ("completed", "completed")])
    def test_a_correction_is_shown_and_resolved_as_published(self, office: Office, modes: tuple[str, str]) -> None:
        mode, status_after = modes
        session_id, customer = office.open(office.save(workflow(resolution=mode)))
        customer.walk()
        message = "Please correct your legal name so it matches your ID."
        office.correct(session_id, {"step_id": "step_3", "field_ids": ["full_name"], "message": message})
        state = customer.state()
        assert state["status"] == "awaiting_client_correction"
        assert state["current_step_index"] == 1
        shown = state["steps_data"][1]
        has(shown, step_id=str, status=str, started_at=str, form_data=dict, correction_requests=list)
        assert shown["status"] == "needs_correction"
        assert shown["form_data"]["full_name"] == "Ana Ruiz"
        [asked] = shown["correction_requests"]
        assert re.fullmatch(r"corr_[a-z2-7]{20}", asked.pop("id"))
        assert is_instant(asked.pop("created_at"))
        assert asked == {
            "step_id": "step_3",
            "field_ids": ["full_name"],
            "document_types": [],
            "message": message,
            "status": "open",
        }
        answer = customer.complete("step_3", {"full_name": "Ana María Ruiz"})
        assert answer == {
            "step_id": "step_3",
            "status": "completed",
            "next_step_id": None,
            "session_completed": True,
        }
        assert customer.state()["status"] == status_after
        kept = next(one for one in office.detail(session_id)["steps_data"] if one["step_id"] == "step_3")
        assert kept["form_data"] == {
            "full_name": "Ana María Ruiz",
            "date_of_birth": "1991-11-02",
            "email": "ana@example.net",
        }

    def test_while_another_correction_is_open_the_status_stays(self, office: Office) -> None:
        session_id, customer = office.open()
        customer.walk()
        office.correct(session_id, {"step_id": "step_1", "document_types": ["id"]}, {"step_id": "step_3"})
        customer.complete("step_3", {"full_name": "Ana María Ruiz"})
        assert customer.state()["status"] == "awaiting_client_correction"
        customer.upload()
        customer.complete("step_1")
        assert customer.state()["status"] == "manual_review"


class TestLiveness:
    """The published workflow: a paper, presence, a form."""

    @pytest.fixture
    def applicant(self, office: Office) -> Customer:
        presence = {
            "step_id": "step_2",
            "name": "Liveness",
            "type": "liveness",
            "liveness_config": {"min_confidence": 90, "provider": "local"},
        }
        customer = office.open(office.save(workflow(document_step(), presence, form_step())))[1]
        customer.upload(content=heads.portrait("p1"))
        customer.complete("step_1")
        return customer

    def start(self, customer: Customer) -> Body:
        return success(customer.call("POST", "/liveness/start", {"step_id": "step_2"}), 201)

    def test_the_workflow_shows_how_sure_it_must_be(self, applicant: Customer) -> None:
        assert success(applicant.call("GET", "/workflow"))["steps"][1] == {
            "step_id": "step_2",
            "order": 2,
            "name": "Liveness",
            "type": "liveness",
            "required": True,
            "required_documents": [],
            "document_requirements": [],
            "custom_fields": [],
            "fields": [],
            "liveness_config": {"min_confidence": 90},
        }

    def test_start_answers_as_published_and_the_state_shows_the_attempt(self, applicant: Customer) -> None:
        found = self.start(applicant)
        has(
            found,
            liveness_session_id=str,
            step_id=str,
            message=str,
            provider=str,
            expires_at=int,
            attempts_remaining=int,
            challenge=dict,
        )
        assert re.fullmatch(r"liv_[a-z2-7]{20}", found["liveness_session_id"])
        assert (found["step_id"], found["provider"], found["attempts_remaining"]) == ("step_2", "local", 3)
        shown = applicant.step("step_2")
        has(shown, step_id=str, status=str, started_at=str, liveness_sessions=list)
        assert shown["status"] == "in_progress"
        [attempt] = shown["liveness_sessions"]
        assert is_instant(attempt.pop("created_at"))
        assert attempt == {"liveness_session_id": found["liveness_session_id"], "status": "pending"}

    def test_complete_answers_as_published(self, applicant: Customer) -> None:
        started = self.start(applicant)
        heads.film(applicant, started, heads.turning(started["challenge"]["moves"]))
        sent = {"liveness_session_id": started["liveness_session_id"]}
        found = success(applicant.call("POST", "/liveness/complete", sent))
        has(
            found,
            passed=bool,
            confidence=float,
            reference_image_s3_key=str,
            step_completed=bool,
            session_completed=bool,
            next_step_id=str,
            message=str,
        )
        session_id = applicant.state()["session_id"]
        key = found.pop("reference_image_s3_key")
        assert re.fullmatch(rf"[^/]+/{session_id}/{started['liveness_session_id']}\.jpg", key)
        assert 90 <= found.pop("confidence") <= 100
        assert found == {
            "passed": True,
            "step_completed": True,
            "session_completed": False,
            "next_step_id": "step_3",
            "message": "Liveness check passed",
        }
        assert success(applicant.call("POST", "/step/step_2/complete", {}))["status"] == "completed"
        assert applicant.step("step_2")["liveness_sessions"][0]["status"] == "passed"
        assert applicant.complete("step_3", PERSON)["session_completed"] is True

    def test_errors_are_as_published(self, office: Office, applicant: Customer) -> None:
        refused(
            applicant.call("POST", "/liveness/start", {"step_id": "nowhere"}), 400, "VALIDATION_ERROR", "Step not found"
        )
        missing = {"liveness_session_id": "liv_abc123"}
        refused(applicant.call("POST", "/liveness/complete", missing), 400, "VALIDATION_ERROR")
        for call, body in (("start", {"step_id": "step_2"}), ("complete", missing)):
            found = office.outside.post(f"/public/sessions/{MISSING}/liveness/{call}", json=body)
            refused(found, 404, "NOT_FOUND", "Session not found or expired")


class TestErrors:
    def test_an_invalid_token_is_not_found(self, office: Office) -> None:
        found = office.outside.get(f"/public/sessions/{MISSING}")
        refused(found, 404, "NOT_FOUND", "Session not found or expired")
        assert set(found.json()["error"]) == {"code", "message"}
        assert re.fullmatch(r"req_[a-z2-7]{10}", found.json()["meta"]["request_id"])
        assert is_instant(found.json()["meta"]["timestamp"])

    def test_an_unknown_step_is_refused(self, customer: Customer) -> None:
        asked = {"step_id": "nowhere", "document_type": "id", "file_name": "a.jpg", "mime_type": "image/jpeg"}
        for suffix, body in (
            ("/upload/init", asked),
            ("/upload", {**asked, "file_data": "AAAA"}),
            ("/upload/confirm", {**asked, "doc_id": "doc_x", "s3_key": "x"}),
            ("/step/nowhere/complete", {}),
        ):
            refused(customer.call("POST", suffix, body), 400, "VALIDATION_ERROR", "Step not found")

    def test_a_document_type_that_is_not_asked_for(self, customer: Customer) -> None:
        asked = {"step_id": "step_1", "document_type": "visa", "file_name": "a.jpg", "mime_type": "image/jpeg"}
        text = "Document type not allowed for this step"
        refused(customer.call("POST", "/upload/init", asked), 400, "VALIDATION_ERROR", text)
        refused(customer.call("POST", "/upload", {**asked, "file_data": "AAAA"}), 400, "VALIDATION_ERROR", text)

    def test_missing_fields_are_named_in_order(self, customer: Customer) -> None:
        error = refused(
            customer.call("POST", "/step/step_1/complete", {}),
            400,
            "VALIDATION_ERROR",
            "Campos requeridos: Government ID",
        )
        assert error["details"]["missing_fields"] == ["id"]
        customer.upload()
        customer.complete("step_1")
        error = refused(
            customer.call("POST", "/step/step_3/complete", {"form_data": {"date_of_birth": "1985-03-15"}}),
            400,
            "VALIDATION_ERROR",
            "Campos requeridos: Full Name, Email",
        )
        assert error["details"]["missing_fields"] == ["full_name", "email"]


class TestSubsessions:
    @pytest.fixture
    def parent(self, office: Office) -> Customer:
        child = office.save(workflow(form_step(), name="UBO Verification"))
        return office.open(office.save(workflow(collection_step(child))))[1]

    def create(self, parent: Customer, label: str = "Juan Garcia - UBO") -> Body:
        sent = {"step_id": "step_ubos", "label": label, "metadata": {"ownership_percentage": 25}}
        return success(parent.call("POST", "/subsessions", sent), 201)

    def test_create_answers_as_published(self, office: Office, parent: Customer) -> None:
        found = self.create(parent)
        has(
            found,
            subsession_id=str,
            access_link=str,
            workflow_name=str,
            label=str,
            expires_at=int,
            created_at=str,
        )
        assert (found["workflow_name"], found["label"]) == ("UBO Verification", "Juan Garcia - UBO")
        assert UUID.fullmatch(found["subsession_id"])
        start = office.server.url + "/public/sessions/"
        assert found["access_link"].startswith(start)
        assert UUID.fullmatch(found["access_link"].removeprefix(start))

    def test_list_answers_as_published(self, parent: Customer) -> None:
        first, second = self.create(parent), self.create(parent, "Maria Lopez - UBO")
        Customer(parent.http, first["access_link"].rsplit("/", 1)[1]).complete(
            "step_3", {"full_name": "Juan Garcia", "date_of_birth": "1980-01-02", "email": "j@example.net"}
        )
        for suffix in ("/subsessions", "/subsessions?step_id=step_ubos"):
            found = success(parent.call("GET", suffix))
            lines = found.pop("subsessions")
            assert found == {
                "total": 2,
                "completed": 1,
                "pending": 1,
                "min_required": 1,
                "max_allowed": 5,
                "can_proceed": True,
                "category": "ubo",
            }
            common: Any = {
                "subsession_id": str,
                "access_link": str,
                "status": str,
                "label": str,
                "tag": str,
                "workflow_id": str,
                "expires_at": int,
                "created_at": str,
            }
            has(lines[0], **common, completed_at=str)
            has(lines[1], **common)
            assert [one["subsession_id"] for one in lines] == [first["subsession_id"], second["subsession_id"]]
            assert [(one["status"], one["label"], one["tag"]) for one in lines] == [
                ("completed", "Juan Garcia - UBO", "ubo"),
                ("active", "Maria Lopez - UBO", "ubo"),
            ]

    def test_regenerate_answers_as_published(self, parent: Customer) -> None:
        made = self.create(parent)
        found = success(parent.call("POST", f"/subsessions/{made['subsession_id']}/regenerate"))
        has(found, subsession_id=str, access_link=str, expires_at=int)
        assert found["access_link"] != made["access_link"]
        old = parent.http.get(made["access_link"])
        refused(old, 404, "NOT_FOUND", "Session not found or expired")
        assert parent.http.get(found["access_link"]).status_code == 200

    def test_delete_answers_as_published(self, parent: Customer) -> None:
        made = self.create(parent)
        found = success(parent.call("DELETE", f"/subsessions/{made['subsession_id']}"))
        assert found == {"subsession_id": made["subsession_id"], "deleted": True}
        assert success(parent.call("GET", "/subsessions"))["total"] == 0
        assert parent.http.get(made["access_link"]).status_code == 404

    def test_refusals_are_as_published(self, parent: Customer) -> None:
        for number in range(5):
            self.create(parent, f"Owner {number}")
        sent = {"step_id": "step_ubos", "label": "One too many"}
        text = "Maximum number of subsessions (5) reached"
        refused(parent.call("POST", "/subsessions", sent), 400, "VALIDATION_ERROR", text)
        text = "Subsession collection step step_1 not found"
        refused(parent.call("POST", "/subsessions", {**sent, "step_id": "step_1"}), 400, "VALIDATION_ERROR", text)
        refused(parent.call("GET", "/subsessions?step_id=step_1"), 400, "VALIDATION_ERROR", text)
        for method, suffix in (("POST", "/regenerate"), ("DELETE", "")):
            found = parent.call(method, f"/subsessions/{MISSING}{suffix}")
            refused(found, 404, "NOT_FOUND", "Subsession not found")


class TestPublishedClients:
    def run(self, client: str, office: Office, token: str, *arguments: str) -> str:
        node = shutil.which("node") or str(Path(".venv/bin/node").resolve())
        command = [node, str(CLIENTS / client), office.server.url, token, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_the_onboarding_example_runs(self, office: Office, tmp_path: Path) -> None:
        (tmp_path / "passport.jpg").write_bytes(photo())
        _, customer = office.open(office.save(workflow(document_step(auto_extract=True), form_step())))
        printed = self.run("onboarding.mjs", office, customer.token, str(tmp_path / "passport.jpg"))
        assert printed.splitlines() == [
            "Workflow: Basic KYC",
            "Processing step: ID Document",
            "Processing step: Personal Information",
            "Session status: completed",
        ]

    def test_the_subsession_example_runs(self, office: Office) -> None:
        child = office.save(workflow(form_step(), name="UBO Verification"))
        _, customer = office.open(office.save(workflow(collection_step(child))))
        printed = self.run("subsessions.mjs", office, customer.token, "step_ubos").splitlines()
        assert len(printed) == 8
        assert printed[-2:] == ["3 of at most 5", "Regenerated a link"]
        assert all(f"{office.server.url}/public/sessions/" in line for line in printed[:6])
