"""Requests made up from the description: none may bring the floor down or leave its error shape."""

import schemathesis
from hypothesis import HealthCheck, settings

from frontdesk.web.limits import Limiter
from web.world import World

WORLD = World(limiter=Limiter(on=False))
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", WORLD.floor).exclude(path_regex="/fail/")


@SCHEMA.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_made_up_request_gets_an_answer_or_a_clean_refusal(case: schemathesis.Case) -> None:
    answer = case.call()
    assert answer.status_code < 500
    assert answer.headers["x-request-id"]
    if answer.status_code >= 400:
        assert set(answer.json()) in ({"status", "error", "meta"}, {"detail", "code"})
