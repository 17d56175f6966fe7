"""Which capabilities a turn has, in which order, and what the model reads of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.rules.prompting import Use, canonical, system_text, uses, without_clashes

UUID = "0194e5c2-1a7b-7c3e-9d40-b6f2a1885e03"


@dataclass(frozen=True)
class Ref:
    ref: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    name: str
    number: int


def none(ref: str) -> Sequence[str] | None:
    return ()


def refs(found: Sequence[Use]) -> list[str]:
    return [use.ref for use in found]


def test_the_agents_capabilities_come_before_the_sessions() -> None:
    found = uses([Ref("a"), Ref("b")], [Ref("c")], none)
    assert [(use.ref, use.is_session) for use in found] == [("a", False), ("b", False), ("c", True)]


def test_one_that_is_named_twice_counts_once_with_the_later_config() -> None:
    found = uses([Ref("a", {"n": 1}), Ref("b")], [Ref("a", {"n": 2})], none)
    assert found == (Use("a", {"n": 2}), Use("b", {}))


def test_what_is_needed_comes_before_what_needs_it() -> None:
    needs = {"shell": ("files",), "files": ("paths",), "paths": (), "time": ()}
    assert refs(uses([Ref("time"), Ref("shell")], [Ref("files")], needs.get)) == ["time", "paths", "files", "shell"]


def test_those_that_need_each_other_come_once() -> None:
    needs = {"a": ("b",), "b": ("a",)}
    assert refs(uses([Ref("a")], [], needs.get)) == ["b", "a"]


def test_one_that_is_gone_is_left_out() -> None:
    needs: dict[str, tuple[str, ...]] = {"a": ("gone",)}
    assert refs(uses([Ref("gone"), Ref("a")], [], needs.get)) == ["a"]


@pytest.mark.parametrize("ref", [f"mcp:{UUID}", f"mcp:mcp_{UUID.replace('-', '')}", f"mcp:{UUID.upper()}"])
def test_a_server_of_tools_has_one_ref_however_it_is_written(ref: str) -> None:
    assert canonical(ref) == f"mcp:{UUID}"
    assert refs(uses([Ref(ref)], [Ref(f"mcp:{UUID}")], none)) == [f"mcp:{UUID}"]


@pytest.mark.parametrize("ref", ["current_time", "mcp:", "mcp:x", "mcp_" + "0" * 32])
def test_any_other_ref_stays_as_it_is(ref: str) -> None:
    assert canonical(ref) == ref


def test_of_tools_with_one_name_the_first_wins() -> None:
    tools = [Named("a", 1), Named("b", 2), Named("a", 3)]
    assert without_clashes(tools) == (Named("a", 1), Named("b", 2))


def test_a_prompt_without_additions_stays_alone() -> None:
    assert system_text("Be brief.", []) == "Be brief."
    assert system_text("Be brief.", [(Use("a", {}), None), (Use("b", {}), "  ")]) == "Be brief."


def test_additions_are_marked_the_sessions_first_and_the_agents_prompt_last() -> None:
    additions = [(Use("a", {}), "A."), (Use("b", {}), None), (Use("c", {}, True), "C."), (Use('d"<', {}, True), "D.")]
    assert system_text("Be brief.", additions) == (
        '<capability id="c">\nC.\n</capability>\n\n'
        '<capability id="d&quot;&lt;">\nD.\n</capability>\n\n'
        '<capability id="a">\nA.\n</capability>\n\n'
        "<system-prompt>\nBe brief.\n</system-prompt>"
    )


NAMES = st.sampled_from("abcdef")


@given(
    agents=st.lists(NAMES),
    sessions=st.lists(NAMES),
    needs=st.dictionaries(NAMES, st.lists(NAMES, max_size=3).map(tuple)),
)
def test_every_capability_comes_once_and_known_ones_are_never_lost(
    agents: list[str], sessions: list[str], needs: dict[str, tuple[str, ...]]
) -> None:
    found = refs(uses([Ref(each) for each in agents], [Ref(each) for each in sessions], needs.get))
    assert len(found) == len(set(found))
    assert {each for each in agents + sessions if each in needs} <= set(found) <= set(needs)
