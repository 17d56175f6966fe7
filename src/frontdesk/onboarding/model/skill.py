"""A skill as its file declares it: steps in their order, what each asks for and does, and what the end grants."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

Kind = Literal["form", "redirect", "implicit", "code"]
Family = Literal["account_information", "payment_initiation", "marketplace"]
Grant = Literal["accounts", "payment"]


class Visit(msgspec.Struct, frozen=True):
    """What a step is told: its own data, what earlier steps were given (`values`) and what they kept (`kept`).

    `step_id` is new for each submission: a key under which a bank does a thing once. `code` is the one-time code of
    sandboxes, a setting of the server.
    """

    session_id: str
    user_id: str
    step_id: str
    now: datetime
    data: Mapping[str, Any]
    values: Mapping[str, Mapping[str, Any]] = {}
    kept: Mapping[str, Any] = {}
    code: str = ""


class Accepted(msgspec.Struct, frozen=True):
    """The step is taken. `data` is answered; `keep` is remembered for later steps and for the end."""

    data: Mapping[str, Any] = {}
    keep: Mapping[str, Any] = {}


class Refused(msgspec.Struct, frozen=True):
    """The data will not do. The answer reads `data.FIELD: expected EXPECTED`; the nonce stays good."""

    field: str
    expected: str


class Redirected(msgspec.Struct, frozen=True):
    """The user must go to a bank, and comes back to `target`. `reference` is what the bank finds the visit by."""

    url: str
    target: str
    reference: str
    method: str = "GET"
    headers: Mapping[str, str] = {}


Result = Accepted | Refused | Redirected
Act = Callable[[Visit], Accepted | Refused]
"""Decides at once: no waiting, no clock, no chance."""
Ask = Callable[[Visit, Any], Awaitable[Result]]
"""Asks somebody outside (`steps.outside.Outside`); the nonce is held meanwhile."""
Finish = Callable[[Visit, Any, Any], Awaitable[Accepted]]
"""Ends a visit to a bank with what came back."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a file. With `prefills`, what is printed on an identity paper is read and told."""

    name: str
    required: bool = False
    prefills: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `fields` is a JSON Schema for each field of `data`, whose `description` says what is expected.

    `act` decides at once, `ask` asks a bank, `later` works in the background; a step with none of them is accepted.
    """

    name: str
    kind: Kind = "form"
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    uploads: tuple[Slot, ...] = ()
    act: Act | None = None
    ask: Ask | None = None
    later: Ask | None = None
    finish: Finish | None = None
    instead_of: str = ""
    """The name of the step that this one may be taken in place of."""

    def slot(self, name: str) -> Slot | None:
        """The slot of this name."""
        return next((one for one in self.uploads if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Skill:
    """One thing that one institution offers. `grants` is which calls the consent opens; `bank` names its connector."""

    name: str
    family: Family
    country: str
    servicer_id: str
    servicer_name: str
    steps: tuple[Step, ...]
    grants: Grant | None = None
    bank: str = "sandbox"
    env: Literal["sbx", "prod"] = "sbx"
    version: str = "1.0"

    stages: tuple[tuple[Step, ...], ...] = field(init=False)
    """The steps by their place; where there are several, one of them is taken."""

    def __post_init__(self) -> None:
        stages = tuple(
            (step, *(other for other in self.steps if other.instead_of == step.name))
            for step in self.steps
            if not step.instead_of
        )
        object.__setattr__(self, "stages", stages)

    def step(self, name: str) -> Step | None:
        """The step of this name."""
        return next((one for one in self.steps if one.name == name), None)
