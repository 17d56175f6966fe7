"""What outlives a session: evidence files and the key under them, tombstones, and the clocks that erase."""

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from frontdesk.kyc.service import evidence, retaining
from frontdesk.kyc.service.evidence import Export
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.wire import evidence as wire
from frontdesk.kyc.wire import requests
from frontdesk.kyc.wire.answers import Envelope
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .calls import success

_PIECE = 256 * 1024


class Evidence:
    """The calls on evidence, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def export(self, call: Call) -> Response:
        """The whole file is made first, so that whatever goes wrong is a refusal and not half a file."""
        session_id = call.path["session_id"]
        made = await evidence.export(self._needs, call.caller.tenant_id, session_id, f"key {call.caller.key_id}")
        headers = {
            "Content-Disposition": f'attachment; filename="evidence-{made.session_id}.zip"',
            "Content-Length": str(made.size),
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(_pieces(made), media_type="application/zip", headers=headers)

    async def key(self, call: Call) -> Answer:
        return success(call, self._needs.clock, wire.evidence_key(evidence.signer(self._needs)))

    async def tombstone(self, call: Call) -> Answer:
        found = await retaining.tombstone(self._needs, call.caller.tenant_id, call.path["session_id"])
        return success(call, self._needs.clock, wire.tombstone(found))

    async def retention(self, call: Call) -> Answer:
        found = await retaining.kept_for(self._needs, call.caller.tenant_id)
        return success(call, self._needs.clock, wire.retention(found))

    async def change_retention(self, call: Call) -> Answer:
        body = await call.json(wire.RetentionPatch)
        found = await retaining.change(self._needs, call.caller.tenant_id, requests.given(body))
        return success(call, self._needs.clock, wire.retention(found))


async def _pieces(made: Export) -> AsyncIterator[bytes]:
    with made.file as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on evidence."""
    calls = Evidence(needs)
    return (
        Endpoint(
            "GET",
            "/kyc/sessions/{session_id}/evidence",
            calls.export,
            "The session as one signed file",
            "KYC evidence",
            answers={200: bytes},
            refusals=(401, 403, 404, 409, 413, 429, 503),
            permission="kyc:export",
            answer_type="application/zip",
        ),
        Endpoint(
            "GET",
            "/kyc/evidence/key",
            calls.key,
            "The public key under this server's evidence",
            "KYC evidence",
            answers={200: Envelope[wire.EvidenceKey]},
            refusals=(429,),
            auth="none",
        ),
        Endpoint(
            "GET",
            "/kyc/sessions/{session_id}/tombstone",
            calls.tombstone,
            "The proof that a session was erased",
            "KYC sessions",
            answers={200: Envelope[wire.TombstoneShown]},
            refusals=(401, 403, 404, 429, 503),
            permission="kyc:read",
        ),
        Endpoint(
            "GET",
            "/kyc/tenants/me/retention",
            calls.retention,
            "How long sessions are kept",
            "KYC tenant",
            answers={200: Envelope[wire.RetentionAnswer]},
            refusals=(401, 403, 404, 429, 503),
            permission="tenant:admin",
        ),
        Endpoint(
            "PATCH",
            "/kyc/tenants/me/retention",
            calls.change_retention,
            "Set how long sessions are kept",
            "KYC tenant",
            body=wire.RetentionPatch,
            answers={200: Envelope[wire.RetentionAnswer]},
            refusals=(400, 401, 403, 404, 409, 413, 415, 429, 503),
            permission="tenant:admin",
        ),
    )
