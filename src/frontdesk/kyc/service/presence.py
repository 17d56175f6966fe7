"""Liveness checks: an attempt begins, its pictures come in where we judge them ourselves, and its result is kept."""

import hashlib
import time
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from frontdesk.basics.errors import Conflict, Missing, Rejected, Unavailable
from frontdesk.basics.ids import prefixed
from frontdesk.kernel import blobs
from frontdesk.kernel import change as changes
from frontdesk.kyc.model.liveness import OWN_PROVIDER, KeptImage, LivenessAnswer, LivenessAttempt
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules import liveness, presence
from frontdesk.kyc.rules.confirm import SMALLEST_IMAGE
from frontdesk.kyc.rules.liveness import FrameRefused, Judging, JudgingLost, JudgingUnderWay
from frontdesk.kyc.rules.presence import Judged
from frontdesk.kyc.rules.steps import find_step
from frontdesk.kyc.service import likeness
from frontdesk.kyc.service.needs import Needs, keep, opened
from frontdesk.kyc.store.sessions import Dossier
from frontdesk.ports.db import Write
from frontdesk.ports.liveness import Attempt, Challenge, Frame, Liveness, Verdict
from frontdesk.ports.ocr import RefusedFile

PATIENCE_SECONDS = 45
JPEG = "image/jpeg"
_FRAMES_OUTLIVE_BY = timedelta(minutes=5)


class Started(msgspec.Struct, frozen=True):
    """A new attempt, and how many more there may be. `challenge` is None where the provider asks for the moves."""

    attempt: LivenessAttempt
    attempts_remaining: int
    challenge: Challenge | None


async def start(needs: Needs, token: str, step_id: str) -> Started:
    """Open an attempt at the step's provider."""

    async def checked() -> Dossier:
        dossier = await opened(needs, token)
        refused = liveness.check_start(dossier.progress, step_id, needs.clock.now())
        if refused is not None:
            await keep(needs, dossier, refused)
        return dossier

    dossier = await changes.again(checked)
    config = liveness.config_of(find_step(dossier.progress, step_id))
    provider = _provider(needs, config.provider or needs.liveness_provider)
    begun = await provider.open(config.challenge_type, needs.clock.now())

    async def turn() -> Started:
        read, now = await opened(needs, token), needs.clock.now()
        attempt = _attempt(read, provider.name, step_id, begun, now)
        outcome = liveness.begin_attempt(read.progress, attempt, now)
        await keep(needs, read, outcome)
        step = find_step(outcome.progress, step_id)
        return Started(attempt, liveness.attempts_left(outcome.progress, step), begun.challenge)

    return await changes.again(turn)


def _provider(needs: Needs, name: str) -> Liveness:
    provider = needs.liveness.get(name)
    if provider is None:
        raise Unavailable(f"The liveness provider {name} is not set up")
    return provider


def _attempt(read: Dossier, provider: str, step_id: str, begun: Attempt, now: datetime) -> LivenessAttempt:
    own_id = prefixed("liv")
    challenge = begun.challenge or Challenge((), 0)
    return LivenessAttempt(
        # A provider's own page needs the provider's own id; where there is none, ours says nothing of it.
        own_id if provider == OWN_PROVIDER else begun.provider_id,
        step_id,
        provider,
        begun.provider_id,
        f"{read.session.tenant_id}/{read.session.id}/{own_id}.jpg",
        now,
        begun.expires_at,
        moves=challenge.moves,
        seconds=challenge.seconds,
    )


async def check_frame(needs: Needs, token: str, liveness_session_id: str, at_ms: int) -> None:
    """Refuse a picture before its bytes are read, if nothing about them can help it."""
    dossier = await opened(needs, token)
    liveness.check_frame(dossier.progress, liveness_session_id, at_ms, needs.clock.now())


async def add_frame(needs: Needs, token: str, liveness_session_id: str, at_ms: int, content: bytes) -> int:
    """Take a picture of the camera, taken `at_ms` after the first one, and say how many there are."""
    dossier = await opened(needs, token)
    attempt = liveness.check_frame(dossier.progress, liveness_session_id, at_ms, needs.clock.now())
    if len(content) < SMALLEST_IMAGE:
        raise FrameRefused("The image is too small to be read")
    try:
        await needs.ocr.inspect(content, JPEG)
    except RefusedFile as refusal:
        raise FrameRefused(refusal.reason) from refusal
    sha256 = hashlib.sha256(content).hexdigest()
    frame = KeptImage(f"{attempt.image_key}.{at_ms}.{sha256[:32]}", sha256, len(content), at_ms)
    now = needs.clock.now()
    known = any(one.key == frame.key for one in attempt.frames)
    if not known:
        # Whatever becomes of the attempt, its pictures are gone soon after.
        lost = blobs.doomed(frame.key, attempt.expires_at + _FRAMES_OUTLIVE_BY)
        await _announce(needs, [blobs.reserved(frame.key, dossier.session.id, now), lost])
        await needs.blobs.put(frame.key, content, JPEG)

    async def turn() -> int:
        read = await opened(needs, token)
        outcome = liveness.add_frame(read.progress, liveness_session_id, frame, needs.clock.now())
        count: int = await keep(needs, read, outcome)
        return count

    return await changes.again(turn)


async def complete(needs: Needs, token: str, liveness_session_id: str) -> tuple[LivenessAnswer, bool]:
    """The result of an attempt, and whether it was found just now. Of many calls at once one asks the provider, and
    all get its answer. Raises `Unavailable` when that takes too long."""
    dossier = await opened(needs, token)
    until = time.monotonic() + PATIENCE_SECONDS

    async def claim() -> LivenessAnswer | Judging | None:
        read = await opened(needs, token)
        try:
            outcome = liveness.claim_judging(read.progress, liveness_session_id, needs.clock.now())
        except JudgingUnderWay:
            return None
        found: LivenessAnswer | Judging = await keep(needs, read, outcome)
        return found

    async with needs.wakeup.subscribe(changes.topic(dossier.session.id)) as changed:
        while True:
            found = await changes.again(claim)
            if isinstance(found, LivenessAnswer):
                return found, False
            if found is not None:
                try:
                    return await _judge(needs, token, found), True
                except JudgingLost:
                    continue  # somebody has taken over, or a new attempt has begun: look what came of it
            if not await changed.wait(until - time.monotonic()) and time.monotonic() >= until:
                raise Unavailable("The liveness check is still being judged; ask again in a moment")


async def _judge(needs: Needs, token: str, claim: Judging) -> LivenessAnswer:
    attempt_id, run = claim.attempt.liveness_session_id, claim.run
    try:
        verdict = await _verdict(needs, token, claim.attempt)
        judged, images = await _kept(needs, token, claim.attempt, verdict)
    except (Unavailable, Missing) as error:
        await _release(needs, token, attempt_id, run)
        if isinstance(error, Missing):
            raise JudgingLost("The pictures of this attempt are gone") from error
        raise

    async def turn() -> LivenessAnswer:
        read = await opened(needs, token)
        outcome = presence.finish_attempt(read.progress, attempt_id, run, judged, needs.clock.now())
        used = _keys(outcome.progress, attempt_id)
        stored = tuple(blobs.kept(one.key) for one in images if one.key in used)
        answer: LivenessAnswer = await keep(needs, read, outcome, writes=stored)
        return answer

    try:
        answer = await changes.again(turn)
    except liveness.AttemptUnfinished:
        await _release(needs, token, attempt_id, run)
        raise
    await blobs.remove(needs.db, needs.blobs, [one.key for one in claim.attempt.frames])
    return answer


async def _release(needs: Needs, token: str, attempt_id: str, run: int) -> None:
    async def turn() -> None:
        read = await opened(needs, token)
        try:
            await keep(needs, read, liveness.release_judging(read.progress, attempt_id, run))
        except JudgingLost:
            return

    await changes.again(turn)


async def _verdict(needs: Needs, token: str, attempt: LivenessAttempt) -> Verdict:
    provider = _provider(needs, attempt.provider)
    challenge = Challenge(attempt.moves, attempt.seconds) if attempt.moves else None
    asked = Attempt(attempt.provider_id, attempt.expires_at, challenge)
    if not attempt.own:
        try:
            return await provider.judge(asked, (), None, needs.clock.now())
        except Rejected:
            return Verdict("expired", f"{attempt.provider}, no such attempt")
    frames = [
        Frame(one.at_ms, await needs.blobs.get(one.key, liveness.LARGEST_FRAME))
        for one in sorted(attempt.frames, key=lambda one: one.at_ms)
    ]
    dossier = await opened(needs, token)
    compares = liveness.config_of(find_step(dossier.progress, attempt.step_id)).use_for_face_match
    portrait = await likeness.portrait(needs, dossier) if compares else None
    return await provider.judge(asked, frames, portrait, needs.clock.now())


async def _kept(
    needs: Needs, token: str, attempt: LivenessAttempt, verdict: Verdict
) -> tuple[Judged, tuple[KeptImage, ...]]:
    """The verdict with its pictures stored, those that are to be kept; they go again if the result is not kept."""
    dossier = await opened(needs, token)
    judged = Judged(verdict.state, verdict.label, verdict.confidence, verdict.reason)
    step = find_step(dossier.progress, attempt.step_id)
    reference = None
    if verdict.reference_image and presence.passes(step, judged) and liveness.config_of(step).save_reference_image:
        reference = await _store(needs, dossier, attempt.image_key, verdict.reference_image)
    stem = attempt.image_key.removesuffix(".jpg")
    audit = tuple(
        [
            await _store(needs, dossier, f"{stem}.audit-{number}.jpg", image)
            for number, image in enumerate(verdict.audit_images, 1)
        ]
    )
    images = audit if reference is None else (reference, *audit)
    return replace(judged, reference=reference, audit=audit), images


async def _store(needs: Needs, dossier: Dossier, name: str, content: bytes) -> KeptImage:
    sha256 = hashlib.sha256(content).hexdigest()
    image = KeptImage(f"{name}.{sha256[:32]}", sha256, len(content))
    await _announce(needs, [blobs.reserved(image.key, dossier.session.id, needs.clock.now())])
    await needs.blobs.put(image.key, content, JPEG)
    return image


async def _announce(needs: Needs, writes: list[Write]) -> None:
    with suppress(Conflict):  # the same bytes were announced before, by a call that ended half-way
        await needs.db.commit(writes)


def _keys(progress: Progress, attempt_id: str) -> set[str]:
    attempt = liveness.find_attempt(progress, attempt_id)
    kept = {one.key for one in attempt.audit}
    return kept | ({attempt.reference.key} if attempt.reference is not None else set())
