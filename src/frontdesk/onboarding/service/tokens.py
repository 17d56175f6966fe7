"""What callers hold: nonces and tokens, derived from the server's key, so that none of them is stored.

A nonce is derived from its session, client and number; the number is in the session, so that whoever changes the
session first has spent it.
"""

import base64
import os
import uuid

from frontdesk.kernel.vault import Vault

_BYTES = 32
_ID_BYTES = 16


def nonce(vault: Vault, session_id: str, client_id: str, serial: int) -> str:
    """The nonce with this number."""
    return "n_" + _text(vault.sign("onboarding nonce", f"{session_id} {client_id} {serial}".encode()))


def temp_token(vault: Vault, session_id: str) -> str:
    """The token at the end of a session. It holds the session's id, by which it is found."""
    held = uuid.UUID(session_id).bytes
    return "tt_" + _text(held + vault.sign("onboarding temp token", held))


def session_of(vault: Vault, token: str) -> str | None:
    """The session that this token ends; None for a token that is not ours."""
    found = _bytes(token, "tt_", _ID_BYTES + _BYTES)
    if found is None or not vault.signed("onboarding temp token", found[:_ID_BYTES], found[_ID_BYTES:]):
        return None
    return str(uuid.UUID(bytes=found[:_ID_BYTES]))


def access_token(vault: Vault, credentials_id: str) -> str:
    """The token of a consent."""
    return "at_" + _text(vault.sign("onboarding access token", credentials_id.encode()))


def is_access_token(token: str) -> bool:
    """Whether it looks like one."""
    return _bytes(token, "at_", _BYTES) is not None


def step_id(session_id: str) -> str:
    """A new id for a step. It begins as its session's does, so that the session is found by it."""
    return session_id[:-12] + os.urandom(6).hex()


def named(vault: Vault, what: str) -> str:
    """The UUID that we give to something of a bank's: always the same one for the same thing."""
    return str(uuid.UUID(bytes=vault.sign("onboarding ids", what.encode())[:16], version=5))


def user_mark(vault: Vault, tenant_id: str, user_id: str) -> bytes:
    """Stands for a tenant's user where the name itself may not be stored."""
    return vault.sign("onboarding user", f"{tenant_id} {user_id}".encode())


def open_mark(vault: Vault, client_id: str, user_id: str, skill: str) -> bytes:
    """Stands for one user of one client in one skill: by it the open sessions are counted."""
    return vault.sign("onboarding open", f"{client_id}\n{skill}\n{user_id}".encode())


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def _bytes(token: str, prefix: str, length: int) -> bytes | None:
    if not token.startswith(prefix) or not token.isascii() or len(token) > 200:
        return None
    text = token[len(prefix) :]
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # Written again and compared: the decoder skips characters that it does not know.
    return found if len(found) == length and _text(found) == text else None
