"""Files that should not be sent, on both stores: refused at confirmation, in the customer's words, and gone."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator

import httpx
import pytest

import hostile_files
from frontdesk.kyc.rules.confirm import ConfirmRequest
from frontdesk.kyc.service import uploading
from frontdesk.kyc.store import sessions as store
from journeys.people import Body, Customer, Office, document_step, form_step, paper, photo, refused, success, workflow
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-files")
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
HOSTILE: dict[str, tuple[str, bytes]] = {
    "another type": (JPEG, paper()),
    "a picture called a document": (PDF, photo()),
    "a web page": (JPEG, b"<!doctype html><script>alert(1)</script>" * 50),
    "a drawing with script": (PNG, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>" * 50),
    "nothing": (JPEG, b""),
    "too small": (JPEG, photo()[:900]),
    "too large": (PDF, paper() + b"\n%" + b"x" * (1024 * 1024)),
    "cut off": (JPEG, photo()[:-2000]),
    "too many pixels": (PNG, hostile_files.png_bomb(60_000, 60_000)),
    "too many pages": (PDF, hostile_files.saved(hostile_files.document(pages=21))),
    "an archive as well": (JPEG, hostile_files.with_archive(photo())),
    "a page as well": (JPEG, hostile_files.with_jpeg_comment(photo(), b"<html><script>alert(1)</script>")),
    "a document with script": (PDF, hostile_files.with_script()),
    "a document with a file in it": (PDF, hostile_files.with_embedded_file()),
    "a locked document": (PDF, hostile_files.encrypted()),
    "a document with a huge picture": (PDF, hostile_files.with_huge_image()),
}


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


@pytest.fixture(scope="module")
def workflow_id(office: Office) -> str:
    return office.save(workflow(document_step(max_size_mb=1), form_step()))


def objects(server: Running, session_id: str) -> list[str]:
    return [key for key in server.wait(server.house.blobs.keys("")) if session_id in key]


@pytest.mark.parametrize("name", HOSTILE)
def test_8_it_is_refused_at_confirmation_and_gone(office: Office, server: Running, workflow_id: str, name: str) -> None:
    mime_type, content = HOSTILE[name]
    session_id, customer = office.open(workflow_id)
    slot = customer.begin(mime_type=mime_type)
    sent = customer.send(slot, content)
    if sent.status_code == 413:
        assert name == "too large"  # our own store refuses it while it comes
    else:
        assert sent.status_code == 200
        error = refused(customer.confirm(slot), 400, "VALIDATION_ERROR")
        assert "Traceback" not in error["message"]
        # A second try is told that this upload is over, and finds nothing either.
        refused(customer.confirm(slot), 400, "VALIDATION_ERROR")
    assert objects(server, session_id) == []
    assert "documents" not in customer.step("step_1")
    refused(customer.call("POST", "/step/step_1/complete", {}), 400, "VALIDATION_ERROR")
    refused(
        customer.call("POST", "/extract", {"doc_id": slot["doc_id"]}), 400, "VALIDATION_ERROR", "Document not found"
    )


@pytest.mark.parametrize("name", ["another type", "nothing", "cut off", "an archive as well", "too large"])
def test_the_old_call_refuses_it_too(office: Office, server: Running, workflow_id: str, name: str) -> None:
    mime_type, content = HOSTILE[name]
    session_id, customer = office.open(workflow_id)
    sent = {"step_id": "step_1", "document_type": "id", "file_name": "a", "mime_type": mime_type}
    found = customer.call("POST", "/upload", {**sent, "file_data": base64.b64encode(content).decode()})
    if name == "too large":
        refused(found, 413, "PAYLOAD_TOO_LARGE")
    else:
        refused(found, 400, "VALIDATION_ERROR")
    refused(customer.call("POST", "/upload", {**sent, "file_data": "no base64!"}), 400, "VALIDATION_ERROR")
    assert objects(server, session_id) == []
    assert "documents" not in customer.step("step_1")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"mime_type": "image/svg+xml"}, 400, "VALIDATION_ERROR"),
        ({"mime_type": "text/html"}, 400, "VALIDATION_ERROR"),
        ({"file_name": ""}, 400, "VALIDATION_ERROR"),
        ({"file_name": "x" * 256}, 400, "VALIDATION_ERROR"),
        ({"file_name": "../.."}, 400, "VALIDATION_ERROR"),
        ({"file_size": 2 * 1024 * 1024}, 413, "PAYLOAD_TOO_LARGE"),
        ({"document_type": "selfie"}, 400, "VALIDATION_ERROR"),
        ({"field_id": "full_name"}, 400, "VALIDATION_ERROR"),
        ({"step_id": 1}, 400, "VALIDATION_ERROR"),
    ],
    ids=str,
)
def test_what_cannot_be_accepted_is_refused_early(
    office: Office, workflow_id: str, change: Body, status: int, code: str
) -> None:
    _, customer = office.open(workflow_id)
    body = {"step_id": "step_1", "document_type": "id", "file_name": "a.jpg", "mime_type": JPEG, **change}
    refused(customer.call("POST", "/upload/init", body), status, code)


def test_a_name_loses_its_folders(office: Office, workflow_id: str) -> None:
    _, customer = office.open(workflow_id)
    name = "C:\\x\\..\\../../etc/pass\x07wd<script>.jpg"
    slot = customer.begin(file_name=name)
    customer.send(slot, photo())
    success(customer.confirm(slot, file_name="another.jpg"))
    assert customer.step("step_1")["documents"][0]["file_name"] == "passwd<script>.jpg"


def seen_by_staff(office: Office, session_id: str, doc_id: str) -> bytes:
    found = success(office.http.get(f"/kyc/sessions/{session_id}/documents/{doc_id}/url"))
    return httpx.get(found["url"], trust_env=False).content


def test_an_address_used_again_does_not_change_what_a_reviewer_sees(
    office: Office, server: Running, workflow_id: str
) -> None:
    session_id, customer = office.open(workflow_id)
    slot = customer.begin()
    assert customer.send(slot, photo()).status_code == 200
    success(customer.confirm(slot))
    again = customer.send(slot, photo("ANOTHER PERSON"))
    assert again.status_code == (200 if server.house.settings.blobs_path is None else 409)
    assert success(customer.confirm(slot))["confirmed"] is True
    assert seen_by_staff(office, session_id, slot["doc_id"]) == photo()
    server.sweep()
    assert seen_by_staff(office, session_id, slot["doc_id"]) == photo()


def test_a_newer_file_takes_the_place_of_the_older_one(office: Office, workflow_id: str) -> None:
    session_id, customer = office.open(workflow_id)
    first = customer.upload()
    second = customer.upload(content=photo("SECOND"))
    assert [one["doc_id"] for one in customer.step("step_1")["documents"]] == [second]
    shown = office.detail(session_id)["steps_data"][0]["documents"]
    assert [(one["doc_id"], one["superseded"]) for one in shown] == [(first, True), (second, False)]
    assert seen_by_staff(office, session_id, first) == photo()


class TestOurOwnAddress:
    @pytest.fixture
    def customer(self, office: Office, server: Running, workflow_id: str) -> Customer | None:
        return office.open(workflow_id)[1] if server.house.settings.blobs_path is not None else None

    def test_it_takes_one_file_of_the_announced_type_in_time(self, customer: Customer | None, server: Running) -> None:
        if customer is None:
            return  # the object store gives addresses of its own
        slot = customer.begin()
        wrong = httpx.put(slot["upload_url"], content=photo(), headers={"Content-Type": "image/png"})
        refused(wrong, 403, "FORBIDDEN")
        refused(
            httpx.put(slot["upload_url"] + "x", content=photo(), headers=slot["required_headers"]), 403, "FORBIDDEN"
        )
        big = httpx.put(slot["upload_url"], content=b"x" * (1024 * 1024 + 1), headers=slot["required_headers"])
        refused(big, 413, "PAYLOAD_TOO_LARGE")
        refused(customer.confirm(slot), 400, "VALIDATION_ERROR")
        sent = customer.send(slot, photo())
        assert (sent.status_code, sent.content) == (200, b"")
        refused(customer.send(slot, photo()), 409, "CONFLICT")
        late = customer.begin()
        server.advance(minutes=16)
        refused(customer.send(late, photo()), 403, "FORBIDDEN")


def test_of_two_confirmations_at_once_the_digest_and_the_bytes_are_of_the_same(
    office: Office, server: Running, workflow_id: str
) -> None:
    needs = server.house.kyc
    for turn in range(5):
        session_id, customer = office.open(workflow_id)
        slot = customer.begin(mime_type=JPEG)
        assert customer.send(slot, photo("FIRST")).status_code == 200
        request = ConfirmRequest(slot["doc_id"], slot["s3_key"], "step_1", JPEG, "id")

        async def race() -> None:
            token, arriving = customer.token, f"arriving/{slot['s3_key']}"  # noqa: B023 - run at once
            first = asyncio.create_task(uploading.confirm(needs, token, request))  # noqa: B023
            if turn % 2:  # noqa: B023
                await asyncio.sleep(0)
            # A presigned address takes bytes more than once.
            await needs.blobs.put(arriving, photo("SECOND"), JPEG)
            await asyncio.gather(first, uploading.confirm(needs, token, request))  # noqa: B023

        server.wait(race())
        dossier = server.wait(store.for_job(needs.db, needs.vault, needs.definitions, session_id))
        assert dossier is not None
        document = dossier.progress.document(slot["doc_id"])
        assert document is not None
        content = server.wait(needs.blobs.get(document.kept_key, 1_000_000))
        assert hashlib.sha256(content).hexdigest() == document.sha256
