"""The server's signature under evidence: an Ed25519 key that is derived from the server's own."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from frontdesk.kyc.documents.archive import EvidenceFlawed

ALGORITHM = "Ed25519"
PURPOSE = "evidence signing key 1"
"""What the key is derived for; with another number the server would have another key."""


class Signer:
    """Signs with the key that 32 secret bytes are."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> Ed25519PublicKey:
        """What others need to check a signature."""
        return self._key.public_key()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)


def raw(key: Ed25519PublicKey) -> bytes:
    """The key's 32 bytes."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def pem(key: Ed25519PublicKey) -> str:
    """The key as other programs read it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def fingerprint(key: Ed25519PublicKey) -> str:
    """The id of a key: SHA-256 over its DER form, in hex. `openssl pkey -pubin -outform DER | sha256sum` gives it."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def from_raw(found: bytes) -> Ed25519PublicKey:
    """Raises `EvidenceFlawed`."""
    try:
        return Ed25519PublicKey.from_public_bytes(found)
    except ValueError as error:
        raise EvidenceFlawed("The manifest names no public key of Ed25519") from error


def from_pem(text: bytes) -> Ed25519PublicKey:
    """Raises `ValueError`."""
    try:
        key = load_pem_public_key(text)
    except ValueError as error:
        raise ValueError("not a public key in PEM form") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not a key of Ed25519")
    return key


def is_signed(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether the owner of the key has signed it."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
