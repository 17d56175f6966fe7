"""Checks and decisions by rule: asked for by staff, or started by a job when the last step is done."""

import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from frontdesk.basics.errors import Unavailable
from frontdesk.kernel import change as changes
from frontdesk.kyc.checks import validation
from frontdesk.kyc.rules import processing
from frontdesk.kyc.rules.extraction import ExtractionClaim, ExtractionUnderWay, ExtractionUsedUp, claim_extraction
from frontdesk.kyc.rules.papers import unread
from frontdesk.kyc.rules.upload import DocumentNotFound
from frontdesk.kyc.service import extraction, likeness
from frontdesk.kyc.service.likeness import Looks
from frontdesk.kyc.service.needs import Needs, SessionNotFound, keep, owned
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier

DUE_STATUS = "completed"
"""Only from here does a session go on by itself: wherever else it is, somebody or something has decided already."""
Find = Callable[[], Awaitable[Dossier]]


async def validate(
    needs: Needs, tenant_id: str, session_id: str, asked: Collection[str] | None, by: str
) -> tuple[Dossier, tuple[str, ...]]:
    """Run the checks and keep what they find, without deciding. The session as it is then, and which checks ran."""

    async def find() -> Dossier:
        return await owned(needs, tenant_id, session_id)

    async def turn() -> tuple[str, ...]:
        dossier, now = await find(), needs.clock.now()
        checks = processing.due_checks(dossier.progress, asked)
        seen = await looks.at(needs, dossier, checks)
        found = validation.findings(dossier.progress, checks, now, seen)
        outcome = processing.record_findings(dossier.progress, found, now, by)
        await keep(needs, dossier, outcome, writes=likeness.writes(needs, dossier, seen, checks))
        return checks

    looks = Looks()
    if not {"documents", *likeness.CHECKS}.isdisjoint(processing.due_checks((await find()).progress, asked)):
        await _read_papers(needs, find)
    ran = await changes.again(turn)
    return await find(), ran


async def settle(needs: Needs, tenant_id: str, session_id: str, by: str) -> Dossier:
    """Run the checks that are due, and decide by the workflow's rules. Raises `StatusForbids`."""

    async def find() -> Dossier:
        return await owned(needs, tenant_id, session_id)

    async def turn() -> None:
        await _settle(needs, await find(), looks, by)

    looks = Looks()
    processing.check_processable((await find()).progress)
    await _read_papers(needs, find)
    await changes.again(turn)
    return await find()


async def run(needs: Needs, session_id: str) -> None:
    """The job: decide, unless that was done, or a person was faster, or the session is gone."""

    async def find() -> Dossier:
        dossier = await store.for_job(needs.db, needs.vault, needs.definitions, session_id)
        if dossier is None:
            raise SessionNotFound
        return dossier

    async def turn() -> None:
        dossier = await find()
        if dossier.progress.status == DUE_STATUS:
            await _settle(needs, dossier, looks, None)

    looks = Looks()
    try:
        if (await find()).progress.status == DUE_STATUS:
            await _read_papers(needs, find)
            await changes.again(turn)
    except SessionNotFound:
        return


async def _settle(needs: Needs, dossier: Dossier, looks: Looks, by: str | None) -> None:
    progress, now = dossier.progress, needs.clock.now()
    processing.check_processable(progress)
    checks = processing.due_checks(progress)
    seen = await looks.at(needs, dossier, checks)
    found = validation.findings(progress, checks, now, seen)
    outcome = processing.settle(progress, found, now, by)
    await keep(needs, dossier, outcome, writes=likeness.writes(needs, dossier, seen, checks))


async def _read_papers(needs: Needs, find: Find) -> None:
    """Read every paper that has a reader and was not read yet. Raises `Unavailable` when that takes too long."""
    first = await find()
    if not unread(first.progress):
        return
    until = time.monotonic() + extraction.PATIENCE_SECONDS
    async with needs.wakeup.subscribe(changes.topic(first.session.id)) as changed:
        while waiting := unread((await find()).progress):
            # Read here and not by a job: a job that waits for other jobs could keep them from their turn.
            begun = [await _read(needs, find, document.doc_id) for document in waiting]
            if any(begun):
                continue
            if not await changed.wait(until - time.monotonic()) and time.monotonic() >= until:
                raise Unavailable("The papers are still being read; ask again in a moment")


async def _read(needs: Needs, find: Find, doc_id: str) -> bool:
    """Whether the paper was read just now; somebody else may be at it."""

    async def turn() -> Any:
        dossier = await find()
        try:
            outcome = claim_extraction(dossier.progress, doc_id, None, needs.clock.now(), in_background=True)
        except (ExtractionUnderWay, ExtractionUsedUp, DocumentNotFound):
            return None
        return await keep(needs, dossier, outcome)

    claim = await changes.again(turn)
    if not isinstance(claim, ExtractionClaim):
        return False
    await extraction.run(needs, (await find()).session.id, doc_id, claim.run, claim.document_type)
    return True
