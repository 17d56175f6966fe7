"""The reference's checklist, item by item; what is not here is in the tests of the seed, of files and of webhooks."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from journeys.people import (
    PERSON,
    Body,
    Customer,
    Office,
    collection_step,
    document_step,
    form_step,
    photo,
    refused,
    success,
    workflow,
)
from journeys.running import Running
from journeys.watching import INTERNAL

pytestmark = pytest.mark.xdist_group("journeys-conformance")
GONE = "Session not found or expired"


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


@pytest.fixture
def customer(office: Office) -> Customer:
    return office.open()[1]


def every_call(token: str) -> list[tuple[str, str, Body | None]]:
    """Each public call with a body that a good token would have accepted or not."""
    file = {"step_id": "step_1", "document_type": "id", "file_name": "a.jpg", "mime_type": "image/jpeg"}
    start = f"/public/sessions/{token}"
    return [
        ("GET", start, None),
        ("GET", start + "/workflow", None),
        ("POST", start + "/upload/init", file),
        ("POST", start + "/upload/confirm", {**file, "doc_id": "doc_1", "s3_key": "x"}),
        ("POST", start + "/upload", {**file, "file_data": "not base64!"}),
        ("POST", start + "/documents", {**file, "file_data": ""}),
        ("POST", start + "/extract", {"doc_id": "doc_1"}),
        ("POST", start + "/step/step_1/complete", {}),
        ("POST", start + "/subsessions", {"step_id": "step_1", "label": "x"}),
        ("GET", start + "/subsessions", None),
        ("POST", start + "/subsessions/x/regenerate", None),
        ("DELETE", start + "/subsessions/x", None),
        ("POST", start + "/step/step_1/complete", {"form_data": "no object"}),
        ("POST", start + "/upload/init", {}),
    ]


def told(response: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """Everything of an answer but its time and its number."""
    body = response.json()
    del body["meta"]
    left_out = ("date", "x-request-id")
    return (
        response.status_code,
        {key: value for key, value in response.headers.items() if key not in left_out},
        body,
    )


def test_4_three_calls_answer_201_and_all_others_200(office: Office, server: Running) -> None:
    child = office.save(workflow(form_step()))
    _, customer = office.open(office.save(workflow(document_step(), collection_step(child), form_step("step_9"))))
    made: dict[str, int] = {}

    def note(name: str, response: httpx.Response) -> Body:
        made[name] = response.status_code
        found: Body = response.json()["data"]
        return found

    file = {"step_id": "step_1", "document_type": "id", "file_name": "a.jpg", "mime_type": "image/jpeg"}
    note("state", customer.call("GET"))
    note("workflow", customer.call("GET", "/workflow"))
    slot = note("upload/init", customer.call("POST", "/upload/init", file))
    assert customer.send(slot, photo()).status_code == 200
    note("upload/confirm", customer.confirm(slot))
    note("complete", customer.call("POST", "/step/step_1/complete", {}))
    related = note("subsessions", customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "x"}))
    note("list", customer.call("GET", "/subsessions"))
    note("regenerate", customer.call("POST", f"/subsessions/{related['subsession_id']}/regenerate"))
    note("delete", customer.call("DELETE", f"/subsessions/{related['subsession_id']}"))
    assert {name for name, status in made.items() if status == 201} == {"upload/init", "subsessions"}
    assert {status for name, status in made.items() if name not in ("upload/init", "subsessions")} == {200}


def test_5_expires_at_is_an_integer_and_all_other_times_end_in_z(office: Office) -> None:
    child = office.save(workflow(form_step()))
    session_id, customer = office.open(office.save(workflow(document_step(), collection_step(child))))
    customer.upload()
    slot = customer.begin()
    made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "x"}), 201)
    answers: list[Any] = [
        slot,
        made,
        customer.state(),
        success(customer.call("GET", "/subsessions")),
        success(customer.call("POST", f"/subsessions/{made['subsession_id']}/regenerate")),
        office.detail(session_id),
        success(office.http.get("/kyc/sessions")),
        success(office.http.post(f"/kyc/sessions/{session_id}/extend", json={"ttl_days": 9})),
    ]
    found = [pair for answer in answers for pair in times(answer)]
    assert len(found) > 25
    for key, value in found:
        assert type(value) is int if key == "expires_at" else value is None or value.endswith("Z"), (key, value)


def times(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        own = [(key, one) for key, one in value.items() if key.endswith("_at")]
        return own + [pair for one in value.values() for pair in times(one)]
    return [pair for one in value for pair in times(one)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("mode", "after"), [("manual_review", "manual_review"), ("completed", "completed"), ("auto_process", "completed")]
)
def test_6_the_last_correction_moves_the_session_and_the_token_stays(office: Office, mode: str, after: str) -> None:
    session_id, customer = office.open(office.save(workflow(resolution=mode)))
    customer.walk()
    link = office.detail(session_id)["access_link"]
    office.correct(session_id, {"step_id": "step_3", "field_ids": ["email"]}, {"step_id": "step_1"})
    customer.complete("step_3", {"email": "ana@example.org"})
    assert customer.state()["status"] == "awaiting_client_correction"
    assert customer.complete("step_1")["session_completed"] is True
    assert customer.state()["status"] == after
    assert office.detail(session_id)["access_link"] == link
    assert link.endswith(customer.token)


def test_7_without_an_open_correction_a_step_takes_nothing(office: Office) -> None:
    session_id, customer = office.open()
    doc_id = customer.upload()
    late = customer.begin()
    assert customer.send(late, photo()).status_code == 200
    customer.complete("step_1")
    customer.complete("step_3", PERSON)
    office.correct(session_id, {"step_id": "step_3"})
    file = {"step_id": "step_1", "document_type": "id", "file_name": "a.jpg", "mime_type": "image/jpeg"}
    for suffix, body in (
        ("/upload/init", file),
        ("/upload", {**file, "file_data": "####"}),
        ("/step/step_1/complete", {"form_data": {"x": 1}}),
        ("/extract", {"doc_id": doc_id}),
    ):
        refused(customer.call("POST", suffix, body), 403, "FORBIDDEN")
    refused(customer.confirm(late), 403, "FORBIDDEN")


@pytest.mark.parametrize("wrong", ["doc_id", "s3_key", "both"])
def test_9_confirming_another_sessions_upload_is_400_and_changes_nothing(office: Office, wrong: str) -> None:
    workflow_id = office.save()
    own_id, own = office.open(workflow_id)
    other_id, other = office.open(workflow_id)
    mine, theirs = own.begin(), other.begin()
    own.send(mine, photo())
    other.send(theirs, photo())
    before = own.state(), other.state(), len(office.detail(own_id)["events"]), len(office.detail(other_id)["events"])
    swapped = {**mine, **{key: theirs[key] for key in ("doc_id", "s3_key") if wrong in (key, "both")}}
    refused(own.confirm(swapped), 400, "VALIDATION_ERROR")
    after = own.state(), other.state(), len(office.detail(own_id)["events"]), len(office.detail(other_id)["events"])
    assert after == before
    assert success(other.confirm(theirs))["confirmed"] is True


def test_10_nothing_internal_is_in_any_public_state_or_workflow(office: Office) -> None:
    session_id, customer = office.open()
    customer.walk()
    office.correct(session_id, {"step_id": "step_1", "document_types": ["id"]}, {"step_id": "step_3"})
    detail = office.detail(session_id)
    document = detail["steps_data"][0]["documents"][0]
    secret = [
        INTERNAL,
        document["s3_key"],
        document["sha256"],
        detail["events"][0]["digest"],
        office.tenant.tenant_id,
        detail["steps_data"][1]["correction_requests"][0]["requested_by"],
    ]
    for status in ("awaiting_client_correction", "approved", "manual_review", "rejected"):
        if status != "awaiting_client_correction":
            success(office.decide(session_id, status))
        for suffix in ("", "/workflow", "/subsessions"):
            shown = customer.call("GET", suffix).text
            assert [one for one in secret if one in shown] == []
            for word in ("run_lists", "automation", "correction_resolution", "auto_deny", "flag", "confidence"):
                assert word not in shown
        assert customer.state()["status"] == status


def test_11_tokens_that_open_nothing_are_answered_alike(office: Office, server: Running) -> None:
    workflow_id = office.save()
    erased_id, erased = office.open(workflow_id)
    assert office.http.delete(f"/kyc/sessions/{erased_id}").status_code == 200
    revoked_id, revoked = office.open(workflow_id)
    success(office.http.post(f"/kyc/sessions/{revoked_id}/generate-link"))
    _, expired = office.open(workflow_id, ttl_days=1)
    assert expired.call("GET").status_code == 200
    server.advance(days=1)
    dead = [erased.token, revoked.token, expired.token]
    malformed = ["x", "%00", "%FF", "a%2Fb", "0" * 3000, str(uuid.uuid4()).upper(), "é", "' OR 1=1 --", "..."]
    expected = [told(office.outside.request(m, p, json=b)) for m, p, b in every_call(str(uuid.uuid4()))]
    assert {(status, body["error"]["message"]) for status, _, body in expected} == {(404, GONE)}
    for token in (*dead, *malformed):
        found = [told(office.outside.request(m, p, json=b)) for m, p, b in every_call(token)]
        assert found == expected, token
    html = office.outside.get(f"/public/sessions/{expired.token}", headers={"Accept": "text/html"})
    assert html.status_code == 404


@pytest.mark.parametrize(
    ("actions", "status", "decision"),
    [
        (("auto_approve", "flag", "auto_deny"), "rejected", "rejected"),
        (("auto_approve", "flag"), "approved", "flagged"),
        (("flag", "auto_approve", "manual_review"), "manual_review", "manual_review"),
        (("auto_approve",), "approved", "approved"),
    ],
)
def test_12_the_strongest_of_the_rules_that_speak_decides(
    office: Office, actions: tuple[str, ...], status: str, decision: str
) -> None:
    spoken = [
        {"field_id": "full_name", "operator": "is_not_empty", "action": action, "reason": f"{INTERNAL} {action}"}
        for action in actions
    ]
    config = {"automation_rules": {"form_field_rules": spoken, "default_action": "no_action"}}
    session_id, customer = office.open(office.save(workflow(form_step(), validation_config=config)))
    customer.complete("step_3", PERSON)
    done = success(office.http.post(f"/kyc/sessions/{session_id}/process"))
    assert (done["status"], done["final_decision"]) == (status, decision)
    flagged = [one["reason"] for one in done["automation_flags"]]
    assert flagged == [f"{INTERNAL} flag"] * ("flag" in actions)
    assert customer.state()["status"] == status


def test_13_a_workflow_is_replaced_and_open_sessions_keep_theirs(office: Office) -> None:
    workflow_id = office.save()
    _, customer = office.open(workflow_id)
    before = success(customer.call("GET", "/workflow"))
    changed = workflow(form_step("other"), name="Another one")
    assert success(office.http.put(f"/kyc/workflows/{workflow_id}", json=changed))["version"] == 2
    assert success(customer.call("GET", "/workflow")) == before
    assert success(office.open(workflow_id)[1].call("GET", "/workflow"))["workflow_name"] == "Another one"
    assert office.http.delete(f"/kyc/workflows/{workflow_id}").json()["data"]["deleted"] is True
    assert success(customer.call("GET", "/workflow")) == before
    refused(office.http.post("/kyc/sessions", json={"workflow_id": workflow_id}), 404, "NOT_FOUND")


def test_14_ten_parallel_completions_are_one(office: Office) -> None:
    session_id, customer = office.open()
    customer.upload()
    customer.complete("step_1")
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: customer.complete("step_3", PERSON), range(10)))
    assert found == [found[0]] * 10
    assert found[0]["session_completed"] is True
    names = [event["type"] for event in office.detail(session_id)["events"]]
    assert names.count("kyc.session.completed") == 1
    assert names.count("kyc.step_completed") == 2


class TestOrderOfChecks:
    def test_a_bad_body_is_told_only_to_who_holds_a_good_token(self, office: Office, customer: Customer) -> None:
        bodies: list[tuple[bytes, dict[str, str], int]] = [
            (b"{", {"Content-Type": "application/json"}, 400),
            (b"[]", {"Content-Type": "application/json"}, 400),
            (b'{"form_data": {}, "form_data": {}}', {"Content-Type": "application/json"}, 400),
            (b"{}", {"Content-Type": "text/plain"}, 415),
            (b"{}", {}, 415),
            (b'{"a": "' + b"x" * 2_000_000 + b'"}', {"Content-Type": "application/json"}, 413),
        ]
        for content, headers, status in bodies:
            for token, expected in ((customer.token, status), (str(uuid.uuid4()), 404)):
                path = f"/public/sessions/{token}/step/step_1/complete"
                found = office.outside.post(path, content=content, headers=headers)
                assert found.status_code == expected, (content[:20], headers)

    def test_the_step_is_looked_for_before_its_state_and_its_fields(self, office: Office) -> None:
        _, customer = office.open()
        customer.walk()
        file = {"step_id": "step_1", "document_type": "visa", "file_name": "", "mime_type": "text/html"}
        unknown = {**file, "step_id": "nowhere"}
        refused(customer.call("POST", "/upload/init", unknown), 400, "VALIDATION_ERROR", "Step not found")
        refused(customer.call("POST", "/upload/init", file), 403, "FORBIDDEN")
        refused(customer.call("POST", "/upload", {**file, "file_data": "####"}), 403, "FORBIDDEN")

    def test_what_is_decided_can_be_read_but_not_changed(self, office: Office) -> None:
        session_id, customer = office.open()
        customer.walk()
        success(office.decide(session_id, "approved"))
        state = customer.state()
        assert state["status"] == "approved"
        assert all("form_data" not in step for step in state["steps_data"])
        file = {"step_id": "step_1", "document_type": "id", "file_name": "a.jpg", "mime_type": "image/jpeg"}
        refused(customer.call("POST", "/upload/init", file), 403, "FORBIDDEN")
        refused(customer.call("POST", "/step/step_3/complete", {"form_data": {"full_name": "X"}}), 403, "FORBIDDEN")
        # The last accepted body is not a change: its answer is given again.
        assert customer.complete("step_3", PERSON)["session_completed"] is True


def test_a_browser_gets_a_page_and_a_program_gets_json(customer: Customer) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = customer.call("GET", headers={"Accept": browser})
    assert page.headers["content-type"].startswith("text/html")
    assert "Basic KYC" in page.text
    assert (
        "script-src" in page.headers["content-security-policy"] or "sandbox" in page.headers["content-security-policy"]
    )
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5", ""):
        assert customer.call("GET", headers={"Accept": accept}).json()["status"] == "success"


def test_headers_keep_answers_out_of_caches_and_referrers(customer: Customer) -> None:
    for found in (customer.call("GET"), customer.call("GET", "/nowhere"), customer.call("POST", "/extract", {})):
        assert found.headers["cache-control"] == "no-store"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert found.headers["x-robots-tag"] == "noindex"
        assert found.headers["x-content-type-options"] == "nosniff"


def test_the_log_holds_no_token_and_no_personal_value(office: Office, server: Running) -> None:
    _, customer = office.open()
    customer.walk()
    written = json.dumps([str(line) for line in server.journal.lines])
    for secret in (customer.token, "Ana Ruiz", "1991-11-02", "ana@example.net", office.tenant.api_key):
        assert secret not in written
