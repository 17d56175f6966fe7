"""Nothing of a person is found anywhere after an erasure: not in databases, journals, files, jobs, logs or backups."""

import io
import json
import logging
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from PIL import Image

from frontdesk.config import Settings
from hostile_files import document, saved
from journeys import heads
from journeys.conftest import running
from journeys.people import (
    IDS,
    Body,
    Customer,
    Office,
    collection_step,
    document_step,
    form_step,
    refused,
    success,
    workflow,
)
from journeys.receiving import Receiver
from journeys.running import Running, until
from journeys.test_erasure import tables
from journeys.test_screening import bring_in
from servers.smtp import Postbox, postbox

pytestmark = pytest.mark.xdist_group("journeys-erasure-everywhere")
CHANNELS = "/kyc/tenants/me/notification-channels"
READ = ("ERIKSSON", "L898902C3")
"""What the specimen passport says, so what its extraction holds."""
LISTED = {
    "deleted": ("Bartholomew Quillfeather", "Barthollomew Quilfeather"),
    "retention": ("Wilhelmina Thistledown", "Wilhelmyna Thistledowne"),
}
"""A name on the tenant's own list, which stays, and how the customer spells it, which does not."""


@pytest.fixture(scope="module")
def box() -> Iterator[Postbox]:
    """A mail server of the machine, in a thread of its own."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(postbox()) as found:
        yield found


@pytest.fixture(scope="module")
def server(storage: Settings, box: Postbox) -> Iterator[Running]:
    """A server that sends mails, on each storage."""
    yield from running(replace(storage, smtp_url=f"smtp://127.0.0.1:{box.port}"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.stop()


@pytest.fixture
def office(server: Running, receiver: Receiver, box: Postbox) -> Iterator[Office]:
    staff = Office(server)
    channels = {
        "webhook_url": receiver.url,
        "webhook_secret": "a secret of sixteen letters",
        "notification_emails": ["ops@example.net"],
        "webhook_events": ["kyc.session.correction_requested", "kyc.subsession.created", "kyc.session.erased"],
    }
    success(staff.http.patch(CHANNELS, json=channels))
    yield staff
    staff.close()


@dataclass
class Seeded:
    """A value of its own for every place in which somebody can enter something."""

    word: str
    values: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, place: str) -> str:
        return self.values.setdefault(place, f"{self.word}-{place}-{len(self.values)}")

    @property
    def everything(self) -> list[str]:
        return [*self.values.values(), *READ]


def remarked(picture: bytes, comment: str) -> bytes:
    """A JPEG with a remark in it, its pixels as they were."""
    said = comment.encode()
    return picture[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2) + said + picture[2:]


def passport(comment: str) -> bytes:
    """The specimen with a remark in the file itself."""
    out = io.BytesIO()
    with Image.open(IDS / "100_pass-uto.jpg") as picture:
        picture.save(out, "JPEG", quality=92, comment=comment.encode())
    return out.getvalue()


@dataclass
class Walked:
    """A session that went through everything, and what could open or rebuild it."""

    session_id: str
    child_id: str
    tokens: list[str]
    secrets: list[bytes]


def checking(office: Office, child: str, list_name: str) -> Body:
    """A workflow that asks for everything that is kept of a person."""
    form = form_step()
    form["custom_fields"].append(
        {"field_id": "listed", "name": "Other name", "type": "name", "validate_lists": True, "required": True}
    )
    steps = (
        document_step(auto_extract=True, allow_multiple=False),
        # The specimen shows somebody else than the rendered heads.
        heads.liveness_step(use_for_face_match=False, max_retries=9),
        heads.selfie_step(),
        form,
        collection_step(child),
    )
    rules = {
        "face_dedup": {"enabled": True, "retention_days": 90, "reason": "Seen before"},
        "default_action": "manual_review",
    }
    config = {"run_lists": True, "lists": [list_name], "auto_face_match": True, "automation_rules": rules}
    return workflow(*steps, validation_config=config)


def show_presence(customer: Customer, seeded: Seeded) -> None:
    """One attempt that fails, one that passes, and one whose pictures nobody asks to be judged; then a selfie."""

    def filmed(started: Body, frames: heads.Frames, place: str) -> None:
        heads.film(customer, started, [remarked(frame, seeded[place]) for frame in frames])

    failed = heads.start(customer)
    filmed(failed, heads.still(failed["challenge"]["moves"]), "still")
    assert success(heads.ask(customer, failed))["passed"] is False
    passed = heads.start(customer)
    filmed(passed, heads.turning(passed["challenge"]["moves"]), "frame")
    assert success(heads.ask(customer, passed))["passed"] is True
    filmed(heads.start(customer), [heads.head("p1"), heads.head("p1", "+25")], "unjudged")
    customer.upload("step_selfie", "selfie", remarked(heads.head("p1"), seeded["selfie"]))
    customer.complete("step_selfie")


def correct(office: Office, customer: Customer, session_id: str, seeded: Seeded) -> None:
    """A reviewer sends a paper and a field back; the field is put right."""
    asked = {"step_id": "step_1", "message": seeded["message"], "document_types": ["id"]}
    more = {"step_id": "step_3", "message": seeded["form-message"], "field_ids": ["full_name"]}
    office.correct(
        session_id,
        {**asked, "internal_note": seeded["internal-note"], "reason_code": "image_blurred"},
        {**more, "internal_note": seeded["form-note"]},
    )
    assert seeded["form-message"] in customer.call("GET").text
    customer.complete("step_3", {"full_name": seeded["corrected-name"]})


def walk(office: Office, seeded: Seeded, how: str, folder: Path) -> Walked:
    listed, entered = LISTED[how]
    file, list_name = folder / "own.csv", f"list-{how}"
    file.write_text(f"id,name\n1,{listed}\n")
    bring_in(office, file, list_name, "sanctions")
    seeded.values["on a list"] = entered
    child = office.save(workflow(form_step()))
    wish = {
        "workflow_id": office.save(checking(office, child, list_name)),
        "metadata": {seeded["metadata-key"]: seeded["metadata"], "deep": [{"x": seeded["metadata-deep"]}]},
        "client_id": seeded["client"],
    }
    headers = {"Idempotency-Key": seeded["idempotency"], "User-Agent": seeded["staff-agent"]}
    opened = success(office.http.post("/kyc/sessions", json=wish, headers=headers), 201)
    assert success(office.http.post("/kyc/sessions", json=wish, headers=headers), 201) == opened
    browser = office.server.client(
        {"User-Agent": seeded["user-agent"], "Referer": f"https://a.example/{seeded['from']}"}
    )
    customer = Customer(browser, opened["access_token"])
    first = customer.begin(file_name=f"{seeded['file']}.jpg")
    assert customer.send(first, passport(seeded["content"])).status_code == 200
    success(customer.confirm(first, file_name=f"{seeded['file']}.jpg"))
    wanted = {"doc_id": first["doc_id"], "document_type": "passport"}
    # On a busy machine the first answer may be that it is still being read.
    read = until(lambda: (found := customer.call("POST", "/extract", wanted)).status_code == 200 and found.text, 120)
    assert READ[0] in read
    customer.begin(file_name=f"{seeded['never-sent']}.jpg")
    customer.complete("step_1")
    show_presence(customer, seeded)
    told = {"full_name": seeded["name"], "date_of_birth": "1963-07-29", "email": f"{seeded['mail']}@example.net"}
    customer.complete("step_3", {**told, "listed": entered})
    refused(
        customer.call("POST", "/step/step_3/complete", {"form_data": {"email": seeded["bad mail"]}}),
        400,
        "VALIDATION_ERROR",
    )
    made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": seeded["label"]}), 201)
    token = made["access_link"].rsplit("/", 1)[1]
    Customer(browser, token).complete("step_3", {**told, "full_name": seeded["owner"]})
    customer.complete("step_ubos")
    session_id = opened["session_id"]
    correct(office, customer, session_id, seeded)
    second = customer.begin(file_name=f"{seeded['second-file']}.pdf", mime_type="application/pdf")
    assert customer.send(second, saved(document()) + f"\n% {seeded['pdf']}\n%%EOF\n".encode()).status_code == 200
    success(customer.confirm(second, file_name=f"{seeded['second-file']}.pdf"))
    customer.complete("step_1")
    office.http.get("/kyc/sessions", params={"client_id": seeded["client"]})
    success(office.http.get(f"/kyc/sessions/{session_id}/documents/{second['doc_id']}/url"))
    assert office.http.get(f"/kyc/sessions/{session_id}/evidence").status_code == 200
    check_findings(success(office.http.post(f"/kyc/sessions/{session_id}/process")), entered)
    metadata = {seeded["later-key"]: seeded["later"]}
    refusal = {"reason": seeded["refusal"], "notes": seeded["refusal-notes"], "customer_message": seeded["refused"]}
    success(office.decide(session_id, "rejected", **refusal))
    success(office.decide(session_id, "manual_review", reason=seeded["reopened"]))
    success(office.decide(session_id, "approved", reason=seeded["reason"], notes=seeded["notes"], metadata=metadata))
    ids = (session_id, made["subsession_id"])
    return Walked(session_id, made["subsession_id"], [opened["access_token"], token], secrets_of(office.server, ids))


def check_findings(done: Body, entered: str) -> None:
    """What is to be erased was found first: a hit on the list, the face, the paper's number."""
    found = done["validation_results"]
    hit = found["lists"]["matches"][0]
    assert hit["name"] == entered
    assert hit["matched_name"] != entered
    assert found["face_dedup"]["status"] == "clear"
    assert done["status"] == "manual_review"


def secrets_of(server: Running, ids: tuple[str, ...]) -> list[bytes]:
    """The sessions' wrapped keys and everything that they seal, as stored."""

    async def read() -> list[bytes]:
        found = []
        for session_id in ids:
            for table, column, by in (
                ("sessions", "wrapped_key", "id"),
                ("kyc_sessions", "record", "session_id"),
                ("events", "sealed", "session_id"),
                ("access_tokens", "sealed", "session_id"),
                ("deliveries", "sealed", "session_id"),
                ("kyc_faces", "sealed", "session_id"),
                ("kyc_document_numbers", "digest", "session_id"),
            ):
                rows = await server.house.db.all(f"SELECT {column} FROM {table} WHERE {by} = $1", session_id)
                found += [bytes(row[0]) for row in rows]
        return found

    return server.wait(read())


def database(server: Running) -> bytes:
    """Everything that the databases hold: of SQLite every byte of every file and journal, of PostgreSQL every row."""
    settings = server.house.settings
    if settings.sqlite_path is None:
        return b"\n".join(table for _, table in tables(settings.database_url))
    # Journals before the databases that they are copied into: what is moved meanwhile is seen once at least.
    files = [path for path in sorted(settings.data.iterdir(), reverse=True) if path.is_file()]
    assert {"frontdesk.db", "engine.db"} <= {path.name for path in files}
    # By another process: the server lives in this one, and whoever closes a file takes all locks of his process on it
    # with him. The next command beside the server would then believe itself alone and remove the journal.
    return subprocess.run(["cat", *map(str, files)], capture_output=True, check=True).stdout


def stored_files(server: Running) -> bytes:
    async def read() -> bytes:
        blobs = server.house.blobs
        return b"\n".join([key.encode() + b" " + await blobs.get(key, 1 << 26) for key in await blobs.keys("")])

    return server.wait(read())


def backup(server: Running, folder: Path) -> bytes:
    """What the how-to says: a whole copy of the database, made now."""
    settings = server.house.settings
    if settings.sqlite_path is None:
        with psycopg.connect(settings.database_url) as db, io.BytesIO() as out:
            names = db.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')"
            ).fetchall()
            for schema, name in names:
                with db.cursor().copy(f'COPY "{schema}"."{name}" TO STDOUT (FORMAT binary)') as copied:
                    for piece in copied:
                        out.write(piece)
            return out.getvalue()
    target = folder / "backup.db"
    with sqlite3.connect(settings.sqlite_path) as db:
        db.execute(f"VACUUM INTO '{target}'")
    db.close()
    return target.read_bytes()


def forms_of(value: str | bytes) -> list[bytes]:
    """A value as it may lie somewhere: plain, in UTF-16, in hex."""
    plain = value.encode() if isinstance(value, str) else value
    found = [plain, plain.hex().encode()]
    return [*found, plain.decode().encode("utf-16-le")] if isinstance(value, str) else found


def pieces(secrets: list[bytes]) -> list[bytes]:
    """Short pieces of them, because a database divides what does not fit into one page."""
    return [secret[at : at + 32] for secret in secrets for at in range(0, len(secret) - 31, 200)]


def found_in(place: bytes, values: list[str] | list[bytes]) -> list[str | bytes]:
    return [value for value in values if any(form in place for form in forms_of(value))]


def settled(office: Office, walked: Walked) -> None:
    """Everything that was set going by the session has ended: letters came, mails came, the outbox is empty."""
    server = office.server

    async def waiting() -> int:
        row = await server.house.db.one(
            "SELECT count(*) FROM outbox WHERE job <> 'blobs.remove' AND due_at <= $1", 2**60
        )
        counts = await server.house.engine.counts()
        return int(row[0] if row else 0) + counts["waiting"] + counts["running"]

    until(lambda: server.wait(waiting()) == 0)


def check_nothing_is_left(server: Running, seeded: Seeded, walked: Walked, log: str, folder: Path) -> None:
    keys = (walked.session_id, walked.child_id)
    until(lambda: not [key for key in server.wait(server.house.blobs.keys("")) if any(one in key for one in keys)])
    server.sweep()
    places = {
        "database": database(server),
        "files": stored_files(server),
        "log": log.encode() + repr(server.journal.lines).encode() + repr(server.journal.faults).encode(),
        "backup": backup(server, folder),
    }
    for name, place in places.items():
        assert found_in(place, seeded.everything) == [], name
        assert found_in(place, walked.tokens) == [], name
        # Nor what the values could be had from by somebody with the server's key.
        assert found_in(place, pieces(walked.secrets)) == [], name


def ends(office: Office, walked: Walked, how: str) -> None:
    if how == "deleted":
        success(office.http.delete(f"/kyc/sessions/{walked.session_id}"))
        return
    success(office.http.patch("/kyc/tenants/me/retention", json={"after_decision_days": 30}))
    office.server.advance(days=31)
    office.server.sweep()


@pytest.mark.parametrize("how", ["deleted", "retention"])
def test_nothing_of_a_person_is_left_anywhere(
    office: Office, receiver: Receiver, box: Postbox, how: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    server, seeded = office.server, Seeded(f"Quetzalcoatlus{how}")
    walked = walk(office, seeded, how, tmp_path)
    until(
        lambda: (
            {"kyc.session.completed", "kyc.session.approved"} <= {one.type for one in receiver.of(walked.session_id)}
        )
    )
    until(lambda: [mail for mail in box.received if walked.session_id in mail["Subject"]])
    settled(office, walked)
    assert len(walked.secrets) > 20
    shown = json.dumps(office.detail(walked.session_id), ensure_ascii=False)
    assert found_in(shown.encode(), [seeded["name"], seeded["metadata"], seeded["notes"], *READ[:1]])
    # What is searched for afterwards can be found: the files lie in clear, the sealed values in the database.
    assert found_in(stored_files(server), [seeded["content"], seeded["pdf"]]) == [seeded["content"], seeded["pdf"]]
    begun = [secret[:32] for secret in walked.secrets]
    assert found_in(database(server), begun) == begun
    ends(office, walked, how)
    refused(office.http.get(f"/kyc/sessions/{walked.session_id}"), 404, "NOT_FOUND")
    for session_id in (walked.session_id, walked.child_id):
        tombstone: Body = success(office.http.get(f"/kyc/sessions/{session_id}/tombstone"))
        assert tombstone["erased_by"].split()[0] == {"deleted": "key", "retention": "retention"}[how]
    until(lambda: [one for one in receiver.of(walked.session_id) if one.type == "kyc.session.erased"])
    settled(office, walked)
    text = "\n".join(record.getMessage() for record in caplog.records if "httpx" not in record.name)
    check_nothing_is_left(server, seeded, walked, text, tmp_path)


def test_a_customer_stays_as_long_as_one_of_its_sessions(office: Office) -> None:
    workflow_id = office.save()
    first, _ = office.open(workflow_id, client_id="somebody")
    second, _ = office.open(workflow_id, client_id="somebody")
    customer_id = office.detail(first)["customer_id"]
    assert customer_id == office.detail(second)["customer_id"]
    success(office.http.delete(f"/kyc/sessions/{first}"))
    listed = success(office.http.get("/kyc/sessions", params={"client_id": "somebody"}))["sessions"]
    assert [one["session_id"] for one in listed] == [second]
    success(office.http.delete(f"/kyc/sessions/{second}"))
    wish: Any = {"workflow_id": workflow_id, "customer_id": customer_id}
    refused(office.http.post("/kyc/sessions", json=wish), 400, "VALIDATION_ERROR")
    third, _ = office.open(workflow_id, client_id="somebody")
    assert office.detail(third)["customer_id"] != customer_id


def test_a_spent_idempotency_key_opens_a_new_session_after_the_erasure(office: Office) -> None:
    wish, headers = {"workflow_id": office.save()}, {"Idempotency-Key": "order 77"}

    def opened() -> str:
        found: str = success(office.http.post("/kyc/sessions", json=wish, headers=headers), 201)["session_id"]
        return found

    first = opened()
    assert opened() == first
    success(office.http.delete(f"/kyc/sessions/{first}"))
    assert opened() != first


def test_the_kept_answer_of_another_request_with_the_same_key_stays(office: Office) -> None:
    wish, headers = {"workflow_id": office.save()}, {"Idempotency-Key": "order 78"}

    def opened() -> httpx.Response:
        return office.http.post("/kyc/sessions", json=wish, headers=headers)

    first = success(opened(), 201)["session_id"]
    office.server.advance(hours=25)
    second = success(opened(), 201)["session_id"]
    assert first != second
    success(office.http.delete(f"/kyc/sessions/{first}"))
    assert success(opened(), 201)["session_id"] == second
