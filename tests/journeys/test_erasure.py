"""Erasure and sealing: what is deleted is nowhere, and what is kept is nowhere in clear."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from frontdesk.kernel import erasure
from journeys.people import (
    Body,
    Customer,
    Office,
    collection_step,
    document_step,
    form_step,
    photo,
    refused,
    success,
    workflow,
)
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-erasure")
TOLD = {"full_name": "Zacharias Quintanilla", "date_of_birth": "1963-07-29", "email": "zq.unmistakable@example.net"}
FILE_NAME = "quintanilla-passport-scan.jpg"
LABEL = "Xenia Quintanilla, owner"
NOTE = "has a dog called Pythagoras"
PERSONAL = (*TOLD.values(), FILE_NAME, LABEL, NOTE)


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


def stored(server: Running) -> bytes:
    """Everything that the databases hold, byte by byte."""
    settings = server.house.settings
    if settings.sqlite_path is not None:
        return b"".join(path.read_bytes() for path in sorted(settings.data.iterdir()) if path.is_file())
    return b"\n".join(table for _, table in tables(settings.database_url))


def tables(url: str) -> list[tuple[str, bytes]]:
    """Each table of a PostgreSQL database with all of its rows."""
    with psycopg.connect(url) as db:
        names = db.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            "AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = []
        for schema, name in names:
            rows = db.execute(sql.SQL("SELECT t FROM {} t").format(sql.Identifier(schema, name))).fetchall()
            found.append((f"{schema}.{name}", repr(rows).encode()))
        return found


def rows_about(server: Running, session_id: str) -> dict[str, int]:
    """How many rows of each of our tables name the session."""

    async def count() -> dict[str, int]:
        found = {}
        for table, column in (
            ("sessions", "id"), ("sessions", "parent_id"), ("access_tokens", "session_id"), ("events", "session_id"),
            ("outbox", "session_id"), ("blobs", "session_id"), ("deliveries", "session_id"),
            ("kyc_sessions", "session_id"), ("tombstones", "session_id"), ("idempotency", "owner_id"),
        ):  # fmt: skip
            row = await server.house.db.one(f"SELECT count(*) FROM {table} WHERE {column} = $1", session_id)
            assert row is not None
            if row[0]:
                found[f"{table}.{column}"] = int(row[0])
        return found

    return server.wait(count())


def objects(server: Running, session_id: str) -> list[str]:
    return [key for key in server.wait(server.house.blobs.keys("")) if session_id in key]


def told_everything(office: Office) -> tuple[str, Customer, str]:
    """A session with personal values in every place that there is; its customer; its subsession."""
    child = office.save(workflow(form_step()))
    steps = (document_step(), form_step(), collection_step(child))
    session_id, customer = office.open(office.save(workflow(*steps)), metadata={"note": NOTE, "email": TOLD["email"]})
    slot = customer.begin(file_name=FILE_NAME)
    assert customer.send(slot, photo()).status_code == 200
    success(customer.confirm(slot, file_name=FILE_NAME))
    customer.begin(file_name=FILE_NAME)
    customer.complete("step_1")
    customer.complete("step_3", TOLD)
    made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": LABEL}), 201)
    Customer(customer.http, made["access_link"].rsplit("/", 1)[1]).complete("step_3", TOLD)
    customer.complete("step_ubos")
    office.correct(session_id, {"step_id": "step_3", "message": NOTE, "internal_note": TOLD["full_name"]})
    customer.complete("step_3", {"full_name": TOLD["full_name"]})
    success(office.decide(session_id, "rejected", reason=NOTE, notes=TOLD["email"]))
    return session_id, customer, made["subsession_id"]


def test_personal_values_are_nowhere_in_clear(office: Office, server: Running) -> None:
    success(
        office.http.patch(
            "/kyc/tenants/me/notification-channels",
            json={"webhook_url": "http://127.0.0.1:9/nobody", "webhook_secret": "a secret of sixteen letters"},
        )
    )
    session_id, _, _ = told_everything(office)
    shown = json.dumps(office.detail(session_id), ensure_ascii=False)
    for value in PERSONAL:
        assert value in shown or value == LABEL
    kept = stored(server)
    assert session_id.encode() in kept
    for value in (*PERSONAL, office.tenant.api_key, "a secret of sixteen letters"):
        assert value.encode() not in kept, f"{value} is kept in clear"
        assert value.encode().hex().encode() not in kept


def test_an_erased_session_leaves_a_tombstone_and_nothing_else(office: Office, server: Running) -> None:
    session_id, customer, child_id = told_everything(office)
    assert len(objects(server, session_id)) >= 1
    assert success(office.http.delete(f"/kyc/sessions/{session_id}")) == {"session_id": session_id, "deleted": True}
    refused(customer.call("GET"), 404, "NOT_FOUND")
    refused(office.http.get(f"/kyc/sessions/{session_id}"), 404, "NOT_FOUND")
    refused(office.http.delete(f"/kyc/sessions/{session_id}"), 404, "NOT_FOUND")
    for erased in (session_id, child_id):
        until(lambda erased=erased: not objects(server, erased))
        until(lambda erased=erased: rows_about(server, erased) == {"tombstones.session_id": 1})
        tombstone = server.wait(erasure.tombstone_of(server.house.db, erased, office.tenant.tenant_id))
        assert tombstone is not None
        assert tombstone.events > 0
        assert len(tombstone.last_digest) == 32
    assert [value for value in PERSONAL if value.encode() in stored(server)] == []


def test_an_upload_that_ends_after_the_erasure_is_removed_too(office: Office, server: Running) -> None:
    session_id, customer = office.open()
    slot = customer.begin()
    success(office.http.delete(f"/kyc/sessions/{session_id}"))
    until(lambda: not rows_about(server, session_id).get("blobs.session_id"))
    sent = customer.send(slot, photo())
    direct = server.house.settings.blobs_path is None
    # The object store does not know of the erasure, and takes what its address was made for.
    assert sent.status_code == (200 if direct else 403)
    assert bool(objects(server, session_id)) is direct
    server.advance(hours=2)
    until(lambda: not objects(server, session_id))


def test_a_deleted_subsession_is_erased_like_any_session(office: Office, server: Running) -> None:
    child = office.save(workflow())
    _, customer = office.open(office.save(workflow(collection_step(child))))
    made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": LABEL}), 201)
    related = Customer(customer.http, made["access_link"].rsplit("/", 1)[1])
    related.upload()
    success(customer.call("DELETE", f"/subsessions/{made['subsession_id']}"))
    until(lambda: not objects(server, made["subsession_id"]))
    until(lambda: rows_about(server, made["subsession_id"]) == {"tombstones.session_id": 1})
    refused(related.call("GET"), 404, "NOT_FOUND")


def test_what_was_never_confirmed_is_swept_after_a_day(office: Office, server: Running) -> None:
    session_id, customer = office.open()
    slot: Body = customer.begin()
    assert customer.send(slot, photo()).status_code == 200
    assert len(objects(server, session_id)) == 1
    server.advance(hours=25)
    server.sweep()
    assert objects(server, session_id) == []
    refused(customer.confirm(slot), 400, "VALIDATION_ERROR")


def test_a_document_is_served_as_a_download_for_five_minutes(office: Office, server: Running) -> None:
    session_id, customer = office.open()
    doc_id = customer.upload()
    path = f"/kyc/sessions/{session_id}/documents/{doc_id}/url"
    found: Any = success(office.http.get(path))
    assert set(found) == {"doc_id", "url", "file_name", "mime_type", "expires_at"}
    served = httpx.get(found["url"])
    assert served.content == photo()
    if server.house.settings.blobs_path is not None:
        assert served.headers["content-disposition"].startswith("attachment")
        assert served.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in served.headers["content-security-policy"]
        altered = httpx.get(found["url"][:-2] + "xx")
        assert altered.status_code == 403
        server.advance(minutes=6)
        assert httpx.get(found["url"]).status_code == 403
    refused(office.http.get(path.replace(doc_id, "doc_other")), 404, "NOT_FOUND")
    seen = [event for event in office.detail(session_id)["events"] if event["type"] == "kyc.document_viewed"]
    assert len(seen) == 1
