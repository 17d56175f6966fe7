"""Papers of every sort: filled before, flat, scanned, without fields, with many pages."""

import io

import pikepdf
import pytest

from journeys.applicants import Developer, good, pdf, refused
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-forms-papers")


@pytest.fixture(scope="module")
def developer(small_server: Running) -> Developer:
    return Developer(small_server)


def blank(pages: int) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_values_that_a_form_brings_along_are_confirmed_and_can_be_taken_out(developer: Developer) -> None:
    session_id = developer.open()
    good(developer.put(session_id, f_001="Ada Wren", f_003=True))
    good(developer.http.post(f"/sessions/{session_id}/fill"))
    brought = developer.form(developer.http.get(f"/sessions/{session_id}/pdf").content)
    again = developer.open(brought)
    state = developer.state(again)
    assert (state["f_001"]["value"], state["f_001"]["state"], state["f_001"]["source"]) == (
        "Ada Wren",
        "confirmed",
        "document",
    )
    good(developer.http.post(f"/sessions/{again}/decline", json={"field_id": "f_001"}))
    assert good(developer.http.post(f"/sessions/{again}/fill"))["filled"] == ["f_003"]
    content = developer.http.get(f"/sessions/{again}/pdf").content
    file = {"file": ("a.pdf", content, "application/pdf")}
    read = good(developer.http.post("/forms/read", files=file))
    assert {field["id"] for field in read["fields"] if field["filled"]} == {"f_003"}


def test_a_flat_form_gets_real_fields_named_after_their_ids(developer: Developer) -> None:
    form_id = developer.form(pdf("flat/fw9-2024"))
    found = good(developer.http.get(f"/forms/{form_id}"))
    assert found["source_kind"] == "flat"
    assert found["field_count"] >= 15
    copy = developer.http.get(f"/forms/{form_id}/fillable").content
    with pikepdf.open(io.BytesIO(copy)) as document:
        names = {str(widget.T) for page in document.pages for widget in page.get("/Annots", []) if "/T" in widget}
    fields = good(developer.http.get(f"/forms/{form_id}/contract"))["fields"]
    assert {field["id"] for field in fields} <= names
    session_id = developer.open(form_id)
    text = next(field["id"] for field in fields if field["type"] == "text")
    good(developer.put(session_id, **{text: "Analytical Engines LLC"}))
    good(developer.http.post(f"/sessions/{session_id}/fill"))
    filled = developer.http.get(f"/sessions/{session_id}/pdf").content
    file = {"file": ("a.pdf", filled, "application/pdf")}
    read = good(developer.http.post("/forms/read", files=file, data={"form_id": form_id}))
    assert {field["value"] for field in read["fields"] if field["filled"]} == {"Analytical Engines LLC"}


def test_a_scanned_form_is_read_with_progress_on_the_way(developer: Developer) -> None:
    made = developer.upload(pdf("scanned/ff-9dda7eb4"))
    seen = set()

    def look() -> bool:
        found = good(developer.http.get(f"/forms/{made['form_id']}"))
        seen.add(found["progress"])
        return bool(found["status"] != "detecting")

    until(look, 240)
    found = good(developer.http.get(f"/forms/{made['form_id']}"))
    assert (found["status"], found["source_kind"], found["progress"]) == ("ready", "scanned", 1.0)
    assert found["field_count"] >= 5
    assert seen <= {progress for progress in seen if 0 <= progress <= 1}
    assert len(seen) >= 2
    labels = [field["label"] for field in good(developer.http.get(f"/forms/{made['form_id']}/contract"))["fields"]]
    assert sum(not label.startswith("Field ") for label in labels) > len(labels) / 2


def test_a_page_without_fields_is_ready_and_says_so(developer: Developer) -> None:
    form_id = developer.form(blank(1))
    found = good(developer.http.get(f"/forms/{form_id}"))
    assert (found["no_fields"], found["field_count"]) == (True, 0)
    assert developer.http.get(f"/forms/{form_id}/fillable").content.startswith(b"%PDF-")
    session_id = developer.open(form_id)
    good(developer.http.post(f"/sessions/{session_id}/fill"))


def test_a_hundred_pages_are_taken_and_one_more_is_refused(developer: Developer) -> None:
    made = developer.upload(blank(100))
    assert good(developer.http.get(f"/forms/{made['form_id']}"))["page_count"] == 100
    file = {"file": ("a.pdf", blank(101), "application/pdf")}
    refused(developer.http.post("/forms", files=file), 413, "too_many_pages")
