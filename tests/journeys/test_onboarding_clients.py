"""Clients: rotated keys and their overlap, subscriptions, rate limits, and servers that accept nameless users."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from frontdesk.config import Settings
from frontdesk.onboarding.service import clients
from frontdesk.onboarding.service.clients import Agreed
from journeys.apps import AISP, DEPOSIT, FORM, App, World, good, refused, world

pytestmark = pytest.mark.xdist_group("journeys-onboarding-clients")


@pytest.fixture(scope="module")
def here(files: Settings) -> Iterator[World]:
    with world(files) as found:
        yield found


@pytest.fixture
def app(here: World) -> App:
    return App(here.server)


def rotated(app: App, name: str, minutes: int) -> App:
    """The app with its new key."""
    house, tenant_id = app.server.house, app.tenant.tenant_id
    key = app.server.wait(clients.rotate(house.onboarding, tenant_id, name, timedelta(minutes=minutes)))
    return App(app.server, replace(app.tenant, **{name: key}))


@pytest.mark.parametrize("minutes", [0, 10])
def test_an_old_app_key_is_good_for_the_overlap(app: App, minutes: int) -> None:
    renewed = rotated(app, "client_app_key", minutes)
    good(renewed.begun())
    if minutes:
        good(app.begun())
        app.server.advance(minutes=minutes)
    refused(app.begun(), 401, "invalid_client_app_key")
    good(renewed.begun())


@pytest.mark.parametrize("minutes", [0, 10])
def test_an_old_secret_is_good_for_the_overlap(app: App, minutes: int) -> None:
    walk = app.begin()
    body = {"session_id": walk.session_id}
    renewed = rotated(app, "client_secret", minutes)
    good(renewed.post("/v1/sessions/get", renewed.secret(**body)))
    if minutes:
        good(app.post("/v1/sessions/get", app.secret(**body)))
        app.server.advance(minutes=minutes)
    refused(app.post("/v1/sessions/get", app.secret(**body)), 401, "invalid_client_secret")


def test_an_old_app_key_is_no_secret(app: App) -> None:
    rotated(app, "client_app_key", 60)
    body = {"client_id": app.client_id, "client_secret": app.tenant.client_app_key, "temp_token": "tt_x"}
    refused(app.post("/v1/tokens", body), 401, "invalid_client_secret")


def test_a_skill_that_is_not_subscribed_to_is_refused(app: App) -> None:
    house, tenant_id = app.server.house, app.tenant.tenant_id
    app.server.wait(clients.agree(house.onboarding, tenant_id, DEPOSIT, Agreed(subscribed=False)))
    refused(app.begun(DEPOSIT), 401, "unauthorized_tenant")
    good(app.begun(AISP))
    app.server.wait(clients.agree(house.onboarding, tenant_id, DEPOSIT, Agreed(subscribed=True)))
    good(app.begun(DEPOSIT))


def test_how_long_a_consent_lasts_is_agreed_with_the_tenant(app: App) -> None:
    house, tenant_id = app.server.house, app.tenant.tenant_id
    agreed = Agreed(consent_duration=60, cache_max_data_retention=120)
    app.server.wait(clients.agree(house.onboarding, tenant_id, AISP, agreed))
    holder = app.implicit()
    app.server.advance(minutes=60)
    refused(app.read("/v1/accounts/get", holder), 401, "expired_credentials")
    refused(app.post("/v1/consents/delete", {**holder, "pcd_data_retention": 121}), 400, "invalid_pcd_data_retention")


def test_calls_are_limited_for_each_client_and_failures_for_each_address(files: Settings) -> None:
    with world(replace(files, rate_limits=True, data=files.data / "limited")) as found:
        app, other = App(found.server), App(found.server)
        found.server.advance(seconds=60 - found.server.clock.now().second)
        walk = app.begin()
        for number in range(59):
            good(app.begun(user=f"user-{number}"))
        response = app.begun()
        refused(response, 429, "too_many_requests")
        assert 0 < int(response.headers["retry-after"]) <= 60
        good(other.begun())
        good(walk.submit("product_form", FORM))
        found.server.advance(seconds=60)
        for _ in range(20):
            refused(app.begun(client_app_key="wrong"), 401, "invalid_client_app_key")
        refused(app.begun(client_app_key="wrong"), 429, "too_many_requests")
        good(app.begun())


def test_a_server_may_accept_users_without_names(files: Settings) -> None:
    with world(replace(files, nameless_users=True, data=files.data / "nameless")) as found:
        app = App(found.server)
        started = good(app.begun(AISP, tenant_user_id=None))
        body = {
            "client_id": app.client_id,
            "nonce": started["nonce"],
            "skill": AISP,
            "step": "sca_implicit",
            "data": {},
        }
        ended = good(app.post(f"/v1/sessions/{started['session_id']}/steps", body))
        holder = app.exchange(ended["temp_token"])
        assert len(good(app.post("/v1/accounts/get", holder))) > 0
