"""The documented sequences, sections 3 to 8 of the reference, on each storage, with a bank that has its own pages."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from frontdesk.cli.sandbox.faults import Fault
from frontdesk.cli.sandbox.visits import Visits
from frontdesk.config import Settings
from hostile_files import picture
from journeys.apps import (
    AISP,
    BACK,
    DEPOSIT,
    FORM,
    INSTANT,
    PAYMENT,
    PERSON,
    PISP,
    USER,
    UUID,
    App,
    Body,
    World,
    good,
    refused,
    world,
)
from journeys.people import IDS, photo
from journeys.running import until

NO_STATE = "85dec227-434e-4928-b7a9-d72354f75f15"

NAMES = {"first_name", "last_name", "document_number", "birth_date"}
pytestmark = pytest.mark.xdist_group("journeys-onboarding")


@pytest.fixture(scope="module")
def here(storage: Settings) -> Iterator[World]:
    with world(storage) as found:
        yield found


@pytest.fixture
def app(here: World) -> App:
    return App(here.server)


class TestAccountInformation:
    def test_by_redirect_from_the_first_call_to_the_deleted_consent(self, app: App) -> None:
        walk = app.begin(AISP)
        link = walk.to_bank()
        assert walk.look()["status"] == "SESSION_IN_PROGRESS"
        gone = walk.come_back(link)
        assert gone.status_code == 302
        assert gone.headers["referrer-policy"] == "no-referrer"
        target = gone.headers["location"]
        assert target.startswith(f"{BACK}?temp_token=tt_")
        assert walk.look()["status"] == "SESSION_COMPLETED"
        holder = app.exchange(parse_qs(urlsplit(target).query)["temp_token"][0])
        accounts = good(app.read("/v1/accounts/get", holder))
        assert len(accounts) > 1
        for one in accounts:
            assert UUID.fullmatch(one["id"])
            assert one["servicer_name"] == "Demo Bank"
            assert INSTANT.fullmatch(one["timestamp"])
            assert {scheme["scheme_name"] for scheme in one["data"]["account_schemes"]} <= {"IBAN", "BICFI"}
        for found in (good(app.read(f"/v1/{what}/get", holder)) for what in ("balances", "transactions")):
            assert {one["account_id"] for one in found} <= {one["id"] for one in accounts}
            assert all(not one["data"]["amount"].startswith("-") for one in found)
        assert good(app.post("/v1/consents/get", holder))["result"]["status"] == "ACTIVE"
        ended = good(app.post("/v1/consents/delete", holder))
        assert (ended["op_type"], ended["code"], ended["http"]) == ("delete", "credentials_deleted", 200)
        for what in ("accounts", "balances", "transactions"):
            refused(app.read(f"/v1/{what}/get", holder), 401, "inactive_credentials")
        assert good(app.post("/v1/consents/delete", holder))["result"]["status"] == "DELETED"
        assert good(app.post("/v1/consents/get", holder))["result"]["status"] == "DELETED"

    def test_at_once_where_no_browser_is_at_hand(self, app: App) -> None:
        found = good(app.begin(AISP).submit("sca_implicit"))
        assert set(found) == {"step_id", "status", "data", "temp_token"}
        assert found["status"] == "SESSION_COMPLETED"
        assert found["data"] == {}

    def test_a_user_who_refuses_is_told_to_the_app_through_the_same_redirect(self, app: App) -> None:
        walk = app.begin(AISP)
        target = walk.come_back(walk.to_bank("https://shop.example/done?cart=7#top"), agrees=False).headers["location"]
        assert target.startswith("https://shop.example/done?cart=7&error=tpp_redirect_error&error_description=")
        assert target.endswith("#top")
        assert walk.look()["status"] == "SESSION_FAILED"
        refused(walk.submit("sca", {"psu_redirect_link": BACK}), 400, "invalid_session_id")

    def test_a_state_works_once_and_an_older_one_dies_with_a_new_link(self, app: App) -> None:
        walk = app.begin(AISP)
        first = walk.to_bank()
        earlier = walk.step_id
        second = walk.to_bank()
        assert walk.step_id != earlier
        assert [step["step_id"] for step in walk.look()["steps"]] == [walk.step_id]
        refused(walk.come_back(first), 400, "tpp_redirect_error")
        back = walk.at_bank(second)
        assert app.http.head(back).status_code == 405
        assert app.http.get(back).status_code == 302
        refused(app.http.get(back), 400, "tpp_redirect_error")

    @pytest.mark.parametrize("query", ["", "state=x&code=1", f"state={NO_STATE}&code=1", f"state={NO_STATE}"])
    def test_a_return_that_belongs_to_no_visit_is_refused(self, app: App, query: str) -> None:
        refused(app.http.get(f"/v1/redirects/aisp?{query}"), 400, "tpp_redirect_error")

    def test_a_link_to_the_bank_lives_for_an_hour_and_the_step_may_be_taken_again(self, app: App) -> None:
        walk = app.begin(AISP)
        back = walk.at_bank(walk.to_bank())
        app.server.advance(minutes=61)
        refused(app.http.get(back), 400, "tpp_redirect_error")
        walk.nonce = good(app.post("/v1/sessions/resume", app.secret(session_id=walk.session_id)))["nonce"]
        assert walk.come_back(walk.to_bank()).status_code == 302

    @pytest.mark.parametrize(
        "link",
        [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "http://shop.example/",
            "shop",
            "a:",
            "https:///x",
        ],
    )
    def test_a_target_that_is_not_safe_is_refused(self, app: App, link: str) -> None:
        refused(app.begin(AISP).submit("sca", {"psu_redirect_link": link}), 400, "invalid_field")

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            ("down", "external_api_connection_error"),
            ("throttled", "external_api_too_many_requests"),
            ("refused", "external_api_forbidden"),
        ],
    )
    def test_a_bank_that_does_not_do_it_leaves_the_nonce_good(
        self, here: World, app: App, kind: Any, code: str
    ) -> None:
        walk = app.begin(AISP)
        here.bank.faults.set = Fault(kind, ("begin",), 1)
        response = walk.submit("sca_implicit")
        refused(response, 400, code)
        assert ("retry-after" in response.headers) is (kind == "throttled")
        good(walk.submit("sca_implicit"))

    def test_a_bank_that_fails_at_the_end_ends_the_session(self, here: World, app: App) -> None:
        walk = app.begin(AISP)
        back = walk.at_bank(walk.to_bank())
        here.bank.faults.set = Fault("down", ("finish",), 1)
        assert "error=tpp_redirect_error" in app.http.get(back).headers["location"]
        assert walk.look()["status"] == "SESSION_FAILED"


class TestConsents:
    def test_what_was_gathered_is_served_without_asking_the_bank(self, here: World, app: App) -> None:
        holder = app.implicit()
        first = good(app.read("/v1/transactions/get", holder))
        here.bank.faults.set = Fault("down", ("read",), 1)
        assert good(app.read("/v1/transactions/get", holder, filter={})) == first
        app.server.advance(minutes=20)
        refused(app.read("/v1/transactions/get", holder), 400, "external_api_connection_error")

    def test_filters_narrow_what_is_answered(self, app: App) -> None:
        holder = app.implicit()
        everything = good(app.read("/v1/transactions/get", holder))
        moments = [(one["data"]["booking_date_time"], one["id"]) for one in everything]
        assert [moment for moment, _ in moments] == sorted((moment for moment, _ in moments), reverse=True)
        one = everything[len(everything) // 2]
        for wanted in (
            {"account_id": one["account_id"]},
            {"credit_debit_indicator": "debit", "gte": "10", "lt": 100},
            {"booking_date_gte": one["data"]["booking_date_time"], "currency": one["data"]["currency"]},
        ):
            found = good(app.read("/v1/transactions/get", holder, filter=wanted))
            assert 0 < len(found) < len(everything)
        refused(app.read("/v1/transactions/get", holder, filter={"colour": "red"}), 400, "unknown_fields")
        refused(app.read("/v1/transactions/get", holder, filter={"gt": "much"}), 400, "invalid_field")
        refused(app.read("/v1/balances/get", holder, filter={"type": "Best"}), 400, "invalid_field")
        chosen = good(app.read("/v1/balances/get", holder, filter={"account_id": one["account_id"]}))
        assert {each["account_id"] for each in chosen} == {one["account_id"]}
        assert good(app.read("/v1/balances/get", holder, filter={"account_id": str(uuid4())})) == []

    def test_each_credential_is_checked_in_its_turn(self, app: App) -> None:
        holder = app.implicit()
        other = App(app.server)
        for change, status, code in (
            ({"client_secret": "x"}, 401, "invalid_client_secret"),
            ({"credentials_id": "17"}, 400, "invalid_credentials_id"),
            ({"credentials_id": str(uuid4())}, 401, "invalid_credentials_id"),
            (other.secret(), 401, "invalid_credentials_id"),
            ({"access_token": "at_x"}, 400, "invalid_access_token"),
            ({"access_token": None}, 400, "invalid_access_token"),
            ({"access_token": "at_" + "A" * 43}, 401, "invalid_access_token"),
            ({"tenant_user_id": "somebody else"}, 401, "invalid_credentials_id"),
            ({"tenant_user_id": None}, 400, "missing_fields"),
        ):
            refused(app.read("/v1/accounts/get", holder, **change), status, code)
        refused(app.read("/v1/payments/get", holder), 400, "invalid_input")
        refused(app.post("/v1/consents/get", {**holder, "tenant_user_id": USER}), 400, "unknown_fields")

    def test_a_consent_lapses_by_itself_and_can_still_be_looked_at_and_deleted(self, app: App) -> None:
        holder = app.implicit()
        result = good(app.post("/v1/consents/get", holder))["result"]
        assert result["tenant_app_info"]["client_id"] == app.client_id
        assert result["originator"] == {"country": "Romania", "servicer": "Demo Bank", "skill": AISP}
        app.server.advance(days=90)
        refused(app.read("/v1/accounts/get", holder), 401, "expired_credentials")
        assert good(app.post("/v1/consents/get", holder))["result"]["status"] == "EXPIRED"
        assert good(app.post("/v1/consents/delete", holder))["result"]["status"] == "DELETED"

    def test_a_consent_that_was_taken_back_at_the_bank_says_so(self, here: World, app: App) -> None:
        holder = app.implicit()
        here.bank.faults.set = Fault("revoked", ("read",), 1)
        refused(app.read("/v1/accounts/get", holder), 401, "expired_credentials")
        assert good(app.post("/v1/consents/get", holder))["result"]["status"] == "EXPIRED"

    @pytest.mark.parametrize("minutes", ["5", -1, 1.5, True, 172_801])
    def test_a_retention_that_cannot_be_is_refused(self, app: App, minutes: Any) -> None:
        refused(
            app.post("/v1/consents/delete", {**app.implicit(), "pcd_data_retention": minutes}),
            400,
            "invalid_pcd_data_retention",
        )

    def test_a_bank_that_no_longer_knows_a_consent_does_not_end_it(self, here: World, app: App) -> None:
        holder = app.implicit("forgotten")
        here.bank.visits = Visits()  # as after a restart of the sandbox, which remembers nothing
        refused(app.read("/v1/accounts/get", holder, "forgotten"), 400, "external_api_unauthorized")
        assert good(app.post("/v1/consents/get", holder))["result"]["status"] == "ACTIVE"

    def test_nothing_is_left_of_a_consent_that_keeps_nothing(self, here: World, app: App) -> None:
        holder = app.implicit()
        good(app.read("/v1/transactions/get", holder))
        good(app.post("/v1/consents/delete", {**holder, "pcd_data_retention": 0}))
        server = here.server

        def left() -> list[Any]:
            server.sweep()
            sql = "SELECT 1 FROM onboarding_gathered WHERE consent_id = $1"
            return server.wait(server.house.db.all(sql, holder["credentials_id"]))

        until(lambda: not left())
        assert good(app.post("/v1/consents/get", holder))["result"]["status"] == "DELETED"
        refused(app.read("/v1/accounts/get", holder), 401, "inactive_credentials")


class TestPayments:
    def intent(self, app: App, **more: Any) -> Any:
        return app.begin(PISP).submit("payment_intent", {"psu_redirect_link": BACK, "payment_info": PAYMENT, **more})

    def test_a_payment_is_allowed_at_the_bank_and_then_settles(self, app: App) -> None:
        walk = app.begin(PISP)
        found = good(walk.submit("payment_intent", {"psu_redirect_link": BACK, "payment_info": PAYMENT}))
        assert found["status"] == "SESSION_IN_PROGRESS"
        target = walk.come_back(found["data"]["url"]).headers["location"]
        holder = app.exchange(parse_qs(urlsplit(target).query)["temp_token"][0])
        paid = good(app.read("/v1/payments/get", holder))
        assert set(paid) == {
            "payment_id", "credentials_id", "status", "payment_info", "utc_created", "utc_last_update",
        }  # fmt: skip
        assert paid["payment_info"] == PAYMENT
        app.server.advance(minutes=5)
        assert good(app.read("/v1/payments/get", holder))["status"] == "ACSC"
        refused(app.read("/v1/accounts/get", holder), 400, "invalid_input")

    @pytest.mark.parametrize("amount", ["0", "0.00", "-5", "1.234", "1,5", 5, ""])
    def test_an_amount_is_a_decimal_above_zero_with_two_places(self, app: App, amount: Any) -> None:
        transfer = {**PAYMENT[0]["credit_transfers"][0], "instructed_amount": {"amount": amount, "currency": "RON"}}
        told = refused(self.intent(app, payment_info=[{"credit_transfers": [transfer]}]), 400, "invalid_field")
        assert told["message"].startswith("data.payment_info[0].credit_transfers[0].instructed_amount.amount: ")

    def test_what_is_missing_is_named_with_its_place(self, app: App) -> None:
        told = refused(self.intent(app, payment_info=[{"credit_transfers": [{}]}]), 400, "missing_fields")["message"]
        assert "data.payment_info[0].credit_transfers[0].creditor_account" in told
        refused(self.intent(app, payment_info=[]), 400, "invalid_field")


class TestTheDeposit:
    def test_from_the_offer_to_the_token(self, app: App) -> None:
        walk = app.begin()
        offered = good(walk.submit("product_form", FORM))
        assert offered["data"] == {"offer": {"rate": "5.10", "maturity": offered["data"]["offer"]["maturity"]}}
        assert good(walk.submit("personal_data", PERSON))["data"] == {}
        held = good(walk.upload("id_front"))
        assert set(held) == {"upload_id", "step_id", "status", "data"}
        assert (held["step_id"], held["data"]["name"]) == (walk.step_id, "id_front")
        assert held["data"]["size"] == len(photo())
        asked = good(walk.submit("sms_request"))
        assert asked["data"] == {"channel": "sms", "masked_phone": "***221", "length": 6}
        refused(walk.submit("sms_code", {"code": "000000"}), 400, "invalid_field")
        ended = good(walk.submit("sms_code", {"code": "123456"}))
        assert set(ended) == {"step_id", "status", "data", "temp_token"}
        found = good(app.exchanged(ended["temp_token"]))
        assert set(found) == {"credentials_id", "access_token", "consent_exp", "max_data_retention"}
        assert all(INSTANT.fullmatch(found[name]) for name in ("consent_exp", "max_data_retention"))
        refused(app.exchanged(ended["temp_token"]), 401, "invalid_temp_token")

    def test_a_paper_is_read_and_what_it_says_is_told(self, app: App) -> None:
        walk = app.begin()
        good(walk.submit("product_form", FORM))
        good(walk.submit("personal_data", PERSON))
        [paper, *_] = sorted(IDS.glob("*passport*")) or sorted(IDS.iterdir())
        told = good(walk.upload("id_front", paper.read_bytes()))["data"]
        # A machine that is too busy to read in time keeps the paper unread.
        assert set(told.get("ocr", NAMES)) >= NAMES

    def test_a_required_file_is_asked_for_with_the_next_step(self, app: App) -> None:
        walk = app.begin()
        good(walk.submit("product_form", FORM))
        good(walk.submit("personal_data", PERSON))
        assert "id_front" in refused(walk.submit("sms_request"), 400, "missing_fields")["message"]
        good(walk.upload("id_front"))
        good(walk.submit("sms_request"))

    def test_a_file_may_come_as_json_and_replaces_the_one_before(self, app: App) -> None:
        walk = app.begin()
        good(walk.submit("product_form", FORM))
        good(walk.submit("personal_data", PERSON))
        good(walk.upload("selfie"))
        body = {"client_id": app.client_id, "nonce": walk.spent, "name": "selfie", "filename": "me.jpg"}
        content = base64.b64encode(photo("ME")).decode()
        held = good(app.post(f"/v1/steps/{walk.step_id}/upload", {**body, "file": content}))
        assert held["data"]["size"] == len(photo("ME"))
        refused(app.post(f"/v1/steps/{walk.step_id}/upload", {**body, "file": "?"}), 400, "invalid_field")

    def test_a_nonce_opens_the_slots_of_its_step_and_no_other(self, app: App) -> None:
        walk, other = app.begin(), app.begin()
        good(walk.submit("product_form", FORM))
        refused(walk.upload("id_front"), 400, "invalid_step")
        earlier = (walk.spent, walk.step_id)
        good(walk.submit("personal_data", PERSON))
        refused(walk.upload("passport"), 400, "invalid_step")
        refused(walk.upload("id_front", nonce=walk.nonce), 401, "invalid_nonce")
        refused(walk.upload("id_front", nonce=earlier[0]), 401, "invalid_nonce")
        refused(walk.upload("id_front", nonce=other.nonce), 401, "invalid_nonce")
        refused(walk.upload("id_front", client_id=App(app.server).client_id), 404, "invalid_step")
        refused(walk.upload("id_front", b"GIF89a"), 400, "invalid_field")
        refused(walk.upload("id_front", picture()[:500]), 400, "invalid_field")
        walk.step_id = str(uuid4())
        refused(walk.upload("id_front"), 404, "invalid_step")

    def test_slots_close_when_the_nonce_lapses_or_the_next_step_is_taken(self, app: App) -> None:
        walk = app.begin()
        good(walk.submit("product_form", FORM))
        good(walk.submit("personal_data", PERSON))
        good(walk.upload("id_front"))
        spent, step_id = walk.spent, walk.step_id
        good(walk.submit("sms_request"))
        walk.spent, walk.step_id = spent, step_id
        refused(walk.upload("selfie"), 401, "invalid_nonce")
        late = app.begin()
        good(late.submit("product_form", FORM))
        good(late.submit("personal_data", PERSON))
        app.server.advance(minutes=30)
        refused(late.upload("id_front"), 401, "expired_nonce")

    def test_ten_wrong_codes_end_the_session(self, app: App) -> None:
        walk = app.begin().to_code()
        for _ in range(10):
            refused(walk.submit("sms_code", {"code": "000000"}), 400, "invalid_field")
        refused(walk.submit("sms_code", {"code": "123456"}), 400, "invalid_session_id")
        assert walk.look()["status"] == "SESSION_FAILED"


class TestTheCatalog:
    def test_it_lists_every_skill_with_what_its_steps_ask(self, app: App) -> None:
        body = {"client_id": app.client_id, "client_app_key": app.tenant.client_app_key}
        found: list[Body] = good(app.post("/v1/catalogs/get", body))
        assert [one["skill"] for one in found] == sorted(one["skill"] for one in found)
        assert {one["skill"] for one in found} >= {AISP, PISP, DEPOSIT}
        [deposit] = good(app.post("/v1/catalogs/get", {**body, "filter": {"family": "marketplace", "env": "sbx"}}))
        assert [step["step"] for step in deposit["steps"]] == [
            "product_form",
            "personal_data",
            "sms_request",
            "sms_code",
        ]
        assert deposit["steps"][1]["uploads"][0] == {"name": "id_front", "required": True}
        assert deposit["subscribed"] is True
        assert good(app.post("/v1/catalogs/get", {**body, "filter": {"country": "Nowhere"}})) == []
        refused(app.post("/v1/catalogs/get", {**body, "filter": {"colour": "red"}}), 400, "unknown_fields")
        refused(app.post("/v1/catalogs/get", {**body, "client_app_key": "x"}), 401, "invalid_client_app_key")


class TestBrowsers:
    def test_apps_may_call_from_any_page_and_servers_from_none(self, app: App) -> None:
        def asked(path: str) -> Any:
            headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
            return app.http.options(path, headers=headers).headers

        for path in (
            "/v1/sessions",
            f"/v1/sessions/{uuid4()}/steps",
            f"/v1/steps/{uuid4()}/upload",
            "/v1/catalogs/get",
        ):
            assert asked(path)["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in asked(path)
        for path in ("/v1/tokens", "/v1/accounts/get", "/v1/consents/delete", "/v1/sessions/get"):
            assert "access-control-allow-origin" not in asked(path)
