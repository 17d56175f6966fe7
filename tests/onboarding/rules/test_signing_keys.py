"""Public keys for signed requests: the notations, and what is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from frontdesk.onboarding.rules.signing_keys import PublicKey, UnusableKey, parse_public_keys
from onboarding.rules.keys import NOW, private_key

FIRST = private_key("first")
JWK = {name: FIRST.as_dict(private=False)[name] for name in ("kty", "n", "e")}
PEM = FIRST.as_pem(private=False).decode()


def certificate() -> str:
    """A certificate that the key signed for itself."""
    key = FIRST.private_key
    assert key is not None
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "signer.desk.example")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def refusal(told: str | dict[str, Any]) -> str:
    with pytest.raises(UnusableKey) as caught:
        parse_public_keys(told if isinstance(told, str) else json.dumps(told))
    assert caught.value.code == "invalid_field"
    return caught.value.message


def test_every_notation_gives_the_same_key() -> None:
    thumbprint = FIRST.thumbprint()
    told = (PEM, certificate(), json.dumps(JWK), json.dumps({"keys": [JWK]}), f"key of the desk:\n{PEM}\n")
    for text in told:
        assert parse_public_keys(text) == (PublicKey(thumbprint, PEM),)


def test_certificates_may_be_told_by_kid() -> None:
    assert parse_public_keys(json.dumps({"abc": certificate()})) == (PublicKey("abc", PEM),)


def test_a_kid_is_kept() -> None:
    (key,) = parse_public_keys(json.dumps(JWK | {"kid": "2031-01", "alg": "RS256", "use": "sig", "x5t": "?"}))
    assert key.kid == "2031-01"


def test_several_keys_may_come_at_once() -> None:
    both = [private_key(name).as_dict(private=False) for name in ("first", "second")]
    assert [key.kid for key in parse_public_keys(json.dumps({"keys": both}))] == ["first", "second"]
    assert len(parse_public_keys(PEM + private_key("second").as_pem(private=False).decode())) == 2


def test_a_weak_key_is_refused() -> None:
    weak = rsa.generate_private_key(65537, 2047).public_key()
    pem = weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert "under 2048 bits" in refusal(pem)
    short = JWK | {"n": JWK["n"][: len(JWK["n"]) // 2 // 4 * 4]}
    assert "under 2048 bits" in refusal(short)


def test_a_key_that_would_slow_every_request_is_refused() -> None:
    assert "n: expected" in refusal(JWK | {"n": "_" * 4000})
    assert "over 8192 bits" in refusal(JWK | {"n": "_" * 2000})
    for exponent in ("AQ", "Ag", "", "_" * 400, 65537, None):
        assert refusal(JWK | {"e": exponent})


def test_a_private_key_is_refused_with_the_remedy() -> None:
    key = FIRST.private_key
    assert key is not None
    for format_ in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        assert "register its public half" in refusal(key.private_bytes(Encoding.PEM, format_, NoEncryption()).decode())
    assert "register its public half" in refusal(FIRST.as_dict(private=True))


def test_another_kind_of_key_is_refused() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert "RSA" in refusal(pem)
    assert "RSA" in refusal({"kty": "oct", "k": "AAAA"})
    assert "RSA" in refusal({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"})
    assert "RS256" in refusal(JWK | {"alg": "RS512"})
    assert "signatures" in refusal(JWK | {"use": "enc"})
    assert "signatures" in refusal(JWK | {"key_ops": ["encrypt"]})
    assert "signatures" in refusal(JWK | {"key_ops": 5})


@pytest.mark.parametrize(
    "told",
    [
        "",
        "{",
        "not a key",
        "{}",
        '{"keys": 5}',
        '{"keys": []}',
        '{"keys": [5]}',
        '{"abc": "not a certificate"}',
        '{"abc": 5}',
        "{" + '"a":{' * 900 + "}" * 901,
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n" * 1000,
        json.dumps(JWK | {"kid": "a b"}),
        json.dumps(JWK | {"kid": 5}),
        json.dumps(JWK | {"kid": ""}),
        json.dumps(JWK | {"n": "é" * 300}),
        json.dumps({"keys": [JWK, JWK]}),
        json.dumps({"keys": [JWK | {"kid": str(number)} for number in range(11)]}),
    ],
)
def test_what_is_no_key_is_refused(told: str) -> None:
    assert refusal(told)
