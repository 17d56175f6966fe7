"""How a line of this kind's tables is made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from frontdesk.web.endpoint import Answer, Call, Endpoint

READ, WRITE = "agents:read", "agents:write"
ALIAS = "/api"
"""Published clients take an address such as `http://host:9000/api`: every call answers below it too."""


def line(
    method: str,
    path: str,
    run: Callable[[Call], Awaitable[Answer | Response]],
    summary: str,
    tag: str,
    answered: Mapping[int, Any],
    **more: Any,
) -> Endpoint:
    """One endpoint; reading needs one permission, everything else the other."""
    refusals = (400, 401, 403, 404, 409, 429, 500, 503) + ((413, 415, 422) if "body" in more else ())
    if more.get("raw_body"):
        refusals += (413,)
    permission = READ if method == "GET" else WRITE
    return Endpoint(method, path, run, summary, tag, answers=answered, refusals=refusals, permission=permission, **more)


def with_alias(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """The same calls below the alias too, where they are not described again."""
    return endpoints + tuple(replace(each, path=ALIAS + each.path, hidden=True) for each in endpoints)
