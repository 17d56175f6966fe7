"""Customers are screened against lists that an operator brings in beside the server: in checks and in rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cli.command import Command
from journeys.people import PERSON, Body, Office, form_step, refused, success, workflow
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


class TestWithoutSession:
    """`POST /kyc`."""

    TAMARI: ClassVar[Body] = {"name": "TAMARI Jamil Omar", "date_of_birth": "1964-10-07"}

    def test_one_list_is_asked_about_somebody(self, office: Office) -> None:
        sent = {"subject": self.TAMARI, "list_name": "screening-list"}
        found = success(office.http.post("/kyc", json=sent))
        assert (found["list_name"], found["is_match"], found["status"]) == ("screening-list", True, "match")
        [match] = found["matches"]
        assert (match["entry_id"], match["confidence"]) == ("w-1", found["confidence_score"])
        assert match["explanation"][0]["part"] == "name"
        assert (found["lists_checked"], found["lists"][0]["entries"]) == (["screening-list"], 2)
        assert "summary" not in found
        clear = success(office.http.post("/kyc", json={**sent, "subject": {"name": "Ana Ruiz"}}))
        assert (clear["is_match"], clear["status"], clear["confidence_score"], clear["matches"]) == (
            False,
            "clear",
            0,
            [],
        )

    def test_several_lists_have_a_summary(self, office: Office, tmp_path: Path) -> None:
        file = tmp_path / "second.csv"
        file.write_text("id,name\n1,Otto Meier\n")
        bring_in(office, file, "second", "pep")
        found = success(office.http.post("/kyc", json={"subject": self.TAMARI, "lists": ["second", "screening-list"]}))
        operator(office, "remove", "--name", "second")
        summary = found["summary"]
        assert (summary["lists_checked"], summary["lists_matched"], summary["total_matches"]) == (2, 1, 1)
        assert summary["highest_confidence"] == found["confidence_score"] > 0.93
        by_list = {one["list_name"]: (one["is_match"], one["matches"]) for one in summary["by_list"]}
        assert by_list == {"screening-list": (True, 1), "second": (False, 0)}
        assert "list_name" not in found

    def test_a_likeness_below_a_match_is_for_a_person_to_look_at(self, office: Office) -> None:
        sent = {"subject": {"name": "Jamil Tamari"}, "list_name": "screening-list"}
        found = success(office.http.post("/kyc", json=sent))
        assert (found["is_match"], found["status"]) == (True, "review")

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"subject": {"name": "Ana"}, "list_name": "moon"}, "not loaded: moon"),
            ({"subject": {"name": "bc1q", "type": "wallet"}, "list_name": "screening-list"}, "holds wallets"),
            ({"subject": {"name": "Ana"}}, "list_name or lists"),
            ({"subject": {"name": ""}, "list_name": "screening-list"}, "subject.name"),
        ],
    )
    def test_who_could_not_be_looked_for_is_never_clear(self, office: Office, sent: Body, words: str) -> None:
        assert words in refused(office.http.post("/kyc", json=sent), 400, "VALIDATION_ERROR")["message"]

    def test_lists_of_another_tenant_are_not_there(self, office: Office) -> None:
        stranger = Office(office.server)
        sent = {"subject": self.TAMARI, "list_name": "screening-list"}
        refused(stranger.http.post("/kyc", json=sent), 400, "VALIDATION_ERROR")
        reader = office.server.staff(office.server.key(office.tenant.tenant_id, "kyc:read"))
        refused(reader.post("/kyc", json=sent), 403, "FORBIDDEN")
        refused(office.outside.post("/kyc", json=sent), 401, "UNAUTHORIZED")
        stranger.close()

    def test_nothing_of_it_is_kept(self, office: Office) -> None:
        name = "Unheard-of Quetzalcoatl"
        success(office.http.post("/kyc", json={"subject": {"name": name}, "list_name": "screening-list"}))
        assert name not in repr(office.server.journal.lines)
