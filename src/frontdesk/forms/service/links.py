"""Addresses that hand out one document for a while, to whoever holds them: for clients that cannot send a key."""

import base64
import binascii
import json
from datetime import timedelta

from frontdesk.basics.clock import to_micros
from frontdesk.forms.rules.refusals import NotFound
from frontdesk.forms.service import batches, forms, rendering
from frontdesk.forms.service.needs import Needs
from frontdesk.kernel.vault import BrokenSeal

LIVES_FOR = timedelta(hours=1)
_ABOUT = "forms-address"


def address(needs: Needs, tenant_id: str, kind: str, inner_id: str, number: int = 0) -> str:
    """Where a document can be fetched. `kind` is `session`, `form`, `row` or `zip`."""
    until = to_micros(needs.clock.now() + LIVES_FOR)
    content = json.dumps([tenant_id, kind, inner_id, number, until]).encode()
    sealed = base64.urlsafe_b64encode(needs.vault.seal(content, _ABOUT)).rstrip(b"=").decode()
    return f"{needs.public_url}/forms/files/{sealed}"


async def fetch(needs: Needs, signed: str) -> tuple[bytes, str, str]:
    """The document's bytes, the name of the file and its type. Raises `NotFound` for what is not ours or too old."""
    try:
        sealed = base64.b64decode(signed.encode() + b"=" * (-len(signed) % 4), b"-_", validate=True)
        tenant_id, kind, inner_id, number, until = json.loads(needs.vault.unseal(sealed, _ABOUT))
    except (BrokenSeal, ValueError, binascii.Error, UnicodeError) as error:
        raise NotFound("there is no such address") from error
    if to_micros(needs.clock.now()) >= until:
        raise NotFound("this address has expired; ask for a new one")
    if kind == "zip":
        return await batches.archive(needs, tenant_id, inner_id), "filled.zip", "application/zip"
    if kind == "row":
        content, name = await batches.row_pdf(needs, tenant_id, inner_id, number)
    elif kind == "form":
        content, name = await forms.fillable(needs, tenant_id, inner_id)
    else:
        content, name = await rendering.pdf(needs, tenant_id, inner_id)
    return content, name, "application/pdf"
