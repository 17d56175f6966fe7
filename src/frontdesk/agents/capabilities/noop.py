"""The capability `noop`: adds nothing."""

from frontdesk.agents.capabilities.contract import Capability, Config, Tool


def tools(config: Config) -> tuple[Tool, ...]:
    """None."""
    return ()


CAPABILITY = Capability(
    id="noop",
    name="Nothing",
    description="Adds no tool and no text. For trying out agents.",
    category="Testing",
    icon="circle-off",
    tools=tools,
)
