"""What a turn is offered: tools and prompt of the capabilities that are switched on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from frontdesk.agents.capabilities.contract import Capability, Context, Result, Tool
from frontdesk.agents.capabilities.offering import offer
from frontdesk.agents.capabilities.schemas import fault, is_schema
from frontdesk.agents.capabilities.table import CAPABILITIES


@dataclass(frozen=True)
class Ref:
    ref: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clients:
    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})


def test_the_tools_of_all_are_offered_together_and_in_order() -> None:
    found = offer(CAPABILITIES, [Ref("test_math"), Ref("noop")], [Ref("current_time")], "Be brief.")
    assert list(found.tools) == ["add", "subtract", "multiply", "divide", "get_current_time"]
    assert found.system == "Be brief."


def test_prompts_of_capabilities_stand_before_the_agents_own() -> None:
    found = offer(CAPABILITIES, [Ref("stateless_todo_list")], [Ref("session_file_system")], "Be brief.")
    places = [found.system.index(text) for text in ("session_file_system", "stateless_todo_list", "Be brief.")]
    assert places == sorted(places)
    assert found.system.endswith("<system-prompt>\nBe brief.\n</system-prompt>")


def test_a_clients_tool_is_offered_without_being_run_and_never_hides_a_servers() -> None:
    found = offer(CAPABILITIES, [Ref("test_math")], [], "", [Clients("add"), Clients("open_door")])
    assert found.tools["add"].run is not None
    assert found.tools["open_door"].run is None


def test_a_capability_that_is_gone_drops_out() -> None:
    assert list(offer(CAPABILITIES, [Ref("mcp:gone"), Ref("current_time")], [], "").tools) == ["get_current_time"]


def test_a_config_shapes_the_tools_and_one_that_does_not_fit_counts_as_none() -> None:
    tools = offer(CAPABILITIES, [Ref("web_fetch", {"timeout_ms": 5000})], [], "").tools
    assert tools["web_fetch"].seconds == 15.0
    tools = offer(CAPABILITIES, [Ref("web_fetch", {"timeout_ms": "soon"})], [], "").tools
    assert tools["web_fetch"].seconds == 40.0


def test_what_a_capability_needs_is_offered_with_it() -> None:
    async def run(context: Context, arguments: Mapping[str, Any]) -> Result:
        return Result()

    shell = Capability(
        "shell",
        "Shell",
        "",
        "Execution",
        "terminal",
        lambda config: (Tool("sh", "", {"type": "object"}, run),),
        dependencies=("session_file_system",),
    )
    known = {**CAPABILITIES, "shell": shell}
    assert list(offer(known, [Ref("shell")], [], "").tools)[-1] == "sh"
    assert "read_file" in offer(known, [Ref("shell")], [], "").tools


@pytest.mark.parametrize("capability", CAPABILITIES.values(), ids=CAPABILITIES)
class TestTheTable:
    def test_every_capability_says_what_it_is(self, capability: Capability) -> None:
        assert CAPABILITIES[capability.id] is capability
        assert capability.name
        assert capability.description.endswith(".")
        assert capability.category
        assert capability.icon
        assert capability.status == "available"
        assert not capability.is_mcp
        assert set(capability.dependencies) <= set(CAPABILITIES)

    def test_every_schema_is_one_and_takes_the_empty_config_and_unknown_keys(self, capability: Capability) -> None:
        assert is_schema(capability.config_schema)
        assert fault(capability.config_schema, {}) is None
        assert fault(capability.config_schema, {"unknown": 1}) is None

    def test_every_tool_can_be_offered_to_every_model(self, capability: Capability) -> None:
        for tool in capability.tools({}):
            assert tool.name.isidentifier()
            assert len(tool.name) <= 64
            assert tool.description.endswith(".")
            assert tool.run is not None
            assert is_schema(tool.parameters)
            assert tool.parameters["type"] == "object"
            assert tool.secret_arguments <= set(tool.parameters["properties"])
            assert 0 < tool.seconds <= 60


def test_no_two_tools_of_the_table_have_one_name() -> None:
    names = [tool.name for capability in CAPABILITIES.values() for tool in capability.tools({})]
    assert len(names) == len(set(names))
