"""Signed requests (`/v1s`): one short-lived JWS a request, whose claims hold a digest of the body."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from frontdesk.basics.clock import from_micros
from frontdesk.basics.errors import Problem
from frontdesk.onboarding.rules.signing_keys import PublicKey

AUDIENCE = "api.finqware.com"
"""What the published clients claim, whatever host they are pointed at."""
ALGORITHM = "RS256"
SKEW_FOR = timedelta(seconds=60)
LONGEST_FOR = timedelta(seconds=3600)
LONGEST_JWS = 8192
"""In characters. A header, the seven claims and the signature of the largest key are half of it."""
_BEARER = re.compile(r"Bearer +([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+) *", re.IGNORECASE)
# Strings first, so that white space within them is never seen as such.
_STRING_OR_SPACE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[ \t\r\n]+', re.DOTALL)
MOST_PIECES = 1 << 16
"""Strings and spaces of a body that is hashed in other forms than its own: as many as 64 KiB can hold."""
_PLAIN, _ESCAPED, _STRINGS = json.JSONEncoder(ensure_ascii=False), json.JSONEncoder(), json.JSONDecoder(strict=False)


class UnreadableSignature(Problem):
    """There is no JWS in the `Authorization` header, or none that can be taken apart."""

    code = "invalid_headers"


class UntrustedSignature(Problem):
    """A JWS that does not prove this request: its algorithm, key, signature, claims, digest, or a second use."""

    code = "invalid_tenant_keys"


class ForeignSigner(Problem):
    """The account that signed does not belong to the owner of the body's `client_id`."""

    code = "unauthorized_tenant"


class Jws(msgspec.Struct, frozen=True):
    """A JWS taken apart; nothing of it is proved yet. `account` is whom it claims to be signed by."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def account(self) -> str:
        """The service account by which to look up keys; empty if the claim is no text."""
        return self.claims["iss"] if isinstance(self.claims.get("iss"), str) else ""

    @property
    def digest(self) -> str:
        """Hex SHA-256 of what was signed: by it a second use is seen.

        The signature is left out, since another text of the same signature must not count as another request.
        """
        return hashlib.sha256(self.text.rpartition(".")[0].encode()).hexdigest()


class Signed(msgspec.Struct, frozen=True):
    """A proved request. `digest` is to be remembered until `remember_until`, after which it is refused as expired.

    Whose key it is, `key` tells by its `pem`: a kid is chosen by whoever registers a key.
    """

    account: str
    key: PublicKey
    digest: str
    remember_until: datetime


def parse(authorization: str | None) -> Jws:
    """The JWS of an `Authorization` header. Raises `UnreadableSignature`."""
    found = _BEARER.fullmatch(authorization or "")
    if found is None or found.end() > LONGEST_JWS:
        raise UnreadableSignature("Authorization: expected Bearer and a compact JWS")
    header, claims = _object(found[1]), _object(found[2])
    if header is None or claims is None:
        raise UnreadableSignature("Authorization: expected a JWS whose header and claims are JSON objects")
    return Jws(".".join(found.groups()), header, claims)


def verify(
    signature: Jws,
    body: bytes,
    keys: Sequence[PublicKey],
    now: datetime,
    *,
    audiences: Collection[str] = (AUDIENCE,),
    is_seen: bool = False,
) -> Signed:
    """Prove that one of `keys` (all of the account that the JWS claims) signed this body for us, just now, once.

    `is_seen` is the caller's answer to whether `signature.digest` came before, unless the same `Idempotency-Key`
    repeats it. Raises `UntrustedSignature`.
    """
    key = _proved(signature, keys)
    claims = signature.claims
    expires_at = _in_time(claims, now)
    # Their published samples repeat the account in all three; one that names another is not ours to choose from.
    if not signature.account or any(
        claims.get(name, signature.account) != signature.account for name in ("sub", "email")
    ):
        raise UntrustedSignature("iss, sub and email: expected the service account")
    _for_us(claims.get("aud"), audiences)
    if not is_digest_of(claims.get("digest"), body):
        raise UntrustedSignature("digest: expected the Base64 of the SHA-256 of the body, written compactly")
    if is_seen:
        raise UntrustedSignature("This signature was used before; sign every request anew")
    return Signed(signature.account, key, signature.digest, expires_at + SKEW_FOR)


def check_signer(signer_tenants: Collection[str], owner: str) -> None:
    """The account's tenants must hold the owner of the body's client. Raises `ForeignSigner`."""
    if owner not in signer_tenants:
        raise ForeignSigner("The signing account is not registered for this client_id")


def digest_of(body: bytes) -> str:
    """Standard Base64, padded, of the SHA-256."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def is_digest_of(claimed: object, body: bytes) -> bool:
    """Whether the claim is the digest of the body as it came, or of one of its two compact forms."""
    return isinstance(claimed, str) and any(
        hmac.compare_digest(claimed.encode("utf-8", "replace"), digest_of(form).encode()) for form in _forms(body)
    )


def compact_forms(text: str) -> tuple[str, str]:
    """JSON text without space between its tokens: as UTF-8 has it, and with `\\u` escapes. Order and numbers stay.

    Only strings are written anew, token by token: reading all of it would lose how a number was written. Raises
    `ValueError` for what is no JSON text, or one of more pieces than any body of ours has.
    """
    return _compact(text, _PLAIN), _compact(text, _ESCAPED)


def _compact(text: str, encoder: json.JSONEncoder) -> str:
    def rewritten(found: re.Match[str]) -> str:
        token = found[0]
        if token[0] != '"':
            return ""
        # What has neither escapes nor anything to escape stays as it is: nearly every string of nearly every body.
        is_settled = token.isascii() and "\\" not in token and "\x7f" not in token
        return token if is_settled else encoder.encode(_STRINGS.decode(token))

    compact, pieces = _STRING_OR_SPACE.subn(rewritten, text, count=MOST_PIECES)
    if pieces == MOST_PIECES:
        raise ValueError("too many pieces")
    return compact


def _forms(body: bytes) -> Iterator[bytes]:
    yield body
    try:
        plain, escaped = compact_forms(body.decode())
    except ValueError:  # no JSON text: a file, or broken; the body's own reader will say so
        return
    yield escaped.encode()
    # Half a surrogate pair can only be written as an escape. Writing "?" for it would prove another body.
    with suppress(UnicodeEncodeError):
        yield plain.encode()


def _proved(signature: Jws, keys: Sequence[PublicKey]) -> PublicKey:
    """The key that signed it."""
    if signature.header.get("alg") != ALGORITHM:
        raise UntrustedSignature(f"alg: expected {ALGORITHM}")
    if "crit" in signature.header:
        raise UntrustedSignature("crit: no extension is understood here")
    kid = signature.header.get("kid")
    for key in keys:
        if kid in (None, key.kid) and _is_signed_by(signature.text, key):
            return key
    raise UntrustedSignature("No registered key of the service account made this signature")


def _is_signed_by(text: str, key: PublicKey) -> bool:
    registry = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = registry.max_signature_length = LONGEST_JWS
    try:
        jws.deserialize_compact(text, RSAKey.import_key(key.pem), registry=registry)
    except (JoseError, ValueError):
        return False
    return True


def _in_time(claims: dict[str, Any], now: datetime) -> datetime:
    """When it expires."""
    issued_at, expires_at = _instant(claims, "iat"), _instant(claims, "exp")
    if not timedelta() < expires_at - issued_at <= LONGEST_FOR:
        raise UntrustedSignature(f"exp: expected at most {LONGEST_FOR // timedelta(seconds=1)} seconds after iat")
    if now >= expires_at + SKEW_FOR:
        raise UntrustedSignature("exp: this signature has expired")
    starts_at = max(issued_at, _instant(claims, "nbf")) if "nbf" in claims else issued_at
    if now < starts_at - SKEW_FOR:
        raise UntrustedSignature("iat: this signature is not valid yet; check the clock that made it")
    return expires_at


def _instant(claims: dict[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    # Ten digits of seconds reach past the year 2200.
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e10:
        raise UntrustedSignature(f"{name}: expected Unix seconds")
    return from_micros(int(seconds * 1_000_000))


def _for_us(audience: object, audiences: Collection[str]) -> None:
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(each, str) and each in audiences for each in named):
        raise UntrustedSignature(f"aud: expected {' or '.join(sorted(audiences))}")


def _object(part: str) -> dict[str, Any] | None:
    try:
        told = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
