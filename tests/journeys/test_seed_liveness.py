"""Every request and answer about liveness that the published page prints, key by key."""

import re
from collections.abc import Iterator

import pytest

from journeys import heads
from journeys.people import PERSON, Body, Customer, Office, document_step, form_step, refused, success, workflow
from journeys.running import Running
from journeys.test_seed import MISSING, has, is_instant

pytestmark = pytest.mark.xdist_group("journeys-presence")


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


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
