"""Which skills there are: whatever packages announce under the entry point group `frontdesk.skills`."""

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points

from frontdesk.onboarding.model.skill import Skill
from frontdesk.onboarding.rules.uploading import MOST_UPLOADS
from frontdesk.onboarding.steps.checking import Checker

GROUP = "frontdesk.skills"


class BadSkill(Exception):
    """A package announces something that is no skill, or one that contradicts itself or another."""


class Skills:
    """Every skill by its name. Without `given`, those that installed packages announce, looked for on first use."""

    def __init__(self, given: Iterable[Skill] | None = None) -> None:
        self._given = None if given is None else tuple(given)
        self._found: dict[str, Skill] | None = None
        self._checkers: dict[tuple[str, str], Checker] = {}

    def load(self) -> Mapping[str, Skill]:
        """Look for skills, once. Raises `BadSkill`."""
        if self._found is None:
            self._found = {}
            for skill in announced() if self._given is None else self._given:
                if skill.name in self._found:
                    raise BadSkill(f"There are two skills {skill.name}")
                self._checkers |= checkers_of(skill)
                self._found[skill.name] = skill
        return self._found

    def find(self, name: str) -> Skill | None:
        """The skill of this name."""
        return self.load().get(name)

    def all(self) -> list[Skill]:
        """Every skill, by name."""
        return [skill for _, skill in sorted(self.load().items())]

    def checker(self, skill: str, step: str) -> Checker:
        """Checks the data of a step that exists."""
        self.load()
        return self._checkers[skill, step]


def announced() -> Iterable[Skill]:
    """The skills of installed packages, in the order of their entry points. Raises `BadSkill`."""
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        skill = point.load()
        if not isinstance(skill, Skill):
            raise BadSkill(f"The entry point {point.name} of {GROUP} names no Skill: {point.value}")
        yield skill


def checkers_of(skill: Skill) -> dict[tuple[str, str], Checker]:
    """A checker for each step. Raises `BadSkill` for a skill that nobody could walk."""
    names = [step.name for step in skill.steps]
    if not names or len(set(names)) < len(names):
        raise BadSkill(f"{skill.name} needs steps, each with a name of its own")
    for step in skill.steps:
        if sum(one is not None for one in (step.act, step.ask, step.later)) > 1:
            raise BadSkill(f"The step {step.name} of {skill.name} may have one of act, ask and later")
        if (step.kind == "redirect") != (step.finish is not None) or (step.finish and not step.ask):
            raise BadSkill(f"The step {step.name} of {skill.name}: a redirect asks and finishes, nothing else does")
        if step.kind == "redirect" and (step not in skill.stages[-1] or "psu_redirect_link" not in step.fields):
            raise BadSkill(f"The step {step.name} of {skill.name}: a redirect comes last, with psu_redirect_link")
        if step.instead_of and step.instead_of not in names:
            raise BadSkill(f"The step {step.name} of {skill.name} stands in for a step that is not there")
        if len(step.uploads) > MOST_UPLOADS:
            raise BadSkill(f"The step {step.name} of {skill.name} takes more than {MOST_UPLOADS} files")
    try:
        return {(skill.name, step.name): Checker(step) for step in skill.steps}
    except ValueError as error:
        raise BadSkill(f"A field of {skill.name} is no JSON Schema: {error}") from error
