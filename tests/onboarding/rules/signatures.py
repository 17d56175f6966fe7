"""The digest of a body as the published page describes it, and a signature over it, made by other means than ours."""

import base64
import hashlib
import json
import time
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey


def digest_of(body: bytes) -> str:
    """SHA-256, standard Base64 with padding."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def bearer(body: bytes, account: str, key: RSAKey, **others: Any) -> str:
    """The `Authorization` header of a request with this body, now; `others` are claims that differ."""
    now = int(time.time())
    claims = {"iss": account, "sub": account, "email": account, "aud": "api.finqware.com", "digest": digest_of(body)}
    told = json.dumps({**claims, "iat": now, "exp": now + 60, **others})
    return "Bearer " + jws.serialize_compact({"alg": "RS256"}, told, key)
