"""The retention clock: sessions are erased when their tenant's time is over, and not a day before."""

from collections.abc import Iterator
from typing import Any

import pytest

from journeys.people import Body, Customer, Office, collection_step, form_step, refused, success, workflow
from journeys.receiving import Receiver
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-retention")
CLOCKS = "/kyc/tenants/me/retention"
KEEP = {"after_decision_days": None, "after_completion_days": None, "after_expiry_days": None}


@pytest.fixture
def office(small_server: Running) -> Iterator[Office]:
    staff = Office(small_server)
    yield staff
    staff.close()


def set_clocks(office: Office, **days: Any) -> Body:
    found: Body = success(office.http.patch(CLOCKS, json=days))["retention"]
    return found


def sweep_after(office: Office, **duration: float) -> None:
    office.server.advance(**duration)
    office.server.sweep()


def is_there(office: Office, session_id: str) -> bool:
    return office.http.get(f"/kyc/sessions/{session_id}").status_code == 200


def test_sessions_are_kept_unless_their_tenant_says_otherwise(office: Office) -> None:
    assert success(office.http.get(CLOCKS))["retention"] == KEEP
    session_id, customer = office.open()
    customer.walk()
    success(office.decide(session_id, "rejected"))
    sweep_after(office, days=400)
    assert is_there(office, session_id)


def test_clocks_are_set_one_by_one_and_cleared_by_null(office: Office) -> None:
    assert set_clocks(office, after_decision_days=30) == {**KEEP, "after_decision_days": 30}
    assert set_clocks(office, after_expiry_days=7) == {**KEEP, "after_decision_days": 30, "after_expiry_days": 7}
    assert set_clocks(office, after_decision_days=None) == {**KEEP, "after_expiry_days": 7}


@pytest.mark.parametrize("days", [0, -1, 36_501])
def test_a_number_of_days_that_no_clock_has_is_refused(office: Office, days: int) -> None:
    refused(office.http.patch(CLOCKS, json={"after_expiry_days": days}), 400, "VALIDATION_ERROR")
    assert success(office.http.get(CLOCKS))["retention"] == KEEP


def test_only_an_administrator_may_set_clocks(office: Office) -> None:
    reader = office.server.staff(office.server.key(office.tenant.tenant_id, "kyc:delete"))
    refused(reader.patch(CLOCKS, json={"after_expiry_days": 1}), 403, "FORBIDDEN")


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_a_decided_session_goes_so_many_days_after_its_decision(office: Office, status: str) -> None:
    set_clocks(office, after_decision_days=30)
    session_id, customer = office.open()
    customer.walk()
    sweep_after(office, days=90)
    success(office.decide(session_id, status))
    sweep_after(office, days=29, hours=23)
    assert is_there(office, session_id)
    sweep_after(office, hours=2)
    assert not is_there(office, session_id)
    tombstone = success(office.http.get(f"/kyc/sessions/{session_id}/tombstone"))
    assert (tombstone["session_id"], tombstone["erased_by"]) == (session_id, "retention")
    assert tombstone["events"] > 5
    assert len(tombstone["last_digest"]) == 64


def test_looking_at_a_session_does_not_wind_the_clock_up_again(office: Office) -> None:
    set_clocks(office, after_decision_days=30)
    session_id, customer = office.open()
    customer.walk()
    success(office.decide(session_id, "approved"))
    sweep_after(office, days=20)
    assert office.http.get(f"/kyc/sessions/{session_id}/evidence").status_code == 200
    sweep_after(office, days=11)
    assert not is_there(office, session_id)


def test_a_session_that_was_opened_again_is_not_decided_any_more(office: Office) -> None:
    set_clocks(office, after_decision_days=30)
    session_id, customer = office.open()
    customer.walk()
    success(office.decide(session_id, "approved"))
    sweep_after(office, days=29)
    success(office.decide(session_id, "manual_review"))
    sweep_after(office, days=300)
    assert is_there(office, session_id)


def test_a_completed_session_waits_by_a_clock_of_its_own(office: Office) -> None:
    set_clocks(office, after_completion_days=10)
    session_id, customer = office.open()
    customer.walk()
    sweep_after(office, days=9)
    assert is_there(office, session_id)
    sweep_after(office, days=2)
    assert not is_there(office, session_id)


def test_an_unused_link_is_erased_after_it_has_run_out(office: Office) -> None:
    set_clocks(office, after_expiry_days=3)
    session_id, _ = office.open(ttl_days=7)
    prolonged, _ = office.open(ttl_days=7)
    success(office.http.post(f"/kyc/sessions/{prolonged}/extend", json={"ttl_days": 30}))
    sweep_after(office, days=9)
    assert is_there(office, session_id)
    sweep_after(office, days=2)
    assert not is_there(office, session_id)
    assert is_there(office, prolonged)


def test_subsessions_go_with_their_session_and_not_before(office: Office) -> None:
    set_clocks(office, after_expiry_days=1, after_completion_days=60)
    child = office.save(workflow(form_step()))
    session_id, customer = office.open(office.save(workflow(collection_step(child))), ttl_days=30)
    made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "Owner"}), 201)
    inner = Customer(customer.http, made["access_link"].rsplit("/", 1)[1])
    inner.complete("step_3", {"full_name": "A B", "date_of_birth": "1990-01-01", "email": "a@example.net"})
    customer.complete("step_ubos")
    sweep_after(office, days=59)
    assert is_there(office, session_id)
    assert is_there(office, made["subsession_id"])
    sweep_after(office, days=2)
    for erased in (session_id, made["subsession_id"]):
        assert not is_there(office, erased)
        assert success(office.http.get(f"/kyc/sessions/{erased}/tombstone"))["erased_by"] == "retention"


def test_the_clocks_of_one_tenant_are_not_anothers(office: Office) -> None:
    other = Office(office.server)
    set_clocks(office, after_expiry_days=1)
    theirs, _ = other.open(ttl_days=1)
    ours, _ = office.open(ttl_days=1)
    sweep_after(office, days=3)
    assert not is_there(office, ours)
    assert is_there(other, theirs)
    refused(other.http.get(f"/kyc/sessions/{ours}/tombstone"), 404, "NOT_FOUND")
    refused(other.http.get(f"/kyc/sessions/{theirs}/tombstone"), 404, "NOT_FOUND")


def test_a_tombstone_says_whose_key_erased_the_session(office: Office) -> None:
    session_id, _ = office.open()
    success(office.http.delete(f"/kyc/sessions/{session_id}"))
    assert success(office.http.get(f"/kyc/sessions/{session_id}/tombstone"))["erased_by"].startswith("key ")


def test_an_erasure_is_told_to_who_asked_for_it_by_ids_alone(office: Office) -> None:
    receiver = Receiver()
    try:
        channels = {"webhook_url": receiver.url, "webhook_secret": "a secret of sixteen letters"}
        told = {**channels, "webhook_events": ["kyc.session.erased"]}
        success(office.http.patch("/kyc/tenants/me/notification-channels", json=told))
        set_clocks(office, after_completion_days=1)
        session_id, customer = office.open()
        customer.walk()
        sweep_after(office, days=2)
        (letter,) = until(lambda: [one for one in receiver.of(session_id) if one.type == "kyc.session.erased"])
    finally:
        receiver.stop()
    assert letter.is_signed_by("a secret of sixteen letters")
    assert set(letter.content["data"]) == {
        "session_id", "parent_session_id", "erased_by", "erased_at", "last_digest",
    }  # fmt: skip
    tombstone = success(office.http.get(f"/kyc/sessions/{session_id}/tombstone"))
    assert letter.content["data"]["last_digest"] == tombstone["last_digest"]
