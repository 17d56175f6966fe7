"""A passport as a telephone keeps it: taken where the installation says so, read, and shown in the evidence."""

import io
import zipfile
from collections.abc import Iterator

import httpx
import pytest
from pypdf import PdfReader

import heics
from heics import HEIC
from journeys.conftest import running
from journeys.people import Body, Customer, Office, document_step, refused, success, workflow
from journeys.running import Running, settings_for, until

pytestmark = pytest.mark.xdist_group("journeys-heic")
TYPES = ("image/jpeg", "image/png", "application/pdf", HEIC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from running(settings_for(tmp_path_factory.mktemp("server"), upload_types=TYPES))


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


@pytest.fixture(scope="module")
def workflow_id(office: Office) -> str:
    return office.save(workflow(document_step(kind="passport")))


def extracted(customer: Customer, doc_id: str) -> Body:
    """What is read of a document. A reader that is busy says so (503), and is asked again."""

    def answer() -> httpx.Response | None:
        found = customer.call("POST", "/extract", {"doc_id": doc_id})
        return None if found.status_code == 503 else found

    return success(until(answer, 180))


def test_it_is_taken_read_and_shown_in_the_evidence(office: Office, workflow_id: str) -> None:
    session_id, customer = office.open(workflow_id)
    slot = customer.begin(kind="passport", file_name="IMG_0001.HEIC", mime_type=HEIC)
    assert customer.send(slot, heics.passport()).status_code == 200
    success(customer.confirm(slot, kind="passport", file_name="IMG_0001.HEIC"))
    found = extracted(customer, slot["doc_id"])["extracted_data"]
    assert (found["document_number"], found["full_name"]) == ("L898902C3", "ANNA MARIA ERIKSSON")
    customer.complete("step_1")
    evidence = office.http.get(f"/kyc/sessions/{session_id}/evidence")
    assert evidence.status_code == 200, evidence.text
    with zipfile.ZipFile(io.BytesIO(evidence.content)) as archive:
        assert archive.read(f"documents/{slot['doc_id']}.heic") == heics.passport()
        pages = PdfReader(io.BytesIO(archive.read("report.pdf"))).pages
    (shown,) = [picture.image for page in pages for picture in page.images]
    assert shown is not None
    assert (shown.size, shown.format) == ((793, 536), "JPEG")


BAD = {
    "cut off": (heics.passport()[:30_000], "cut off"),
    "too many pixels": (heics.promising(40_000, 40_000), "million pixels"),
    "two pictures": (heics.two_pictures(), "more than one picture"),
    "a film": (heics.branded(b"hevc", b"heic"), "none of the accepted kinds"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_one_is_refused_at_confirmation(office: Office, workflow_id: str, name: str) -> None:
    content, words = BAD[name]
    _, customer = office.open(workflow_id)
    slot = customer.begin(kind="passport", mime_type=HEIC)
    assert customer.send(slot, content).status_code == 200
    assert words in refused(customer.confirm(slot, kind="passport"), 400, "VALIDATION_ERROR")["message"]


def test_where_it_is_not_taken_the_customer_is_told_before_sending(small_server: Running) -> None:
    office = Office(small_server)
    _, customer = office.open(office.save(workflow(document_step(kind="passport"))))
    body = {"step_id": "step_1", "document_type": "passport", "file_name": "IMG_0001.HEIC", "mime_type": HEIC}
    told = refused(customer.call("POST", "/upload/init", body), 400, "VALIDATION_ERROR")
    assert told["message"] == "File type not allowed. Allowed here: image/jpeg, image/png, application/pdf"
    office.close()
