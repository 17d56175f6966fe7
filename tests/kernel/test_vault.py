"""The vault: what it seals opens with the same key, for the same purpose, unaltered, and in no other case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.vault import BrokenSeal, Vault, digest

ONE, OTHER = Vault(b"one key of thirty-two characters!"), Vault(b"another key of thirty-two letters")


@given(st.binary(max_size=300), st.text(max_size=40))
def test_what_was_sealed_opens_again(plain: bytes, about: str) -> None:
    about = about.encode(errors="replace").decode()
    assert ONE.unseal(ONE.seal(plain, about), about) == plain


def test_the_same_bytes_are_sealed_differently_each_time() -> None:
    assert ONE.seal(b"Ada", "name") != ONE.seal(b"Ada", "name")


def test_another_servers_key_does_not_open_it() -> None:
    with pytest.raises(BrokenSeal) as caught:
        OTHER.unseal(ONE.seal(b"Ada", "name 7"), "name 7")
    assert "Ada" not in str(caught.value)


def test_it_does_not_open_about_something_else() -> None:
    with pytest.raises(BrokenSeal):
        ONE.unseal(ONE.seal(b"Ada", "name of 7"), "name of 8")


@given(st.data())
def test_one_altered_bit_breaks_the_seal(data: st.DataObject) -> None:
    sealed = bytearray(ONE.seal(b"Ada Lovelace", "name"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BrokenSeal):
        ONE.unseal(bytes(sealed), "name")


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27, 28, 39])
def test_a_cut_seal_is_broken(length: int) -> None:
    with pytest.raises(BrokenSeal):
        ONE.unseal(ONE.seal(b"Ada Lovelace", "name")[:length], "name")


def test_a_sessions_key_opens_what_its_seal_closed() -> None:
    seal, wrapped = ONE.new_session_key("s1")
    sealed = seal.seal(b"Ada", "name")
    assert ONE.open_session_key("s1", wrapped).unseal(sealed, "name") == b"Ada"


def test_a_sessions_key_is_bound_to_its_session_and_its_server() -> None:
    _, wrapped = ONE.new_session_key("s1")
    with pytest.raises(BrokenSeal):
        ONE.open_session_key("s2", wrapped)
    with pytest.raises(BrokenSeal):
        OTHER.open_session_key("s1", wrapped)


def test_one_session_cannot_open_anothers_values() -> None:
    (first, _), (second, _) = ONE.new_session_key("s1"), ONE.new_session_key("s2")
    with pytest.raises(BrokenSeal):
        second.unseal(first.seal(b"Ada", "name"), "name")


def test_the_servers_own_seal_does_not_open_session_keys() -> None:
    _, wrapped = ONE.new_session_key("s1")
    with pytest.raises(BrokenSeal):
        ONE.unseal(wrapped, "key s1")


def test_a_signature_holds_for_its_purpose_message_and_server_only() -> None:
    signature = ONE.sign("cursor", b"12")
    assert ONE.signed("cursor", b"12", signature)
    assert not ONE.signed("upload", b"12", signature)
    assert not ONE.signed("cursor", b"13", signature)
    assert not ONE.signed("cursor\0", b"12", signature)
    assert not OTHER.signed("cursor", b"12", signature)
    assert not ONE.signed("cursor", b"12", signature[:-1])
    assert not ONE.signed("cursor", b"12", b"")


def test_the_purpose_cannot_run_over_into_the_message() -> None:
    assert ONE.sign("a", b"b") != ONE.sign("ab", b"")


def test_the_digest_is_sha_256() -> None:
    assert digest("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
