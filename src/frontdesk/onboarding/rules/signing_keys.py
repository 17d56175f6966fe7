"""Public keys that a tenant's service account signs with: what may be registered, and in which notations."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from joserfc.jwk import RSAKey
from joserfc.util import base64_to_int

from frontdesk.basics.errors import Problem

LEAST_BITS = 2048
MOST_BITS = 8192
"""Verifying costs with the square of the size: a larger key would slow every request."""
LONGEST_EXPONENT = 8
MOST_KEYS = 10
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----")
_KID = re.compile(r"[\x21-\x7e]{1,255}")


class UnusableKey(Problem):
    """The public key that was sent cannot be registered."""

    code = "invalid_field"


class PublicKey(msgspec.Struct, frozen=True):
    """An RSA key of 2048 to 8192 bits. `pem` is its SubjectPublicKeyInfo, `kid` its name in headers."""

    kid: str
    pem: str


def parse_public_keys(text: str) -> tuple[PublicKey, ...]:
    """One to ten keys from PEM (public keys or certificates), a JWK, a JWKS, or an object of certificates by kid.

    A key without a name gets its RFC 7638 thumbprint (SHA-256). Raises `UnusableKey`, of the first that is.
    """
    found = tuple(_keys(text))
    if not 1 <= len(found) <= MOST_KEYS:
        raise UnusableKey(f"expected 1 to {MOST_KEYS} public keys, as PEM, JWK or JWKS")
    if len({key.kid for key in found}) < len(found):
        raise UnusableKey("two keys have the same kid")
    return found


def _keys(text: str) -> Iterator[PublicKey]:
    if text.lstrip().startswith("{"):
        yield from _from_json(text)
        return
    for block in _PEM.finditer(text):
        yield _from_pem(block[0], block[1], None)


def _from_json(text: str) -> Iterator[PublicKey]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableKey("expected PEM, or the JSON of a JWK or JWKS") from error
    if "keys" in told:
        listed = told["keys"]
        if not isinstance(listed, list):
            raise UnusableKey("keys: expected an array")
        for each in listed:
            yield _from_jwk(each)
    elif "kty" in told:
        yield _from_jwk(told)
    else:
        for kid, certificate in told.items():
            block = _PEM.search(certificate) if isinstance(certificate, str) else None
            if block is None:
                raise UnusableKey("expected a JWK, a JWKS, or certificates by kid")
            yield _from_pem(block[0], block[1], kid)


def _from_jwk(told: Any) -> PublicKey:
    if not isinstance(told, dict) or told.get("kty") != "RSA":
        raise UnusableKey("kty: expected RSA")
    if {"d", "p", "q", "dp", "dq", "qi", "oth"} & told.keys():
        raise UnusableKey("this is a private key: keep it, and register its public half")
    if told.get("alg", "RS256") != "RS256":
        raise UnusableKey("alg: expected RS256")
    uses = told.get("key_ops", ["verify"])
    if told.get("use", "sig") != "sig" or not isinstance(uses, list) or "verify" not in uses:
        raise UnusableKey("use: expected a key for signatures")
    modulus, exponent = told.get("n"), told.get("e")
    # The length first: arithmetic on a number of any size is what a hostile key is for.
    if not (isinstance(modulus, str) and len(modulus) <= MOST_BITS // 4):
        raise UnusableKey("n: expected a base64url number")
    if not (isinstance(exponent, str) and len(exponent) <= LONGEST_EXPONENT):
        raise UnusableKey("e: expected a base64url number of one to five bytes")
    try:
        key = RSAPublicNumbers(base64_to_int(exponent), base64_to_int(modulus)).public_key()
    except ValueError as error:
        raise UnusableKey("n and e: expected the numbers of an RSA key") from error
    return _named(key, told.get("kid"))


def _from_pem(block: str, label: str, kid: str | None) -> PublicKey:
    if "PRIVATE" in label:
        raise UnusableKey("this is a private key: keep it, and register its public half")
    try:
        key = (
            x509.load_pem_x509_certificate(block.encode()).public_key()
            if label == "CERTIFICATE"
            else serialization.load_pem_public_key(block.encode())
        )
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise UnusableKey("the PEM block holds no public key") from error
    if not isinstance(key, RSAPublicKey):
        raise UnusableKey("expected an RSA key")
    return _named(key, kid)


def _named(key: RSAPublicKey, kid: Any) -> PublicKey:
    if key.key_size < LEAST_BITS:
        raise UnusableKey(f"RSA keys under {LEAST_BITS} bits are refused: this one has {key.key_size}")
    if key.key_size > MOST_BITS:
        raise UnusableKey(f"RSA keys over {MOST_BITS} bits are refused: this one has {key.key_size}")
    if kid is not None and not (isinstance(kid, str) and _KID.fullmatch(kid)):
        raise UnusableKey("kid: expected 1 to 255 printable ASCII characters without spaces")
    spki = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(kid or RSAKey.import_key(key).thumbprint(), spki)
