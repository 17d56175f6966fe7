"""What the tenant's staff do with a session: find it, decide it, send it back, prolong it, erase it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.basics.clock import to_micros
from frontdesk.basics.ids import prefixed, uuid4
from frontdesk.kernel import change as changes
from frontdesk.kernel import credentials, events
from frontdesk.kernel.events import Event
from frontdesk.kyc.model.session import Correction, Outcome
from frontdesk.kyc.rules import corrections, decision, links
from frontdesk.kyc.rules.corrections import Demand
from frontdesk.kyc.rules.decision import NOTHING_MORE, Rejection
from frontdesk.kyc.rules.liveness import pictures
from frontdesk.kyc.rules.refusals import NotFound
from frontdesk.kyc.service.needs import Needs, keep, link, owned, token_of
from frontdesk.kyc.store import customers
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier, Query

__all__ = ["Decision", "Detail", "Dossier", "Download", "Link", "Query"]


class DocumentUnknown(NotFound):
    """The session has no such document: its id is in the path, so this is no fault of a body."""

    reason: ClassVar[str] = "document_unknown"

    def __init__(self) -> None:
        super().__init__("Document not found")


class PictureUnknown(NotFound):
    """The session has no such attempt, or no such picture of it is kept."""

    reason: ClassVar[str] = "picture_unknown"

    def __init__(self) -> None:
        super().__init__("Picture not found")


EVENTS_SHOWN = 1000
DOWNLOAD_SECONDS = 300


class Detail(msgspec.Struct, frozen=True):
    """A session as staff see it. `access_link` is for those who may create sessions."""

    dossier: Dossier
    log: list[Event]
    access_link: str | None


class Link(msgspec.Struct, frozen=True):
    """A new access link."""

    session_id: str
    access_token: str
    access_link: str
    expires_at: datetime


class Download(msgspec.Struct, frozen=True):
    """A document that may be fetched for a short time."""

    doc_id: str
    file_name: str
    mime_type: str
    blob_key: str
    seconds: int


async def listed(needs: Needs, query: Query, client_id: str | None) -> list[Dossier]:
    """One page of the tenant's sessions."""
    if client_id is not None:
        customer_id = await customers.of_client(needs.db, needs.vault, query.tenant_id, client_id)
        if customer_id is None or query.customer_id not in (None, customer_id):
            return []
        query = replace(query, customer_id=customer_id)
    query = replace(query, now=to_micros(needs.clock.now()))
    return await store.listed(needs.db, needs.vault, needs.definitions, query)


async def detail(needs: Needs, tenant_id: str, session_id: str, *, with_link: bool) -> Detail:
    """The whole session. Raises `SessionNotFound`."""
    dossier = await owned(needs, tenant_id, session_id)
    log = await events.after(needs.db, session_id, 0, EVENTS_SHOWN)
    token = await token_of(needs, session_id) if with_link else None
    return Detail(dossier, log, None if token is None else link(needs, token))


class Decision(msgspec.Struct, frozen=True):
    """What a reviewer has decided. `metadata` is merged into the session's."""

    status: str
    reason: str | None = None
    notes: str | None = None
    metadata: dict[str, Any] | None = None
    more: Rejection = NOTHING_MORE


async def decide(needs: Needs, tenant_id: str, session_id: str, made: Decision, by: str) -> Dossier:
    """Approve, reject, send to review, or open again."""

    async def turn() -> None:
        dossier = await owned(needs, tenant_id, session_id)
        outcome = decision.decide(
            dossier.progress,
            made.status,
            decided_by=by,
            now=needs.clock.now(),
            reason=made.reason,
            notes=made.notes,
            more=made.more,
        )
        metadata = {**dossier.metadata, **(made.metadata or {})}
        links.check_metadata(metadata, links.LARGEST_METADATA)
        await keep(needs, dossier, outcome, metadata=metadata)

    await changes.again(turn)
    return await owned(needs, tenant_id, session_id)


async def request_corrections(
    needs: Needs, tenant_id: str, session_id: str, demands: Sequence[Demand], ttl_days: int, by: str
) -> tuple[Dossier, tuple[Correction, ...]]:
    """Send the session back to its customer, who goes on with the same link."""

    async def turn() -> tuple[Correction, ...]:
        dossier = await owned(needs, tenant_id, session_id)
        outcome = corrections.request_corrections(
            dossier.progress,
            demands,
            requested_by=by,
            new_id=lambda: prefixed("corr"),
            now=needs.clock.now(),
            ttl_days=ttl_days,
        )
        made: tuple[Correction, ...] = await keep(needs, dossier, outcome)
        return made

    made = await changes.again(turn)
    return await owned(needs, tenant_id, session_id), made


async def generate_link(needs: Needs, tenant_id: str, session_id: str, ttl_days: int | None) -> Link:
    """A new link; any earlier one dies with this change."""

    async def turn() -> Link:
        dossier = await owned(needs, tenant_id, session_id)
        now, token = needs.clock.now(), uuid4()
        outcome = links.renew_link(dossier.progress, now, ttl_days)
        granted = tuple(credentials.granted(needs.vault, session_id, token, now))
        until: datetime = await keep(needs, dossier, outcome, writes=granted)
        return Link(session_id, token, link(needs, token), until)

    return await changes.again(turn)


async def extend(
    needs: Needs, tenant_id: str, session_id: str, *, ttl_days: int | None, expires_at: datetime | None
) -> datetime:
    """Move the end of the link's life, and say when it is now."""

    async def turn() -> datetime:
        dossier = await owned(needs, tenant_id, session_id)
        outcome = links.extend(dossier.progress, needs.clock.now(), ttl_days=ttl_days, expires_at=expires_at)
        until: datetime = await keep(needs, dossier, outcome)
        return until

    return await changes.again(turn)


async def document_download(needs: Needs, tenant_id: str, session_id: str, doc_id: str, by: str) -> Download:
    """An address for one document. Every look at a document is in the session's log."""

    async def turn() -> Download:
        dossier = await owned(needs, tenant_id, session_id)
        document = dossier.progress.document(doc_id)
        if document is None or not (document.current or document.superseded):
            raise DocumentUnknown
        seen = ("kyc.document_viewed", {"doc_id": doc_id, "by": by})
        await keep(needs, dossier, Outcome(dossier.progress, events=(seen,)))
        return Download(doc_id, document.file_name, document.mime_type, document.kept_key, DOWNLOAD_SECONDS)

    return await changes.again(turn)


async def liveness_picture(
    needs: Needs, tenant_id: str, session_id: str, liveness_session_id: str, image: str, by: str
) -> Download:
    """An address for one picture of a liveness attempt. Every look at one is in the session's log."""

    async def turn() -> Download:
        dossier = await owned(needs, tenant_id, session_id)
        attempt = dossier.progress.attempt(liveness_session_id)
        picture = None if attempt is None else pictures(attempt).get(image)
        if picture is None:
            raise PictureUnknown
        seen = ("kyc.liveness_picture_viewed", {"liveness_session_id": liveness_session_id, "image": image, "by": by})
        await keep(needs, dossier, Outcome(dossier.progress, events=(seen,)))
        return Download(liveness_session_id, f"{image}.jpg", "image/jpeg", picture.key, DOWNLOAD_SECONDS)

    return await changes.again(turn)
