"""What every route of agents does alike: who calls, repeated requests, lists in queries."""

from collections.abc import Callable, Mapping
from typing import Any

from frontdesk.agents.model import ids
from frontdesk.agents.rules.definitions import refs_in, tools_in
from frontdesk.agents.rules.refusals import Invalid, OtherOrganization
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.service.organizations import organization_of
from frontdesk.agents.wire import requests
from frontdesk.kernel.idempotency import Claim
from frontdesk.web.endpoint import Call
from frontdesk.web.problems import InvalidQuery

DEFAULT_LIMIT, MOST = 20, 100


async def tenant_of(call: Call, needs: Needs) -> str:
    """Whose call this is. Raises `OtherOrganization` when the key is another organization's than the header says."""
    tenant_id = call.caller.tenant_id
    named = call.header("x-org-id")
    if named is not None and named != ids.published("org", await organization_of(needs, tenant_id)):
        raise OtherOrganization
    return tenant_id


async def claim_of(call: Call, tenant_id: str, scope: str) -> Claim | None:
    """The request as one that may come again."""
    key = call.header("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255:
        raise Invalid("Idempotency-Key must have 1 to 255 characters")
    return Claim(tenant_id, scope, key, await call.body())


def number(query: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """A whole number of the query; one over the most counts as the most. Raises `InvalidQuery`."""
    text = query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) >= least):
        raise InvalidQuery(name, f"an integer from {least}")
    return int(text) if most is None else min(int(text), most)


def changes_in(body: requests.AgentChange | requests.SessionChange) -> dict[str, Any]:
    """What a change of an agent or a session names, as the service takes it."""
    given: dict[str, Any] = requests.given(body)
    readers: dict[str, Callable[[Any], Any]] = {"capabilities": refs_in, "tools": tools_in, "tags": tuple}
    return {name: readers[name](value) if name in readers else value for name, value in given.items()}


def listed(call: Call, name: str) -> frozenset[str]:
    """Every value of a key that may be repeated."""
    return frozenset(value for key, value in call.query_pairs() if key == name)
