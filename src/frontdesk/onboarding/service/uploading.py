"""Taking a file for a step: judged by its bytes, sealed, kept; what is printed on an identity paper is read."""

import hashlib

import msgspec

from frontdesk.basics.ids import uuid4, uuid7
from frontdesk.kernel import blobs
from frontdesk.kernel import change as changes
from frontdesk.onboarding.model.session import Taken, Upload
from frontdesk.onboarding.model.skill import Slot
from frontdesk.onboarding.rules import uploading
from frontdesk.onboarding.rules.refusals import InvalidField, UnknownStep
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.service.needs import (
    Needs,
    Repeat,
    answered,
    client_of,
    is_uuid,
    keep,
    remembered,
    skill_of,
)
from frontdesk.onboarding.steps.prefill import printed_on
from frontdesk.onboarding.store import sessions as store
from frontdesk.onboarding.store.sessions import Dossier
from frontdesk.ports.ocr import RefusedFile

SLOW = "time_limit"


class File(msgspec.Struct, frozen=True):
    """A file as it was sent, and which slot of which step it is for."""

    step_id: str
    client_id: str
    nonce: str
    name: str
    content: bytes


class Held(msgspec.Struct, frozen=True):
    """A file that is kept. `ocr` is what was read of it, where the slot asks for that and something was found."""

    upload_id: str
    step_id: str
    status: str
    name: str
    size: int
    sha256: str
    ocr: dict[str, str] | None = None


async def upload(needs: Needs, file: File, repeat: Repeat | None = None) -> Held:
    """Keep a file. Raises what section 6 of the reference names, in its order."""
    now = needs.clock.now()
    read, _, slot = await _found(needs, file)
    earlier = await answered(needs, repeat, read.session.id, now)
    if earlier is not None:
        return msgspec.json.decode(earlier, type=Held)
    mime_type, ocr = await _judged(needs, file, slot)
    upload_id = uuid4()
    key = f"onboarding/{read.session.id}/{uuid7()}"
    await needs.db.commit([blobs.reserved(key, read.session.id, now)])
    sealed = read.seal.seal(file.content, f"upload {key}")
    await needs.blobs.put(key, sealed, "application/octet-stream")
    size, sha256 = len(file.content), hashlib.sha256(file.content).hexdigest()

    async def turn() -> Held:
        again, taken, _ = await _found(needs, file)
        done = Upload(upload_id, file.name, key, size, sha256, mime_type, needs.clock.now())
        outcome = uploading.held(again.progress, taken, done)
        held = Held(upload_id, taken.step_id, again.progress.status, file.name, size, sha256, ocr)
        kept = remembered(needs, repeat, again.session.id, msgspec.json.encode(held), needs.clock.now())
        await keep(needs, again, outcome, writes=(blobs.kept(key), *kept))
        return held

    return await changes.again(turn)


async def _found(needs: Needs, file: File) -> tuple[Dossier, Taken, Slot]:
    """The session, step and slot that the file is for, while its nonce opens them."""
    read = await store.by_step(needs.db, needs.vault, file.step_id) if is_uuid(file.step_id) else None
    if read is None or read.progress.client_id != file.client_id:
        await client_of(needs, file.client_id)
        raise UnknownStep
    taken = read.progress.step_taken(file.step_id)
    if taken is None:
        raise UnknownStep
    good = tokens.nonce(needs.vault, read.session.id, file.client_id, taken.serial)
    uploading.check_nonce(read.progress, taken, file.nonce, good, needs.clock.now())
    return read, taken, uploading.slot_of(taken, skill_of(needs, read.progress), file.name)


async def _judged(needs: Needs, file: File, slot: Slot) -> tuple[str, dict[str, str] | None]:
    """The type of the file by its bytes, and what is printed on it. Raises `InvalidField`."""
    mime_type = uploading.type_of(file.content)
    try:
        if slot.prefills:
            try:
                return mime_type, printed_on(await needs.ocr.read(file.content, mime_type))
            except RefusedFile as error:
                if error.code != SLOW:
                    raise
        # Decoded to its last byte, but not read: so too a paper that takes too long to read, which is still a paper.
        await needs.ocr.inspect(file.content, mime_type)
        return mime_type, None
    except RefusedFile as error:
        raise InvalidField("file", f"a sound file; {error.reason}") from error
