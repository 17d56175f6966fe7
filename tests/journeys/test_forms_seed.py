"""Every request and answer that the published page of form sessions prints, key by key, on each storage."""

import io
from typing import Any

import pikepdf
import pytest

from journeys.applicants import Body, Developer, by_label, good, pdf, refused, w9
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-forms-seed")
UNKNOWN_SESSION = "sess_" + "0" * 32
UNKNOWN_FORM = "form_" + "0" * 32
MESSAGE = "My EIN is 12-3456789 and I am an LLC."
WRITES: tuple[tuple[str, str, Body], ...] = (
    ("POST", "turns", {"message": MESSAGE}),
    ("POST", "confirm", {"field_id": "f_001"}),
    ("POST", "skip", {"field_id": "f_001"}),
    ("POST", "decline", {"field_id": "f_001"}),
    ("PUT", "fields", {"fields": []}),
    ("POST", "fill", {}),
)


@pytest.fixture(scope="module")
def developer(server: Running) -> Developer:
    return Developer(server)


@pytest.fixture(scope="module")
def form_id(developer: Developer) -> str:
    return developer.form()


@pytest.fixture
def session_id(developer: Developer, form_id: str) -> str:
    return developer.open(form_id)


def has(found: Body, **kinds: Any) -> None:
    """At least these keys, each of its JSON type."""
    for key, kind in kinds.items():
        assert isinstance(found[key], kind), f"{key} is {found.get(key)!r}"


class TestCreatingASession:
    def test_it_answers_201_with_an_id_and_is_open(self, developer: Developer, form_id: str) -> None:
        found = good(developer.http.post("/sessions", json={"form_id": form_id}), 201)
        assert found["session_id"].startswith("sess_")
        assert found["status"] == "open"
        has(found, form_id=str, fields=list)

    @pytest.mark.parametrize("body", [{}, {"form_id": ""}, {"form_id": 7}, {"form_id": None}])
    def test_a_missing_or_invalid_form_id_is_400(self, developer: Developer, body: Body) -> None:
        refused(developer.http.post("/sessions", json=body), 400, "bad_request")

    def test_no_form_or_another_owners_is_404(self, developer: Developer, form_id: str) -> None:
        refused(developer.http.post("/sessions", json={"form_id": UNKNOWN_FORM}), 404, "not_found")
        refused(developer.http.post("/sessions", json={"form_id": "form_3d9a"}), 404, "not_found")
        other = Developer(developer.server)
        refused(other.http.post("/sessions", json={"form_id": form_id}), 404, "not_found")


class TestReadingASession:
    def test_every_field_is_listed_in_the_contracts_order(
        self, developer: Developer, form_id: str, session_id: str
    ) -> None:
        contract = good(developer.http.get(f"/forms/{form_id}/contract"))
        found = good(developer.http.get(f"/sessions/{session_id}"))
        assert (found["session_id"], found["form_id"], found["status"]) == (session_id, form_id, "open")
        assert [field["id"] for field in found["fields"]] == [field["id"] for field in contract["fields"]]
        for field in found["fields"]:
            has(field, id=str, label=str, state=str, type=str, data_type=str, required=bool, page=int)
            assert (field["value"], field["state"], field["source"]) == (None, "empty", None)

    def test_another_owners_session_is_404(self, developer: Developer, session_id: str) -> None:
        other = Developer(developer.server)
        for path in (f"/sessions/{session_id}", f"/sessions/{session_id}/pdf"):
            refused(other.http.get(path), 404, "not_found")
        for method, call, body in WRITES:
            refused(other.http.request(method, f"/sessions/{session_id}/{call}", json=body), 404, "not_found")


class TestATurn:
    def test_the_published_message_is_understood(self, developer: Developer, form_id: str, session_id: str) -> None:
        found = good(developer.http.post(f"/sessions/{session_id}/turns", json={"message": MESSAGE}))
        assert set(found) == {"reply", "updated"}
        assert found["reply"]
        contract = good(developer.http.get(f"/forms/{form_id}/contract"))
        state = developer.state(session_id)
        assert by_label(contract, "LLC. Enter") in found["updated"]
        assert {state[name]["state"] for name in found["updated"]} == {"proposed"}
        assert {state[name]["source"] for name in found["updated"]} == {"turn"}
        number = "".join(str(state[name]["value"]) for name in found["updated"] if state[name]["type"] == "text")
        assert number.replace("-", "") == "123456789"

    @pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": "  "}, {"message": 7}])
    def test_an_empty_message_is_400(self, developer: Developer, session_id: str, body: Body) -> None:
        refused(developer.http.post(f"/sessions/{session_id}/turns", json=body), 400, "bad_request")

    def test_what_says_nothing_changes_nothing_and_is_asked_back(self, developer: Developer, session_id: str) -> None:
        found = good(developer.http.post(f"/sessions/{session_id}/turns", json={"message": "Hmm."}))
        assert found["updated"] == []
        assert found["reply"]


class TestDecidingOnAField:
    def test_confirm_skip_and_decline(self, developer: Developer, session_id: str) -> None:
        turn = good(developer.http.post(f"/sessions/{session_id}/turns", json={"message": MESSAGE}))
        first, second = turn["updated"][:2]
        found = good(developer.http.post(f"/sessions/{session_id}/confirm", json={"field_id": first}))
        assert (found["session_id"], found["status"], found["updated"]) == (session_id, "open", [first])
        has(found["field"], id=str, label=str, state=str)
        assert found["field"]["state"] == "confirmed"
        found = good(developer.http.post(f"/sessions/{session_id}/decline", json={"field_id": second}))
        assert (found["field"]["state"], found["field"]["value"]) == ("declined", None)
        found = good(developer.http.post(f"/sessions/{session_id}/skip", json={"field_id": "f_009"}))
        assert (found["field"]["state"], found["field"]["value"]) == ("skipped", None)

    def test_a_field_may_be_named_by_its_number(self, developer: Developer, session_id: str) -> None:
        found = good(developer.http.post(f"/sessions/{session_id}/skip", json={"field_id": 2}))
        assert found["updated"] == ["f_002"]

    def test_what_cannot_be_decided_on_is_refused(self, developer: Developer, session_id: str) -> None:
        place = f"/sessions/{session_id}"
        refused(developer.http.post(f"{place}/confirm", json={"field_id": "f_001"}), 409, "nothing_to_confirm")
        for verb in ("confirm", "skip", "decline"):
            refused(developer.http.post(f"{place}/{verb}", json={"field_id": "f_999"}), 404, "unknown_field")
            refused(developer.http.post(f"{place}/{verb}", json={}), 400, "bad_request")
            unknown = developer.http.post(f"/sessions/{UNKNOWN_SESSION}/{verb}", json={"field_id": "f_001"})
            refused(unknown, 404, "not_found")


class TestADirectFill:
    def test_values_are_set_and_confirmed(self, developer: Developer, session_id: str) -> None:
        found = good(developer.put(session_id, f_001="Analytical Engines LLC", f_008=True))
        assert found["updated"] == ["f_001", "f_008"]
        state = developer.state(session_id)
        assert (state["f_001"]["value"], state["f_001"]["state"]) == ("Analytical Engines LLC", "confirmed")
        assert (state["f_008"]["value"], state["f_008"]["source"]) == (True, "direct")

    def test_the_later_editions_body_does_the_same(self, developer: Developer, session_id: str) -> None:
        updates = [{"field_id": 1, "value": "Analytical Engines LLC"}, {"field_id": 2, "value": None}]
        found = good(developer.http.put(f"/sessions/{session_id}/fields", json={"updates": updates}))
        assert found["updated"] == ["f_001", "f_002"]
        assert developer.state(session_id)["f_002"]["state"] == "skipped"

    def test_a_bad_entry_is_400_here_and_422_there_and_changes_nothing(
        self, developer: Developer, session_id: str
    ) -> None:
        assert "f_999" in refused(developer.put(session_id, f_001="x", f_999="y"), 400, "unknown_field")
        assert "perhaps" not in refused(developer.put(session_id, f_001="x", f_008="perhaps"), 400, "invalid_value")
        place = f"/sessions/{session_id}/fields"
        answer = developer.http.put(place, json={"updates": [{"field_id": 8, "value": "perhaps"}]})
        assert answer.status_code == 422
        (fault,) = answer.json()["detail"]
        assert fault["loc"] == ["body", "updates", 0, "value"]
        has(fault, msg=str, type=str)
        conflict = developer.put(session_id, f_003=True, f_004=True)
        refused(conflict, 400, "conflicting_values")
        assert {field["state"] for field in developer.state(session_id).values()} == {"empty"}

    def test_bodies_that_are_neither_are_400(self, developer: Developer, session_id: str) -> None:
        place = f"/sessions/{session_id}/fields"
        for body in ({}, {"fields": [], "updates": []}, {"fields": "x"}, {"fields": [{"id": "f_001"}]}, []):
            refused(developer.http.put(place, json=body), 400, "bad_request")
        assert good(developer.http.put(place, json={"fields": []}))["updated"] == []


class TestRendering:
    def test_a_session_is_completed_once_and_its_pdf_can_be_fetched_again(
        self, developer: Developer, session_id: str
    ) -> None:
        refused(developer.http.get(f"/sessions/{session_id}/pdf"), 409, "not_filled")
        good(developer.put(session_id, f_001="Analytical Engines LLC"))
        found = good(developer.http.post(f"/sessions/{session_id}/fill"))
        assert (found["session_id"], found["status"]) == (session_id, "completed")
        has(found, filled=list, left_blank=list, unconfirmed=list, warnings=list)
        assert found["filled"] == ["f_001"]
        answers = [developer.http.get(f"/sessions/{session_id}/pdf") for _ in range(2)]
        assert answers[0].content == answers[1].content
        assert answers[0].content.startswith(b"%PDF-")
        assert answers[0].headers["content-type"] == "application/pdf"
        assert answers[0].headers["content-disposition"].startswith("attachment; filename=")
        for method, call, body in WRITES:
            answer = developer.http.request(method, f"/sessions/{session_id}/{call}", json=body)
            assert session_id in refused(answer, 409, "session_completed")
        assert good(developer.http.get(f"/sessions/{session_id}"))["status"] == "completed"

    def test_a_flat_copy_can_be_had(self, developer: Developer, session_id: str) -> None:
        good(developer.put(session_id, f_001="Analytical Engines LLC"))
        good(developer.http.post(f"/sessions/{session_id}/fill?flatten=true"))
        content = developer.http.get(f"/sessions/{session_id}/pdf").content
        with pikepdf.open(io.BytesIO(content)) as document:
            assert not any(page.get("/Annots") for page in document.pages)


class TestCredentials:
    @pytest.mark.parametrize("key", ["sk_live_" + "x" * 40, "nonsense"])
    def test_an_unknown_key_is_401_everywhere(self, developer: Developer, session_id: str, key: str) -> None:
        calls = [("GET", "", {}), ("GET", "/pdf", {}), *((method, f"/{call}", body) for method, call, body in WRITES)]
        client = developer.server.client({"Authorization": f"Bearer {key}"})
        for method, call, body in calls:
            answer = client.request(method, f"/sessions/{session_id}{call}", json=body)
            refused(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"] == "Bearer"

    def test_no_key_is_told_in_the_published_words(self, developer: Developer) -> None:
        assert refused(developer.server.client().get("/forms"), 401, "unauthenticated") == "missing credentials"


class TestForms:
    def test_a_form_is_read_in_the_background(self, developer: Developer) -> None:
        made = developer.upload(w9())
        assert made["form_id"] == made["id"]
        assert made["status"] == "detecting"
        assert (made["library"], made["source_artifact_id"]) == (None, None)
        found = developer.read(made["form_id"])
        has(found, title=str, warnings=list, reused_layout=bool, page_count=int, field_count=int, progress=float)
        assert (found["status"], found["error"], found["schema_version"]) == ("ready", None, "1")
        assert (found["source_kind"], found["page_count"], found["field_count"]) == ("acroform", 6, 23)
        assert found["progress"] == 1.0

    def test_an_identical_blank_reuses_its_layout(self, developer: Developer, form_id: str) -> None:
        again = developer.read(developer.upload(w9())["form_id"])
        assert again["reused_layout"] is True
        ours = good(developer.http.get(f"/forms/{again['id']}/contract"))["fields"]
        assert ours == good(developer.http.get(f"/forms/{form_id}/contract"))["fields"]

    def test_a_blank_that_was_saved_again_reuses_its_layout_and_brings_its_own_values(
        self, developer: Developer
    ) -> None:
        def written(word: str) -> bytes:
            session_id = developer.open(form_id)
            good(developer.put(session_id, f_001=word))
            good(developer.http.post(f"/sessions/{session_id}/fill"))
            return developer.http.get(f"/sessions/{session_id}/pdf").content

        form_id = developer.form(pdf("acroform/ff-e5e3527a"))
        first, second = (developer.read(developer.upload(written(word))["form_id"]) for word in ("Ada", "Bea"))
        assert (first["reused_layout"], second["reused_layout"]) == (True, True)
        for found, word in ((first, "Ada"), (second, "Bea")):
            state = developer.state(developer.open(found["id"]))
            assert {field["value"] for field in state.values() if field["value"]} == {word}
        other = Developer(developer.server)
        assert other.read(other.upload(written("Cy"))["form_id"])["reused_layout"] is False

    def test_the_contract_has_both_editions_keys(self, developer: Developer, form_id: str) -> None:
        found = good(developer.http.get(f"/forms/{form_id}/contract"))
        assert found["form_id"] == found["id"] == form_id
        assert found["contract"]["fields"] == found["fields"]
        has(found["contract"], title=str, schema_version=str, pages=list)
        assert found["contract"]["pages"][0] == {"page": 0, "width": 611.976, "height": 791.968, "rotation": 0}
        for number, field in enumerate(found["fields"], 1):
            assert (field["id"], field["field_id"]) == (f"f_{number:03d}", number)
            assert field["type"] == field["kind"]
            assert set(field["rect"]) == {"page", "x", "y", "w", "h"}

    def test_the_list_holds_ready_forms_newest_first(self, developer: Developer, form_id: str) -> None:
        found = good(developer.http.get("/forms?page=7"))
        assert found["total"] == len(found["forms"])
        assert (found["limit"], found["offset"]) == (100, 0)
        (line,) = [line for line in found["forms"] if line["id"] == form_id]
        has(line, title=str, status=str, created_at=str, has_thumbnail=bool, no_fields=bool)
        moments = [line["created_at"] for line in found["forms"]]
        assert moments == sorted(moments, reverse=True)
        developer.form()
        page = good(developer.http.get("/forms?states=all&limit=1&offset=1"))
        assert (len(page["forms"]), page["limit"], page["offset"]) == (1, 1, 1)
        assert page["total"] >= 2
        refused(developer.http.get("/forms?states=some"), 400, "bad_request")
        assert good(Developer(developer.server).http.get("/forms")) == {
            "forms": [],
            "total": 0,
            "limit": 100,
            "offset": 0,
        }

    def test_a_fillable_copy_and_a_picture(self, developer: Developer, form_id: str) -> None:
        copy = developer.http.get(f"/forms/{form_id}/fillable", headers={"Accept": "application/json"})
        assert copy.headers["content-type"] == "application/pdf"
        assert copy.content.startswith(b"%PDF-")
        picture = developer.http.get(f"/forms/{form_id}/thumbnail")
        assert picture.headers["content-type"] == "image/png"
        assert int.from_bytes(picture.content[16:20], "big") == 320

    def test_a_form_is_deleted_with_what_belongs_to_it(self, developer: Developer) -> None:
        form_id = developer.form()
        session_id = developer.open(form_id)
        assert good(developer.http.delete(f"/forms/{form_id}")) == {"id": form_id, "deleted": True}
        for path in (f"/forms/{form_id}", f"/forms/{form_id}/contract", f"/sessions/{session_id}"):
            refused(developer.http.get(path), 404, "not_found")
        refused(developer.http.delete(f"/forms/{form_id}"), 404, "not_found")

    def test_usage_is_counted_under_both_names(self, developer: Developer) -> None:
        fresh = Developer(developer.server)
        session_id = fresh.open()
        good(fresh.http.post(f"/sessions/{session_id}/turns", json={"message": MESSAGE}))
        good(fresh.http.post(f"/sessions/{session_id}/fill"))
        found = good(fresh.http.get("/usage"))
        assert found["period_counts"] == found["total"]
        counts = {kind: count for kind, count in found["total"].items() if count}
        assert counts == {"create": 1, "straight_fill": 1, "standard_fill": 1, "conversation_turn": 1}
        assert found["period_pages"] == found["total_pages"]
        pages = {kind: count for kind, count in found["total_pages"].items() if count}
        assert pages == {"create": 6, "straight_fill": 6, "standard_fill": 6}

    def test_what_is_no_pdf_is_refused_by_name(self, developer: Developer) -> None:
        for content, code in ((b"GIF89a", "unsupported_file"), (b"", "bad_request")):
            file = {"file": ("form.pdf", content, "application/pdf")}
            refused(developer.http.post("/forms", files=file), 400, code)
        refused(developer.http.post("/forms", files={"library": (None, "w9")}), 404, "not_found")
        refused(developer.http.post("/forms", json={}), 400, "bad_request")
        refused(developer.http.get(f"/forms/{UNKNOWN_FORM}"), 404, "not_found")
        refused(developer.http.patch("/forms"), 405, "method_not_allowed")
        refused(developer.http.get("/forms/x/y/z"), 404, "not_found")
