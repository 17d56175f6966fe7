"""The signed twin of onboarding on each storage: what must be remembered of a signature, and whose it is."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.jwk import RSAKey

from frontdesk.config import Settings
from frontdesk.onboarding.service import clients
from journeys.apps import AISP, DEPOSIT, PERSON, App, good, world
from journeys.people import photo
from onboarding.rules.signatures import digest_of

ACCOUNT = "signer@desk.example"


@cache
def key(name: str = "first") -> RSAKey:
    return RSAKey.import_key(rsa.generate_private_key(65537, 2048), {"kid": name})


class Signer:
    """A tenant whose server signs what it sends."""

    def __init__(self, app: App, account: str = ACCOUNT, name: str = "first") -> None:
        self.app, self.account, self.key = app, account, key(name)
        self.register(self.key)

    def register(self, public: RSAKey) -> list[Any]:
        """Add a key for the account."""
        told = json.dumps(public.as_dict(private=False))
        needs = self.app.server.house.onboarding
        return self.app.server.wait(clients.add_signers(needs, self.app.tenant.tenant_id, self.account, told))

    def claims(self, body: bytes, **others: Any) -> dict[str, Any]:
        now = int(self.app.server.clock.now().timestamp())
        usual = {"iss": self.account, "sub": self.account, "email": self.account, "aud": "api.finqware.com"}
        return usual | {"iat": now, "exp": now + 60, "jti": str(uuid4()), "digest": digest_of(body)} | others

    def bearer(self, body: bytes, header: dict[str, Any] | None = None, **others: Any) -> str:
        protected = {"alg": "RS256", **(header or {})}
        return "Bearer " + jws.serialize_compact(protected, json.dumps(self.claims(body, **others)), self.key)

    def send(self, path: str, told: Any, authorization: str | None = None, **headers: str) -> httpx.Response:
        """A call under `/v1s`, signed anew unless an authorization is given; "" is none at all."""
        body = told if isinstance(told, bytes) else json.dumps(told, separators=(",", ":")).encode()
        sent = {"Content-Type": "application/json", **headers}
        made = self.bearer(body) if authorization is None else authorization
        if made:
            sent["Authorization"] = made
        return self.app.http.post(f"/v1s{path}", content=body, headers=sent)

    def creating(self, skill: str = AISP) -> bytes:
        told = {
            "tenant_user_id": "cust-1",
            "client_id": self.app.client_id,
            "client_app_key": self.app.tenant.client_app_key,
            "skill": skill,
        }
        return json.dumps(told, separators=(",", ":")).encode()

    def refused(self, authorization: str, body: bytes | None = None) -> tuple[int, str, str]:
        answer = self.send("/sessions", self.creating() if body is None else body, authorization)
        told = answer.json()
        assert (answer.status_code, set(told)) == (told["http"], {"id", "type", "http", "code", "message"})
        return told["http"], told["type"], told["code"]


UNTRUSTED = (401, "unauthorized", "invalid_tenant_keys")
UNREADABLE = (400, "invalid_request", "invalid_headers")


@pytest.fixture(scope="module")
def signer(storage: Settings) -> Iterator[Signer]:
    with world(storage) as found:
        yield Signer(App(found.server))


def test_a_session_is_walked_to_its_accounts_with_signed_calls_alone(signer: Signer) -> None:
    app = signer.app
    begun = good(signer.send("/sessions", signer.creating()))
    step = {"client_id": app.client_id, "nonce": begun["nonce"], "skill": AISP, "step": "sca_implicit", "data": {}}
    done = good(signer.send(f"/sessions/{begun['session_id']}/steps", step))
    opened = good(signer.send("/tokens", app.secret(temp_token=done["temp_token"])))
    holder = app.secret(credentials_id=opened["credentials_id"], access_token=opened["access_token"])
    for path in ("/accounts/get", "/balances/get", "/transactions/get"):
        assert good(signer.send(path, {**holder, "tenant_user_id": "cust-1"}))
    assert good(signer.send("/consents/delete", holder))["result"]["status"] == "DELETED"


def test_a_file_is_signed_as_the_bytes_that_are_sent(signer: Signer) -> None:
    app = signer.app
    begun = good(signer.send("/sessions", signer.creating(DEPOSIT)))
    walk = {"client_id": app.client_id, "skill": DEPOSIT}
    steps = f"/sessions/{begun['session_id']}/steps"
    form = {"value": "25000", "currency": "EUR", "period": "6"}
    first = good(signer.send(steps, {**walk, "nonce": begun["nonce"], "step": "product_form", "data": form}))
    second = good(signer.send(steps, {**walk, "nonce": first["nonce"], "step": "personal_data", "data": PERSON}))
    fields = {"client_id": app.client_id, "nonce": first["nonce"], "name": "selfie"}
    request = httpx.Request("POST", "http://x", data=fields, files={"file": ("me.jpg", photo(), "image/jpeg")})
    path, body = f"/steps/{second['step_id']}/upload", request.read()
    headers = {"Content-Type": request.headers["content-type"]}
    assert signer.send(path, body, signer.bearer(body[:-1]), **headers).json()["code"] == "invalid_tenant_keys"
    assert good(signer.send(path, body, **headers))["data"]["name"] == "selfie"


def test_the_signature_is_looked_at_before_the_body(signer: Signer) -> None:
    for body in (b"", b"{", b"[]", b'{"client_id":5}'):
        assert signer.refused("", body) == UNREADABLE
        assert signer.refused(signer.bearer(b"other"), body) == UNTRUSTED
    assert signer.refused(signer.bearer(b"{"), b"{") == (400, "invalid_request", "invalid_body")


def test_a_signature_is_good_once_and_nowhere_else(signer: Signer) -> None:
    body = signer.creating()
    text = signer.bearer(body)
    assert signer.send("/sessions", body, text).status_code == 200
    assert signer.refused(text) == UNTRUSTED
    assert signer.send("/catalogs/get", body, text).json()["code"] == "invalid_tenant_keys"


def test_the_same_request_twice_in_a_second_needs_something_that_differs(signer: Signer) -> None:
    body, now = signer.creating(), int(signer.app.server.clock.now().timestamp())
    texts = [signer.bearer(body, iat=now, exp=now + 60, jti=name) for name in "aab"]
    assert [signer.send("/sessions", body, text).status_code for text in texts] == [200, 401, 200]


def test_the_same_idempotency_key_may_repeat_it(signer: Signer) -> None:
    body = signer.creating()
    text = signer.bearer(body)
    first, second, other = [
        signer.send("/sessions", body, text, **{"Idempotency-Key": repeat}) for repeat in ("r-1", "r-1", "r-2")
    ]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert other.json()["code"] == "invalid_tenant_keys"


def test_of_eight_at_once_one_is_believed(signer: Signer) -> None:
    body = signer.creating()
    for _ in range(5):
        text = signer.bearer(body)
        with ThreadPoolExecutor(8) as pool:
            came = list(pool.map(lambda _, text=text: signer.send("/sessions", body, text), range(8)))
        assert sorted(answer.status_code for answer in came) == [200, *[401] * 7]


def test_the_same_names_of_account_and_key_are_not_the_same_signer(signer: Signer) -> None:
    """Whoever registers a key chooses its account's name and its kid."""
    thief = Signer.__new__(Signer)
    thief.app, thief.account = App(signer.app.server), ACCOUNT
    thief.key = RSAKey.import_key(key("stranger").as_dict(private=True) | {"kid": "first"})
    thief.register(thief.key)
    body = signer.creating()
    assert signer.refused(thief.bearer(body, {"kid": "first"})) == (401, "unauthorized", "unauthorized_tenant")
    assert (
        thief.send("/sessions", thief.creating(), thief.bearer(thief.creating(), {"kid": "first"})).status_code == 200
    )
    assert signer.send("/sessions", body, signer.bearer(body, {"kid": "first"})).status_code == 200
