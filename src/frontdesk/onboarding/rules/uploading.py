"""Files for a step: which nonce opens a slot, and what holding a file makes of the session."""

import hmac
from datetime import datetime

from msgspec.structs import replace

from frontdesk.onboarding.model.session import COMPLETED, OPEN, Outcome, Progress, Taken, Upload
from frontdesk.onboarding.model.skill import Skill, Slot
from frontdesk.onboarding.rules.refusals import (
    ExpiredNonce,
    InvalidField,
    InvalidInput,
    InvalidNonce,
    InvalidSession,
    InvalidStep,
)
from frontdesk.onboarding.rules.stepping import status_at

MOST_UPLOADS = 10
LARGEST_BYTES = 10 * 1024 * 1024
TYPES = ("image/jpeg", "image/png", "application/pdf")
_SIGNS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


def type_of(content: bytes) -> str:
    """The type by the first bytes. Raises `InvalidField`."""
    for sign, mime_type in _SIGNS.items():
        if content.startswith(sign):
            return mime_type
    raise InvalidField("file", "a JPEG, a PNG or a PDF")


def check_nonce(progress: Progress, taken: Taken, given: str, good: str, now: datetime) -> None:
    """Whether the nonce of the step still opens its slots. Raises `InvalidSession`, `InvalidNonce`, `ExpiredNonce`."""
    status = status_at(progress, now)
    if status not in OPEN and status != COMPLETED:
        raise InvalidSession(f"This session takes no more files: {status}")
    if not hmac.compare_digest(given.encode(), good.encode()):
        raise InvalidNonce
    if taken is not progress.taken[-1] or _is_over(progress, now):
        raise InvalidNonce
    if taken.nonce_until <= now:
        raise ExpiredNonce


def _is_over(progress: Progress, now: datetime) -> bool:
    token = progress.token
    return progress.status == COMPLETED and (token is None or token.exchanged_at is not None or token.until <= now)


def slot_of(taken: Taken, skill: Skill, name: str) -> Slot:
    """The slot that the file is for. Raises `InvalidStep`, `InvalidInput`."""
    step = skill.step(taken.step)
    slot = step.slot(name) if step is not None else None
    if slot is None:
        raise InvalidStep(f"The step {taken.step} takes no such file")
    if len(taken.uploads) >= MOST_UPLOADS and all(one.name != name for one in taken.uploads):
        raise InvalidInput(f"A step takes at most {MOST_UPLOADS} files")
    return slot


def held(progress: Progress, taken: Taken, upload: Upload) -> Outcome:
    """The step with the file in its slot, in place of an earlier one."""
    uploads = (*(one for one in taken.uploads if one.name != upload.name), upload)
    steps = tuple(replace(one, uploads=uploads) if one.step_id == taken.step_id else one for one in progress.taken)
    fact = {"step_id": taken.step_id, "name": upload.name, "upload_id": upload.upload_id, "size": upload.size}
    return Outcome(replace(progress, taken=steps), None, (("onboarding.file_uploaded", fact),))


def replaced(taken: Taken, name: str) -> tuple[str, ...]:
    """The object that the new file makes superfluous."""
    return tuple(one.key for one in taken.uploads if one.name == name)
