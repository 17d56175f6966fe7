"""Pages of other origins: which calls they may make, and what they may read."""

from collections.abc import Iterator

import pytest

from journeys.conftest import SHOP
from journeys.people import Office, photo
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-small")


@pytest.fixture(scope="module")
def office(small_server: Running) -> Iterator[Office]:
    staff = Office(small_server)
    yield staff
    staff.close()


def test_the_configured_origin_may_walk_the_whole_journey(office: Office) -> None:
    _, customer = office.open()
    slot = customer.begin()
    for url, method in (
        (f"/public/sessions/{customer.token}", "GET"),
        (f"/public/sessions/{customer.token}/upload/init", "POST"),
        (f"/public/sessions/{customer.token}/subsessions/x", "DELETE"),
        (slot["upload_url"], "PUT"),
    ):
        asked = {"Origin": SHOP, "Access-Control-Request-Method": method}
        allowed = office.outside.options(url, headers=asked)
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == SHOP
        assert allowed.headers["access-control-allow-methods"] == method
        assert "Content-Type" in allowed.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in allowed.headers
    headers = {**slot["required_headers"], "Origin": SHOP}
    sent = office.outside.put(slot["upload_url"], content=photo(), headers=headers)
    assert sent.headers["access-control-allow-origin"] == SHOP
    shown = customer.call("GET", headers={"Origin": SHOP})
    assert shown.headers["access-control-allow-origin"] == SHOP
    assert "Origin" in shown.headers["vary"]


def test_other_origins_and_the_administration_get_no_leave(office: Office) -> None:
    _, customer = office.open()
    for origin, path in (
        ("https://evil.example.net", f"/public/sessions/{customer.token}"),
        ("null", f"/public/sessions/{customer.token}"),
        (SHOP, "/kyc/sessions"),
    ):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        assert "access-control-allow-origin" not in office.outside.options(path, headers=asked).headers
        assert "access-control-allow-origin" not in office.http.get(path, headers={"Origin": origin}).headers
