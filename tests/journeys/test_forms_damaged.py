"""Three hundred damaged PDFs: each is answered, by name, and the server is as well afterwards as before."""

from collections import Counter

import pytest

from hostile_pdfs import damaged
from journeys.applicants import Body, Developer, good, pdf, refused
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-forms-damaged")
COUNT = 300
REFUSED = {"unsupported_file", "pdf_corrupt", "pdf_encrypted", "too_many_pages", "bad_request"}
FAILED = {"unsupported_file", "pdf_corrupt", "pdf_encrypted", "too_many_pages"}


def test_three_hundred_damaged_files_leave_the_server_up(small_server: Running) -> None:
    developer = Developer(small_server)
    taken: dict[str, str] = {}
    answered: Counter[str] = Counter()
    for name, content in damaged(COUNT):
        file = {"file": (f"{name}.pdf", content, "application/pdf")}
        answer = developer.http.post("/forms", files=file)
        assert answer.status_code in (202, 400, 413), f"{name}: {answer.text}"
        found = answer.json()
        if answer.status_code == 202:
            taken[name] = found["form_id"]
        else:
            assert found["code"] in REFUSED, f"{name}: {found}"
            assert len(found["detail"]) > 10
            answered[found["code"]] += 1
    assert sum(answered.values()) + len(taken) == COUNT
    for name, form_id in taken.items():
        ended = settled(developer, form_id)
        answered[ended["status"]] += 1
        if ended["status"] == "failed":
            assert ended["error_code"] in FAILED, f"{name}: {ended}"
            assert ended["error"]
        else:
            for call in ("contract", "thumbnail", "fillable"):
                status = developer.http.get(f"/forms/{form_id}/{call}").status_code
                assert status in (200, 400), f"{name}: {call} answers {status}"
    print(dict(answered))
    assert small_server.journal.faults == []
    assert good(developer.http.get("/health"))["status"] == "ok"
    assert developer.read(developer.upload()["form_id"])["status"] == "ready"


def settled(developer: Developer, form_id: str) -> Body:
    def look() -> Body | None:
        found = good(developer.http.get(f"/forms/{form_id}"))
        return None if found["status"] == "detecting" else found

    ended: Body = until(look, 180)
    return ended


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("special/not-a-pdf", "unsupported_file"),
        ("special/truncated", "pdf_corrupt"),
        ("special/encrypted-user-password", "pdf_encrypted"),
    ],
)
def test_special_files_are_refused_by_name(small_server: Running, name: str, code: str) -> None:
    developer = Developer(small_server)
    answer = developer.http.post("/forms", files={"file": ("form.pdf", pdf(name), "application/pdf")})
    refused(answer, 400, code)


def test_a_dynamic_form_fails_with_what_can_be_done(small_server: Running) -> None:
    developer = Developer(small_server)
    found = settled(developer, developer.upload(pdf("special/xfa-dynamic"))["form_id"])
    assert (found["status"], found["error_code"]) == ("failed", "unsupported_file")
    assert "print" in found["error"]
    refused(developer.http.get(f"/forms/{found['id']}/contract"), 409, "not_ready")
    refused(developer.http.post("/sessions", json={"form_id": found["id"]}), 409, "not_ready")
    refused(developer.http.get(f"/forms/{found['id']}/thumbnail"), 404, "not_found")


@pytest.mark.parametrize("name", ["special/encrypted-owner-only", "special/broken-xref", "special/rotate90"])
def test_special_files_that_can_be_read_are_filled(small_server: Running, name: str) -> None:
    developer = Developer(small_server)
    form_id = developer.form(pdf(name))
    session_id = developer.open(form_id)
    first = next(field["id"] for field in developer.state(session_id).values() if field["type"] == "text")
    good(developer.put(session_id, **{first: "Ada"}))
    assert good(developer.http.post(f"/sessions/{session_id}/fill"))["filled"] == [first]
    assert developer.http.get(f"/sessions/{session_id}/pdf").content.startswith(b"%PDF-")
