"""Checks and decisions by rule over HTTP: asked for, or by themselves when the last step is done."""

from collections.abc import Iterator
from typing import Any

import pytest

from journeys.people import IDS, PERSON, Body, Office, document_step, form_step, refused, success, workflow
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-desk")


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


def by_rule(*steps: Body, config: Body | None = None, **rules: Any) -> Body:
    return workflow(*steps, validation_config={**(config or {}), "automation_rules": rules})


def named(operator: str, value: str, action: str) -> Body:
    return {"field_id": "full_name", "operator": operator, "value": value, "action": action, "reason": "as asked"}


class TestProcess:
    def test_a_completed_session_is_decided_by_its_rules(self, office: Office) -> None:
        rules = [named("contains", "Ruiz", "flag"), named("contains", "Ana", "auto_approve")]
        session_id, customer = office.open(office.save(by_rule(form_step(), form_field_rules=rules)))
        path = f"/kyc/sessions/{session_id}/process"
        refused(office.http.post(path), 409, "CONFLICT")
        customer.complete("step_3", PERSON)
        done = success(office.http.post(path))
        assert (done["status"], done["final_decision"]) == ("approved", "flagged")
        assert done["automation_flags"] == [{"rule": "form_field_rules[0]", "reason": "as asked"}]
        assert [one["action"] for one in done["triggered_rules"]] == ["flag", "auto_approve"]
        shown = office.detail(session_id)
        assert shown["triggered_rules"] == done["triggered_rules"]
        assert shown["processed_at"] == done["processed_at"]
        refused(office.http.post(path), 409, "CONFLICT")

    def test_a_check_that_cannot_run_sends_an_approval_to_a_person(self, office: Office) -> None:
        body = by_rule(form_step(), config={"run_lists": True}, default_action="auto_approve")
        session_id, customer = office.open(office.save(body))
        customer.complete("step_3", PERSON)
        done = success(office.http.post(f"/kyc/sessions/{session_id}/process"))
        assert (done["status"], done["final_decision"]) == ("manual_review", "manual_review")
        assert done["validation_results"]["lists"]["status"] == "skipped"
        assert done["validation_results"]["lists"]["reason"] == "not_configured"

    def test_without_rules_a_session_is_processed_and_undecided(self, office: Office) -> None:
        session_id, customer = office.open(office.save(workflow(form_step(), validation_config={})))
        customer.complete("step_3", PERSON)
        done = success(office.http.post(f"/kyc/sessions/{session_id}/process"))
        assert (done["status"], done["final_decision"]) == ("processed", None)
        assert success(office.decide(session_id, "approved"))["status"] == "approved"

    def test_another_tenant_and_another_key_do_not_process(self, office: Office) -> None:
        session_id, _ = office.open()
        stranger = Office(office.server)
        reader = office.server.staff(office.server.key(office.tenant.tenant_id, "kyc:read", "kyc:review"))
        for call in ("validate", "process"):
            refused(stranger.http.post(f"/kyc/sessions/{session_id}/{call}"), 404, "NOT_FOUND")
            refused(reader.post(f"/kyc/sessions/{session_id}/{call}"), 403, "FORBIDDEN")


class TestBySelf:
    @pytest.mark.parametrize(("name", "status"), [("Ana Ruiz", "approved"), ("Otto Ruiz", "rejected")])
    def test_the_last_step_starts_it(self, office: Office, name: str, status: str) -> None:
        rules = [named("contains", "Otto", "auto_deny"), named("contains", "Ruiz", "auto_approve")]
        body = by_rule(form_step(), auto_process=True, form_field_rules=rules)
        session_id, customer = office.open(office.save(body))
        customer.complete("step_3", {**PERSON, "full_name": name})
        assert until(lambda: office.detail(session_id)["final_decision"]) == status
        shown = office.detail(session_id)
        assert shown["status"] == status
        told = [one["type"] for one in shown["events"]]
        assert told.count("kyc.session.processed") == 1
        assert told.index("kyc.processing_requested") < told.index("kyc.session.processed")


class TestValidate:
    def test_an_unread_passport_is_read_and_compared_with_the_form(self, office: Office) -> None:
        session_id, customer = office.open(office.save(workflow(document_step(entity_role="self"), form_step())))
        customer.upload(content=(IDS / "100_pass-uto.jpg").read_bytes())
        customer.complete("step_1")
        customer.complete("step_3", {**PERSON, "full_name": "Somebody Else"})
        found = success(office.http.post(f"/kyc/sessions/{session_id}/validate"))
        papers = found["validation_results"]["documents"]
        assert papers["status"] == "failed"
        [line] = [one for one in papers["comparison"] if one["field"] == "full_name"]
        assert line["agreement"] == "differs"
        assert {one["source"] for one in line["values"]} == {"read", "form"}
        assert "data_mismatch" in [one["code"] for one in papers["issues"]]
        shown = office.detail(session_id)
        assert shown["status"] == "completed"
        assert shown["validation_results"]["documents"] == papers
        assert "comparison" not in str(customer.state())

    def test_only_what_was_asked_for_is_run(self, office: Office) -> None:
        session_id, _ = office.open()
        path = f"/kyc/sessions/{session_id}/validate"
        found = success(office.http.post(path, json={"checks": ["face_match", "crypto"]}))["validation_results"]
        assert {check: one["status"] for check, one in found.items()} == {"face_match": "skipped", "crypto": "skipped"}
        refused(office.http.post(path, json={"checks": ["horoscope"]}), 400, "VALIDATION_ERROR")


class TestSeenBefore:
    def test_a_number_that_another_session_has_shown_is_pointed_out_until_that_is_erased(self, office: Office) -> None:
        staff = Office(office.server)
        workflow_id = staff.save(workflow(document_step(entity_role="self")))

        def shown(owner: Office, **more: Any) -> tuple[str, list[Body]]:
            wanted = workflow_id if owner is staff else owner.save(workflow(document_step()))
            session_id, customer = owner.open(wanted, **more)
            customer.upload(content=(IDS / "100_pass-uto.jpg").read_bytes())
            assert "seen_before" not in customer.call("GET").text
            return session_id, seen(owner, session_id)

        def seen(owner: Office, session_id: str) -> list[Body]:
            found = success(owner.http.post(f"/kyc/sessions/{session_id}/validate"))
            issues = found["validation_results"]["documents"]["issues"]
            return [one for one in issues if one["code"] == "document_seen_before"]

        first, nothing = shown(staff, client_id="seller-1")
        assert nothing == []
        second, issues = shown(staff)
        [document] = staff.detail(second)["steps_data"][0]["documents"]
        expected = {"doc_id": document["doc_id"], "code": "document_seen_before", "count": 1, "session_ids": [first]}
        assert issues == [expected]
        _, of_the_same_customer = shown(staff, client_id="seller-1")
        assert [one["session_ids"] for one in of_the_same_customer] == [[second]]
        assert shown(Office(office.server))[1] == []
        success(staff.http.delete(f"/kyc/sessions/{first}"))
        assert all(first not in one["session_ids"] for one in seen(staff, second))
        number = document["extraction"]["data"]["document_number"]
        server = office.server
        kept = server.wait(server.house.db.all("SELECT digest, session_id FROM kyc_document_numbers"))
        assert kept
        assert first not in [row[1] for row in kept]
        assert not [row for row in kept if number.encode() in bytes(row[0])]
