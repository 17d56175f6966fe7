"""Proof of presence by Rekognition over HTTP: what its states lead to, what is kept, what customers see, and faults."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from anyio.from_thread import start_blocking_portal

from frontdesk.config import Settings
from journeys import heads
from journeys.conftest import running
from journeys.heads import ask, liveness_step, portrait, start
from journeys.people import PERSON, Body, Customer, Office, document_step, form_step, refused, success, workflow
from journeys.running import Running
from servers.rekognition import ACCESS_KEY, REGION, SECRET_KEY, Refused, Rekognition, rekognition

pytestmark = pytest.mark.xdist_group("journeys-presence-rekognition")
LABEL = "Amazon Rekognition Face Liveness"
SETTINGS = {
    "liveness": "rekognition",
    "liveness_region": REGION,
    "liveness_access_key": ACCESS_KEY,
    "liveness_secret_key": SECRET_KEY,
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Rekognition]:
    """The provider, in a thread of its own."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(rekognition()) as found:
        yield found


@pytest.fixture(scope="module")
def server(storage: Settings, provider: Rekognition) -> Iterator[Running]:
    """A server that asks the provider, on each storage, with its limits."""
    yield from running(replace(storage, **SETTINGS, liveness_endpoint=provider.url, rate_limits=True))


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


@pytest.fixture(autouse=True)
def well(provider: Rekognition) -> None:
    """Each test finds the provider in order."""
    provider.faults.clear()
    provider.asked.clear()
    provider.later = timedelta(0)


def alone(office: Office, **config: object) -> tuple[str, Customer]:
    """A session of one liveness step that names no provider: the server's own is taken."""
    return office.open(office.save(workflow(liveness_step(provider=None, **config))))


def finish(provider: Rekognition, started: Body, status: str = "SUCCEEDED", confidence: float = 97.25) -> None:
    """The customer's page has streamed its video, and the provider is done with it."""
    pictures = [heads.head("p1", "+30"), heads.head("p1", "-30"), heads.head("p1", "+40")]
    provider.finish(started["liveness_session_id"], status, confidence, heads.head("p1"), pictures)


def attempt(office: Office, session_id: str, step: int = 0) -> Body:
    """The newest attempt, as staff see it."""
    found: Body = office.detail(session_id)["steps_data"][step]["liveness_sessions"][-1]
    return found


def calls(provider: Rekognition, name: str) -> int:
    return sum(call == name for call, _ in provider.asked)


class TestResult:
    def test_who_passes_there_passes_here_and_is_compared_with_the_paper(
        self, office: Office, provider: Rekognition
    ) -> None:
        presence = liveness_step(provider="aws_rekognition", challenge_type="FaceMovementAndLightChallenge")
        steps = (document_step(), presence, form_step())
        session_id, customer = office.open(office.save(workflow(*steps, validation_config={"auto_face_match": True})))
        customer.upload(content=portrait("p1"))
        customer.complete("step_1")
        started = start(customer)
        assert set(started) == {
            "liveness_session_id",
            "step_id",
            "message",
            "provider",
            "expires_at",
            "attempts_remaining",
        }
        assert (started["provider"], started["attempts_remaining"]) == ("aws_rekognition", 3)
        mine = started["liveness_session_id"]
        assert provider.sessions[mine].challenge == "FaceMovementAndLightChallenge"
        [asked] = [body for call, body in provider.asked if call == "CreateFaceLivenessSession"]
        assert asked["Settings"]["AuditImagesLimit"] == 2
        refused(ask(customer, started), 400, "VALIDATION_ERROR", "The liveness check is not finished yet")
        provider.sessions[mine].status = "IN_PROGRESS"
        refused(ask(customer, started), 400, "VALIDATION_ERROR", "The liveness check is not finished yet")
        finish(provider, started)
        done = success(ask(customer, started))
        assert done.pop("reference_image_s3_key").startswith(f"{office.tenant.tenant_id}/{session_id}/liv_")
        assert done == {
            "passed": True,
            "confidence": 97.25,
            "step_completed": True,
            "session_completed": False,
            "next_step_id": "step_3",
            "message": "Liveness check passed",
        }
        shown = customer.step("step_2")
        assert shown["status"] == "completed"
        assert [set(one) for one in shown["liveness_sessions"]] == [{"liveness_session_id", "status", "created_at"}]
        kept = attempt(office, session_id, 1)
        assert (kept["status"], kept["label"], kept["provider"]) == ("passed", LABEL, "aws_rekognition")
        assert (kept["confidence"], kept["frames"]) == (97.25, 0)
        assert [one["image"] for one in kept["images"]] == ["reference", "audit-1", "audit-2"]
        for name, content in (("reference", heads.head("p1")), ("audit-2", heads.head("p1", "-30"))):
            path = f"/kyc/sessions/{session_id}/liveness/{mine}/url"
            found = success(office.http.get(path, params={"image": name}))
            assert office.outside.get(found["url"]).content == content
        results = success(office.http.post(f"/kyc/sessions/{session_id}/validate"))["validation_results"]
        assert (results["face_match"]["status"], results["face_match"]["source"]) == ("passed", "liveness")

    def test_asking_again_gives_the_same_and_does_not_ask_the_provider(
        self, office: Office, provider: Rekognition
    ) -> None:
        _, customer = alone(office)
        started = start(customer)
        finish(provider, started)
        done = success(ask(customer, started))
        provider.sessions.pop(started["liveness_session_id"])
        assert success(ask(customer, started)) == done
        assert calls(provider, "GetFaceLivenessSessionResults") == 1

    def test_eight_completes_at_once_ask_the_provider_once(self, office: Office, provider: Rekognition) -> None:
        session_id, customer = alone(office)
        started = start(customer)
        finish(provider, started)
        with ThreadPoolExecutor(8) as pool:
            results = [success(one) for one in pool.map(lambda _: ask(customer, started), range(8))]
        assert all(one == results[0] for one in results)
        assert calls(provider, "GetFaceLivenessSessionResults") == 1
        events = [one["type"] for one in office.detail(session_id)["events"]]
        assert events.count("kyc.liveness_passed") == events.count("kyc.session.completed") == 1

    @pytest.mark.parametrize(
        ("status", "confidence", "reason"),
        [("SUCCEEDED", 89.99, "low_confidence"), ("FAILED", 12.75, "provider_failed")],
    )
    def test_who_does_not_pass_is_told_no_figure(
        self, office: Office, provider: Rekognition, status: str, confidence: float, reason: str
    ) -> None:
        session_id, customer = alone(office, max_retries=1)
        started = start(customer)
        finish(provider, started, status, confidence)
        answer = ask(customer, started)
        assert success(answer) == {
            "passed": False,
            "confidence": None,
            "reference_image_s3_key": None,
            "step_completed": False,
            "session_completed": False,
            "next_step_id": "step_2",
            "message": "Liveness check failed: please try again",
        }
        for public in (answer.text, customer.call("GET").text, customer.call("GET", "/workflow").text):
            assert all(word not in public for word in (str(confidence), reason, "Amazon", "ekognition"))
        kept = attempt(office, session_id)
        assert (kept["status"], kept["reason"], kept["confidence"]) == ("failed", reason, confidence)
        assert [one["image"] for one in kept["images"]] == ["audit-1", "audit-2"]

    def test_a_reference_that_is_not_to_be_kept_is_not_kept(self, office: Office, provider: Rekognition) -> None:
        steps = (document_step(), liveness_step(provider=None, save_reference_image=False))
        session_id, customer = office.open(office.save(workflow(*steps, validation_config={"auto_face_match": True})))
        customer.upload(content=portrait("p1"))
        customer.complete("step_1")
        started = start(customer)
        finish(provider, started)
        done = success(ask(customer, started))
        assert (done["passed"], done["reference_image_s3_key"]) == (True, None)
        assert [one["image"] for one in attempt(office, session_id, 1)["images"]] == ["audit-1", "audit-2"]
        results = success(office.http.post(f"/kyc/sessions/{session_id}/validate"))["validation_results"]
        assert results["face_match"]["reason"] == "reference_not_kept"

    def test_the_camera_s_pictures_are_not_taken_here(self, office: Office) -> None:
        _, customer = alone(office)
        started = start(customer)
        path = f"/public/sessions/{customer.token}/liveness/{started['liveness_session_id']}/frames"
        found = customer.http.post(
            path, params={"at_ms": 0}, content=heads.head("p1"), headers={"Content-Type": "image/jpeg"}
        )
        refused(found, 400, "VALIDATION_ERROR", "This liveness session takes no frames")

    def test_an_attempt_of_another_session_is_unknown(self, office: Office, provider: Rekognition) -> None:
        mine, theirs = alone(office)[1], alone(office)[1]
        started = start(theirs)
        finish(provider, started)
        refused(ask(mine, started), 400, "VALIDATION_ERROR", "Liveness session not found")
        assert calls(provider, "GetFaceLivenessSessionResults") == 0


class TestExpiry:
    def test_an_attempt_that_the_provider_lets_lapse_is_over_and_counts(
        self, office: Office, provider: Rekognition
    ) -> None:
        session_id, customer = alone(office)
        started = start(customer)
        provider.later = timedelta(minutes=3)
        done = success(ask(customer, started))
        assert (done["passed"], done["message"]) == (False, "Liveness check failed: please try again")
        assert customer.step("step_2")["liveness_sessions"][0]["status"] == "expired"
        assert attempt(office, session_id)["reason"] == "expired"
        provider.later = timedelta(0)
        assert start(customer)["attempts_remaining"] == 2

    def test_after_three_minutes_the_state_says_so_whether_or_not_somebody_asked(
        self, office: Office, provider: Rekognition
    ) -> None:
        _, customer = alone(office)
        started = start(customer)
        office.server.advance(minutes=3)
        assert customer.step("step_2")["liveness_sessions"][0]["status"] == "expired"
        provider.sessions.pop(started["liveness_session_id"])
        assert success(ask(customer, started))["passed"] is False

    def test_what_was_proved_in_time_may_be_asked_for_later(self, office: Office, provider: Rekognition) -> None:
        _, customer = alone(office)
        started = start(customer)
        finish(provider, started)
        office.server.advance(minutes=3)
        assert success(ask(customer, started))["passed"] is True


class TestFaults:
    def test_throttling_is_waited_out_without_a_second_session(self, office: Office, provider: Rekognition) -> None:
        _, customer = alone(office)
        before = len(provider.sessions)
        provider.faults[:] = [Refused("ThrottlingException"), Refused("InternalServerError", 500)]
        started = start(customer)
        assert len(provider.sessions) == before + 1
        tokens = {body["ClientRequestToken"] for call, body in provider.asked if call == "CreateFaceLivenessSession"}
        assert (len(tokens), calls(provider, "CreateFaceLivenessSession")) == (1, 3)
        finish(provider, started)
        provider.faults[:] = [Refused("ProvisionedThroughputExceededException")]
        assert success(ask(customer, started))["passed"] is True

    @pytest.mark.parametrize(
        "code", ["ThrottlingException", "AccessDeniedException", "InvalidParameterException", "SomethingNew"]
    )
    def test_a_provider_that_opens_nothing_costs_no_attempt_and_is_not_quoted(
        self, office: Office, provider: Rekognition, code: str
    ) -> None:
        _, customer = alone(office)
        provider.faults[:] = [Refused(code)] * 4
        answer = customer.call("POST", "/liveness/start", {"step_id": "step_2"})
        refused(answer, 503, "SERVICE_UNAVAILABLE")
        assert all(word not in answer.text for word in (code, "ekognition", "FRONTDESK", "made up"))
        assert "liveness_sessions" not in customer.step("step_2")
        provider.faults.clear()
        assert start(customer)["attempts_remaining"] == 3

    @pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "InvalidParameterException"])
    def test_a_result_that_cannot_be_had_now_can_be_had_later(
        self, office: Office, provider: Rekognition, code: str
    ) -> None:
        _, customer = alone(office)
        started = start(customer)
        finish(provider, started)
        provider.faults[:] = [Refused(code)] * 4
        answer = ask(customer, started)
        refused(answer, 503, "SERVICE_UNAVAILABLE")
        assert all(word not in answer.text for word in (code, "ekognition", "FRONTDESK", "made up"))
        assert customer.step("step_2")["liveness_sessions"][0]["status"] == "pending"
        provider.faults.clear()
        assert success(ask(customer, started))["passed"] is True


class TestLimits:
    def test_without_attempts_left_a_person_takes_over_and_may_give_new_ones(
        self, office: Office, provider: Rekognition
    ) -> None:
        session_id, customer = alone(office, max_retries=1)
        for number in range(2):
            started = start(customer)
            assert started["attempts_remaining"] == 1 - number
            finish(provider, started, "FAILED", 3.5)
            success(ask(customer, started))
        assert customer.state()["status"] == "manual_review"
        refused(customer.call("POST", "/liveness/start", {"step_id": "step_2"}), 403, "FORBIDDEN")
        assert calls(provider, "CreateFaceLivenessSession") == 2
        office.correct(session_id, {"step_id": "step_2"})
        started = start(customer)
        finish(provider, started)
        assert success(ask(customer, started))["session_completed"] is True
        assert customer.state()["status"] == "manual_review"

    def test_while_other_steps_are_corrected_no_attempt_begins(self, office: Office, provider: Rekognition) -> None:
        session_id, customer = office.open(office.save(workflow(liveness_step(provider=None), form_step())))
        started = start(customer)
        finish(provider, started)
        assert success(ask(customer, started))["passed"] is True
        customer.complete("step_3", PERSON)
        office.correct(session_id, {"step_id": "step_3", "field_ids": ["full_name"]})
        refused(customer.call("POST", "/liveness/start", {"step_id": "step_2"}), 403, "FORBIDDEN")
        assert calls(provider, "CreateFaceLivenessSession") == 1

    def test_five_failures_within_three_minutes_pause_for_half_an_hour(
        self, office: Office, provider: Rekognition
    ) -> None:
        _, customer = alone(office, max_retries=10)
        for _ in range(5):
            started = start(customer)
            finish(provider, started, "FAILED", 3.5)
            assert success(ask(customer, started))["passed"] is False
        paused = customer.call("POST", "/liveness/start", {"step_id": "step_2"})
        assert paused.status_code == 429
        assert paused.json()["error"] == "Rate limit exceeded"
        assert 1700 < paused.json()["retry_after"] <= 1800
        assert paused.headers["retry-after"] == str(paused.json()["retry_after"])
        office.server.advance(minutes=31)
        started = start(customer)
        finish(provider, started)
        assert success(ask(customer, started))["passed"] is True

    def test_asking_too_early_is_no_failure(self, office: Office, provider: Rekognition) -> None:
        _, customer = alone(office)
        started = start(customer)
        for _ in range(6):
            refused(ask(customer, started), 400, "VALIDATION_ERROR", "The liveness check is not finished yet")
        finish(provider, started)
        assert success(ask(customer, started))["passed"] is True
