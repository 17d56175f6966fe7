"""Secrets: what is derived from the server's key, and the key of each session that seals its personal values."""

import hashlib
import hmac
import os
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from frontdesk.basics.errors import Problem

_NONCE_BYTES = 12
_KEY_BYTES = 32


class BrokenSeal(Problem):
    """A sealed value does not open: another server key was in use, or the stored bytes were changed."""

    code: ClassVar[str] = "broken_seal"


class Seal:
    """Seals bytes with one key: AES-256-GCM, a fresh nonce each time, bound to what the bytes are about."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: str) -> bytes:
        """The nonce, then the ciphertext with its tag. It opens only with the same `about`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def unseal(self, sealed: bytes, about: str) -> bytes:
        """The bytes again. Raises `BrokenSeal`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(f"The sealed {about.split(' ', 1)[0]} cannot be opened with this server's key") from error


class Vault:
    """Everything that the server's key does. The key itself never leaves this object."""

    def __init__(self, secret: bytes) -> None:
        def derived(purpose: str) -> bytes:
            return HKDF(SHA256(), _KEY_BYTES, salt=b"frontdesk", info=purpose.encode()).derive(secret)

        self._wrap = Seal(derived("wrap session keys"))
        self._own = Seal(derived("seal the server's own values"))
        # Keyed once and copied for each signature: OpenSSL looks up the algorithm anew each time it is named.
        self._signing = hmac.new(derived("sign addresses and cursors"), digestmod="sha256")

    def new_session_key(self, session_id: str) -> tuple[Seal, bytes]:
        """A session's seal, and its key wrapped for storage. Who destroys the wrapped key destroys the values."""
        key = AESGCM.generate_key(256)
        return Seal(key), self._wrap.seal(key, f"key {session_id}")

    def open_session_key(self, session_id: str, wrapped: bytes) -> Seal:
        """Raises `BrokenSeal`."""
        return Seal(self._wrap.unseal(wrapped, f"key {session_id}"))

    def seal(self, plain: bytes, about: str) -> bytes:
        """Seal what belongs to no session: tokens that are shown again, tenants' secrets, kept answers."""
        return self._own.seal(plain, about)

    def unseal(self, sealed: bytes, about: str) -> bytes:
        """Raises `BrokenSeal`."""
        return self._own.unseal(sealed, about)

    def sign(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA-256 under a key of the server, 32 bytes, separate for each purpose."""
        signing = self._signing.copy()
        signing.update(purpose.encode() + b"\0" + message)
        return signing.digest()

    def signed(self, purpose: str, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is ours, compared in constant time."""
        return hmac.compare_digest(self.sign(purpose, message), signature)


def digest(secret: str) -> bytes:
    """What is kept of a token or key: SHA-256 of it. The tokens are random, so no salt and no stretching is needed."""
    return hashlib.sha256(secret.encode()).digest()
