"""Signed requests over HTTP, as a tenant's server makes them, and as an attacker does."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import httpx
import pytest

from frontdesk.basics.clock import unix
from frontdesk.config import Settings
from frontdesk.onboarding.rules.signing import digest_of
from frontdesk.onboarding.service import clients
from journeys.apps import DEPOSIT, USER, App, good, refused, world
from onboarding.rules.keys import claims, part, private_key, public_key, signed

pytestmark = pytest.mark.xdist_group("journeys-onboarding-signed")
ACCOUNT = "signer@desk.example"
_numbers = count()


@pytest.fixture(scope="module")
def app(files: Settings) -> Iterator[App]:
    with world(files) as found:
        yield registered(App(found.server))


def registered(app: App, key: str = "first", account: str = ACCOUNT) -> App:
    """The app with a key that may sign for it."""
    house = app.server.house
    text = json.dumps(private_key(key).as_dict(private=False))
    app.server.wait(clients.add_signers(house.onboarding, app.tenant.tenant_id, account, text))
    return app


def body_of(app: App) -> bytes:
    """A body that was not signed before: RS256 has one signature only for what is said in one second."""
    wish = {
        "tenant_user_id": f"{USER}-{next(_numbers)}",
        "client_id": app.client_id,
        "client_app_key": app.tenant.client_app_key,
        "skill": DEPOSIT,
    }
    return json.dumps(wish).encode()


def told(app: App, body: bytes, **others: Any) -> dict[str, Any]:
    now = unix(app.server.clock.now())
    return claims(body, **{"iat": now, "exp": now + 300, **others})


def send(app: App, body: bytes, authorization: str | None, **headers: str) -> httpx.Response:
    named = {} if authorization is None else {"Authorization": authorization}
    sent = {"Content-Type": "application/json", **named, **headers}
    return app.http.post("/v1s/sessions", content=body, headers=sent)


def test_a_signed_request_is_taken_as_its_unsigned_twin_is(app: App) -> None:
    body = body_of(app)
    found = good(send(app, body, signed(told(app, body))))
    assert set(found) == {"nonce", "session_id", "status"}


@pytest.mark.parametrize("form", ["compact", "spaced", "escaped"])
def test_three_forms_of_a_body_have_a_good_digest(app: App, form: str) -> None:
    wish = {**json.loads(body_of(app)), "tenant_user_id": "Łukasz"}
    sent = json.dumps(wish, ensure_ascii=False).encode()
    hashed = {
        "compact": json.dumps(wish, ensure_ascii=False, separators=(",", ":")).encode(),
        "spaced": sent,
        "escaped": json.dumps(wish, separators=(",", ":")).encode(),
    }[form]
    good(send(app, sent, signed(told(app, hashed))))


def test_the_worked_digest_is_accepted_and_the_body_then_judged(app: App) -> None:
    body = b'{"a":"1","b":"x y"}'
    worked = "uVCmGtdWsxxBhIBEqGsX0TcCCF3s/VCBGHt99u0cai8="
    refused(send(app, body, signed(told(app, body, digest=worked))), 400, "missing_fields")


@pytest.mark.parametrize("authorization", [None, "", "Bearer x", "Bearer a.b.c", "Basic a.b.c"])
def test_no_signature_is_a_bad_header(app: App, authorization: str | None) -> None:
    refused(send(app, body_of(app), authorization), 400, "invalid_headers")


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "api.elsewhere.example"},
        {"digest": digest_of(b"{}")},
        {"iss": "nobody@desk.example", "sub": None, "email": None},
        {"sub": "another@desk.example"},
        {"iat": None},
    ],
)
def test_claims_that_are_not_right_are_refused(app: App, change: dict[str, Any]) -> None:
    body = body_of(app)
    refused(send(app, body, signed(told(app, body, **change))), 401, "invalid_tenant_keys")


@pytest.mark.parametrize(("iat", "exp"), [(-4000, -400), (120, 400), (0, 3601), (0, 0)])
def test_a_time_that_is_not_now_is_refused(app: App, iat: int, exp: int) -> None:
    body, now = body_of(app), unix(app.server.clock.now())
    refused(send(app, body, signed(told(app, body, iat=now + iat, exp=now + exp))), 401, "invalid_tenant_keys")


def test_a_body_that_was_changed_on_the_way_is_refused(app: App) -> None:
    body = body_of(app)
    authorization = signed(told(app, body))
    refused(send(app, body.replace(USER.encode(), b"somebody"), authorization), 401, "invalid_tenant_keys")


def test_a_signature_is_good_once(app: App) -> None:
    body = body_of(app)
    authorization = signed(told(app, body))
    good(send(app, body, authorization))
    refused(send(app, body, authorization), 401, "invalid_tenant_keys")


def test_a_signature_comes_again_with_the_same_key_for_repetition_only(app: App) -> None:
    body = body_of(app)
    authorization = signed(told(app, body))
    first = good(send(app, body, authorization, **{"Idempotency-Key": "one"}))
    assert good(send(app, body, authorization, **{"Idempotency-Key": "one"})) == first
    refused(send(app, body, authorization, **{"Idempotency-Key": "two"}), 401, "invalid_tenant_keys")


def test_neither_no_algorithm_nor_the_public_key_as_a_secret_passes(app: App) -> None:
    body = body_of(app)
    content = part(told(app, body))
    unsigned = f"{part({'alg': 'none', 'kid': 'first'})}.{content}."
    refused(send(app, body, f"Bearer {unsigned}"), 400, "invalid_headers")
    refused(send(app, body, f"Bearer {unsigned}AA"), 401, "invalid_tenant_keys")
    confused = f"{part({'alg': 'HS256', 'kid': 'first'})}.{content}"
    for secret in (public_key().pem.encode(), public_key().pem.strip().encode()):
        mark = base64.urlsafe_b64encode(hmac.digest(secret, confused.encode(), sha256)).rstrip(b"=").decode()
        refused(send(app, body, f"Bearer {confused}.{mark}"), 401, "invalid_tenant_keys")


def test_a_key_that_is_not_registered_does_not_sign(app: App) -> None:
    body = body_of(app)
    for header in ({"kid": "first"}, {"kid": None}, {"kid": "stranger"}):
        refused(send(app, body, signed(told(app, body), "stranger", **header)), 401, "invalid_tenant_keys")


def test_an_account_signs_for_its_own_clients_only(app: App) -> None:
    other = App(app.server)
    body = body_of(other)
    refused(send(app, body, signed(told(app, body))), 401, "unauthorized_tenant")


def test_an_old_key_signs_until_its_overlap_is_over(app: App) -> None:
    mine = registered(App(app.server), "second", "rotating@desk.example")
    house = app.server.house
    names = {"iss": "rotating@desk.example", "sub": None, "email": None}
    [old] = app.server.wait(clients.signers(house.onboarding, mine.tenant.tenant_id))
    registered(mine, "third", "rotating@desk.example")
    ending = clients.end_signer(house.onboarding, mine.tenant.tenant_id, old.signer_id, timedelta(minutes=10))
    app.server.wait(ending)
    for key, minutes, status in (("second", 0, 200), ("third", 0, 200), ("second", 11, 401), ("third", 0, 200)):
        app.server.advance(minutes=minutes)
        body = body_of(mine)
        assert send(mine, body, signed(told(mine, body, **names), key)).status_code == status


def test_every_path_has_its_twin_but_the_banks_return(app: App) -> None:
    described = app.http.get("/openapi.json").json()["paths"]
    plain = {
        path.removeprefix("/v1/")
        for path, calls in described.items()
        if path.startswith("/v1/")
        and any(call["tags"][0].startswith(("Onboarding", "Shared")) for call in calls.values())
    }
    twins = {path.removeprefix("/v1s/") for path in described if path.startswith("/v1s/")}
    assert plain - twins == {"redirects/aisp"}
    assert twins <= plain
    assert app.http.get("/v1s/redirects/aisp").status_code == 404
