"""Customers are screened against lists that an operator brings in beside the server: in checks and in rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.command import Command
from journeys.people import PERSON, Body, Office, form_step, success, workflow
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-desk")
LIST = """id,name,aliases,type,birth_date,country
w-1,Jamil Omar Al-Tamari,Gamil Tamari,person,1964-10-07,SY
w-2,Greywater Shipping Ltd,,entity,,KP
"""


@pytest.fixture(scope="module")
def office(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    staff = Office(server)
    file = tmp_path_factory.mktemp("lists") / "own.csv"
    file.write_text(LIST)
    bring_in(staff, file, "screening-list", "sanctions")
    yield staff
    staff.close()


def operator(office: Office, *arguments: str) -> None:
    """What an operator types on the server's machine, while the server runs."""
    settings = office.server.house.settings
    named = {"FRONTDESK_DATABASE_URL": settings.database_url} if settings.sqlite_path is None else {}
    command = Command(settings.data, FRONTDESK_SECRET_KEY=settings.secret_key, **named)
    command.data = settings.data
    command.run("lists", *arguments, "--tenant", office.tenant.tenant_id)


def bring_in(office: Office, file: Path, name: str, category: str) -> None:
    operator(office, "import", str(file), "--name", name, "--category", category)


def screened(**config: Any) -> Body:
    step = form_step()
    for field in step["custom_fields"]:
        if field["field_id"] == "full_name":
            field |= {"type": "name", "validate_lists": True}
    return workflow(step, validation_config={"run_lists": True, **config})


class TestScreening:
    @pytest.mark.parametrize(
        ("name", "born", "status"),
        [
            ("TAMARI Jamil Omar", "1964-10-07", "match"),
            ("Jameel Tamary", "1991-11-02", "clear"),
            ("Ana Ruiz", "1991-11-02", "clear"),
        ],
    )
    def test_a_name_is_looked_for_with_its_birth(self, office: Office, name: str, born: str, status: str) -> None:
        session_id, customer = office.open(office.save(screened()))
        customer.complete("step_3", {**PERSON, "full_name": name, "date_of_birth": born})
        found = success(office.http.post(f"/kyc/sessions/{session_id}/validate"))["validation_results"]["lists"]
        assert found["status"] == status
        assert "screening-list" in found["lists_checked"]
        assert [one["entry_id"] for one in found["matches"]] == (["w-1"] if status == "match" else [])
        assert office.detail(session_id)["validation_results"]["lists"] == found
        assert "screening-list" not in str(customer.state())

    def test_a_list_that_is_not_loaded_keeps_everybody_from_being_approved(self, office: Office) -> None:
        rules = {"default_action": "auto_approve"}
        session_id, customer = office.open(
            office.save(screened(lists=["screening-list", "moon"], automation_rules=rules))
        )
        customer.complete("step_3", PERSON)
        done = success(office.http.post(f"/kyc/sessions/{session_id}/process"))
        assert done["status"] == "manual_review"
        found = done["validation_results"]["lists"]
        assert (found["status"], found["reason"], found["lists_missing"]) == ("error", "list_not_loaded", ["moon"])

    @pytest.mark.parametrize(("name", "status"), [("Gamil Tamari", "rejected"), ("Ana Ruiz", "approved")])
    def test_rules_decide_by_the_matches(self, office: Office, name: str, status: str) -> None:
        rule = {"list_name": "screening-list", "category": "sanctions", "min_confidence": 0.9, "action": "auto_deny"}
        rules = {
            "auto_process": True,
            "list_match_rules": [{**rule, "reason": "listed"}],
            "auto_approve_when": {"no_list_matches": True},
        }
        session_id, customer = office.open(office.save(screened(automation_rules=rules)))
        customer.complete("step_3", {**PERSON, "full_name": name, "date_of_birth": "1964-10-07"})
        assert until(lambda: office.detail(session_id)["final_decision"]) == status
        spoke = [one["rule"] for one in office.detail(session_id)["triggered_rules"]]
        assert spoke == (["list_match_rules[0]"] if status == "rejected" else ["auto_approve_when"])

    def test_a_list_brought_in_anew_counts_from_then_on(self, office: Office, tmp_path: Path) -> None:
        session_id, customer = office.open(office.save(screened(lists=["fresh"])))
        customer.complete("step_3", PERSON)
        path, file = f"/kyc/sessions/{session_id}/validate", tmp_path / "fresh.csv"
        statuses = []
        for names in ("", "id,name\n1,Otto Meier\n", f"id,name\n1,{PERSON['full_name']}\n"):
            if names:
                file.write_text(names)
                bring_in(office, file, "fresh", "pep")
            statuses.append(success(office.http.post(path))["validation_results"]["lists"]["status"])
        operator(office, "remove", "--name", "fresh")
        assert statuses == ["error", "clear", "match"]
