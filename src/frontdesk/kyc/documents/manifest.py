"""The manifest of an evidence file: every member with its size and SHA-256, and by which key it is signed."""

import base64
import hashlib
from typing import BinaryIO

import msgspec

from frontdesk.kyc.documents import signature
from frontdesk.kyc.documents.archive import EvidenceFlawed, Writer
from frontdesk.kyc.documents.signature import Signer

FORMAT = "frontdesk-evidence/1"
MANIFEST, SIGNATURE, EVENTS = "manifest.json", "manifest.sig", "events.jsonl"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member: its size in bytes and its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


class SignedBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose signature lies in `member`, over the manifest's bytes. `public_key` is base64 of its 32 bytes."""

    algorithm: str
    key_id: str
    public_key: str
    member: str


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The session's log: how many events there are, and the last one's digest in hex."""

    member: str
    count: int
    last_digest: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an evidence file says of itself. Instants are ISO 8601, UTC."""

    format: str
    made_with: str
    kind: str
    session_id: str
    tenant_id: str
    exported_at: str
    exported_by: str
    events: Log
    members: list[Line]
    signature: SignedBy


class Heading(msgspec.Struct, frozen=True):
    """What a manifest says besides its members."""

    made_with: str
    session_id: str
    tenant_id: str
    exported_at: str
    exported_by: str
    events: Log


class Sealing:
    """An evidence file under way: members are added in their order, `finish` adds manifest and signature."""

    def __init__(self, out: BinaryIO) -> None:
        self._writer = Writer(out)
        self._lines: list[Line] = []

    def add(self, name: str, content: bytes) -> None:
        """Raises `EvidenceTooLarge`."""
        self._writer.add(name, content)
        self._lines.append(Line(name, len(content), hashlib.sha256(content).hexdigest()))

    def finish(self, heading: Heading, signer: Signer) -> int:
        """Sign, and say how many bytes the whole file has."""
        by = SignedBy(
            signature.ALGORITHM,
            signature.fingerprint(signer.public),
            base64.b64encode(signature.raw(signer.public)).decode(),
            SIGNATURE,
        )
        made = Manifest(
            FORMAT,
            heading.made_with,
            "kyc",
            heading.session_id,
            heading.tenant_id,
            heading.exported_at,
            heading.exported_by,
            heading.events,
            self._lines,
            by,
        )
        text = msgspec.json.format(msgspec.json.encode(made), indent=2)
        self._writer.add(MANIFEST, text)
        self._writer.add(SIGNATURE, signer.sign(text))
        return self._writer.close()


def read(text: bytes) -> Manifest:
    """Raises `EvidenceFlawed`."""
    try:
        found = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EvidenceFlawed("The manifest is not one") from error
    if found.format != FORMAT:
        raise EvidenceFlawed("The file is of another format than this version of Frontdesk knows")
    return found
