"""Extraction profiles over HTTP: kept, used when papers are read, and never shown to a customer."""

from collections.abc import Iterator

import pytest

from journeys.people import IDS, Body, Customer, Office, document_step, refused, success, workflow
from journeys.running import Running
from journeys.watching import INTERNAL

pytestmark = pytest.mark.xdist_group("journeys-profiles")
PATH = "/kyc/extraction-profiles"
NAME = f"{INTERNAL}-profile"


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


def kept(office: Office, name: str = NAME, **recipe: object) -> Body:
    return success(office.http.post(PATH, json={"profile_id": name, **recipe}), 201)


def read(office: Office, **asked: object) -> tuple[Body, str, Customer]:
    """What is read of a passport that a requirement asks for, and the session."""
    session_id, customer = office.open(office.save(workflow(document_step(**asked))))
    doc_id = customer.upload(kind=str(asked.get("kind", "id")), content=(IDS / "100_pass-uto.jpg").read_bytes())
    return success(customer.call("POST", "/extract", {"doc_id": doc_id})), session_id, customer


def test_profiles_are_written_listed_replaced_and_removed(office: Office) -> None:
    staff = Office(office.server)
    made = kept(staff, "b", engine="mrz")
    kept(staff, "a")
    assert (made["engine"], made["fields"], made["document_type"]) == ("mrz", [], None)
    refused(staff.http.post(PATH, json={"profile_id": "a"}), 409, "CONFLICT")
    refused(staff.http.post(PATH, json={"profile_id": "c", "engine": "llm"}), 400, "VALIDATION_ERROR")
    listed = success(staff.http.get(PATH))
    assert [one["profile_id"] for one in listed["extraction_profiles"]] == ["a", "b"]
    changed = success(staff.http.put(f"{PATH}/b", json={"fields": [{"key": "full_name", "required": True}]}))
    assert success(staff.http.get(f"{PATH}/b")) == changed
    assert (changed["engine"], changed["fields"][0]["key"]) == ("auto", "full_name")
    for call in (office.http.get, office.http.delete):
        refused(call(f"{PATH}/b"), 404, "NOT_FOUND")
    refused(office.http.put(f"{PATH}/b", json={}), 404, "NOT_FOUND")
    success(staff.http.delete(f"{PATH}/b"))
    refused(staff.http.get(f"{PATH}/b"), 404, "NOT_FOUND")
    reader = office.server.staff(office.server.key(staff.tenant.tenant_id, "kyc:read"))
    refused(reader.post(PATH, json={"profile_id": "x"}), 403, "FORBIDDEN")


def test_a_paper_is_read_by_the_profile_that_its_requirement_names(office: Office) -> None:
    number = {"key": "document_number", "pattern": "[0-9]{30}"}
    kept(office, engine="mrz", fields=[number, {"key": "issuer", "required": True}])
    found, session_id, customer = read(office, extraction_profile=NAME)
    assert "full_name" in found["extracted_data"]
    assert "document_number" not in found["extracted_data"]
    [document] = office.detail(session_id)["steps_data"][0]["documents"]
    reading = document["extraction"]
    assert (reading["profile"], reading["engine"].split(":")[0]) == (NAME, "mrz")
    assert {"profile_pattern:document_number", "profile_missing:issuer"} <= set(reading["issues"])
    for answer in (customer.call("GET"), customer.call("GET", "/workflow")):
        assert not [word for word in (NAME, "extraction_profile", "profile_") if word in answer.text]


def test_a_source_that_the_paper_has_not_gives_nothing(office: Office) -> None:
    kept(office, "codes", engine="barcode")
    found, _, _ = read(office, extraction_profile="codes")
    assert (found["extracted_data"], found["confidence_scores"]["overall"]) == ({}, 0.0)


def test_a_type_of_its_own_gets_a_reader(office: Office) -> None:
    kept(office, "travel", document_type="passport")
    found, _, _ = read(office, kind="travel_paper", extraction_profile="travel")
    assert found["extracted_data"]["mrz_valid"] == "true"


def test_a_profile_that_is_gone_is_told_of_and_an_unknown_one_is_not_saved(office: Office) -> None:
    kept(office, "brief")
    workflow_id = office.save(workflow(document_step(extraction_profile="brief")))
    success(office.http.delete(f"{PATH}/brief"))
    error = refused(
        office.http.post("/kyc/workflows", json=workflow(document_step(extraction_profile="brief"))),
        400,
        "VALIDATION_ERROR",
    )
    assert [one["path"] for one in error["details"]["errors"]] == [
        "steps[0].document_requirements[0].extraction_profile"
    ]
    session_id, customer = office.open(workflow_id)
    doc_id = customer.upload(content=(IDS / "100_pass-uto.jpg").read_bytes())
    assert success(customer.call("POST", "/extract", {"doc_id": doc_id}))["extracted_data"]["full_name"]
    [document] = office.detail(session_id)["steps_data"][0]["documents"]
    assert "profile_gone" in document["extraction"]["issues"]
