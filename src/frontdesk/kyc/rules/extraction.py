"""Reading documents: who may start a run, and what becomes of its result."""

import re
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import DOCUMENT_TYPES, IDENTITY_TYPES
from frontdesk.kyc.model.session import Document, Extraction, Outcome, Progress
from frontdesk.kyc.rules.refusals import Conflicting, Forbidden
from frontdesk.kyc.rules.steps import find_editable_step
from frontdesk.kyc.rules.upload import DocumentNotFound, DocumentTypeNotAllowed

MOST_RUNS = 5
RUN_LIVES_FOR = timedelta(minutes=2)
"""A run that has not ended by then died with its process; another may take its place."""
_TYPE = re.compile(r"[a-z0-9_]{1,64}")


class ExtractionUsedUp(Forbidden):
    """The document was read as often as it may be."""

    reason: ClassVar[str] = "extraction_used_up"


class ExtractionUnderWay(Conflicting):
    """The document is being read at this moment."""

    reason: ClassVar[str] = "extraction_under_way"


class ExtractionLost(Conflicting):
    """The run that reports was given up, or another took its place."""

    reason: ClassVar[str] = "extraction_lost"


class ExtractionClaim(msgspec.Struct, frozen=True):
    """Leave to read a document once, as `document_type`."""

    document: Document
    document_type: str
    run: int


def claim_extraction(
    progress: Progress,
    doc_id: str,
    document_type: str | None,
    now: datetime,
    *,
    in_background: bool = False,
) -> Outcome:
    """The answer is the `Extraction` that was made before, or an `ExtractionClaim` that is committed first.

    In the background (after confirmation) the step need not be editable any more.
    """
    document = progress.document(doc_id)
    if document is None or not document.current:
        raise DocumentNotFound
    if not in_background:
        find_editable_step(progress, document.step_id)
    read_as = _read_as(document, document_type)
    known = next((one for one in document.extractions if _same_reader(one.document_type, read_as)), None)
    if known is not None:
        return Outcome(progress, answer=known, changed=False)
    started = document.run_started_at
    if document.extraction_state == "running" and started and now < started + RUN_LIVES_FOR:
        raise ExtractionUnderWay("The document is being read: ask again in a moment")
    if document.extraction_runs >= MOST_RUNS:
        raise ExtractionUsedUp(f"A document is read at most {MOST_RUNS} times")
    claimed = replace(
        document,
        extraction_state="running",
        extraction_runs=document.extraction_runs + 1,
        running_as=read_as,
        run_started_at=now,
    )
    claim = ExtractionClaim(claimed, read_as, claimed.extraction_runs)
    facts = {"doc_id": doc_id, "run": claim.run, "document_type": read_as}
    return Outcome(progress.with_document(claimed), events=(("kyc.extraction_started", facts),), answer=claim)


def record_extraction(progress: Progress, doc_id: str, run: int, result: Extraction | None) -> Outcome:
    """What the run brought; None if it failed. The answer is the extraction. Raises `ExtractionLost`."""
    document = progress.document(doc_id)
    if document is None:
        raise DocumentNotFound
    if document.extraction_state != "running" or document.extraction_runs != run:
        raise ExtractionLost("Another run has taken the place of this one")
    ended = replace(document, running_as=None, run_started_at=None)
    facts = {"doc_id": doc_id, "run": run}
    if result is None:
        failed = replace(ended, extraction_state="failed")
        return Outcome(progress.with_document(failed), events=(("kyc.extraction_failed", facts),))
    others = tuple(one for one in document.extractions if one.document_type != result.document_type)
    done = replace(ended, extraction_state="done", extractions=(*others, result))
    return Outcome(progress.with_document(done), events=(("kyc.document_extracted", facts),), answer=result)


def _same_reader(one: str, other: str) -> bool:
    """Identity papers have one reader, which finds out by itself which of them it sees."""
    return one == other or {one, other} <= IDENTITY_TYPES | {"id"}


def _read_as(document: Document, narrowed: str | None) -> str:
    """A finer type than the file was sent as is welcome; another one is not."""
    sent_as = document.document_type
    if narrowed is None or narrowed == sent_as:
        return sent_as
    finer = sent_as == "id" and narrowed in IDENTITY_TYPES
    open_ended = sent_as == "other" or sent_as not in DOCUMENT_TYPES
    if finer or (open_ended and _TYPE.fullmatch(narrowed)):
        return narrowed
    raise DocumentTypeNotAllowed
