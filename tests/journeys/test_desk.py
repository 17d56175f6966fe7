"""What a tenant's backend and staff do: create, list, decide, prolong; who may; and tenants apart."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from journeys.people import PERSON, Body, Customer, Office, collection_step, form_step, refused, success, workflow
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-desk")


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


class TestLookingAgain:
    """What was made of a session is remembered, so each way in which it ends to be true is tried after a look."""

    def test_a_step_that_was_completed_meanwhile_shows(self, office: Office) -> None:
        _, customer = office.open(office.save(workflow(form_step())))
        assert customer.state() == customer.state()
        customer.complete("step_3", PERSON)
        assert customer.step("step_3")["status"] == "completed"

    def test_a_look_of_the_tenant_that_was_changed_meanwhile_shows(self, office: Office) -> None:
        staff = Office(office.server)
        customer = staff.open()[1]
        for colour in ("#10B981", "#064E3B"):
            customer.state()
            success(staff.http.patch("/kyc/tenants/me/branding", json={"primary_color": colour}))
            assert customer.state()["branding"] == {"primary_color": colour}
        staff.close()

    def test_a_session_that_was_erased_meanwhile_is_gone(self, office: Office) -> None:
        session_id, customer = office.open()
        customer.state()
        assert office.http.delete(f"/kyc/sessions/{session_id}").is_success
        refused(customer.call("GET"), 404, "NOT_FOUND")

    def test_a_session_that_has_expired_meanwhile_is_gone(self, office: Office, server: Running) -> None:
        customer = office.open(ttl_days=1)[1]
        customer.state()
        server.advance(days=2)
        refused(customer.call("GET"), 404, "NOT_FOUND")

    def test_a_link_that_was_replaced_meanwhile_opens_nothing(self, office: Office) -> None:
        parent_id, parent = office.open(office.save(workflow(collection_step(office.save(workflow(form_step()))))))
        made = success(parent.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "Ana"}), 201)
        related = Customer(office.outside, made["access_link"].rsplit("/", 1)[1])
        related.state()
        path = f"/kyc/sessions/{parent_id}/subsessions/{made['subsession_id']}/regenerate-link"
        renewed = success(office.http.post(path, json={"ttl_days": 5}))
        refused(related.call("GET"), 404, "NOT_FOUND")
        assert Customer(office.outside, renewed["access_token"]).state()["status"] == "active"


class TestIdempotency:
    def create(self, office: Office, key: str, body: Body) -> httpx.Response:
        return office.http.post("/kyc/sessions", json=body, headers={"Idempotency-Key": key})

    def test_a_repeated_creation_gets_the_first_answer(self, office: Office) -> None:
        body = {"workflow_id": office.save(), "client_id": "seller-881"}
        first = success(self.create(office, "one", body), 201)
        assert success(self.create(office, "one", body), 201) == first
        assert success(self.create(office, "two", body), 201)["session_id"] != first["session_id"]

    def test_of_parallel_creations_with_one_key_one_counts(self, office: Office) -> None:
        key, body = uuid.uuid4().hex, {"workflow_id": office.save(), "client_id": uuid.uuid4().hex}
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: success(self.create(office, key, body), 201), range(8)))
        assert found == [found[0]] * 8

    def test_a_key_that_was_used_for_another_body_is_refused(self, office: Office) -> None:
        workflow_id = office.save()
        success(self.create(office, "three", {"workflow_id": workflow_id}), 201)
        refused(self.create(office, "three", {"workflow_id": workflow_id, "ttl_days": 8}), 409, "CONFLICT")
        refused(self.create(office, "x" * 256, {"workflow_id": workflow_id}), 400, "VALIDATION_ERROR")

    def test_after_a_day_the_key_is_free_again(self, office: Office, server: Running) -> None:
        body = {"workflow_id": office.save()}
        first = success(self.create(office, "four", body), 201)
        server.advance(hours=25)
        server.sweep()
        assert success(self.create(office, "four", body), 201)["session_id"] != first["session_id"]


@pytest.fixture(scope="module")
def made(office: Office) -> dict[str, Any]:
    """Seven sessions of a fresh tenant, told apart by workflow, customer, status and age."""
    staff = Office(office.server)
    first, second = staff.save(), staff.save(workflow(form_step()))
    ids = [staff.open(first, client_id=f"client-{number % 2}")[0] for number in range(4)]
    done_id, customer = staff.open(second)
    customer.complete("step_3", PERSON)
    parent_id, parent = staff.open(staff.save(workflow(collection_step(second))))
    child = success(parent.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "x"}), 201)
    return {"staff": staff, "ids": [*ids, done_id, parent_id], "first": first, "second": second, "done": done_id,
            "parent": parent_id, "child": child["subsession_id"]}  # fmt: skip


@pytest.mark.parametrize("bad", ["x" * 5000, "", " ", "\ufffd", "😀"])
def test_ids_that_cannot_be_are_unknown_ids(office: Office, bad: str) -> None:
    found = office.http.post("/kyc/sessions", json={"workflow_id": bad})
    refused(found, 404, "NOT_FOUND", "Workflow not found")
    known = office.save()
    refused(office.http.post("/kyc/sessions", json={"workflow_id": known, "customer_id": bad}), 400, "VALIDATION_ERROR")
    if len(bad) > 255 or not bad:
        wish = {"workflow_id": known, "client_id": bad}
        refused(office.http.post("/kyc/sessions", json=wish), 400, "VALIDATION_ERROR")
    refused(office.http.post("/kyc/workflows", json=workflow(collection_step(bad))), 400, "VALIDATION_ERROR")


class TestLists:
    def page(self, made: dict[str, Any], **query: Any) -> Body:
        return success(made["staff"].http.get("/kyc/sessions", params=query))

    def ids(self, made: dict[str, Any], **query: Any) -> list[str]:
        return [one["session_id"] for one in self.page(made, **query)["sessions"]]

    @pytest.mark.parametrize("sort", ["desc", "asc"])
    def test_pages_follow_each_other_without_gap_or_repetition(self, made: dict[str, Any], sort: str) -> None:
        seen: list[str] = []
        cursor = None
        for expected in (4, 2):
            query = {"limit": 4, "sort": sort, **({"cursor": cursor} if cursor else {})}
            page = self.page(made, **query)
            assert page["count"] == len(page["sessions"]) == expected
            seen += [one["session_id"] for one in page["sessions"]]
            cursor = page["cursor"]
            assert page["has_more"] is (cursor is not None)
        assert cursor is None
        assert seen == (made["ids"] if sort == "asc" else made["ids"][::-1])

    def test_filters_narrow_the_list(self, made: dict[str, Any]) -> None:
        staff, newest_first = made["staff"], made["ids"][::-1]
        assert self.ids(made) == newest_first
        assert self.ids(made, status="completed") == [made["done"]]
        assert self.ids(made, workflow_id=made["second"]) == [made["done"]]
        assert self.ids(made, client_id="client-1") == [made["ids"][3], made["ids"][1]]
        customer_id = staff.detail(made["ids"][0])["customer_id"]
        assert self.ids(made, customer_id=customer_id) == [made["ids"][2], made["ids"][0]]
        assert self.ids(made, client_id="client-1", customer_id=customer_id) == []
        assert self.ids(made, client_id="nobody") == []
        assert self.ids(made, parent_session_id=made["parent"]) == [made["child"]]
        assert self.ids(made, parent_session_id="none") == newest_first
        assert self.ids(made, created_to=1) == []
        assert self.ids(made, created_from=1) == newest_first
        assert self.ids(made, expired="true") == []
        assert self.ids(made, expired="false") == newest_first

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": 0},
            {"limit": 101},
            {"sort": "up"},
            {"cursor": "x"},
            {"cursor": "WzFd"},
            {"cursor": "WzEsIlx1MDAwMCJd"},
            {"status": "expired"},
            {"expired": "yes"},
            {"created_from": "yesterday"},
            {"created_to": "9" * 30},
            {"workflow_id": "a\0b"},
            {"client_id": "\0"},
        ],
        ids=str,
    )
    def test_a_bad_query_is_refused(self, made: dict[str, Any], query: dict[str, Any]) -> None:
        refused(made["staff"].http.get("/kyc/sessions", params=query), 400, "VALIDATION_ERROR")

    def test_workflows_are_listed_in_pages_too(self, made: dict[str, Any]) -> None:
        staff = made["staff"]
        first = success(staff.http.get("/kyc/workflows", params={"limit": 2}))
        rest = success(staff.http.get("/kyc/workflows", params={"limit": 2, "cursor": first["cursor"]}))
        assert [first["count"], rest["count"], first["has_more"], rest["has_more"]] == [2, 1, True, False]
        assert rest["workflows"][0]["workflow_id"] == made["first"]


class TestPermissions:
    CALLS: tuple[tuple[str, str, Body | None, str], ...] = (
        ("GET", "/kyc/workflows", None, "kyc:read"),
        ("POST", "/kyc/workflows", {}, "kyc:create"),
        ("POST", "/kyc/workflows/from-template/basic-kyc", {}, "kyc:create"),
        ("GET", "/kyc/workflows/x", None, "kyc:read"),
        ("GET", "/kyc/workflows/x/versions", None, "kyc:read"),
        ("PUT", "/kyc/workflows/x", {}, "kyc:create"),
        ("DELETE", "/kyc/workflows/x", None, "kyc:create"),
        ("GET", "/kyc/sessions", None, "kyc:read"),
        ("POST", "/kyc/sessions", {}, "kyc:create"),
        ("GET", "/kyc/sessions/x", None, "kyc:read"),
        ("PATCH", "/kyc/sessions/x", {"status": "approved"}, "kyc:review"),
        ("DELETE", "/kyc/sessions/x", None, "kyc:delete"),
        ("POST", "/kyc/sessions/x/generate-link", {}, "kyc:create"),
        ("POST", "/kyc/sessions/x/extend", {"ttl_days": 1}, "kyc:create"),
        ("POST", "/kyc/sessions/x/corrections", {"corrections": []}, "kyc:review"),
        ("GET", "/kyc/sessions/x/documents/y/url", None, "kyc:read"),
        ("POST", "/kyc/sessions/x/subsessions", {"step_id": "a", "label": "b"}, "kyc:create"),
        ("GET", "/kyc/sessions/x/subsessions", None, "kyc:read"),
        ("POST", "/kyc/sessions/x/subsessions/y/regenerate-link", {}, "kyc:create"),
        ("DELETE", "/kyc/sessions/x/subsessions/y", None, "kyc:create"),
        ("GET", "/kyc/tenants/me/notification-channels", None, "tenant:admin"),
        ("PATCH", "/kyc/tenants/me/notification-channels", {}, "tenant:admin"),
        ("GET", "/kyc/tenants/me/branding", None, "tenant:admin"),
        ("PATCH", "/kyc/tenants/me/branding", {}, "tenant:admin"),
    )

    def test_each_call_needs_its_permission_and_no_other(self, office: Office, server: Running) -> None:
        everything = {"kyc:create", "kyc:read", "kyc:review", "kyc:delete", "tenant:admin"}
        tenant_id = office.tenant.tenant_id
        for permission in everything:
            with (
                server.staff(server.key(tenant_id, permission)) as only,
                server.staff(server.key(tenant_id, *(everything - {permission}))) as without,
            ):
                for method, path, body, needed in self.CALLS:
                    allowed = only.request(method, path, json=body)
                    assert (allowed.status_code == 403) is (needed != permission), (method, path, permission)
                    lacking = without.request(method, path, json=body)
                    assert (lacking.status_code == 403) is (needed == permission), (method, path, permission)

    def test_the_link_is_shown_to_who_may_create_only(self, office: Office, server: Running) -> None:
        session_id, customer = office.open()
        with server.staff(server.key(office.tenant.tenant_id, "kyc:read")) as reader:
            shown = reader.get(f"/kyc/sessions/{session_id}")
            assert "access_link" not in success(shown)
            assert customer.token not in shown.text
        assert office.detail(session_id)["access_link"].endswith(customer.token)

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic eA==", "sk_live_" + "0" * 40])
    def test_without_a_good_key_all_of_it_is_401(self, office: Office, server: Running, header: str | None) -> None:
        headers = {} if header is None else {"Authorization": header}
        with server.client(headers) as nobody:
            for method, path, body, _ in self.CALLS:
                refused(nobody.request(method, path, json=body), 401, "UNAUTHORIZED")


def test_what_belongs_to_another_tenant_does_not_exist(office: Office, server: Running) -> None:
    child = office.save(workflow(form_step()))
    workflow_id = office.save(workflow(collection_step(child)))
    session_id, customer = office.open(workflow_id, client_id="mine")
    related = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "x"}), 201)
    customer_id = office.detail(session_id)["customer_id"]
    before = office.detail(session_id)
    stranger = Office(server)
    fit: dict[str, Body] = {"POST /kyc/workflows": workflow(), "PUT /kyc/workflows/x": workflow(collection_step(child))}
    for method, path, body, _ in TestPermissions.CALLS:
        if "/x" not in path:
            continue
        kind = workflow_id if "/workflows" in path else session_id
        there = path.replace("/x", f"/{kind}").replace("/subsessions/y", f"/subsessions/{related['subsession_id']}")
        nowhere = path.replace("/x", f"/{uuid.uuid4()}")
        sent = fit.get(f"{method} {path}", body)
        theirs = stranger.http.request(method, there, json=sent)
        unknown = stranger.http.request(method, nowhere, json=sent)
        refused(theirs, 404, "NOT_FOUND")
        assert theirs.json()["error"] == unknown.json()["error"], path
    refused(stranger.http.post("/kyc/sessions", json={"workflow_id": workflow_id}), 404, "NOT_FOUND")
    own = stranger.save()
    wish = {"workflow_id": own, "customer_id": customer_id}
    refused(stranger.http.post("/kyc/sessions", json=wish), 400, "VALIDATION_ERROR")
    refused(stranger.http.post("/kyc/workflows", json=workflow(collection_step(child))), 400, "VALIDATION_ERROR")
    assert success(stranger.http.get("/kyc/sessions"))["sessions"] == []
    assert office.detail(session_id) == before
    stranger.close()


class TestDecisions:
    def test_a_reviewer_approves_reopens_and_rejects(self, office: Office) -> None:
        session_id, customer = office.open()
        refused(office.decide(session_id, "approved"), 409, "CONFLICT")
        customer.walk()
        shown = success(office.decide(session_id, "approved", metadata={"ticket": 7}))
        assert (shown["status"], shown["final_decision"]) == ("approved", "approved")
        assert shown["metadata"]["ticket"] == 7
        assert shown["review"]["decided_by"].startswith("key ")
        refused(office.decide(session_id, "rejected"), 409, "CONFLICT")
        refused(office.decide(session_id, "manual_review", reason=None), 400, "VALIDATION_ERROR")
        assert success(office.decide(session_id, "manual_review"))["status"] == "manual_review"
        refused(office.decide(session_id, "rejected", reason=" "), 400, "VALIDATION_ERROR")
        assert success(office.decide(session_id, "rejected"))["status"] == "rejected"
        for status in ("completed", "active", "flagged", ""):
            refused(office.decide(session_id, status), 400, "VALIDATION_ERROR")

    def test_a_decision_cancels_open_corrections(self, office: Office) -> None:
        session_id, customer = office.open()
        customer.walk()
        office.correct(session_id, {"step_id": "step_3", "field_ids": ["email"]})
        shown = success(office.decide(session_id, "rejected"))
        [asked] = shown["steps_data"][1]["correction_requests"]
        assert asked["status"] == "cancelled"
        assert all("correction_requests" not in step for step in customer.state()["steps_data"])

    def test_corrections_of_what_is_not_there_are_refused_whole(self, office: Office) -> None:
        session_id, customer = office.open()
        path = f"/kyc/sessions/{session_id}/corrections"
        item: Body = {"step_id": "step_3", "message": "Please look."}
        refused(office.http.post(path, json={"corrections": [item]}), 409, "CONFLICT")
        customer.walk()
        bad = {"corrections": [item, {**item, "step_id": "x"}, {**item, "field_ids": ["x"]}, {**item, "message": ""}]}
        error = refused(office.http.post(path, json=bad), 400, "VALIDATION_ERROR")
        assert len(error["details"]["errors"]) == 3
        refused(office.http.post(path, json={"corrections": []}), 400, "VALIDATION_ERROR")
        refused(office.http.post(path, json={"corrections": [item] * 51}), 400, "VALIDATION_ERROR")
        assert customer.state()["status"] == "completed"


class TestLinks:
    def test_an_expired_link_lives_again_when_extended(self, office: Office, server: Running) -> None:
        session_id, customer = office.open(ttl_days=1)
        server.advance(days=2)
        assert customer.call("GET").status_code == 404
        assert office.detail(session_id)["is_expired"] is True
        shown = success(office.http.get("/kyc/sessions", params={"expired": "true"}))
        assert session_id in [one["session_id"] for one in shown["sessions"]]
        until = success(office.http.post(f"/kyc/sessions/{session_id}/extend", json={"ttl_days": 3}))["expires_at"]
        assert customer.state()["expires_at"] == until

    def test_a_correction_brings_an_expired_link_back(self, office: Office, server: Running) -> None:
        session_id, customer = office.open(ttl_days=1)
        customer.walk()
        server.advance(days=2)
        server.sweep()
        office.correct(session_id, {"step_id": "step_3"}, ttl_days=2)
        assert customer.state()["status"] == "awaiting_client_correction"

    @pytest.mark.parametrize(
        "body", [{}, {"ttl_days": 0}, {"ttl_days": 91}, {"ttl_days": 1, "expires_at": 1}, {"expires_at": 1},
                 {"expires_at": 10**17}, {"expires_at": -1}, {"ttl_days": "1"}]
    )  # fmt: skip
    def test_a_bad_extension_is_refused(self, office: Office, body: Body) -> None:
        session_id, _ = office.open()
        refused(office.http.post(f"/kyc/sessions/{session_id}/extend", json=body), 400, "VALIDATION_ERROR")

    def test_a_decided_session_gets_no_new_link(self, office: Office) -> None:
        session_id, customer = office.open()
        customer.walk()
        success(office.decide(session_id, "approved"))
        refused(office.http.post(f"/kyc/sessions/{session_id}/extend", json={"ttl_days": 1}), 409, "CONFLICT")
        refused(office.http.post(f"/kyc/sessions/{session_id}/generate-link"), 409, "CONFLICT")
        assert customer.call("GET").status_code == 200


class TestStaffSubsessions:
    def test_staff_open_renew_and_delete_what_customers_see(self, office: Office) -> None:
        child, other = office.save(workflow(form_step())), office.save(workflow(form_step(), name="Other"))
        session_id, customer = office.open(office.save(workflow(collection_step(child))))
        path = f"/kyc/sessions/{session_id}/subsessions"
        wish = {"step_id": "step_ubos", "label": "Rui", "ttl_days": 2, "workflow_id": other}
        made = success(office.http.post(path, json=wish), 201)
        assert made["workflow_name"] == "Other"
        assert made["access_link"].endswith(made["access_token"])
        [line] = success(customer.call("GET", "/subsessions"))["subsessions"]
        assert line["workflow_id"] == other
        renewed = success(office.http.post(f"{path}/{made['subsession_id']}/regenerate-link", json={"ttl_days": 5}))
        assert renewed["access_token"] != made["access_token"]
        assert office.outside.get(made["access_link"]).status_code == 404
        assert success(office.http.get(path))["total"] == 1
        assert office.http.delete(f"{path}/{made['subsession_id']}").status_code == 200
        refused(office.http.delete(f"{path}/{made['subsession_id']}"), 404, "NOT_FOUND", "Subsession not found")
        refused(office.http.get(f"/kyc/sessions/{made['subsession_id']}"), 404, "NOT_FOUND")

    def test_the_link_of_a_finished_subsession_tells_little(self, office: Office) -> None:
        from_form = office.save(workflow())
        _, customer = office.open(office.save(workflow(collection_step(from_form))))
        made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "Rui"}), 201)
        related = type(customer)(customer.http, made["access_link"].rsplit("/", 1)[1])
        related.walk()
        state = related.state()
        assert [set(step) - {"documents"} for step in state["steps_data"]] == [
            {"step_id", "status", "started_at", "completed_at"}
        ] * 2
        assert set(state["steps_data"][0]["documents"][0]) == {"doc_id", "type", "mime_type", "uploaded_at"}
        refused(customer.call("DELETE", f"/subsessions/{made['subsession_id']}"), 403, "FORBIDDEN")
        refused(customer.call("POST", f"/subsessions/{made['subsession_id']}/regenerate"), 403, "FORBIDDEN")

    def test_all_must_be_done_when_the_step_says_so(self, office: Office) -> None:
        child = office.save(workflow(form_step()))
        step = collection_step(child, require_completion_before_proceed=True)
        _, customer = office.open(office.save(workflow(step)))
        refused(customer.call("POST", "/step/step_ubos/complete", {}), 400, "VALIDATION_ERROR")
        made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "Rui"}), 201)
        refused(customer.call("POST", "/step/step_ubos/complete", {}), 400, "VALIDATION_ERROR")
        type(customer)(customer.http, made["access_link"].rsplit("/", 1)[1]).complete("step_3", PERSON)
        assert customer.complete("step_ubos")["session_completed"] is True
