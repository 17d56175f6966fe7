"""Evidence: whoever holds the file and knows the key can prove what happened, also when the session is long gone."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pypdf import PdfReader

from frontdesk.kyc.documents.archive import EvidenceFlawed
from frontdesk.kyc.documents.verifying import Verified, verify
from journeys.people import PERSON, Body, Customer, Office, document_step, form_step, paper, photo, refused, success
from journeys.people import workflow as flow
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-evidence")


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


def exported(office: Office, session_id: str) -> bytes:
    answer = office.http.get(f"/kyc/sessions/{session_id}/evidence")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence-{session_id}.zip"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.content


def key_of(office: Office) -> Body:
    """The public key, which needs no credential."""
    return success(office.outside.get("/kyc/evidence/key"))


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def checked(content: bytes, key_id: str | None = None) -> Verified:
    return verify(io.BytesIO(content), key_id)


def report_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(opened(content).read("report.pdf"))).pages
    return "\n".join(page.extract_text() for page in pages)


def walked(office: Office) -> tuple[str, Customer, str]:
    """A session that was corrected, its customer, and the id of the paper that counts in the end."""
    asked = document_step(allow_multiple=False)
    session_id, customer = office.open(office.save(flow(asked, form_step())), metadata={"reference": "case 77"})
    customer.upload()
    customer.complete("step_1")
    customer.complete("step_3", PERSON)
    office.correct(session_id, {"step_id": "step_1", "message": "Too dark.", "document_types": ["id"]})
    doc_id = customer.upload(content=paper(), mime_type="application/pdf")
    customer.complete("step_1")
    success(office.decide(session_id, "approved", reason="All is well.", notes="Seen by two."))
    return session_id, customer, doc_id


@pytest.fixture(scope="module")
def whole(office: Office) -> tuple[str, bytes]:
    session_id, _, _ = walked(office)
    return session_id, exported(office, session_id)


def test_the_file_holds_under_the_published_key(office: Office, whole: tuple[str, bytes]) -> None:
    session_id, content = whole
    found = checked(content, key_of(office)["key_id"])
    assert (found.session_id, found.key_compared) == (session_id, True)
    assert found.events == len(office.detail(session_id)["events"])


def test_somebody_without_our_program_can_check_it(office: Office, whole: tuple[str, bytes]) -> None:
    archive = opened(whole[1])
    text = archive.read("manifest.json")
    load_pem_public_key(key_of(office)["pem"].encode()).verify(archive.read("manifest.sig"), text)  # type: ignore
    told = json.loads(text)
    for line in told["members"]:
        content = archive.read(line["name"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (line["size"], line["sha256"])
    assert archive.namelist() == [*(line["name"] for line in told["members"]), "manifest.json", "manifest.sig"]


def test_originals_are_in_it_and_superseded_ones_have_a_folder(office: Office, whole: tuple[str, bytes]) -> None:
    session_id, content = whole
    archive = opened(content)
    steps = office.detail(session_id)["steps_data"]
    documents = next(step for step in steps if step["step_id"] == "step_1")["documents"]
    names = [name for name in archive.namelist() if "/" in name]
    assert sorted(name.partition("/")[0] for name in names) == ["documents", "superseded"]
    assert {name.partition("/")[2].partition(".")[0] for name in names} == {one["doc_id"] for one in documents}
    by_folder = {name.partition("/")[0]: archive.read(name) for name in names}
    assert by_folder == {"documents": paper(), "superseded": photo()}


def test_the_record_is_in_it_without_what_only_the_machinery_needs(whole: tuple[str, bytes]) -> None:
    session_id, content = whole
    found = json.loads(opened(content).read("session.json"))
    assert found["session"]["session_id"] == session_id
    assert found["record"]["form_data"]["step_3"] == PERSON
    assert found["record"]["review"]["notes"].endswith("Seen by two.")
    assert found["workflow"]["definition"]["steps"][0]["step_id"] == "step_1"
    assert b"blob_key" not in opened(content).read("session.json")


def test_the_report_tells_people_who_what_and_when(whole: tuple[str, bytes]) -> None:
    session_id, content = whole
    text = report_of(content)
    wanted = (
        "Evidence of an identity check",
        session_id,
        *PERSON.values(),
        "Too dark.",
        "All is well.",
        "Seen by two.",
    )
    assert [word for word in (*wanted, "case 77", "What was not checked", "page 1 of") if word not in text] == []
    pictures = [
        image for page in PdfReader(io.BytesIO(opened(content).read("report.pdf"))).pages for image in page.images
    ]
    assert len(pictures) == 2
    assert all(max(image.image.size) <= 1100 for image in pictures if image.image)


def test_every_export_is_in_the_log_and_in_the_next_file(office: Office, whole: tuple[str, bytes]) -> None:
    session_id, _ = whole
    before = len(office.detail(session_id)["events"])
    lines = opened(exported(office, session_id)).read("events.jsonl").splitlines()
    last = json.loads(lines[-1])
    assert (last["type"], last["number"]) == ("kyc.evidence_exported", before + 1)
    assert last["facts"]["by"].startswith("key ")


def test_two_exports_have_their_members_in_the_same_order(office: Office, whole: tuple[str, bytes]) -> None:
    assert opened(exported(office, whole[0])).namelist() == opened(whole[1]).namelist()


def test_a_bare_session_can_be_exported_too(office: Office) -> None:
    session_id, _ = office.open()
    content = exported(office, session_id)
    assert checked(content).events == 2
    assert "Nothing has been decided yet." in report_of(content)


def test_only_who_may_export_gets_a_file_and_only_of_its_own_sessions(office: Office, server: Running) -> None:
    session_id, _ = office.open()
    path = f"/kyc/sessions/{session_id}/evidence"
    reader = server.staff(server.key(office.tenant.tenant_id, "kyc:read"))
    refused(reader.get(path), 403, "FORBIDDEN")
    stranger = Office(server)
    refused(stranger.http.get(path), 404, "NOT_FOUND")
    refused(office.outside.get(path), 401, "UNAUTHORIZED")
    success(office.http.delete(f"/kyc/sessions/{session_id}"))
    refused(office.http.get(path), 404, "NOT_FOUND")


def test_a_file_that_the_store_has_lost_or_changed_is_told(office: Office, server: Running) -> None:
    session_id, customer = office.open(office.save(flow(document_step(allow_multiple=True, max_files=3), form_step())))
    kept = [customer.upload(content=photo(word)) for word in ("LOST", "CHANGED")]
    keys = [
        key for key in server.wait(server.house.blobs.keys("")) if session_id in key and not key.startswith("arriv")
    ]
    lost, changed = (next(key for key in keys if doc_id in key) for doc_id in kept)
    server.wait(server.house.blobs.delete(lost))
    server.wait(server.house.blobs.put(changed, photo("FORGED"), "image/jpeg"))
    content = exported(office, session_id)
    text = " ".join(report_of(content).split())
    assert "The file is missing from the store" in text
    assert "not the one that was confirmed" in text
    assert [name for name in opened(content).namelist() if kept[0] in name] == []
    checked(content)


def test_an_altered_export_does_not_hold(whole: tuple[str, bytes]) -> None:
    altered = bytearray(whole[1])
    altered[len(altered) // 2] ^= 1
    with pytest.raises(EvidenceFlawed):
        checked(bytes(altered))


def test_an_export_survives_the_erasure_of_its_session(office: Office, server: Running) -> None:
    session_id, _, _ = walked(office)
    content = exported(office, session_id)
    success(office.http.delete(f"/kyc/sessions/{session_id}"))
    until(lambda: not [key for key in server.wait(server.house.blobs.keys("")) if session_id in key])
    assert checked(content, key_of(office)["key_id"]).session_id == session_id
