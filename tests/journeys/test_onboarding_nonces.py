"""Nonces and tokens: once, in time, for the right client, and again for who lost the answer; on each storage."""

from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk.config import Settings
from journeys.apps import AISP, DEPOSIT, FORM, USER, App, World, good, refused, world
from journeys.running import until

pytestmark = pytest.mark.xdist_group("journeys-onboarding-nonces")


@pytest.fixture(scope="module")
def here(storage: Settings) -> Iterator[World]:
    with world(storage) as found:
        yield found


@pytest.fixture
def app(here: World) -> App:
    return App(here.server)


class TestNonces:
    def test_a_nonce_works_once_even_with_the_same_body(self, app: App) -> None:
        walk = app.begin()
        body = walk.body("product_form", FORM)
        path = f"/v1/sessions/{walk.session_id}/steps"
        good(app.post(path, body))
        refused(app.post(path, body), 401, "invalid_nonce")

    def test_a_nonce_of_another_session_or_client_is_refused_as_an_unknown_one(self, app: App) -> None:
        walk, beside, elsewhere = app.begin(), app.begin(), App(app.server).begin()
        path, told = f"/v1/sessions/{walk.session_id}/steps", set()
        for nonce in ("n_" + "x" * 43, beside.nonce, elsewhere.nonce):
            refusal = refused(app.post(path, {**walk.body("product_form", FORM), "nonce": nonce}), 401, "invalid_nonce")
            told.add((refusal["type"], refusal["message"]))
        assert len(told) == 1
        for each in (walk, beside, elsewhere):
            good(each.submit("product_form", FORM))

    def test_a_lost_answer_is_given_again_for_the_same_key_and_body(self, app: App) -> None:
        walk = app.begin()
        body = walk.body("product_form", FORM)
        path = f"/v1/sessions/{walk.session_id}/steps"
        first = good(app.post(path, body, repeat="one"))
        assert good(app.post(path, body, repeat="one")) == first
        refused(app.post(path, {**body, "step": "other"}, repeat="one"), 409, "invalid_input")
        refused(app.post(path, body, repeat="two"), 401, "invalid_nonce")
        app.server.advance(hours=23)
        assert refused(app.post(path, body, repeat="two"), 401, "invalid_nonce")

    def test_a_session_is_begun_once_for_a_key(self, app: App) -> None:
        body = {
            "tenant_user_id": USER,
            "client_id": app.client_id,
            "client_app_key": app.tenant.client_app_key,
            "skill": DEPOSIT,
        }
        first = good(app.post("/v1/sessions", body, repeat="one"))
        assert good(app.post("/v1/sessions", body, repeat="one")) == first
        assert good(app.post("/v1/sessions", body, repeat="two")) != first

    def test_a_nonce_lapses_after_half_an_hour_to_the_second(self, app: App) -> None:
        walk = app.begin()
        app.server.advance(minutes=29, seconds=59)
        refused(walk.submit("nothing"), 400, "invalid_step")
        app.server.advance(seconds=1)
        refused(walk.submit("product_form", FORM), 401, "expired_nonce")

    def test_the_tenants_server_resumes_an_interrupted_session(self, app: App) -> None:
        walk = app.begin()
        app.server.advance(hours=2)
        refused(
            app.post("/v1/sessions/resume", {**app.secret(session_id=walk.session_id), "client_secret": "x"}),
            401,
            "invalid_client_secret",
        )
        found = good(app.post("/v1/sessions/resume", app.secret(session_id=walk.session_id)))
        assert (found["status"], found["next_step"]) == ("SESSION_CREATED", "product_form")
        refused(walk.submit("product_form", FORM), 401, "invalid_nonce")
        walk.nonce = found["nonce"]
        good(walk.submit("product_form", FORM))
        assert "nonce" not in walk.look()

    def test_a_session_ends_after_a_day(self, app: App) -> None:
        walk = app.begin()
        app.server.advance(hours=24)
        refused(walk.submit("product_form", FORM), 400, "invalid_session_id")
        assert walk.look()["status"] == "SESSION_EXPIRED"
        app.server.sweep()
        assert walk.look()["status"] == "SESSION_EXPIRED"
        refused(app.post("/v1/sessions/resume", app.secret(session_id=walk.session_id)), 400, "invalid_session_id")

    def test_a_sixth_open_session_of_a_user_ends_the_first(self, app: App) -> None:
        walks = [app.begin(user="many") for _ in range(6)]
        assert [walk.look()["status"] for walk in walks] == ["SESSION_EXPIRED", *["SESSION_CREATED"] * 5]
        assert app.begin(user="other").look()["status"] == "SESSION_CREATED"


class TestTokens:
    def test_a_token_is_for_its_client_and_lapses(self, app: App) -> None:
        token = good(app.begin(AISP).submit("sca_implicit"))["temp_token"]
        refused(App(app.server).exchanged(token), 401, "invalid_client_id")
        refused(app.exchanged("tt_" + "A" * 64), 401, "invalid_temp_token")
        refused(app.exchanged(token[:-2] + "xx"), 401, "invalid_temp_token")
        refused(
            app.post("/v1/token", {**app.secret(temp_token=token), "client_secret": "x"}), 401, "invalid_client_secret"
        )
        app.server.advance(minutes=30)
        refused(app.exchanged(token), 401, "invalid_temp_token")

    def test_an_exchange_is_repeated_for_its_key_and_takes_nothing_back(self, app: App) -> None:
        token = good(app.begin(AISP).submit("sca_implicit"))["temp_token"]
        first = good(app.exchanged(token, repeat="one"))
        assert good(app.exchanged(token, repeat="one")) == first
        refused(app.exchanged(token), 401, "invalid_temp_token")
        holder = app.secret(credentials_id=first["credentials_id"], access_token=first["access_token"])
        good(app.read("/v1/accounts/get", holder))

    def test_what_was_told_is_forgotten_when_nobody_exchanges(self, here: World, app: App) -> None:
        walk = app.begin().to_code()
        good(walk.submit("sms_code", {"code": "123456"}))
        app.server.advance(minutes=31)
        server = here.server

        def blobs() -> list[Any]:
            server.sweep()
            return server.wait(server.house.db.all("SELECT 1 FROM blobs WHERE session_id = $1", walk.session_id))

        until(lambda: not blobs())
        assert walk.look()["status"] == "SESSION_COMPLETED"
