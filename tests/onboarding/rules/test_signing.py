"""Signed requests: what proves one, and everything that does not."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from frontdesk.onboarding.rules import signing
from frontdesk.onboarding.rules.signing import ForeignSigner, Signed, UnreadableSignature, UntrustedSignature
from frontdesk.onboarding.rules.signing_keys import PublicKey
from onboarding.rules.keys import ACCOUNT, BODY, ISSUED, NOW, claims, part, private_key, public_key, signed

HOUR = timedelta(hours=1)


def proved(
    authorization: str, body: bytes = BODY, keys: Sequence[PublicKey] | None = None, after: timedelta = timedelta()
) -> Signed:
    found = [public_key()] if keys is None else keys
    return signing.verify(signing.parse(authorization), body, found, NOW + after)


def refusal(*arguments: Any, **named: Any) -> str:
    with pytest.raises(UntrustedSignature) as caught:
        proved(*arguments, **named)
    assert caught.value.code == "invalid_tenant_keys"
    return caught.value.message


class TestTheDigest:
    def test_the_worked_example_of_the_published_page(self) -> None:
        assert signing.digest_of(b'{"a":"1","b":"x y"}') == "uVCmGtdWsxxBhIBEqGsX0TcCCF3s/VCBGHt99u0cai8="

    @pytest.mark.parametrize(
        ("hashed", "sent"),
        [
            pytest.param('{"a": "1"}', '{"a": "1"}', id="the bytes as they came"),
            pytest.param('{"a":"1","b":"x y"}', '{ "a": "1",\r\n\t"b" : "x y" }', id="spaces between tokens"),
            pytest.param('{"n":"Łukasz 李"}', '{"n": "\\u0141ukasz \\u674e"}', id="written as UTF-8, sent as escapes"),
            pytest.param('{"n":"\\u0141ukasz"}', '{"n": "Łukasz"}', id="written as escapes, sent as UTF-8"),
            pytest.param('{"e":"\\ud83d\\ude00"}', '{"e": "😀"}', id="a pair of escapes"),
            pytest.param('{"z":1.50,"a":1e3,"b":-0}', '{"z": 1.50, "a": 1e3, "b": -0}', id="order and numbers stay"),
            pytest.param('{"q":"a \\" b","s":"c\\\\"}', '{"q" : "a \\" b", "s": "c\\\\" }', id="quotes within values"),
            pytest.param('{"d":1,"d":2}', '{"d": 1, "d": 2}', id="a key that comes twice is for the body's reader"),
        ],
    )
    def test_three_forms_of_a_body_are_the_same_request(self, hashed: str, sent: str) -> None:
        assert signing.is_digest_of(signing.digest_of(hashed.encode()), sent.encode())

    @pytest.mark.parametrize(
        ("hashed", "sent"),
        [
            pytest.param('{"b":"x y"}', '{"b":"x  y"}', id="a space within a value"),
            pytest.param('{"a":1,"b":2}', '{"b":2,"a":1}', id="another order"),
            pytest.param('{"a":1.5}', '{"a":1.50}', id="another number text"),
            pytest.param('{"a":"?"}', '{"a":"\\ud800"}', id="half a pair is no question mark"),
            pytest.param("{}", "", id="nothing"),
        ],
    )
    def test_another_body_is_another_request(self, hashed: str, sent: str) -> None:
        assert not signing.is_digest_of(signing.digest_of(hashed.encode()), sent.encode())

    def test_it_is_the_padded_standard_base64(self) -> None:
        plain = signing.digest_of(BODY)
        for other in (plain.rstrip("="), plain.replace("/", "_").replace("+", "-"), f" {plain}", hex(7), 7, None, "é"):
            assert not signing.is_digest_of(other, BODY)

    def test_a_file_is_hashed_as_it_is(self) -> None:
        content = b"--x\r\n\xff\xd8\xff \x00 --x--"
        assert signing.is_digest_of(signing.digest_of(content), content)
        assert not signing.is_digest_of(signing.digest_of(content), content.replace(b" ", b""))

    def test_a_body_of_endless_pieces_is_hashed_as_it_is(self) -> None:
        sent = b"[" + b"1 ," * signing.MOST_PIECES + b"1]"
        assert signing.is_digest_of(signing.digest_of(sent), sent)
        assert not signing.is_digest_of(signing.digest_of(sent.replace(b" ", b"")), sent)

    @example("\x7f", None, False)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
        st.sampled_from([None, 1, "\t", "\r\n "]),
        st.booleans(),
    )
    def test_every_json_text_has_its_compact_forms(self, told: Any, indent: Any, is_ascii: bool) -> None:
        sent = json.dumps(told, indent=indent, ensure_ascii=is_ascii)
        plain, escaped = signing.compact_forms(sent)
        assert plain == json.dumps(told, separators=(",", ":"), ensure_ascii=False)
        assert escaped == json.dumps(told, separators=(",", ":"), ensure_ascii=True)


class TestTheHeader:
    def test_a_signed_request_is_proved(self) -> None:
        told = proved(signed())
        assert (told.account, told.key) == (ACCOUNT, public_key())
        assert told.remember_until == NOW + timedelta(seconds=300 + 60)

    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            "Bearer",
            "Bearer sk_live_0",
            "Basic a.b.c",
            "Bearer a.b",
            "Bearer a.b.c.d",
            "Bearer ..",
            f"Bearer {part({'alg': 'RS256'})}.{part(claims())}.",
            f"Bearer {part([])}.{part(claims())}.AAAA",
            f"Bearer {part({'alg': 'RS256'})}.{part('text')}.AAAA",
            f"Bearer {part(b'{')}.{part(claims())}.AAAA",
            f"Bearer {part(bytes([255, 254]))}.{part(claims())}.AAAA",
            f"Bearer {part(b'[' * 3000)}.{part(claims())}.AAAA",
            f"Bearer {part({'alg': 'RS256'})}.{part({'pad': 'x' * 9000})}.AAAA",
            f"Bearer {part({'alg': 'RS256'})}.{part(claims())}.AA=A",
            f"Bearer {part({'alg': 'RS256'})}.{part(claims())}.AA\nA",
        ],
    )
    def test_what_cannot_be_taken_apart_is_no_header(self, authorization: str | None) -> None:
        with pytest.raises(UnreadableSignature) as caught:
            signing.parse(authorization)
        assert caught.value.code == "invalid_headers"

    def test_the_scheme_may_be_written_in_any_case(self) -> None:
        assert proved(signed().replace("Bearer", "bearer")).account == ACCOUNT


class TestTheKey:
    def test_none_as_algorithm_is_refused(self) -> None:
        for alg in ("none", "None", "NONE", "", None, 5, ["RS256"]):
            assert "alg" in refusal(f"Bearer {part({'alg': alg})}.{part(claims())}.AAAA")

    def test_the_public_key_as_a_shared_secret_is_refused(self) -> None:
        text = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(claims())}"
        for secret in (public_key().pem, public_key().pem.strip()):
            mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
            assert "alg" in refusal(f"Bearer {text}.{part(mac)}")

    @pytest.mark.parametrize("alg", ["PS256", "RS384", "RS512"])
    def test_another_algorithm_of_the_same_key_is_refused(self, alg: str) -> None:
        text = f"{part({'alg': alg})}.{part(claims())}"
        assert "alg" in refusal(f"Bearer {text}.AAAA")

    def test_without_a_kid_every_registered_key_is_tried(self) -> None:
        keys = [public_key("second"), public_key("first")]
        assert proved(signed(kid=None), keys=keys).key == public_key("first")

    def test_a_kid_selects_its_key_and_no_other(self) -> None:
        keys = [public_key("first"), public_key("second")]
        assert proved(signed(key="second"), keys=keys).key == public_key("second")
        assert "registered key" in refusal(signed(kid="second"), keys=keys)

    def test_of_two_keys_with_one_name_the_one_that_signed_is_told(self) -> None:
        namesake = replace(public_key("second"), kid="first")
        assert proved(signed(), keys=[namesake, public_key()]).key.pem == public_key().pem
        assert proved(signed(key="second", kid="first"), keys=[public_key(), namesake]).key == namesake

    def test_an_unknown_kid_is_refused(self) -> None:
        for kid in ("third", "", 5, ["first"], {"first": 1}):
            text = f"{part({'alg': 'RS256', 'kid': kid})}.{part(claims())}.{signed().rpartition('.')[2]}"
            assert "registered key" in refusal(f"Bearer {text}")

    def test_the_key_of_somebody_else_is_refused(self) -> None:
        assert "registered key" in refusal(signed(key="second", kid="first"))
        assert "registered key" in refusal(signed(), keys=[])

    def test_a_key_that_comes_along_is_not_asked(self) -> None:
        own = private_key("second").as_dict(private=False)
        text = f"{part({'alg': 'RS256', 'jwk': own, 'jku': 'https://keys.example'})}.{part(claims())}"
        assert "registered key" in refusal(f"Bearer {text}.{signed(key='second').rpartition('.')[2]}")

    def test_a_header_may_name_what_does_not_matter(self) -> None:
        assert proved(signed(x5t="thumb", cty="x")).key == public_key("first")

    def test_an_extension_that_must_be_understood_is_refused(self) -> None:
        text = f"{part({'alg': 'RS256', 'crit': ['b64'], 'b64': False})}.{part(claims())}.AAAA"
        assert "crit" in refusal(f"Bearer {text}")

    @pytest.mark.parametrize("cut", [0, 1, 2])
    def test_a_part_that_was_changed_is_refused(self, cut: int) -> None:
        others = signed(claims(b"other"), typ=None).removeprefix("Bearer ").split(".")
        parts = signed().removeprefix("Bearer ").split(".")
        parts[cut] = others[cut]
        assert "registered key" in refusal("Bearer " + ".".join(parts))


class TestTheClaims:
    @pytest.mark.parametrize("seconds", [0, 359])
    def test_it_may_be_late_by_a_minute(self, seconds: int) -> None:
        assert proved(signed(), after=timedelta(seconds=seconds)).account == ACCOUNT

    def test_an_expired_one_is_refused(self) -> None:
        assert "expired" in refusal(signed(), after=timedelta(seconds=360))

    def test_one_of_the_future_is_refused(self) -> None:
        assert proved(signed(), after=timedelta(seconds=-60)).account == ACCOUNT
        assert "not valid yet" in refusal(signed(), after=timedelta(seconds=-61))
        assert "not valid yet" in refusal(signed(claims(nbf=ISSUED + 61)))

    def test_it_may_live_an_hour(self) -> None:
        assert proved(signed(claims(exp=ISSUED + 3600)), after=HOUR).account == ACCOUNT
        assert "3600 seconds" in refusal(signed(claims(exp=ISSUED + 3601)))
        assert "3600 seconds" in refusal(signed(claims(exp=ISSUED)))
        assert "3600 seconds" in refusal(signed(claims(exp=ISSUED - 1)))

    @pytest.mark.parametrize("name", ["iat", "exp"])
    @pytest.mark.parametrize("odd", [None, "1925280000", True, -1, 1e300, float("nan"), float("inf"), [1], 10**4000])
    def test_a_time_is_a_number_of_seconds(self, name: str, odd: object) -> None:
        assert f"{name}: expected Unix seconds" in refusal(signed(claims(**{name: odd})))

    def test_a_fraction_of_a_second_is_accepted(self) -> None:
        assert proved(signed(claims(iat=ISSUED + 0.25, exp=ISSUED + 60.5))).remember_until == NOW + timedelta(
            seconds=120.5
        )

    @pytest.mark.parametrize("audience", [None, "", "api.example.org", "API.FINQWARE.COM", ["x"], 5, {"a": 1}, [[]]])
    def test_another_audience_is_refused(self, audience: object) -> None:
        assert "aud: expected api.finqware.com" in refusal(signed(claims(aud=audience)))

    def test_one_of_several_audiences_is_ours(self) -> None:
        assert proved(signed(claims(aud=["api.example.org", "api.finqware.com"]))).account == ACCOUNT

    def test_the_server_may_have_names_of_its_own(self) -> None:
        told = signing.parse(signed(claims(aud="desk.example")))
        with pytest.raises(UntrustedSignature):
            signing.verify(told, BODY, [public_key()], NOW)
        names = ("desk.example", signing.AUDIENCE)
        assert signing.verify(told, BODY, [public_key()], NOW, audiences=names).account == ACCOUNT

    @pytest.mark.parametrize("others", [{"iss": None}, {"iss": 5}, {"sub": "x@y"}, {"email": "x@y"}, {"sub": ["x"]}])
    def test_all_claims_name_the_same_account(self, others: dict[str, object]) -> None:
        assert "service account" in refusal(signed(claims(**others)))

    def test_the_issuer_alone_is_enough(self) -> None:
        assert proved(signed(claims(sub=None, email=None))).account == ACCOUNT

    @pytest.mark.parametrize("digest", [None, "", "x", 5, ["uVCmGtdWsxxBhIBEqGsX0TcCCF3s/VCBGHt99u0cai8="]])
    def test_a_wrong_digest_is_refused(self, digest: object) -> None:
        assert "digest" in refusal(signed(claims(digest=digest)))

    def test_another_body_is_refused(self) -> None:
        assert "digest" in refusal(signed(), body=b'{"a":"2","b":"x y"}')
        assert proved(signed(), body=b'{"a": "1", "b": "x y"}').account == ACCOUNT


class TestTheSecondUse:
    def test_a_signature_that_was_seen_is_refused(self) -> None:
        with pytest.raises(UntrustedSignature, match="used before"):
            signing.verify(signing.parse(signed()), BODY, [public_key()], NOW, is_seen=True)

    def test_the_same_signature_has_the_same_digest(self) -> None:
        assert signing.parse(signed()).digest == proved(signed()).digest
        assert signing.parse(signed()).digest != signing.parse(signed(claims(jti="other"))).digest

    def test_another_text_of_the_same_signature_is_no_other_request(self) -> None:
        """A base64url text of 256 bytes leaves four bits of its last letter free."""
        told = signing.parse(signed())
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        spare = letters[letters.index(told.text[-1]) ^ 1]
        assert replace(told, text=told.text[:-1] + spare).digest == told.digest

    def test_it_is_remembered_until_it_is_refused_anyway(self) -> None:
        until = proved(signed()).remember_until
        assert "expired" in refusal(signed(), after=until - NOW)


def test_the_signer_must_belong_to_the_owner_of_the_client() -> None:
    signing.check_signer({"ten_1", "ten_2"}, "ten_1")
    for tenants in (set[str](), {"ten_2"}):
        with pytest.raises(ForeignSigner) as caught:
            signing.check_signer(tenants, "ten_1")
        assert caught.value.code == "unauthorized_tenant"


@given(st.text(alphabet="AQgw.eyJ-_=9 ", max_size=60) | st.text(max_size=40), st.binary(max_size=40))
def test_whatever_comes_is_refused_politely(text: str, body: bytes) -> None:
    with pytest.raises((UnreadableSignature, UntrustedSignature)):
        proved(f"Bearer {text}", body)
