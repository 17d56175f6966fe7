"""An evidence file proves itself, and whatever is done to it is found and said."""

import hashlib
import io
import random
import zipfile
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.documents import archive, manifest, signature
from frontdesk.kyc.documents.archive import EvidenceFlawed, Writer
from frontdesk.kyc.documents.verifying import Verified, verify
from kyc.documents.factories import OTHER, SESSION, SIGNER, evidence, log

WHOLE = evidence()
Members = list[tuple[str, bytes]]


def checked(content: bytes, key_id: str | None = None) -> Verified:
    return verify(io.BytesIO(content), key_id)


def flaw(content: bytes, key_id: str | None = None) -> str:
    """What is wrong with it, in one line."""
    with pytest.raises(EvidenceFlawed) as caught:
        checked(content, key_id)
    assert "\n" not in caught.value.message
    return caught.value.message


def unpacked(content: bytes = WHOLE) -> Members:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return [(name, opened.read(name)) for name in opened.namelist()]


def packed(members: Members) -> bytes:
    """The same form, other members."""
    out = io.BytesIO()
    writer = Writer(out)
    for name, content in members:
        writer.add(name, content)
    writer.close()
    return out.getvalue()


def test_a_file_as_it_was_made_holds() -> None:
    found = checked(WHOLE, signature.fingerprint(SIGNER.public))
    assert (found.session_id, found.members, found.events, found.key_compared) == (SESSION, 3, 3, True)


def test_without_a_key_it_holds_and_says_that_the_key_was_not_compared() -> None:
    assert checked(WHOLE).key_compared is False


def test_packing_the_same_members_again_gives_the_same_bytes() -> None:
    assert packed(unpacked()) == WHOLE


def test_any_unpacking_program_opens_it() -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as opened:
        assert opened.testzip() is None
        assert opened.namelist()[-2:] == ["manifest.json", "manifest.sig"]


def test_every_flipped_byte_is_found() -> None:
    for place in range(len(WHOLE)):
        altered = bytearray(WHOLE)
        altered[place] ^= 1 << (place % 8)
        flaw(bytes(altered))


@given(place=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255))
def test_any_other_value_of_any_byte_is_found(place: int, value: int) -> None:
    altered = bytearray(WHOLE)
    if altered[place] == value:
        return
    altered[place] = value
    flaw(bytes(altered))


@given(st.data())
def test_members_altered_inside_a_sound_archive_are_found(data: st.DataObject) -> None:
    members = unpacked()
    which = data.draw(st.integers(0, len(members) - 1))
    name, content = members[which]
    place = data.draw(st.integers(0, len(content) - 1))
    mask = data.draw(st.integers(1, 255))
    members[which] = (name, content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
    flaw(packed(members))


@pytest.mark.parametrize("which", range(5))
def test_a_removed_member_is_found(which: int) -> None:
    members = unpacked()
    name, _ = members.pop(which)
    assert flaw(packed(members)) == f"{name} is missing"


@given(st.from_regex(r"[a-z][a-z0-9.]{0,8}(/[a-z]{1,4})?", fullmatch=True), st.binary(max_size=20), st.integers(0, 5))
def test_an_added_member_is_found(name: str, content: bytes, place: int) -> None:
    members = unpacked()
    if name in dict(members):
        return
    members.insert(place, (name, content))
    assert flaw(packed(members)) == f"{name} does not belong to the file: the manifest does not name it"


@pytest.mark.parametrize("which", range(5))
def test_a_renamed_member_is_found(which: int) -> None:
    members = unpacked()
    members[which] = (members[which][0] + "x", members[which][1])
    flaw(packed(members))


def test_members_in_another_order_are_found() -> None:
    members = unpacked()
    random.Random(1).shuffle(members)
    assert "order" in flaw(packed(members))


@pytest.mark.parametrize("length", [0, 1, 21, 22, 100, len(WHOLE) - 1])
def test_a_cut_off_file_is_found(length: int) -> None:
    flaw(WHOLE[:length])


@pytest.mark.parametrize("where", ["before", "after", "comment"])
def test_bytes_around_the_archive_are_found(where: str) -> None:
    comment = WHOLE[:-2] + b"\x02\x00hi"
    flaw({"before": b"#!/bin/sh\n" + WHOLE, "after": WHOLE + b"\0", "comment": comment}[where])


def test_a_hidden_piece_between_members_is_found() -> None:
    members = archive.members(io.BytesIO(WHOLE))
    cut = members[2].header_at
    moved = [*members[:2]] + [archive.Member(one.name, one.crc, one.size, one.header_at + 5) for one in members[2:]]
    listed = b"".join(member.central() for member in moved)
    end_at = len(WHOLE) - 22 - len(listed)
    body = WHOLE[:cut] + b"hello" + WHOLE[cut:end_at]
    assert "does not lie where it must" in flaw(body + listed + archive._end(len(moved), len(listed), len(body)))


def foreign(make: Callable[[zipfile.ZipFile], None], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as opened:
        make(opened)
    return out.getvalue()


def test_a_bomb_is_not_inflated() -> None:
    bomb = foreign(lambda opened: opened.writestr("manifest.json", b"\0" * 50_000_000), zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    assert "is compressed" in flaw(bomb)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "C:\\evil", ".hidden", "a//b", "ä", "con\n"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert "leads out" in flaw(foreign(lambda opened: opened.writestr(name, b"x")))


def test_a_name_that_is_there_twice_is_refused() -> None:
    members = archive.members(io.BytesIO(WHOLE))
    first = members[0]
    twin = archive.Member(first.name, first.crc, first.size, first.begins_at + first.size)
    body = WHOLE[: first.begins_at + first.size] + twin.local() + WHOLE[first.begins_at : first.begins_at + first.size]
    listed = first.central() + twin.central()
    assert "is there twice" in flaw(body + listed + archive._end(2, len(listed), len(body)))


def test_a_file_of_other_makers_is_told_apart() -> None:
    assert "altered" in flaw(foreign(lambda opened: opened.writestr("manifest.json", b"{}")))
    assert flaw(b"%PDF-1.7 something else altogether").startswith("This is no evidence file")


def test_a_file_signed_anew_with_another_key_is_found_when_the_key_is_known() -> None:
    forged = evidence(OTHER)
    assert checked(forged).key_compared is False
    assert "another key" in flaw(forged, signature.fingerprint(SIGNER.public))


def test_a_manifest_that_claims_another_key_id_is_refused() -> None:
    members = dict(unpacked(evidence(OTHER)))
    told = manifest.read(members["manifest.json"])
    claimed = msgspec.structs.replace(told.signature, key_id=signature.fingerprint(SIGNER.public))
    text = msgspec.json.encode(msgspec.structs.replace(told, signature=claimed))
    members |= {"manifest.json": text, "manifest.sig": OTHER.sign(text)}
    assert "not the one whose id" in flaw(packed(list(members.items())))


def signed_anew(**changes: object) -> bytes:
    """The file with another manifest under a good signature: what the server itself would have to answer for."""
    members = dict(unpacked())
    text = msgspec.json.encode(msgspec.structs.replace(manifest.read(members["manifest.json"]), **changes))
    members |= {"manifest.json": text, "manifest.sig": SIGNER.sign(text)}
    return packed(list(members.items()))


def test_the_log_of_another_session_is_found() -> None:
    assert "from event 1 on" in flaw(signed_anew(session_id="another"))


def test_a_format_of_the_future_is_named() -> None:
    assert "another format" in flaw(signed_anew(format="frontdesk-evidence/2"))


@pytest.mark.parametrize("change", ["without the second", "without the last", "altered", "twice"])
def test_a_log_with_a_gap_is_found_even_under_a_good_signature(change: str) -> None:
    rows = log()
    changed = {
        "without the second": [rows[0], rows[2]],
        "without the last": rows[:2],
        "altered": [rows[0], msgspec.structs.replace(rows[1], type="kyc.session.approved"), rows[2]],
        "twice": [*rows, rows[2]],
    }[change]
    content = evidence(rows=changed)
    members = dict(unpacked(content))
    told = manifest.read(members["manifest.json"])
    events = msgspec.structs.replace(told.events, count=3, last_digest=rows[-1].digest)
    text = msgspec.json.encode(msgspec.structs.replace(told, events=events))
    members |= {"manifest.json": text, "manifest.sig": SIGNER.sign(text)}
    assert "chain of events does not hold" in flaw(packed(list(members.items())))


def test_an_instant_that_was_reworded_is_found() -> None:
    rows = log()
    rows[1] = msgspec.structs.replace(rows[1], at="2020-01-01T00:00:00.000Z")
    assert "another time in words" in flaw(evidence(rows=rows))


@pytest.mark.parametrize("line", [b"{}", b"nonsense", b"\xff", b'{"number": 1e99}'])
def test_a_line_that_is_no_event_is_found(line: bytes) -> None:
    members = dict(unpacked())
    content = line + b"\n"
    members["events.jsonl"] = content
    told = manifest.read(members["manifest.json"])
    lines = [
        manifest.Line(one.name, len(content), hashlib.sha256(content).hexdigest())
        if one.name == "events.jsonl"
        else one
        for one in told.members
    ]
    text = msgspec.json.encode(msgspec.structs.replace(told, members=lines))
    members |= {"manifest.json": text, "manifest.sig": SIGNER.sign(text)}
    assert "no event" in flaw(packed(list(members.items())))


def test_a_writer_takes_no_name_twice_and_none_that_leads_elsewhere() -> None:
    writer = Writer(io.BytesIO())
    writer.add("a", b"")
    for name in ("a", "../a", ""):
        with pytest.raises(ValueError, match="a name of its own"):
            writer.add(name, b"")
