"""Looking at faces: those on the session's pictures, and those that the tenant's other sessions have shown."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from operator import mul
from typing import Any

from frontdesk.basics.errors import Missing, Unavailable
from frontdesk.kernel.vault import Vault
from frontdesk.kyc.checks.likeness import cosines, likeness
from frontdesk.kyc.rules.faces import FaceEvidence, Picture, PortraitLikeness, Resemblance, shown
from frontdesk.kyc.rules.validation_steps import dedup_of
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.store import faces as store
from frontdesk.kyc.store.faces import Kept, Owner
from frontdesk.kyc.store.sessions import Dossier
from frontdesk.ports.db import Write
from frontdesk.ports.faces import Face
from frontdesk.ports.ocr import RefusedFile

LARGEST_FILE = 64 * 1024 * 1024
CHECKS = frozenset({"face_match", "face_dedup"})
UNAVAILABLE = "not_available"
_QUARTERS = (0, 90, 270, 180)
Embedding = tuple[float, ...]


async def look(needs: Needs, dossier: Dossier, checks: Collection[str]) -> FaceEvidence | None:
    """Find the faces and compare them, if these checks ask for it. Where nobody can look, the evidence says so; it
    never passes for a likeness."""
    if CHECKS.isdisjoint(checks):
        return None
    pictures = shown(dossier.progress)
    if pictures.person is None:
        return FaceEvidence(pictures.digest)
    try:
        person = await largest(needs, pictures.person)
        portraits = [(one.id, await largest(needs, one)) for one in pictures.portraits]
    except (Unavailable, Missing):
        # A picture that is missing was erased meanwhile: whoever loads the session next finds none.
        return FaceEvidence(pictures.digest, UNAVAILABLE)
    if person is None:
        return FaceEvidence(pictures.digest)
    alike = tuple(
        PortraitLikeness(doc_id, None if face is None else cosine(person.embedding, face.embedding))
        for doc_id, face in portraits
    )
    others = await _others(needs, dossier, person.embedding)
    return FaceEvidence(pictures.digest, None, person.embedding, alike, others)


def is_of(evidence: FaceEvidence | None, dossier: Dossier, checks: Collection[str]) -> bool:
    """Whether that was seen on the pictures which the session shows now, as far as these checks ask for it."""
    if CHECKS.isdisjoint(checks):
        return True
    return evidence is not None and evidence.digest == shown(dossier.progress).digest


async def portrait(needs: Needs, dossier: Dossier) -> Embedding | None:
    """The largest face on the session's identity papers, or None. Raises `Unavailable`."""
    for picture in shown(dossier.progress).portraits:
        try:
            face = await largest(needs, picture)
        except Missing:
            continue
        if face is not None:
            return face.embedding
    return None


async def largest(needs: Needs, picture: Picture) -> Face | None:
    """The largest face of a stored picture, on whichever side it lies. Raises `Unavailable`, `Missing`."""
    content = await needs.blobs.get(picture.key, LARGEST_FILE)
    found = await faces_on(needs, content, picture.mime_type, picture.turned)
    return found[0] if found else None


async def faces_on(needs: Needs, content: bytes, mime_type: str, turned: float = 0) -> tuple[Face, ...]:
    """The faces on a paper, the largest first. `turned` is how the paper was read; all four sides are looked at, and
    the one counts on which the finder is surest. Raises `Unavailable`."""
    best: tuple[Face, ...] = ()
    try:
        for quarter in _QUARTERS:
            found = await needs.faces.find(content, mime_type, turned + quarter)
            # A face that lies on its side is sometimes found, too, and is then described wrongly.
            if found and (not best or found[0].score > best[0].score):
                best = found
    except RefusedFile:
        return ()
    return best


def cosine(one: Embedding, other: Embedding) -> float:
    """How alike two embeddings of unit length are, -1 to 1."""
    return float(sum(map(mul, one, other)))


def writes(needs: Needs, dossier: Dossier, seen: FaceEvidence | None, checks: Collection[str]) -> tuple[Write, ...]:
    """Keeps the face for as long as the workflow says, if it looks for the same one in other sessions at all."""
    wanted = dedup_of(dossier.progress)
    if wanted is None or "face_dedup" not in checks or seen is None or seen.embedding is None:
        return ()
    until = needs.clock.now() + timedelta(days=wanted["retention_days"])
    return (store.kept(_owner(dossier), dossier.seal, seen.embedding, until),)


async def sweep(needs: Needs) -> int:
    """Forget faces whose time is over."""
    return await store.sweep(needs.db, needs.clock.now())


async def resembling(
    needs: Needs, owner: Owner, embedding: Embedding, threshold: float, *, same_workflow: bool
) -> tuple[Resemblance, ...]:
    """The tenant's other sessions, or those of the same workflow, that show a face as alike as that."""
    found: list[Resemblance] = []
    async for page in store.others(needs.db, owner, needs.clock.now(), same_workflow=same_workflow):
        # Opening a page takes some milliseconds of the processor, for which the loop is not to be held up.
        found += await asyncio.to_thread(_alike, needs.vault, page, embedding, threshold)
    return tuple(found)


def _alike(vault: Vault, page: list[Kept], embedding: Embedding, threshold: float) -> list[Resemblance]:
    opened = store.opened(vault, page)
    values = cosines(embedding, [content for _, content in opened])
    return [
        Resemblance(session_id, value)
        for (session_id, _), value in zip(opened, values, strict=True)
        if likeness(value) >= threshold
    ]


async def _others(needs: Needs, dossier: Dossier, embedding: Embedding) -> tuple[Resemblance, ...]:
    wanted: dict[str, Any] | None = dedup_of(dossier.progress)
    if wanted is None:
        return ()
    only = wanted["scope"] == "workflow"
    return await resembling(needs, _owner(dossier), embedding, wanted["threshold"], same_workflow=only)


def _owner(dossier: Dossier) -> Owner:
    session = dossier.session
    return Owner(session.id, session.tenant_id, dossier.workflow_id, dossier.customer_id)
