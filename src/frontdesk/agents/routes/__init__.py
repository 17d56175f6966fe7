"""The published paths of agents: read the request, call one service function, shape the answer."""

import msgspec

from frontdesk.agents.routes import agents, catalogue, channels, events, files, sessions
from frontdesk.agents.routes.table import with_alias
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.wire import refusals
from frontdesk.web import problems
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.surface import Refusal, Surface

STATUSES = {**refusals.STATUSES, problems.InvalidField: 422, problems.MissingField: 422}
PREFIXES = (
    "/v1/agents",
    "/v1/sessions",
    "/v1/capabilities",
    "/v1/models",
    "/v1/llm-models",
    "/v1/llm-providers",
    "/v1/mcp-servers",
    "/v1/harnesses",
    "/v1/orgs",
    "/v1/channels",
    "/api",
)


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """Every call, below the alias too."""
    return with_alias(
        (
            *agents.endpoints(needs),
            *sessions.endpoints(needs),
            *events.endpoints(needs),
            *files.endpoints(needs),
            *catalogue.endpoints(needs),
            *channels.endpoints(needs),
        )
    )


def surface(needs: Needs) -> Surface:
    """The kind's face for the floor."""
    return Surface(
        name="agents",
        prefixes=PREFIXES,
        endpoints=endpoints(needs),
        shape=shape,
        statuses=STATUSES,
        error_type=refusals.ErrorBody,
        title="Agents",
        description="Agents, and long conversations with them.",
    )


def shape(refusal: Refusal) -> tuple[bytes, str]:
    """The error body."""
    body = refusals.error_body(refusal.status, refusal.code, refusal.message)
    return msgspec.json.encode(body), "application/json"
