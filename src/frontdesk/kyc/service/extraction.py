"""Reading a document: asked for and waited for, or started by its confirmation; always done by a job."""

import time
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from frontdesk.basics.errors import Missing, Unavailable
from frontdesk.kernel import change as changes
from frontdesk.kyc.model.session import Document, Extraction, Outcome
from frontdesk.kyc.rules.extraction import (
    ExtractionClaim,
    ExtractionLost,
    ExtractionUnderWay,
    claim_extraction,
    record_extraction,
)
from frontdesk.kyc.rules.upload import DocumentNotFound
from frontdesk.kyc.service import judging
from frontdesk.kyc.service.needs import Needs, keep, opened
from frontdesk.kyc.store import sessions as store

PATIENCE_SECONDS = 45
LARGEST_FILE = 64 * 1024 * 1024


async def extract(needs: Needs, token: str, doc_id: str, document_type: str | None) -> Extraction:
    """What is written on a document. Waits for the job that reads it. Raises `Unavailable` when that takes too long."""
    dossier = await opened(needs, token)
    until = time.monotonic() + PATIENCE_SECONDS

    async def turn() -> Extraction | None:
        read = await opened(needs, token)
        try:
            outcome = claim_extraction(read.progress, doc_id, document_type, needs.clock.now())
        except ExtractionUnderWay:
            return None
        answer = await keep(needs, read, with_job(outcome))
        return answer if isinstance(answer, Extraction) else None

    async with needs.wakeup.subscribe(changes.topic(dossier.session.id)) as changed:
        while True:
            found = await changes.again(turn)
            if found is not None:
                return found
            if not await changed.wait(until - time.monotonic()) and time.monotonic() >= until:
                raise Unavailable("The document is still being read; ask again in a moment")


def with_job(outcome: Outcome) -> Outcome:
    """The same outcome with the job that does what was claimed."""
    claim = outcome.answer
    if not isinstance(claim, ExtractionClaim):
        return outcome
    return replace(outcome, jobs=(*outcome.jobs, ("extract", _argument(claim))))


def _argument(claim: ExtractionClaim) -> dict[str, Any]:
    return {"doc_id": claim.document.doc_id, "run": claim.run, "document_type": claim.document_type}


def after_confirmation(outcome: Outcome, known: Extraction | None, now: datetime) -> Outcome:
    """Join to a confirmation what follows: keep what was read on the way, or begin to read in the background."""
    document: Document = outcome.answer
    wanted = any(name == "extract" for name, _ in outcome.jobs)
    others = tuple(note for note in outcome.jobs if note[0] != "extract")
    outcome = replace(outcome, jobs=others)
    if known is None and not wanted:
        return outcome
    claimed = claim_extraction(outcome.progress, document.doc_id, None, now, in_background=True)
    if known is None:
        begun = with_job(claimed)
        return replace(outcome, progress=begun.progress, events=outcome.events + begun.events, jobs=others + begun.jobs)
    done = record_extraction(claimed.progress, document.doc_id, claimed.answer.run, known)
    return replace(outcome, progress=done.progress, events=outcome.events + claimed.events + done.events)


async def run(needs: Needs, session_id: str, doc_id: str, run_number: int, read_as: str) -> None:
    """The job: read the document, unless this run was given up or is done already."""
    dossier = await store.for_job(needs.db, needs.vault, needs.definitions, session_id)
    document = dossier.progress.document(doc_id) if dossier else None
    if (
        dossier is None
        or document is None
        or document.extraction_state != "running"
        or document.extraction_runs != run_number
    ):
        return
    try:
        content = await needs.blobs.get(document.kept_key, LARGEST_FILE)
    except Missing:
        return  # erased meanwhile
    tenant_id = dossier.session.tenant_id
    result = await judging.read(needs, tenant_id, dossier.progress, document, read_as, content)

    async def turn() -> None:
        read = await store.for_job(needs.db, needs.vault, needs.definitions, session_id)
        if read is not None:
            await keep(needs, read, record_extraction(read.progress, doc_id, run_number, result))

    try:
        await changes.again(turn)
    except (ExtractionLost, DocumentNotFound):
        return  # another run has taken over, and its result counts
