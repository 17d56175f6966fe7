"""After a whole journey nothing that opens something, and nothing of a person, is found where it has no business.

Every server of the onboarding journeys is searched for what opens something when it stops (`journeys.searching`); this
one is searched for the person too.
"""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from frontdesk.config import Settings
from journeys.apps import AISP, PERSON, USER, App, World, good, refused, world
from journeys.searching import places, search

pytestmark = pytest.mark.xdist_group("journeys-onboarding-secrets")


@pytest.fixture(scope="module")
def here(files: Settings) -> Iterator[World]:
    with world(files) as found:
        yield found


def journey(app: App) -> None:
    """Both skills to their ends, with refusals on the way."""
    walk = app.begin()
    refused(walk.submit("product_form", {"value": "secret-value"}), 400, "missing_fields")
    walk.to_code()
    refused(walk.submit("sms_code", {"code": "000000"}), 400, "invalid_field")
    token = good(walk.submit("sms_code", {"code": "123456"}))["temp_token"]
    app.exchange(token)
    refused(app.exchanged(token), 401, "invalid_temp_token")
    refused(app.exchanged(token, repeat="x"), 401, "invalid_temp_token")
    shared = app.begin(AISP)
    link = shared.to_bank()
    back = shared.at_bank(link)
    target = app.http.get(back).headers["location"]
    refused(app.http.get(back), 400, "tpp_redirect_error")
    holder = app.exchange(parse_qs(urlsplit(target).query)["temp_token"][0])
    for what in ("accounts", "balances", "transactions"):
        good(app.read(f"/v1/{what}/get", holder))
    refused(app.read("/v1/accounts/get", holder, user="somebody"), 401, "invalid_credentials_id")
    good(app.post("/v1/consents/get", holder))


def test_what_opens_something_and_who_a_person_is_are_found_nowhere(here: World) -> None:
    app = App(here.server)
    journey(app)
    search(here.server)
    personal = {USER, *PERSON.values(), "123456", "secret-value"} - {"Ana", "Pop"}
    for place, text in places(here.server, here.server.given):
        found = [one for one in personal if one in text]
        assert not found, f"{place} holds {found}"


def test_a_search_learns_every_kind_of_value_and_finds_one_that_is_out_of_place(here: World) -> None:
    app = App(here.server)
    journey(app)
    walk = app.begin()
    given = here.server.given
    assert {walk.nonce, app.tenant.client_secret, app.tenant.client_app_key} <= given.texts
    for name in ("state", "code", "temp_token"):
        assert any(
            f"{name}={one}" in answer.headers.get("location", "") or f"{name}={one}" in str(answer.request.url)
            for one in given.texts
            for answer in given.answers
        ), name
    here.server.journal.info("a careless line", value=f"began with {walk.nonce}")
    with pytest.raises(AssertionError, match="the log holds what opens something"):
        search(here.server)
    here.server.journal.lines.pop()
