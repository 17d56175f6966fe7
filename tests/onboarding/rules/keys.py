"""Keys and signatures for the tests of signed requests, made once a run."""

import base64
import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.jwk import RSAKey

from frontdesk.onboarding.rules.signing import digest_of
from frontdesk.onboarding.rules.signing_keys import PublicKey, parse_public_keys

NOW = datetime(2031, 1, 4, 8, 0, tzinfo=UTC)
ISSUED = int(NOW.timestamp())
ACCOUNT = "signer@desk.example"
BODY = b'{"a":"1","b":"x y"}'


@cache
def private_key(name: str = "first", bits: int = 2048) -> RSAKey:
    """A key of the tests; the same for the same name."""
    return RSAKey.import_key(rsa.generate_private_key(65537, bits), {"kid": name})


@cache
def public_key(name: str = "first") -> PublicKey:
    """The public half, as it is registered."""
    (key,) = parse_public_keys(json.dumps(private_key(name).as_dict(private=False)))
    return key


def claims(body: bytes = BODY, **others: Any) -> dict[str, Any]:
    """The seven documented claims; None leaves one out."""
    usual = {"iss": ACCOUNT, "sub": ACCOUNT, "email": ACCOUNT, "aud": "api.finqware.com"}
    made = usual | {"iat": ISSUED, "exp": ISSUED + 300, "digest": digest_of(body)} | others
    return {name: value for name, value in made.items() if value is not None}


def signed(told: dict[str, Any] | None = None, key: str = "first", **header: Any) -> str:
    """An `Authorization` header with these claims."""
    named = {"alg": "RS256", "typ": "JWT", "kid": key} | header
    protected = {name: value for name, value in named.items() if value is not None}
    return "Bearer " + jws.serialize_compact(protected, json.dumps(told or claims()), private_key(key))


def part(told: Any) -> str:
    """One part of a compact JWS."""
    content = told if isinstance(told, bytes) else json.dumps(told).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
