"""Validation steps and screening services over HTTP: what is run, what the customer sees of it, and what follows."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from frontdesk.config import Settings
from journeys.conftest import running
from journeys.people import IDS, PERSON, Body, Customer, Office, document_step, form_step, success, workflow
from journeys.running import Running
from servers.screening import ScreeningService, whole

pytestmark = pytest.mark.xdist_group("journeys-validation")
KEY = "the key of the screening service"
STEP = {"step_id": "review", "name": "Review", "type": "validation"}


@pytest.fixture(scope="module")
def service() -> Iterator[ScreeningService]:
    made = ScreeningService(KEY)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def screening_server(storage: Settings, service: ScreeningService) -> Iterator[Running]:
    yield from running(replace(storage, adverse_media_url=service.url, adverse_media_key=KEY))


@pytest.fixture
def office(screening_server: Running, service: ScreeningService) -> Iterator[Office]:
    service.asked.clear()
    service.replies.clear()
    service.known.clear()
    staff = Office(screening_server)
    yield staff
    staff.close()


def named_form() -> Body:
    form = form_step()
    form["custom_fields"][0] |= {"type": "name", "validate_lists": True}
    return form


def opened(office: Office, *steps: Body, **more: object) -> tuple[str, Customer]:
    return office.open(office.save(workflow(*steps, **more)))


def screened(office: Office, **step: object) -> tuple[str, Customer]:
    session_id, customer = opened(office, named_form(), {**STEP, "checks": ["adverse_media"], **step})
    customer.complete("step_3", PERSON)
    return session_id, customer


def test_a_passport_is_read_and_compared_before_the_step_is_done(office: Office) -> None:
    review = {**STEP, "checks": ["documents"], "on_fail": "manual_review"}
    session_id, customer = opened(office, document_step(entity_role="self"), form_step(), review)
    customer.upload(content=(IDS / "100_pass-uto.jpg").read_bytes())
    customer.complete("step_1")
    customer.complete("step_3", {**PERSON, "full_name": "Somebody Else"})
    done = customer.complete("review")
    assert done == {"step_id": "review", "status": "completed", "next_step_id": None, "session_completed": True}
    shown = office.detail(session_id)
    assert shown["status"] == "manual_review"
    assert shown["validation_results"]["documents"]["status"] == "failed"
    assert shown["triggered_rules"] == [
        {"rule": "steps.review.documents", "action": "manual_review", "reason": "failed"}
    ]
    assert [one["type"] for one in shown["events"]][-2:] == ["kyc.session.completed", "kyc.session.manual_review"]
    seen = str(customer.state())
    assert not [word for word in ("failed", "comparison", "steps.review", "on_fail") if word in seen]
    assert customer.complete("review") == done


def test_a_match_is_flagged_and_the_customer_does_not_learn_of_it(office: Office, service: ScreeningService) -> None:
    service.known["Ana Ruiz"] = "Convicted of fraud"
    session_id, customer = screened(office)
    customer.complete("review")
    [asked] = service.asked
    assert asked["subjects"] == [
        {"id": "1", "kind": "individual", "name": "Ana Ruiz", "countries": [], "date_of_birth": "1991-11-02"}
    ]
    shown = office.detail(session_id)
    assert (shown["status"], shown["automation_flags"]) == (
        "completed",
        [{"rule": "steps.review.adverse_media", "reason": "match"}],
    )
    [match] = shown["validation_results"]["adverse_media"]["matches"]
    assert (match["entry"], match["list_name"], match["confidence"]) == ("Convicted of fraud", "The Gazette", 0.9)
    public = customer.call("GET").text + customer.call("GET", "/workflow").text
    assert not [word for word in ("Convicted", "Gazette", "adverse_media", "on_fail") if word in public]


def test_a_service_that_is_down_lets_the_customer_go_on_and_clears_nobody(
    office: Office, service: ScreeningService
) -> None:
    service.replies = [whole(503, b"")]
    session_id, customer = screened(office, on_fail="manual_review")
    assert customer.complete("review")["session_completed"]
    shown = office.detail(session_id)
    assert shown["status"] == "manual_review"
    assert shown["validation_results"]["adverse_media"]["status"] == "error"
    again = success(office.http.post(f"/kyc/sessions/{session_id}/validate"))
    assert again["validation_results"]["adverse_media"]["status"] == "clear"


def test_a_name_that_changes_while_the_service_thinks_is_asked_about_again(
    office: Office, service: ScreeningService
) -> None:
    session_id, customer = screened(office)

    def slow(to: object) -> None:
        success(customer.call("POST", "/step/step_3/complete", {"form_data": {**PERSON, "full_name": "Otto Meier"}}))
        service.answer(service.asked[0])(to)  # type: ignore[arg-type]

    service.replies = [slow]
    customer.complete("review")
    assert [one["subjects"][0]["name"] for one in service.asked] == ["Ana Ruiz", "Otto Meier"]
    assert office.detail(session_id)["validation_results"]["adverse_media"]["status"] == "clear"


def test_of_eight_completions_at_once_one_is_told(office: Office) -> None:
    session_id, customer = screened(office)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: customer.complete("review"), range(8)))
    assert all(answer == answers[0] for answer in answers)
    told = [one["type"] for one in office.detail(session_id)["events"]]
    assert (told.count("kyc.session.completed"), told.count("kyc.validated")) == (1, 1)


def test_an_answer_comes_within_the_time_of_the_service(office: Office, service: ScreeningService) -> None:
    service.replies = [lambda to: time.sleep(12)]
    session_id, customer = screened(office)
    began = time.monotonic()
    customer.complete("review")
    assert time.monotonic() - began < 30
    assert office.detail(session_id)["validation_results"]["adverse_media"]["reason"] == "unavailable"
