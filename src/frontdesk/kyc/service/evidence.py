"""Evidence: a session as one signed file, that proves elsewhere and later what happened."""

import asyncio
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO, cast

import msgspec

from frontdesk import __version__
from frontdesk.basics.clock import iso
from frontdesk.basics.errors import Missing, Rejected, Unavailable
from frontdesk.kernel import change as changes
from frontdesk.kernel import events, tenants
from frontdesk.kyc.documents import chain, signature, work
from frontdesk.kyc.documents.manifest import EVENTS, Heading, Log, Sealing
from frontdesk.kyc.documents.report import Material, composed
from frontdesk.kyc.documents.report_papers import Picture
from frontdesk.kyc.documents.report_presence import kept_name
from frontdesk.kyc.documents.signature import Signer
from frontdesk.kyc.model.definition_dict import definition_to_dict
from frontdesk.kyc.model.session import Document, Outcome
from frontdesk.kyc.rules.upload import EXTENSIONS
from frontdesk.kyc.service.needs import Needs, SessionNotFound, keep, owned
from frontdesk.kyc.store import customers
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier

EXPORTED = "kyc.evidence_exported"
KIND = store.KIND
IN_MEMORY = 8 * 1024 * 1024
LARGEST_FILE = 64 * 1024 * 1024
_PREVIEW_SECONDS, _REPORT_SECONDS = 30.0, 240.0
_EVENTS_AT_A_TIME = 500
_NOT_RECORDED = frozenset({"blob_key", "url_expires_at", "accepted_digest", "accepted_answer"})
"""What the record holds for the machinery only."""
_BEGINNINGS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-", "application/pdf"))
Told = Callable[[int, int], None]
"""Told how many files are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Export:
    """The finished file, at its beginning, with its size in bytes. Whoever takes it closes it."""

    session_id: str
    file: IO[bytes]
    size: int


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The session at one moment: its record, and its log up to that record's version."""

    dossier: Dossier
    log: tuple[chain.Row, ...]
    tenant: tuple[str, str]
    customer: tuple[str, str] | None
    kept: tuple[str, ...]
    now: datetime


def signer(needs: Needs) -> Signer:
    """The server's evidence key: derived from its own key, so there is no second secret to keep and lose."""
    return Signer(needs.vault.sign(signature.PURPOSE, b""))


async def export(needs: Needs, tenant_id: str, session_id: str, by: str, told: Told | None = None) -> Export:
    """Make the file. That it was made is in the session's log, and in the file itself.

    At most one document is in memory at a time; beyond 8 MiB the file itself lies in a nameless temporary one.
    Raises `SessionNotFound`, `EvidenceTooLarge`, `Unavailable`.
    """

    async def turn() -> None:
        dossier = await owned(needs, tenant_id, session_id)
        await keep(needs, dossier, Outcome(dossier.progress, events=((EXPORTED, {"by": by}),)))

    await changes.again(turn)
    snapshot = await _snapshot(needs, tenant_id, session_id)
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever takes the export closes it
    try:
        size = await _fill(needs, snapshot, cast(BinaryIO, out), by, told or (lambda done, of: None))
        await asyncio.to_thread(out.seek, 0)
    except BaseException:
        out.close()
        raise
    return Export(session_id, out, size)


async def _snapshot(needs: Needs, tenant_id: str, session_id: str) -> _Snapshot:
    dossier = await owned(needs, tenant_id, session_id)
    session = dossier.session
    log: list[events.Event] = []
    while len(log) < session.last_number:
        some = await events.after(needs.db, session_id, len(log), _EVENTS_AT_A_TIME)
        if not some:
            raise SessionNotFound  # erased just now
        log += some
    tenant = await tenants.load(needs.db, tenant_id)
    client_id = None
    if dossier.customer_id is not None:
        client_id = await customers.client_of(needs.db, needs.vault, dossier.customer_id, tenant_id)
    return _Snapshot(
        dossier,
        # What happened since the record was read is for the next export.
        tuple(chain.rows(log[: session.last_number], dossier.seal)),
        (tenant_id, "" if tenant is None else tenant.name),
        None if dossier.customer_id is None else (dossier.customer_id, client_id or ""),
        tuple(await store.kept_objects(needs.db, session_id)),
        needs.clock.now(),
    )


async def _fill(needs: Needs, seen: _Snapshot, out: BinaryIO, by: str, told: Told) -> int:
    progress, key = seen.dossier.progress, signer(needs)
    sealing = Sealing(out)
    await asyncio.to_thread(sealing.add, "session.json", _recorded(seen))
    await asyncio.to_thread(sealing.add, EVENTS, chain.written(seen.log))
    papers = [one for one in progress.documents if one.current] + [one for one in progress.documents if one.superseded]
    others = sorted(set(seen.kept) - {one.kept_key for one in papers})
    pictures: dict[str, Picture] = {}
    count = len(papers) + len(others) + 1
    for number, one in enumerate(papers):
        told(number, count)
        pictures[one.doc_id] = await _paper(needs, sealing, one)
    shown = []
    for number, object_key in enumerate(others, len(papers)):
        told(number, count)
        shown.append(await _other(needs, sealing, seen.dossier.session.id, object_key))
    told(count - 1, count)
    material = Material(
        progress,
        (seen.dossier.workflow_id, seen.dossier.workflow_version),
        seen.tenant,
        seen.dossier.metadata,
        seen.dossier.label,
        seen.customer,
        seen.log,
        pictures,
        tuple(shown),
        seen.now,
        by,
        signature.fingerprint(key.public),
    )
    await asyncio.to_thread(sealing.add, "report.pdf", await _drawn(needs, material))
    heading = Heading(
        f"Frontdesk {__version__}",
        progress.session_id,
        seen.tenant[0],
        iso(seen.now),
        by,
        Log(EVENTS, len(seen.log), seen.log[-1].digest),
    )
    size = await asyncio.to_thread(sealing.finish, heading, key)
    told(count, count)
    return size


async def _paper(needs: Needs, sealing: Sealing, one: Document) -> Picture:
    try:
        content = await needs.blobs.get(one.kept_key, LARGEST_FILE)
    except Missing:
        return Picture(why="The file is missing from the store: it is not in this archive.")
    folder = "documents" if one.current else "superseded"
    await asyncio.to_thread(sealing.add, f"{folder}/{one.doc_id}.{EXTENSIONS.get(one.mime_type, 'bin')}", content)
    if hashlib.sha256(content).hexdigest() != one.sha256:
        return Picture(why="The stored file is not the one that was confirmed: its digest is another.")
    turned = one.extractions[-1].turned if one.extractions else ()
    return await _picture(needs, content, one.mime_type, turned)


async def _other(needs: Needs, sealing: Sealing, session_id: str, key: str) -> tuple[str, Picture]:
    """A kept file that is no document, such as a frame of a liveness attempt."""
    name = kept_name(session_id, key)
    try:
        content = await needs.blobs.get(key, LARGEST_FILE)
    except Missing:
        return f"{name} (missing from the store)", Picture()
    mime_type = next((kind for begin, kind in _BEGINNINGS if content.startswith(begin)), "")
    await asyncio.to_thread(sealing.add, name, content)
    return name, await _picture(needs, content, mime_type, ())


async def _picture(needs: Needs, content: bytes, mime_type: str, turned: Sequence[float]) -> Picture:
    try:
        pages, shown = await needs.sandbox.run(
            work.previews, content, mime_type, tuple(turned), seconds=_PREVIEW_SECONDS
        )
    except Rejected:
        return Picture(why="No picture could be made of this file; it is in the archive as it came.")
    return Picture(pages, tuple(shown))


async def _drawn(needs: Needs, material: Material) -> bytes:
    try:
        return await needs.sandbox.run(work.drawn, composed(material), seconds=_REPORT_SECONDS)
    except Rejected as error:
        raise Unavailable("The report cannot be drawn now") from error


def _recorded(seen: _Snapshot) -> bytes:
    """The session's record as JSON: what it began with, what it has collected, what was decided."""
    dossier, session = seen.dossier, seen.dossier.session
    record = _without(msgspec.to_builtins(store.record_of(dossier, dossier.progress)))
    content = {
        "session": {
            "session_id": session.id,
            "tenant_id": session.tenant_id,
            "parent_session_id": session.parent_id,
            "status": session.status,
            "version": session.version,
            "created_at": iso(session.created_at),
            "expires_at": iso(session.expires_at),
        },
        "customer": None
        if seen.customer is None
        else dict(zip(("customer_id", "client_id"), seen.customer, strict=True)),
        "workflow": {
            "workflow_id": dossier.workflow_id,
            "version": dossier.workflow_version,
            "definition": definition_to_dict(dossier.definition),
        },
        "record": record,
        "related": msgspec.to_builtins(dossier.progress.related),
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(each) for key, each in value.items() if key not in _NOT_RECORDED}
    return [_without(each) for each in value] if isinstance(value, list | tuple) else value
