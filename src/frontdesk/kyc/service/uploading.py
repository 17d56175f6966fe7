"""Uploads: announced, sent (to the store or to us), judged by their bytes, confirmed; or all of it in one old call."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.basics.errors import Conflict, Missing
from frontdesk.basics.ids import prefixed
from frontdesk.kernel import blobs
from frontdesk.kernel import change as changes
from frontdesk.kernel.vault import BrokenSeal
from frontdesk.kyc.model.session import Document, Outcome, Progress
from frontdesk.kyc.rules import confirm as confirmation
from frontdesk.kyc.rules import upload
from frontdesk.kyc.rules.confirm import ConfirmRequest, FileRefused, Inspection
from frontdesk.kyc.rules.refusals import Forbidden
from frontdesk.kyc.rules.steps import find_editable_step
from frontdesk.kyc.rules.upload import UploadRequest, UploadSlot
from frontdesk.kyc.service import extraction, judging
from frontdesk.kyc.service.needs import Needs, keep, opened
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier
from frontdesk.ports.db import Write

UPLOAD_SECONDS = int(upload.URL_LIVES_FOR.total_seconds())
_ADDRESS = "upload-address"


class AddressRefused(Forbidden):
    """The signed address is not ours, was altered, has run out, or is used in another way than it was made for."""

    reason: ClassVar[str] = "address_refused"


class Slot(msgspec.Struct, frozen=True):
    """Where to send an announced file. `expires_at` is the address's."""

    doc_id: str
    upload_url: str
    s3_key: str
    expires_at: datetime
    max_size_bytes: int
    mime_type: str


async def begin(needs: Needs, token: str, request: UploadRequest) -> Slot:
    """Announce a file."""

    async def turn() -> Slot:
        dossier = await opened(needs, token)
        now = needs.clock.now()
        outcome = upload.begin_upload(
            dossier.progress,
            request,
            doc_id=prefixed("doc"),
            tenant_id=dossier.session.tenant_id,
            now=now,
            allowed_types=needs.upload_types,
        )
        slot: UploadSlot = outcome.answer
        document = slot.document
        reserved = blobs.reserved(document.arriving_key, dossier.session.id, now)
        await keep(needs, dossier, outcome, writes=(reserved,))
        direct = needs.blobs.upload_url(document.arriving_key, document.mime_type, UPLOAD_SECONDS)
        url = direct or _address(needs, dossier.session.id, document)
        return Slot(
            document.doc_id,
            url,
            document.blob_key,
            document.url_expires_at,
            slot.max_size_bytes,
            document.mime_type,
        )

    return await changes.again(turn)


def _address(needs: Needs, session_id: str, document: Document) -> str:
    content = json.dumps([session_id, document.doc_id, to_micros(document.url_expires_at)]).encode()
    return f"{needs.public_url}/storage/u/{judging.address(needs.vault.seal(content, _ADDRESS))}"


async def receive(needs: Needs, signed: str, content_type: str, read_body: Callable[[int], Awaitable[bytes]]) -> str:
    """Take the bytes at our own address, once, and return their etag. `read_body` reads up to so many bytes."""
    session_id, doc_id = _opened_address(needs, signed)
    dossier, document = await _announced(needs, session_id, doc_id)
    if content_type != document.mime_type:
        raise AddressRefused("Content-Type is not the one that this address was made for")
    upload.store_upload(dossier.progress, doc_id, 0, needs.clock.now())  # refuses before a byte is read
    content = await read_body(upload.size_limit(dossier.progress, document))
    etag = await needs.blobs.put(document.arriving_key, content, document.mime_type)

    async def turn() -> None:
        again, _ = await _announced(needs, session_id, doc_id)
        await keep(needs, again, upload.store_upload(again.progress, doc_id, len(content), needs.clock.now()))

    await changes.again(turn)
    return etag


def _opened_address(needs: Needs, signed: str) -> tuple[str, str]:
    try:
        session_id, doc_id, until = json.loads(needs.vault.unseal(judging.opened_address(signed), _ADDRESS))
    except (BrokenSeal, ValueError) as error:
        raise AddressRefused("This upload address is not valid") from error
    if needs.clock.now() >= from_micros(until):
        raise AddressRefused("This upload address has expired")
    return session_id, doc_id


async def _announced(needs: Needs, session_id: str, doc_id: str) -> tuple[Dossier, Document]:
    dossier = await store.for_job(needs.db, needs.vault, needs.definitions, session_id)
    document = dossier.progress.document(doc_id) if dossier else None
    if dossier is None or document is None:
        raise AddressRefused("This upload address is not valid")
    return dossier, document


async def confirm(needs: Needs, token: str, request: ConfirmRequest) -> Document:
    """Register what has arrived, if its bytes are what was announced and its content is acceptable."""
    dossier = await opened(needs, token)
    document = confirmation.expected_document(dossier.progress, request, needs.clock.now())
    judged: judging.Judged | None = None
    if not (document.current or document.superseded):
        judged = await _judge_arrived(needs, dossier.session.tenant_id, dossier.progress, document)

    async def turn() -> Document:
        read = await opened(needs, token)
        now = needs.clock.now()
        outcome = confirmation.confirm_upload(read.progress, request, judged.found if judged else None, now)
        if outcome.changed and outcome.refusal is None:
            outcome = extraction.after_confirmation(outcome, judged.extraction if judged else None, now)
        sha256 = judged.found.sha256 if judged else ""
        kept: Document = await keep(needs, read, outcome, writes=_object_writes(sha256, document, outcome, now))
        return kept

    try:
        return await changes.again(turn)
    except FileRefused:
        stored = [document.key_of(judged.found.sha256)] if judged else []
        await blobs.remove(needs.db, needs.blobs, [document.arriving_key, *stored])
        raise


async def _judge_arrived(needs: Needs, tenant_id: str, progress: Progress, document: Document) -> judging.Judged | None:
    limit = upload.size_limit(progress, document)
    try:
        head = await needs.blobs.head(document.arriving_key)
        # What is too large is refused without being fetched: its size is all that the refusal needs.
        content = await needs.blobs.get(document.arriving_key, limit) if head.size <= limit else b""
    except Missing:
        return None
    if head.size > limit:
        return judging.Judged(Inspection(head.size, "", document.mime_type))
    judged = await judging.judge(needs, tenant_id, progress, document, content)
    if judged.found.fault is None:
        await _store(needs, progress.session_id, document, judged.found.sha256, content)
    return judged


async def _store(needs: Needs, session_id: str, document: Document, sha256: str, content: bytes) -> None:
    key = document.key_of(sha256)
    with suppress(Conflict):  # of two confirmations of the same bytes one announces them
        await needs.db.commit([blobs.reserved(key, session_id, needs.clock.now())])
    await needs.blobs.put(key, content, document.mime_type)


async def upload_at_once(
    needs: Needs, token: str, request: UploadRequest, read_content: Callable[[], bytes]
) -> Document:
    """Announce, send and confirm in one call. `read_content` may refuse: the token and the step are judged first."""
    doc_id = prefixed("doc")
    dossier = await opened(needs, token)
    find_editable_step(dossier.progress, request.step_id)
    content = read_content()
    begun = _begin_whole(needs, dossier, request, doc_id, len(content))
    document = begun.answer.document
    judged = await judging.judge(needs, dossier.session.tenant_id, begun.progress, document, content)
    if judged.found.fault is None:
        await _store(needs, dossier.session.id, document, judged.found.sha256, content)

    async def turn() -> Document:
        read = await opened(needs, token)
        now = needs.clock.now()
        outcome = confirmation.upload_at_once(
            read.progress,
            request,
            judged.found,
            doc_id=doc_id,
            tenant_id=read.session.tenant_id,
            now=now,
            allowed_types=needs.upload_types,
        )
        if outcome.refusal is None:
            outcome = extraction.after_confirmation(outcome, judged.extraction, now)
        writes = _object_writes(judged.found.sha256, document, outcome, now) if judged.found.fault is None else ()
        kept: Document = await keep(needs, read, outcome, writes=writes)
        return kept

    return await changes.again(turn)


def _begin_whole(needs: Needs, dossier: Dossier, request: UploadRequest, doc_id: str, size: int) -> Outcome:
    return upload.begin_upload(
        dossier.progress,
        replace(request, file_size=size),
        doc_id=doc_id,
        tenant_id=dossier.session.tenant_id,
        now=needs.clock.now(),
        allowed_types=needs.upload_types,
    )


def _object_writes(sha256: str, document: Document, outcome: Outcome, now: datetime) -> tuple[Write, ...]:
    if not outcome.changed or outcome.refusal is not None:
        return ()
    return blobs.kept(document.key_of(sha256)), blobs.doomed(document.arriving_key, now)
