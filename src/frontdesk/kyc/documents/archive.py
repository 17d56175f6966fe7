"""The ZIP of an evidence file, in the one form that it may have: so every byte of it is accounted for when it is read.

Members are stored, not compressed, one after the other without gaps; no comments, no extra fields, one fixed date.
Any unpacking program opens it. Whoever reads it needs to inflate nothing, and two programs cannot see two things in it.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from frontdesk.kyc.rules.refusals import Invalid, TooLarge

LARGEST = 2**32 - 1
MOST_MEMBERS = 2**16 - 2
_NAME = re.compile(r"(?!.{201})[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_VERSION, _UNIX, _DATE = 20, 3 << 8, 0x0021  # 1980-01-01, the first day that a ZIP knows
_MODE = 0o100600 << 16
_PIECE = 1 << 20


class EvidenceFlawed(Invalid):
    """A file is no evidence, or not as it was made; the message says in one line what is wrong."""

    reason: ClassVar[str] = "evidence_flawed"


class EvidenceTooLarge(TooLarge):
    """The files of a session do not fit into one evidence file."""

    reason: ClassVar[str] = "evidence_too_large"


@dataclass(frozen=True, slots=True)
class Member:
    """A file within: where its bytes begin, and how many they are."""

    name: str
    crc: int
    size: int
    header_at: int

    @property
    def begins_at(self) -> int:
        """Offset of its first byte."""
        return self.header_at + _LOCAL.size + len(self.name)

    def local(self) -> bytes:
        """What stands before its bytes."""
        name = self.name.encode()
        sizes = self.crc, self.size, self.size
        return _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DATE, *sizes, len(name), 0) + name

    def central(self) -> bytes:
        """Its line in the list at the end."""
        name = self.name.encode()
        made = _UNIX | _VERSION, _VERSION, 0, 0, 0, _DATE
        return (
            _CENTRAL.pack(
                b"PK\1\2", *made, self.crc, self.size, self.size, len(name), 0, 0, 0, 0, _MODE, self.header_at
            )
            + name
        )


class Writer:
    """Writes members one after the other to a file that need not be able to seek; `close` writes the list of them."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._at = 0
        self._members: list[Member] = []

    def add(self, name: str, content: bytes) -> None:
        """Raises `EvidenceTooLarge`."""
        if not _NAME.fullmatch(name) or any(member.name == name for member in self._members):
            raise ValueError("A member needs a name of its own, of plain letters")
        member = Member(name, zlib.crc32(content), len(content), self._at)
        if member.begins_at + member.size > LARGEST - _PIECE * 64 or len(self._members) == MOST_MEMBERS:
            raise EvidenceTooLarge("The files of this session are too many or too large for one evidence file")
        self._put(member.local())
        self._put(content)
        self._members.append(member)

    def close(self) -> int:
        """Finish, and say how many bytes were written."""
        listed = b"".join(member.central() for member in self._members)
        self._put(listed + _end(len(self._members), len(listed), self._at))
        return self._at

    def _put(self, piece: bytes) -> None:
        self._out.write(piece)
        self._at += len(piece)


def _end(count: int, length: int, begins_at: int) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, count, count, length, begins_at, 0)


def members(file: BinaryIO) -> list[Member]:
    """What is in it, in order; every byte outside the members' own is compared. Raises `EvidenceFlawed`."""
    size = file.seek(0, 2)
    if size < _END.size or size > LARGEST:
        raise EvidenceFlawed("This is no evidence file: it is no ZIP of a size that one can have")
    end = _read(file, size - _END.size, _END.size)
    kind, _, _, _, count, length, begins_at, _ = _END.unpack(end)
    if kind != b"PK\5\6" or begins_at + length + _END.size != size:
        raise EvidenceFlawed("This is no evidence file: it does not end as a ZIP without comment does, or was cut off")
    if end != _end(count, length, begins_at):
        raise EvidenceFlawed("The end of the archive was altered")
    found, at = [], 0
    for member in _listed(_read(file, begins_at, length), count):
        if member.header_at != at or member.begins_at + member.size > begins_at:
            raise EvidenceFlawed(f"{member.name} does not lie where it must; there are hidden or missing bytes")
        if _read(file, at, member.begins_at - at) != member.local():
            raise EvidenceFlawed(f"What stands before {member.name} is not what the archive's list says of it")
        found.append(member)
        at = member.begins_at + member.size
    if at != begins_at:
        raise EvidenceFlawed("There are bytes in the archive that belong to no member")
    return found


def _listed(directory: bytes, count: int) -> Iterator[Member]:
    at, seen = 0, set()
    for _ in range(count):
        line = directory[at : at + _CENTRAL.size]
        if len(line) < _CENTRAL.size or line[:4] != b"PK\1\2":
            raise EvidenceFlawed("The archive's list of members was altered")
        _, _, _, flags, method, _, _, crc, packed, size, length, *_, header_at = _CENTRAL.unpack(line)
        raw = directory[at + _CENTRAL.size : at + _CENTRAL.size + length]
        name = raw.decode("ascii", "replace")
        if not _NAME.fullmatch(name):
            raise EvidenceFlawed("A member has a name that leads out of the archive, or that no evidence file has")
        if name in seen:
            raise EvidenceFlawed(f"{name} is there twice")
        if method or packed != size or flags:
            raise EvidenceFlawed(f"{name} is compressed or encrypted, which nothing in an evidence file is")
        member = Member(name, crc, size, header_at)
        if directory[at : at + _CENTRAL.size + length] != member.central():
            raise EvidenceFlawed(f"The line of {name} in the archive's list was altered")
        seen.add(name)
        at += _CENTRAL.size + length
        yield member
    if at != len(directory):
        raise EvidenceFlawed("The archive's list holds more than its members")


def pieces(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Its bytes, a MiB at a time. Raises `EvidenceFlawed`, in the end when they are not those of its checksum."""
    at, left, crc = member.begins_at, member.size, 0
    while left:
        piece = _read(file, at, min(left, _PIECE))
        at, left, crc = at + len(piece), left - len(piece), zlib.crc32(piece, crc)
        yield piece
    if crc != member.crc:
        raise EvidenceFlawed(f"{member.name} was altered: its checksum is another")


def content(file: BinaryIO, member: Member, limit: int) -> bytes:
    """The whole of a member that has no business to be larger than `limit`. Raises `EvidenceFlawed`."""
    if member.size > limit:
        raise EvidenceFlawed(f"{member.name} is larger than it can be")
    return b"".join(pieces(file, member))


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    found = file.read(length)
    if len(found) != length:
        raise EvidenceFlawed("The archive was cut off")
    return found
