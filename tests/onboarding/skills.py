"""Skills for tests: one that ends at once, one that ends with a file, and one that is worked on in the background."""

from typing import Any

from frontdesk.onboarding.steps import Accepted, Refused, Skill, Slot, Step, Visit

TEXT = {"type": "string", "minLength": 1, "description": "a text"}
AT_ONCE = Skill(
    name="testbank_sbx_#1.0",
    family="marketplace",
    country="Nowhere",
    servicer_id="6f0b1c52-7d0e-4f3a-9a41-000000000001",
    servicer_name="Test Bank",
    steps=(Step("yes"),),
)

WITH_A_FILE = Skill(
    name="lastfile_sbx_#1.0",
    family="marketplace",
    country="Nowhere",
    servicer_id="6f0b1c52-7d0e-4f3a-9a41-000000000003",
    servicer_name="Test Bank",
    steps=(Step("sign", uploads=(Slot("contract", required=True), Slot("note"))),),
)


async def check(visit: Visit, outside: Any) -> Accepted | Refused:
    """Offline: everybody but Nobody is found in the register."""
    if visit.data["name"] == "Nobody":
        return Refused("name", "a name that is in the register")
    return Accepted({"found": True}, {"entry": 17})


def greet(visit: Visit) -> Accepted:
    """Uses what the check has kept."""
    return Accepted({"entry": visit.kept["entry"], "name": visit.values["check"]["name"]})


OFFLINE = Skill(
    name="register_sbx_#1.0",
    family="marketplace",
    country="Nowhere",
    servicer_id="6f0b1c52-7d0e-4f3a-9a41-000000000002",
    servicer_name="Register",
    steps=(Step("check", fields={"name": TEXT}, later=check), Step("greet", act=greet)),
)
