"""Signs a request as a tenant's server does, now."""

import base64
import hashlib
import json
import time
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey


def bearer(body: bytes, account: str, key: RSAKey, **others: Any) -> str:
    """The `Authorization` header of a request with this body; `others` are claims that differ."""
    now = int(time.time())
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": account, "sub": account, "email": account, "aud": "api.finqware.com", "digest": digest}
    told = json.dumps({**claims, "iat": now, "exp": now + 60, **others})
    return "Bearer " + jws.serialize_compact({"alg": "RS256"}, told, key)
