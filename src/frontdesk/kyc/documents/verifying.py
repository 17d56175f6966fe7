"""Whether an evidence file is as it was made: every byte, every event, the signature. Needs no server."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from frontdesk.kyc.documents import archive, chain, manifest, signature
from frontdesk.kyc.documents.archive import EvidenceFlawed, Member
from frontdesk.kyc.documents.manifest import EVENTS, MANIFEST, SIGNATURE, Manifest

LARGEST_MANIFEST = 64 * 1024 * 1024
LARGEST_LOG = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verified:
    """A file that holds. `key_compared` says whether the key itself was compared with one that was expected."""

    session_id: str
    exported_at: str
    exported_by: str
    members: int
    events: int
    key_id: str
    key_compared: bool


def verify(file: BinaryIO, expected_key_id: str | None = None) -> Verified:
    """What the file proves. Raises `EvidenceFlawed` with the first thing that is wrong.

    Without `expected_key_id` anybody may have made and signed it: the signature then proves only that it is whole.
    """
    found = {member.name: member for member in archive.members(file)}
    told, text = _manifest(file, found)
    key = _key(told)
    if expected_key_id is not None and signature.fingerprint(key) != expected_key_id.lower():
        raise EvidenceFlawed("The file is signed with another key than the one that was expected")
    signed = archive.content(file, _needed(found, SIGNATURE), 64)
    if not signature.is_signed(key, text, signed):
        raise EvidenceFlawed("The signature does not belong to the manifest: one of them was altered")
    _check_members(file, found, told)
    log = archive.content(file, _needed(found, EVENTS), LARGEST_LOG)
    chain.check(told.session_id, log, told.events)
    return Verified(
        told.session_id,
        told.exported_at,
        told.exported_by,
        len(told.members),
        told.events.count,
        told.signature.key_id,
        expected_key_id is not None,
    )


def _manifest(file: BinaryIO, found: dict[str, Member]) -> tuple[Manifest, bytes]:
    text = archive.content(file, _needed(found, MANIFEST), LARGEST_MANIFEST)
    return manifest.read(text), text


def _needed(found: dict[str, Member], name: str) -> Member:
    if name not in found:
        raise EvidenceFlawed(f"{name} is missing")
    return found[name]


def _key(told: Manifest) -> Ed25519PublicKey:
    by = told.signature
    if by.algorithm != signature.ALGORITHM or by.member != SIGNATURE or told.events.member != EVENTS:
        raise EvidenceFlawed("The manifest names a signature that this version of Frontdesk does not know")
    try:
        raw = base64.b64decode(by.public_key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvidenceFlawed("The manifest names no public key of Ed25519") from error
    key = signature.from_raw(raw)
    if signature.fingerprint(key) != by.key_id:
        raise EvidenceFlawed("The manifest's key is not the one whose id it names")
    return key


def _check_members(file: BinaryIO, found: dict[str, Member], told: Manifest) -> None:
    lines = {line.name: line for line in told.members}
    for name in found:
        if name not in lines and name not in (MANIFEST, SIGNATURE):
            raise EvidenceFlawed(f"{name} does not belong to the file: the manifest does not name it")
    for name, line in lines.items():
        member = _needed(found, name)
        made = hashlib.sha256()
        for piece in archive.pieces(file, member):
            made.update(piece)
        if member.size != line.size or made.hexdigest() != line.sha256:
            raise EvidenceFlawed(f"{name} was altered: its size or digest is not the manifest's")
    if [*lines, MANIFEST, SIGNATURE] != list(found) or len(lines) != len(told.members):
        raise EvidenceFlawed("The members are not in the order of the manifest")
