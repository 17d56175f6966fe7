"""Which skills there are, and which are refused before a user meets them."""

from dataclasses import replace
from typing import Any

import pytest

from frontdesk.onboarding.model.skill import Accepted, Skill, Slot, Step
from frontdesk.onboarding.steps.registry import BadSkill, Skills, announced
from onboarding.skills import AT_ONCE


async def ask(visit: Any, outside: Any) -> Accepted:
    return Accepted()


async def finish(visit: Any, outside: Any, came: Any) -> Accepted:
    return Accepted()


LINK = {"psu_redirect_link": {"type": "string"}}
AWAY = Step("away", kind="redirect", fields=LINK, ask=ask, finish=finish)


def test_the_shipped_skills_are_announced_as_any_others() -> None:
    names = {skill.name for skill in announced()}
    assert {"demobank_ro_aisp_sbx_#1.0", "demobank_ro_pisp_sbx_#1.0", "demobank_ro_depo_sbx_#1.0"} <= names
    assert set(Skills().load()) == names


def test_a_skill_is_found_by_its_name_and_listed_in_order() -> None:
    other = replace(AT_ONCE, name="a_sbx_#1.0")
    skills = Skills([AT_ONCE, other])
    assert skills.find(AT_ONCE.name) is AT_ONCE
    assert skills.find("nothing") is None
    assert skills.all() == [other, AT_ONCE]


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step("a"), Step("a")),
        (Step("a", ask=ask, later=ask),),
        (Step("a", kind="redirect", fields=LINK, ask=ask),),
        (Step("a", finish=finish),),
        (replace(AWAY, fields={}),),
        (AWAY, Step("after")),
        (Step("a", instead_of="b"),),
        (Step("a", uploads=tuple(Slot(f"s{number}") for number in range(11))),),
        (Step("a", fields={"x": {"type": "nothing"}}),),
    ],
)
def test_a_skill_that_nobody_could_walk_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(BadSkill):
        Skills([replace(AT_ONCE, steps=steps)]).load()


def test_two_skills_of_one_name_are_refused() -> None:
    with pytest.raises(BadSkill, match="two skills"):
        Skills([AT_ONCE, AT_ONCE]).load()


def test_a_step_may_be_taken_in_place_of_another() -> None:
    skill = Skill("x_sbx_#1.0", "marketplace", "", "", "", (Step("a"), Step("b"), Step("c", instead_of="a")))
    assert [[step.name for step in stage] for stage in skill.stages] == [["a", "c"], ["b"]]
