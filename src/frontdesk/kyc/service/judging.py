"""Judging a file: is it sound, is it what was asked for, does its content pass the requirement's checks?"""

import base64
import binascii
import hashlib
from datetime import date

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.checks import classification
from frontdesk.kyc.checks.extraction import extract
from frontdesk.kyc.model.definition import DocumentRequirement, Step
from frontdesk.kyc.model.profiles import Profile
from frontdesk.kyc.model.session import Document, Extraction, Progress
from frontdesk.kyc.rules.confirm import Inspection
from frontdesk.kyc.rules.post_upload import asks_for_a_face, judge_document
from frontdesk.kyc.rules.profiles import held_against
from frontdesk.kyc.rules.requirements import SELFIE, requirement_for
from frontdesk.kyc.rules.selfies import selfie_fault
from frontdesk.kyc.rules.steps import find_step
from frontdesk.kyc.service import likeness, profiles
from frontdesk.kyc.service.needs import Needs
from frontdesk.ports.ocr import RefusedFile


class Judged(msgspec.Struct, frozen=True):
    """What was found, and what was read on the way if the requirement wanted the content looked at."""

    found: Inspection
    extraction: Extraction | None = None


def address(sealed: bytes) -> str:
    """Sealed bytes as one path segment."""
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def opened_address(segment: str) -> bytes:
    """The sealed bytes of a path segment. Raises `ValueError`."""
    try:
        return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error


async def judge(needs: Needs, tenant_id: str, progress: Progress, document: Document, content: bytes) -> Judged:
    """Look at the bytes, and at what is printed on the paper if the requirement asks for that."""
    size, sha256, now = len(content), hashlib.sha256(content).hexdigest(), needs.clock.now()
    if not content:
        return Judged(Inspection(0, sha256, None, "The file is empty"))
    try:
        inspected = await needs.ocr.inspect(content, document.mime_type)
    except RefusedFile as refusal:
        return Judged(Inspection(size, sha256, document.mime_type, refusal.reason))
    found = Inspection(size, sha256, inspected.mime_type)
    if (step := find_step(progress, document.step_id)).type == SELFIE:
        return Judged(replace(found, fault=await _selfie_fault(needs, step, document, content)))
    requirement = _requirement(progress, document)
    if requirement is None or not (requirement.enable_auto_classification or requirement.post_upload_validations):
        return Judged(found)
    paper = await read(needs, tenant_id, progress, document, document.document_type, content)
    count = await _faces(needs, requirement, document, paper, content)
    fault, flags = _content_fault(progress, document, requirement, paper, now.date(), count)
    return Judged(Inspection(size, sha256, inspected.mime_type, fault, flags), paper)


async def read(
    needs: Needs, tenant_id: str, progress: Progress, document: Document, read_as: str, content: bytes
) -> Extraction:
    """What the paper says when read as `read_as`, and by the profile that its requirement names; nothing at all when it
    cannot be read. Raises `Unavailable`."""
    now = needs.clock.now()
    profile, is_gone = await profiles.found_for(needs, tenant_id, progress, document)
    try:
        reading = await needs.ocr.read(content, document.mime_type)
    except RefusedFile as refusal:
        return Extraction(read_as, {}, {"overall": 0.0}, "none", now, issues=(refusal.code,))
    recipe = profile or Profile("")
    seen = extract(reading, recipe.document_type or read_as, now.date(), recipe.engine, recipe.languages)
    issues = (*seen.issues, "profile_gone") if is_gone else seen.issues
    turned = tuple(page.turned for page in reading.pages)
    found = Extraction(
        read_as, seen.values, seen.scores, seen.engine, now, seen.document_type, issues, seen.printed, turned
    )
    return held_against(recipe, found)


async def _selfie_fault(needs: Needs, step: Step, document: Document, content: bytes) -> str | None:
    try:
        found = await needs.faces.find(content, document.mime_type)
    except RefusedFile as refusal:
        return refusal.reason
    return selfie_fault(step, [(face.box[2], face.box[3]) for face in found])


async def _faces(
    needs: Needs, requirement: DocumentRequirement, document: Document, paper: Extraction, content: bytes
) -> int | None:
    if not asks_for_a_face(requirement):
        return None
    return len(await likeness.faces_on(needs, content, document.mime_type, paper.first_turned))


def _requirement(progress: Progress, document: Document) -> DocumentRequirement | None:
    if document.field_id is not None:
        return None
    return requirement_for(find_step(progress, document.step_id), document.document_type)


def _content_fault(
    progress: Progress,
    document: Document,
    requirement: DocumentRequirement,
    paper: Extraction,
    today: date,
    faces: int | None,
) -> tuple[str | None, tuple[str, ...]]:
    """Why the content is refused, in the customer's words, and what only a reviewer is told."""
    flags: tuple[str, ...] = ()
    if requirement.enable_auto_classification:
        matches = classification.matches(document.document_type, paper.recognised_as)
        if matches is False:
            return "This does not look like the document that was asked for", ("wrong_type",)
        if matches is None:
            flags = ("type_not_recognised",)
    verdict = judge_document(requirement, paper, progress, today, faces)
    return verdict.fault, flags + verdict.flags
