"""Signed requests: the keys of the account that signs, one use of each signature, and whose client it speaks for."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from frontdesk.basics.errors import Conflict
from frontdesk.onboarding.rules import signing
from frontdesk.onboarding.rules.signing_keys import PublicKey
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.store import clients


async def prove(needs: Needs, authorization: str | None, body: bytes, repeat_key: str) -> list[str]:
    """The tenants for which this request is signed.

    A second use is refused unless the same Idempotency-Key comes with it again. Raises `UnreadableSignature`,
    `UntrustedSignature`.
    """
    now = needs.clock.now()
    signature = signing.parse(authorization)
    signers = await clients.signers(needs.db, signature.account, now) if signature.account.isprintable() else []
    digest = bytes.fromhex(signature.digest)
    before = await clients.signature_seen(needs.db, digest)
    repeats = before is not None and before != "" and before == repeat_key
    keys = [PublicKey(one.kid, one.public_key) for one in signers]
    audiences = {signing.AUDIENCE, urlsplit(needs.public_url).netloc}
    proved = signing.verify(signature, body, keys, now, audiences=audiences, is_seen=before is not None and not repeats)
    if not repeats:
        kept = clients.signature_kept(digest, repeat_key, proved.remember_until, now)
        try:
            await needs.db.commit(kept)
        except Conflict:
            # Somebody used it at the same moment: the look above came too early to see that.
            signing.verify(signature, body, keys, now, audiences=audiences, is_seen=True)
    # By the key, not by its name: of two tenants with one account name each chooses the names of its own keys.
    return [one.tenant_id for one in signers if one.public_key == proved.key.pem]


async def check_owner(needs: Needs, tenants: list[str], body: Mapping[str, Any]) -> None:
    """The account must speak for the body's client. Raises `ForeignSigner`; an unknown client is told later."""
    client_id = body.get("client_id")
    client = await clients.load(needs.db, client_id) if isinstance(client_id, str) and "\0" not in client_id else None
    if client is not None:
        signing.check_signer(tenants, client.tenant_id)
