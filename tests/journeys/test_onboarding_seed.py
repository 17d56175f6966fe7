"""The two calls of the published page: key by key, with their errors, on each storage."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from frontdesk.config import Settings
from journeys.apps import AISP, DEPOSIT, FORM, UUID, App, good, refused, world

pytestmark = pytest.mark.xdist_group("journeys-onboarding-seed")


@pytest.fixture(scope="module")
def app(storage: Settings) -> Iterator[App]:
    with world(storage) as found:
        yield App(found.server)


class TestCreateSession:
    def test_the_answer_has_the_published_keys_and_no_other(self, app: App) -> None:
        found = good(app.begun())
        assert set(found) == {"nonce", "session_id", "status"}
        assert UUID.fullmatch(found["session_id"])
        assert found["status"] == "SESSION_CREATED"
        assert len(found["nonce"]) >= 43

    def test_the_published_error_is_answered_as_published(self, app: App) -> None:
        body = refused(app.begun(client_id="not-a-client"), 400, "invalid_client_id")
        assert body["type"] == "invalid_request"
        assert isinstance(body["message"], str)

    def test_a_client_that_nobody_has_is_the_same_error(self, app: App) -> None:
        refused(app.begun(client_id=str(uuid4())), 400, "invalid_client_id")

    @pytest.mark.parametrize("name", ["tenant_user_id", "client_id", "client_app_key", "skill"])
    def test_each_field_is_required(self, app: App, name: str) -> None:
        assert name in refused(app.begun(**{name: None}), 400, "missing_fields")["message"]

    def test_all_missing_fields_are_named_at_once(self, app: App) -> None:
        told = refused(app.post("/v1/sessions", {"skill": DEPOSIT}), 400, "missing_fields")["message"]
        assert all(name in told for name in ("tenant_user_id", "client_id", "client_app_key"))

    def test_a_body_that_asks_for_an_agent_too_is_refused(self, app: App) -> None:
        refused(app.begun(agent_id="agent_1"), 400, "invalid_body")

    def test_a_field_of_no_contract_is_refused(self, app: App) -> None:
        assert "colour" in refused(app.begun(colour="red"), 400, "unknown_fields")["message"]

    @pytest.mark.parametrize("value", [7, "", ["a"], {"a": 1}, True, "x" * 256])
    def test_a_user_is_a_text_of_1_to_255_characters(self, app: App, value: Any) -> None:
        refused(app.begun(tenant_user_id=value), 400, "invalid_field")

    def test_a_user_may_be_named_with_any_255_characters(self, app: App) -> None:
        good(app.begun(tenant_user_id=" ŁÓDŹ/" * 42))

    def test_a_wrong_key_is_refused(self, app: App) -> None:
        refused(app.begun(client_app_key=app.tenant.client_secret), 401, "invalid_client_app_key")

    def test_a_skill_that_is_not_there_is_refused(self, app: App) -> None:
        refused(app.begun("nobank_sbx_#1.0"), 400, "invalid_skill_name")

    @pytest.mark.parametrize(
        ("content", "headers", "code"),
        [
            (b'{"skill":"a","skill":"b"}', {"Content-Type": "application/json"}, "invalid_body"),
            (b'{"skill":"a"}', {"Content-Type": "text/plain"}, "invalid_headers"),
            (b'{"skill":"a"}', {}, "invalid_headers"),
            (b'{"skill":"a"}', {"Content-Type": "application/json", "Idempotency-Key": "x" * 101}, "missing_fields"),
        ],
    )
    def test_what_is_no_json_object_is_refused(
        self, app: App, content: bytes, headers: dict[str, str], code: str
    ) -> None:
        refused(app.post("/v1/sessions", content=content, headers=headers), 400, code)

    @pytest.mark.parametrize("content", [b"", b"{", b"[]"])
    def test_what_is_no_object_is_refused_on_every_other_path(self, app: App, content: bytes) -> None:
        # What `POST /v1/sessions` is asked for without a word of onboarding, the agents' API answers.
        headers = {"Content-Type": "application/json"}
        refused(app.post("/v1/tokens", content=content, headers=headers), 400, "invalid_body")

    def test_a_body_over_the_limit_is_refused(self, app: App) -> None:
        refused(app.begun(skill="x" * 70_000), 413, "invalid_body")

    def test_a_key_for_repetition_has_1_to_100_characters(self, app: App) -> None:
        body = {"tenant_user_id": "u", **credentials(app), "skill": DEPOSIT}
        refused(app.post("/v1/sessions", body, repeat="x" * 101), 400, "invalid_headers")
        refused(app.post("/v1/sessions", body, repeat=""), 400, "invalid_headers")


class TestSubmitStep:
    def test_the_answer_has_the_published_keys_and_no_other(self, app: App) -> None:
        found = good(app.begin().submit("product_form", FORM))
        assert set(found) == {"step_id", "nonce", "status", "data"}
        assert UUID.fullmatch(found["step_id"])
        assert found["status"] == "SESSION_IN_PROGRESS"
        assert set(found["data"]) == {"offer"}

    def test_an_error_is_the_full_body_and_so_has_the_published_message(self, app: App) -> None:
        assert refused(app.begin().submit("product_form", {}), 400, "missing_fields")["message"]

    @pytest.mark.parametrize("name", ["client_id", "nonce", "skill", "step", "data"])
    def test_each_field_is_required(self, app: App, name: str) -> None:
        walk = app.begin()
        body = {**walk.body("product_form", FORM), name: None}
        found = app.post(f"/v1/sessions/{walk.session_id}/steps", body)
        assert name in refused(found, 400, "missing_fields")["message"]

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"extra": 1}, 400, "unknown_fields"),
            ({"data": []}, 400, "invalid_field"),
            ({"nonce": 5}, 400, "invalid_field"),
            ({"client_id": "nobody"}, 400, "invalid_client_id"),
            ({"nonce": "n_" + "A" * 43}, 401, "invalid_nonce"),
            ({"nonce": "é"}, 401, "invalid_nonce"),
            ({"skill": AISP}, 400, "invalid_skill_name"),
            ({"step": "personal_data"}, 400, "invalid_step"),
            ({"step": "nothing"}, 400, "invalid_step"),
            ({"data": {**FORM, "colour": "red"}}, 400, "unknown_fields"),
            ({"data": {**FORM, "value": 25000}}, 400, "invalid_field"),
            ({"data": {**FORM, "currency": "euro"}}, 400, "invalid_field"),
            ({"data": {**FORM, "currency": "GBP"}}, 400, "invalid_field"),
            ({"data": {**FORM, "period": None}}, 400, "missing_fields"),
        ],
    )
    def test_what_is_wrong_is_told_and_the_nonce_stays_good(
        self, app: App, change: dict[str, Any], status: int, code: str
    ) -> None:
        walk = app.begin()
        refused(
            app.post(f"/v1/sessions/{walk.session_id}/steps", {**walk.body("product_form", FORM), **change}),
            status,
            code,
        )
        good(walk.submit("product_form", FORM))

    def test_the_message_names_the_field_and_what_is_expected(self, app: App) -> None:
        found = refused(app.begin().submit("product_form", {**FORM, "currency": "euro"}), 400, "invalid_field")
        assert found["message"] == "data.currency: expected a 3-letter code"

    def test_a_session_is_named_by_its_uuid(self, app: App) -> None:
        walk = app.begin()
        body = walk.body("product_form", FORM)
        refused(app.post("/v1/sessions/17/steps", body), 400, "invalid_session_id")
        refused(app.post(f"/v1/sessions/{uuid4()}/steps", body), 404, "invalid_session_id")

    def test_a_session_of_another_client_does_not_exist(self, app: App) -> None:
        walk, other = app.begin(), App(app.server)
        body = {**walk.body("product_form", FORM), "client_id": other.client_id}
        refused(app.post(f"/v1/sessions/{walk.session_id}/steps", body), 404, "invalid_session_id")

    def test_the_order_of_checks_is_the_documented_one(self, app: App) -> None:
        walk = app.begin()
        path = f"/v1/sessions/{walk.session_id}/steps"
        wrong: dict[str, Any] = {
            "client_id": "nobody", "nonce": "wrong", "skill": "wrong", "step": 7, "data": None, "extra": 1,
        }  # fmt: skip
        known = walk.body("product_form", FORM)
        for name, repaired, status, code in (
            ("data", {"value": 1}, 400, "missing_fields"),
            ("extra", None, 400, "unknown_fields"),
            ("step", "wrong", 400, "invalid_field"),
            ("client_id", known["client_id"], 400, "invalid_client_id"),
            ("nonce", known["nonce"], 401, "invalid_nonce"),
            ("skill", known["skill"], 400, "invalid_skill_name"),
            ("step", known["step"], 400, "invalid_step"),
            ("data", known["data"], 400, "missing_fields"),
        ):
            refused(app.post(path, wrong), status, code)
            if name == "extra":
                del wrong["extra"]
            else:
                wrong[name] = repaired
        good(app.post(path, wrong))

    def test_paths_and_methods_that_are_not_there_are_told_in_the_same_shape(self, app: App) -> None:
        refused(app.post("/v1/tokens/nothing", {}), 404, "not_found")
        response = app.http.get("/v1/tokens")
        refused(response, 405, "invalid_input")
        assert response.headers["allow"] == "OPTIONS, POST"


def credentials(app: App) -> dict[str, str]:
    return {"client_id": app.client_id, "client_app_key": app.tenant.client_app_key}
