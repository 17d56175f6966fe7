"""Identifiers: their shape, their order, and that they do not meet."""

import re
import time
import uuid

from frontdesk.basics.ids import api_key, prefixed, uuid4, uuid7


def test_a_uuid7_is_a_uuid_of_version_7_and_says_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    parsed = uuid.UUID(made)
    assert (parsed.version, parsed.variant, str(parsed)) == (7, uuid.RFC_4122, made)
    assert before <= parsed.int >> 80 <= after


def test_later_uuid7s_sort_later() -> None:
    first = uuid7()
    time.sleep(0.002)
    assert first < uuid7()


def test_many_ids_made_at_once_are_all_different() -> None:
    for make in (uuid7, uuid4, api_key, lambda: prefixed("doc")):
        assert len({make() for _ in range(5_000)}) == 5_000


def test_a_uuid4_is_a_uuid_of_version_4() -> None:
    assert uuid.UUID(uuid4()).version == 4


def test_a_prefixed_id_says_what_it_is_of() -> None:
    assert re.fullmatch(r"doc_[a-z2-7]{20}", prefixed("doc"))
    assert re.fullmatch(r"evt_[a-z2-7]{8}", prefixed("evt", 8))


def test_an_api_key_uses_all_of_its_alphabet() -> None:
    keys = [api_key() for _ in range(200)]
    assert all(re.fullmatch(r"sk_live_[0-9A-Za-z]{40}", key) for key in keys)
    assert len(set("".join(key[8:] for key in keys))) == 62
