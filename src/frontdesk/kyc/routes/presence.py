"""Liveness checks: what end users call, and how staff fetch the pictures."""

from typing import Any

from frontdesk.kyc.rules.liveness import LARGEST_FRAME, LATEST_MS, AttemptUnfinished
from frontdesk.kyc.service import presence, reviewing
from frontdesk.kyc.service.needs import Needs, opened
from frontdesk.kyc.wire import presence as shown
from frontdesk.kyc.wire import requests
from frontdesk.kyc.wire.answers import Envelope
from frontdesk.web.endpoint import Answer, Call, Endpoint, Limit, Lockout, QueryParam
from frontdesk.web.problems import InvalidQuery, UnsupportedMediaType

from .calls import body_of, success
from .storage import download_address

_LIVENESS = "/public/sessions/{access_token}/liveness"
LOCKOUT = Lockout("liveness_failures", 5, 180, 1800, forgiven=(AttemptUnfinished,))
"""To ask for a result before it is there is impatience, and no failed attempt."""
FRAMES = Limit("liveness_frames", 400, 180)


class Presence:
    """The calls, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def start(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.LivenessStart)
        token = call.path["access_token"]
        started = await presence.start(self._needs, token, body.step_id)
        return success(call, self._needs.clock, shown.liveness_started(started), 201)

    async def frame(self, call: Call) -> Answer:
        """Everything that the bytes cannot change is judged before they are read."""
        token, liveness_session_id = call.path["access_token"], call.path["liveness_session_id"]
        await opened(self._needs, token)
        at_ms = _at_ms(call.query.get("at_ms", ""))
        if (call.header("content-type") or "").partition(";")[0].strip().lower() != presence.JPEG:
            raise UnsupportedMediaType(presence.JPEG)
        await presence.check_frame(self._needs, token, liveness_session_id, at_ms)
        content = await call.body()
        count = await presence.add_frame(self._needs, token, liveness_session_id, at_ms, content)
        return success(call, self._needs.clock, shown.FrameTaken(liveness_session_id, at_ms, count))

    async def complete(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.LivenessComplete)
        found, fresh = await presence.complete(self._needs, call.path["access_token"], body.liveness_session_id)
        answer = success(call, self._needs.clock, shown.liveness_completed(found))
        return Answer(answer.status, answer.struct, failed=fresh and not found.passed)

    async def picture_url(self, call: Call) -> Answer:
        liveness_session_id, image = call.path["liveness_session_id"], call.query.get("image", "reference")
        found = await reviewing.liveness_picture(
            self._needs,
            call.caller.tenant_id,
            call.path["session_id"],
            liveness_session_id,
            image,
            f"key {call.caller.key_id}",
        )
        url, expires_at = download_address(self._needs, found)
        content = shown.PictureAddress(liveness_session_id, image, url, found.mime_type, expires_at)
        return success(call, self._needs.clock, content)


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of these calls."""
    calls = Presence(needs)

    return (
        _public(
            "/start",
            calls.start,
            "Open an attempt at a liveness step",
            shown.LivenessStarted,
            201,
            body=requests.LivenessStart,
            lockout=LOCKOUT,
        ),
        _public(
            "/{liveness_session_id}/frames",
            calls.frame,
            "Send one picture of the camera",
            shown.FrameTaken,
            raw_body=True,
            body_type=presence.JPEG,
            body_limit=LARGEST_FRAME,
            refusals=(409,),
            query=(QueryParam("at_ms", "Milliseconds since the first picture", int, required=True, example=400),),
            limit=FRAMES,
            own_limit_only=True,
        ),
        _public(
            "/complete",
            calls.complete,
            "The result of an attempt",
            shown.LivenessCompleted,
            body=requests.LivenessComplete,
            lockout=LOCKOUT,
        ),
        Endpoint(
            "GET",
            "/kyc/sessions/{session_id}/liveness/{liveness_session_id}/url",
            calls.picture_url,
            "A short-lived address of a picture of a liveness attempt",
            "KYC sessions",
            answers={200: Envelope[shown.PictureAddress]},
            refusals=(401, 403, 404, 409, 429, 503),
            permission="kyc:read",
            query=(QueryParam("image", "`reference` (default), `audit-1`, `audit-2`, …", example="reference"),),
        ),
    )


def _public(
    suffix: str,
    run: Any,
    summary: str,
    content: Any,
    status: int = 200,
    refusals: tuple[int, ...] = (),
    **more: Any,
) -> Endpoint:
    return Endpoint(
        "POST",
        _LIVENESS + suffix,
        run,
        summary,
        "KYC, for end users",
        answers={status: Envelope[content]},
        refusals=(400, 403, 404, 413, 415, 429, 503, *refusals),
        auth="access_token",
        cors=True,
        **more,
    )


def _at_ms(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LATEST_MS))):
        raise InvalidQuery("at_ms", f"a whole number from 0 to {LATEST_MS}")
    return int(text)
