"""What checks need before a session is decided upon: papers that are read, and the answers of screening services."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
import structlog

from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.kernel import change as changes
from frontdesk.kyc.checks import subjects, validation
from frontdesk.kyc.checks.numbers import number_of
from frontdesk.kyc.checks.screening import SCREENED, InputsMovedError, Screened, digest
from frontdesk.kyc.checks.validation import Known
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.extraction import ExtractionClaim, ExtractionUnderWay, ExtractionUsedUp, claim_extraction
from frontdesk.kyc.rules.faces import FaceEvidence
from frontdesk.kyc.rules.papers import papers, unread
from frontdesk.kyc.rules.upload import DocumentNotFound
from frontdesk.kyc.service import extraction, likeness, screening
from frontdesk.kyc.service.needs import Needs, keep, number_digest
from frontdesk.kyc.store import document_numbers
from frontdesk.kyc.store.sessions import Dossier
from frontdesk.ports.db import Write

Find = Callable[[], Awaitable[Dossier]]
Answer = TypeVar("Answer")
ROUNDS = 3
_READ_FOR = frozenset({"documents", "lists", "adverse_media", *likeness.CHECKS})
"""Checks that look at what papers say, or at which way up they lie."""
_log = structlog.get_logger()


class Asked(msgspec.Struct, frozen=True):
    """What was asked of others before the session is loaded once more and decided upon."""

    answers: Mapping[str, Screened]
    faces: FaceEvidence | None


async def checked(
    needs: Needs,
    find: Find,
    wanted: Callable[[Progress], tuple[str, ...]],
    turn: Callable[[Asked], Awaitable[Answer]],
    *,
    reads: bool = False,
) -> Answer:
    """Read and ask what the `wanted` checks need, then let `turn` decide with it; once more if the session has changed
    meanwhile. With `reads`, papers are read whatever is wanted. Raises `Unavailable` when it takes too long."""
    for _ in range(ROUNDS):
        dossier = await find()
        checks = wanted(dossier.progress)
        if reads or not _READ_FOR.isdisjoint(checks):
            await read_papers(needs, find)
            dossier = await find()
            checks = wanted(dossier.progress)
        # Asked before the turn loads: nobody is called between loading and committing. Asking twice changes nothing,
        # so there is no claim to keep.
        asked = Asked(await _ask(needs, dossier.progress, checks), await likeness.look(needs, dossier, checks))
        try:
            return await changes.again(lambda: turn(asked))  # noqa: B023
        except InputsMovedError:
            continue
    raise Unavailable("The session is being changed while it is checked; ask again in a moment")


async def findings(
    needs: Needs, dossier: Dossier, checks: tuple[str, ...], asked: Asked
) -> tuple[list[Finding], tuple[Write, ...]]:
    """What the checks find, with what the tenant's other sessions have shown; and what is to be kept besides. Raises
    `InputsMovedError` when the session shows something else than was asked about."""
    if not likeness.is_of(asked.faces, dossier, checks):
        raise InputsMovedError
    elsewhere = await _elsewhere(needs, dossier) if "documents" in checks else {}
    listed = await screening.screened(needs, dossier, checks)
    known = Known(asked.answers, elsewhere, asked.faces, listed)
    found = validation.findings(dossier.progress, checks, needs.clock.now(), known)
    return found, likeness.writes(needs, dossier, asked.faces, checks)


async def _elsewhere(needs: Needs, dossier: Dossier) -> dict[str, list[str]]:
    """The tenant's other sessions that have shown a paper with the same number, by document."""
    found = {}
    for paper in papers(dossier.progress):
        number = number_of(paper.values)
        if number is not None:
            session, digest = dossier.session, number_digest(needs, dossier, number)
            found[paper.document.doc_id] = await document_numbers.others(
                needs.db, session.tenant_id, digest, session.id, dossier.customer_id
            )
    return found


async def _ask(needs: Needs, progress: Progress, checks: tuple[str, ...]) -> Mapping[str, Screened]:
    answers = {}
    for check in SCREENED:
        service = needs.screenings.get(check)
        if service is None:
            continue
        asked = subjects.asked(progress, check) if check in checks else ()
        inputs = digest(asked)
        if not asked:
            answers[check] = Screened(inputs)
            continue
        try:
            answers[check] = Screened(inputs, await service.screen(check, asked))
        except (Unavailable, Rejected) as error:
            failure = "unavailable" if isinstance(error, Unavailable) else "refused"
            _log.warning("screening_failed", check=check, why=str(error), session_id=progress.session_id)
            answers[check] = Screened(inputs, failure=failure)
    return answers


async def read_papers(needs: Needs, find: Find) -> None:
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
