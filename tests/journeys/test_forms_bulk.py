"""Filled PDFs and tables: read, verify, preview, map, fill row by row; retention; the administration of keys."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from journeys.applicants import Developer, good, pdf, refused
from journeys.conftest import SECRET
from journeys.running import Running, Serving, TickingClock, settings_for, until

pytestmark = pytest.mark.xdist_group("journeys-forms-bulk")


@pytest.fixture(scope="module")
def developer(server: Running) -> Developer:
    return Developer(server)


@pytest.fixture(scope="module")
def form_id(developer: Developer) -> str:
    return developer.form()


def filled(developer: Developer, form_id: str, **values: Any) -> bytes:
    session_id = developer.open(form_id)
    good(developer.put(session_id, **values))
    good(developer.http.post(f"/sessions/{session_id}/fill"))
    return developer.http.get(f"/sessions/{session_id}/pdf").content


def file(content: bytes, name: str = "filled.pdf") -> dict[str, Any]:
    return {"file": (name, content, "application/octet-stream")}


class TestReading:
    def test_a_filled_pdf_is_read_with_the_forms_labels(self, developer: Developer, form_id: str) -> None:
        content = filled(developer, form_id, f_001="Ada Wren", f_003=True)
        found = good(developer.http.post("/forms/read", files=file(content), data={"form_id": form_id}))
        values = {field["id"]: field["value"] for field in found["fields"] if field["filled"]}
        assert values == {"f_001": "Ada Wren", "f_003": True}
        assert found["verdict"] == "complete"
        alone = good(developer.http.post("/forms/read", files=file(content)))
        assert len(alone["fields"]) == len(found["fields"])
        refused(developer.http.post("/forms/read", files=file(content), data={"form_id": "form_1"}), 404, "not_found")
        refused(developer.http.post("/forms/read", files=file(b"GIF89a")), 400, "unsupported_file")

    def test_a_filled_pdf_is_verified_against_its_form(self, developer: Developer, form_id: str) -> None:
        content = filled(developer, form_id, f_001="Ada Wren")
        found = good(developer.http.post(f"/forms/{form_id}/verify", files=file(content)))
        assert (found["verdict"], found["issues"]) == ("complete", [])
        full = filled(developer, form_id, f_001="Ada Wren of the Society for Analytical Engines " * 9)
        found = good(developer.http.post(f"/forms/{form_id}/verify", files=file(full)))
        assert found["verdict"] == "review_required"
        assert [(one["code"], one["field_id"], one["severity"]) for one in found["issues"]] == [
            ("too_long", "f_001", "warning")
        ]
        other = filled(developer, developer.form(pdf("acroform/comb-textfields")), f_001="Ada")
        found = good(developer.http.post(f"/forms/{form_id}/verify", files=file(other)))
        assert (found["verdict"], found["issues"][0]["code"]) == ("failed", "other_form")

    def test_material_is_previewed_and_nothing_is_kept(self, developer: Developer, form_id: str) -> None:
        before = good(developer.http.get("/usage"))
        text = b"Business name: Harbor Bakery Ltd\nEIN: 12-3456789"
        files: Any = [("context", ("context.txt", text, "text/plain"))]
        found = good(developer.http.post(f"/forms/{form_id}/preview-fill", files=files))
        assert found["filled"]
        assert (found["directive"], found["photo_notes"]) == ("ask_gap", [])
        name = found["filled"][0]["id"]
        data = {"locked": f'{{"{name}": "Another"}}', "asked_field_ids": "null"}
        locked = good(developer.http.post(f"/forms/{form_id}/preview-fill", files=files, data=data))
        assert name in {one["id"] for one in locked["changed"]}
        assert good(developer.http.get("/usage")) == before
        for wrong in ({"locked": "["}, {"locked": "[]"}, {"asked_field_ids": "{}"}, {"locked": '{"f_999": "x"}'}):
            assert developer.http.post(f"/forms/{form_id}/preview-fill", files=files, data=wrong).status_code == 400


class TestBatches:
    def test_a_table_is_filled_row_by_row(self, developer: Developer, form_id: str) -> None:
        rows = "".join(f"Person {number},{'x' if number % 2 else ''},\n" for number in range(1, 24))
        table = f"f_001,Individual/sole proprietor,shoe size\n{rows}\n".encode()
        mapped = good(developer.http.post(f"/forms/{form_id}/suggest-mapping", files=file(table, "people.csv")))
        assert mapped["unmapped_columns"] == ["shoe size"]
        begun = good(developer.http.post(f"/forms/{form_id}/fill-batch", files=file(table, "people.csv")), 202)
        place = f"/forms/fill-batch/{begun['batch_id']}"
        found = until(lambda: (one := good(developer.http.get(place)))["status"] != "running" and one, 120)
        assert (found["status"], found["total"], found["filled"], found["failed"]) == ("complete", 23, 23, 0)
        content = developer.http.get(found["results"][22]["pdf_url"]).content
        read = good(developer.http.post("/forms/read", files=file(content), data={"form_id": form_id}))
        assert read["fields"][0]["value"] == "Person 23"
        archive = zipfile.ZipFile(io.BytesIO(developer.http.get(f"{place}/zip").content))
        assert len(archive.namelist()) == 23
        refused(developer.http.get(f"{place}/rows/24/pdf"), 404, "not_found")
        refused(Developer(developer.server).http.get(place), 404, "not_found")

    def test_a_spreadsheet_with_a_mapping_and_a_row_that_does_not_fit(self, developer: Developer, form_id: str) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["who", "sole"], ["Ada", True], ["Bea", "perhaps"]):
            sheet.append(row)
        out = io.BytesIO()
        book.save(out)
        data = {"mapping": '{"who": "f_001", "sole": 3}'}
        answer = developer.http.post(f"/forms/{form_id}/fill-batch", files=file(out.getvalue(), "a.xlsx"), data=data)
        place = f"/forms/fill-batch/{good(answer, 202)['batch_id']}"
        found = until(lambda: (one := good(developer.http.get(place)))["status"] != "running" and one, 120)
        assert (found["filled"], found["failed"]) == (1, 1)
        assert found["results"][1]["error"]["code"] == "invalid_value"
        assert "perhaps" not in found["results"][1]["error"]["message"]
        refused(developer.http.get(f"{place}/rows/2/pdf"), 404, "not_found")

    def test_a_table_that_cannot_be_used_is_refused(self, developer: Developer, form_id: str) -> None:
        place = f"/forms/{form_id}/fill-batch"
        refused(developer.http.post(place, files=file(b"shoe size\n44\n", "a.csv")), 400, "no_mapping")
        refused(developer.http.post(place, files=file(b"\0\1\2", "a.csv")), 400, "unsupported_file")
        refused(developer.http.post(place, files=file(b"", "a.csv")), 400, "bad_request")
        refused(developer.http.post(place, files=file(b"a\n" * 1_002, "a.csv")), 413, "too_large")
        wrong = {"mapping": '{"a": "f_999"}'}
        refused(developer.http.post(place, files=file(b"a\nb\n", "a.csv"), data=wrong), 400, "bad_request")


class TestRetention:
    def test_the_documents_of_an_ephemeral_form_go_by_themselves(self, server: Running) -> None:
        developer = Developer(server)
        form_id = developer.form(data={"retention": "ephemeral"})
        found = good(developer.http.get(f"/forms/{form_id}"))
        assert (found["retention"]["policy"], found["retention"]["documents_deleted_at"]) == ("ephemeral", None)
        session_id = developer.open(form_id)
        good(developer.http.post(f"/sessions/{session_id}/fill"))
        server.advance(minutes=61)
        server.sweep()
        gone = until(lambda: good(developer.http.get(f"/forms/{form_id}"))["retention"]["documents_deleted_at"], 60)
        assert gone
        for path in (f"/forms/{form_id}/fillable", f"/forms/{form_id}/thumbnail", f"/sessions/{session_id}/pdf"):
            refused(developer.http.get(path), 410, "documents_deleted")
        until(lambda: not held(server, form_id), 60)
        assert good(developer.http.get(f"/forms/{form_id}/contract"))["fields"]


def held(server: Running, form_id: str) -> list[str]:
    """The objects of one form."""
    keys = server.wait(server.house.blobs.keys("forms"))
    return [key for key in keys if key.split("/")[1].replace("-", "") == form_id.removeprefix("form_")]


def test_nothing_of_a_deleted_form_is_left(server: Running) -> None:
    developer = Developer(server)
    form_id = developer.form()
    session_id = developer.open(form_id)
    good(developer.http.post(f"/sessions/{session_id}/fill"))
    inner = session_id.removeprefix("sess_")
    good(developer.http.delete(f"/forms/{form_id}"))

    def left() -> list[str]:
        keys = server.wait(server.house.blobs.keys("forms"))
        return [key for key in keys if key.split("/")[1].replace("-", "") in (inner, form_id.removeprefix("form_"))]

    until(lambda: left() == [], 60)
    dashed = f"{inner[:8]}-{inner[8:12]}-{inner[12:16]}-{inner[16:20]}-{inner[20:]}"
    until(lambda: server.wait(server.house.db.one("SELECT 1 FROM forms_records WHERE session_id = $1", dashed)) is None)


@pytest.fixture(scope="module")
def administered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose settings hold an administrator token."""
    data = tmp_path_factory.mktemp("administered")
    serving = Serving(settings_for(data, secret_key=SECRET, admin_token="open-sesame"), TickingClock())
    yield serving.running
    for client in serving.running.clients:
        client.close()
    serving.stop()


class TestKeys:
    def test_keys_are_made_switched_and_revoked(self, administered: Running) -> None:
        staff = administered.client({"Authorization": "Bearer open-sesame"})
        made = good(staff.post("/keys", json={"owner": "owner_harbor", "label": "laptop"}), 201)
        assert made["key"].startswith("sk_live_")
        assert (made["last4"], made["state"]) == (made["key"][-4:], "active")
        holder = administered.staff(made["key"])
        assert good(holder.get("/usage"))["owner"] == "owner_harbor"
        owner = {"owner": "owner_harbor"}
        listed = good(staff.get("/keys", params=owner))["keys"]
        assert [key["id"] for key in listed] == [made["id"]], "a new owner has the key that was shown, and no other"
        assert all("key" not in key for key in listed)
        second = good(staff.post("/keys", json={"owner": "owner_harbor", "label": "phone"}), 201)
        assert [key["id"] for key in good(staff.get("/keys", params=owner))["keys"]] == [made["id"], second["id"]]
        place = f"/keys/{made['id']}"
        assert good(staff.patch(place, params=owner, json={"action": "disable"}))["state"] == "disabled"
        assert holder.get("/usage").status_code == 401
        assert good(staff.patch(place, params=owner, json={"action": "enable"}))["state"] == "active"
        assert holder.get("/usage").status_code == 200
        assert good(staff.patch(place, params=owner, json={"label": "desk"}))["label"] == "desk"
        both = good(staff.patch(place, params=owner, json={"action": "disable", "label": "drawer"}))
        assert (both["label"], both["state"]) == ("drawer", "disabled")
        assert good(staff.get("/keys", params=owner))["keys"][0]["label"] == "drawer"
        refused(staff.patch(place, params=owner, json={}), 400, "bad_request")
        refused(staff.patch(place, params=owner, json={"label": "x" * 201}), 400, "bad_request")
        assert good(staff.delete(place, params=owner))["state"] == "revoked"
        refused(staff.patch(place, params=owner, json={"action": "enable"}), 404, "not_found")
        refused(staff.patch(place, params=owner, json={"action": "melt"}), 400, "bad_request")
        refused(staff.get("/keys"), 400, "bad_request")
        refused(holder.get("/keys", params=owner), 401, "unauthenticated")

    def test_without_a_token_in_the_settings_there_are_no_such_paths(self, developer: Developer) -> None:
        refused(developer.http.get("/keys?owner=x"), 404, "not_found")
