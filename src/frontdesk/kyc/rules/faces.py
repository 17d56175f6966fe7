"""Whose face a session shows: the one that was there in person, and the portraits on its papers."""

import hashlib
import json

import msgspec

from frontdesk.kyc.model.definition import IDENTITY_TYPES
from frontdesk.kyc.model.session import Document, Progress
from frontdesk.kyc.rules.liveness import config_of, counted
from frontdesk.kyc.rules.papers import papers
from frontdesk.kyc.rules.requirements import SELFIE
from frontdesk.kyc.rules.steps import visible_steps

LIVENESS, PAPER = "liveness", "paper"


class Picture(msgspec.Struct, frozen=True):
    """A stored picture with a face on it. `kind` is `liveness`, `selfie` or `paper`, `id` that of the attempt or the
    document, `turned` by how many degrees clockwise it must be turned to be upright."""

    kind: str
    id: str
    key: str
    sha256: str
    mime_type: str
    turned: float = 0


class Shown(msgspec.Struct, frozen=True):
    """The pictures that are compared. Without `person`, `lack` says why."""

    person: Picture | None
    portraits: tuple[Picture, ...]
    lack: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of what they are: equal as long as the same pictures count."""
        listed = [] if self.person is None else [[self.person.kind, self.person.sha256]]
        listed += [[one.id, one.sha256] for one in self.portraits]
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


class PortraitLikeness(msgspec.Struct, frozen=True):
    """How alike a paper's portrait and the person are, as a cosine; None if no face was found on the paper."""

    doc_id: str
    cosine: float | None


class Resemblance(msgspec.Struct, frozen=True):
    """Another session of the tenant that shows a face like this one."""

    session_id: str
    cosine: float


class FaceEvidence(msgspec.Struct, frozen=True):
    """What was found when somebody looked at the pictures of `digest`. `fault` is why nobody could look."""

    digest: str
    fault: str | None = None
    embedding: tuple[float, ...] | None = None
    portraits: tuple[PortraitLikeness, ...] = ()
    others: tuple[Resemblance, ...] = ()


def shown(progress: Progress) -> Shown:
    """The person's own picture (of a passed liveness check, or else the newest selfie), and the identity papers'."""
    portraits = tuple(
        Picture(
            PAPER, one.document.doc_id, one.document.kept_key, one.document.sha256 or "", one.document.mime_type, turn
        )
        for one in papers(progress)
        if one.document.document_type in IDENTITY_TYPES | {"id"} and one.role != "company"
        for turn in (0 if one.reading is None else one.reading.first_turned,)
    )
    person, lack = _person(progress)
    return Shown(person, portraits, lack)


def _person(progress: Progress) -> tuple[Picture | None, str | None]:
    lack = "no_picture_of_the_person"
    for step in reversed(visible_steps(progress)):
        if step.type != LIVENESS or not config_of(step).use_for_face_match:
            continue
        for one in reversed(counted(progress, step.step_id)):
            if one.status == "passed" and one.reference is not None:
                kept = one.reference
                return Picture(LIVENESS, one.liveness_session_id, kept.key, kept.sha256, "image/jpeg"), None
            if one.status == "passed":
                lack = "reference_not_kept"
    selfies = [
        one
        for step in visible_steps(progress)
        if step.type == SELFIE and step.use_for_face_match
        for one in progress.documents
        if one.current and one.step_id == step.step_id
    ]
    return (_selfie(selfies[-1]), None) if selfies else (None, lack)


def _selfie(one: Document) -> Picture:
    return Picture(SELFIE, one.doc_id, one.kept_key, one.sha256 or "", one.mime_type)
