"""The addresses of files, where the store gives none of its own."""

import hashlib
import json
from urllib.parse import quote

from starlette.responses import Response

from frontdesk.basics.clock import unix
from frontdesk.basics.errors import Missing
from frontdesk.kernel.vault import BrokenSeal
from frontdesk.kyc.service import judging, uploading
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.service.reviewing import Download
from frontdesk.kyc.service.uploading import AddressRefused
from frontdesk.web.endpoint import Call, Endpoint

_DOWNLOAD = "download-address"
_LARGEST = 64 * 1024 * 1024


def download_address(needs: Needs, found: Download) -> tuple[str, int]:
    """Where a document can be fetched, and until which Unix second.

    Always an address of ours: a store's signed address cannot make a browser download instead of show.
    """
    expires_at = unix(needs.clock.now()) + found.seconds
    content = json.dumps([found.blob_key, found.file_name, found.mime_type, expires_at]).encode()
    return f"{needs.public_url}/storage/d/{judging.address(needs.vault.seal(content, _DOWNLOAD))}", expires_at


class Storage:
    """The calls on signed addresses, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def receive(self, call: Call) -> Response:
        """Takes one file, once. Reading the body is the last thing that can fail before it is kept."""

        async def read_body(limit: int) -> bytes:
            call.body_limit = limit
            return await call.body()

        content_type = call.header("content-type") or ""
        etag = await uploading.receive(self._needs, call.path["signed"], content_type, read_body)
        return Response(status_code=200, headers={"ETag": f'"{etag.strip(chr(34))}"'})

    async def serve(self, call: Call) -> Response:
        """Serves one document as a download that no browser will run or show as a page."""
        key, file_name, mime_type, expires_at = self._opened(call.path["signed"])
        if unix(self._needs.clock.now()) >= expires_at:
            raise AddressRefused("This address has expired")
        try:
            content = await self._needs.blobs.get(key, _LARGEST)
        except Missing as error:
            raise AddressRefused("This document is gone") from error
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
        }
        return Response(content, media_type=mime_type, headers=headers)

    def _opened(self, signed: str) -> tuple[str, str, str, int]:
        try:
            key, file_name, mime_type, expires_at = json.loads(
                self._needs.vault.unseal(judging.opened_address(signed), _DOWNLOAD)
            )
        except (BrokenSeal, ValueError) as error:
            raise AddressRefused("This address is not valid") from error
        return key, file_name, mime_type, expires_at


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on signed addresses."""
    calls = Storage(needs)
    return (
        Endpoint(
            "PUT",
            "/storage/u/{signed}",
            calls.receive,
            "Send an announced file, once",
            "Files",
            answers={200: None},
            refusals=(403, 409, 413, 429, 503),
            auth="signed_url",
            raw_body=True,
            body_type="application/octet-stream",
            cors=True,
        ),
        Endpoint(
            "GET",
            "/storage/d/{signed}",
            calls.serve,
            "Fetch a document",
            "Files",
            answers={200: bytes},
            refusals=(403, 429, 503),
            auth="signed_url",
            answer_type="application/octet-stream",
        ),
    )
