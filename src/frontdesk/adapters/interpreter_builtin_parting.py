"""Which slots take the parts of an address or of a name, and which part each one takes."""

import re
from collections.abc import Sequence

from frontdesk.adapters.interpreter_builtin_parts import Person, Place, name_in, person_of
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_words import fold

_TWO = re.compile(r"\bapellidos\b", re.IGNORECASE)
_BEHIND_STREETS = frozenset(("city", "state", "zip", "country", "apt"))


def companions(slots: Sequence[Slot], slot: Slot) -> list[Slot]:
    """The city, state and so on that belong to a street: those that follow it, else those before it."""
    at = slots.index(slot)
    for way in (slots[at + 1 : at + 9], tuple(reversed(slots[max(0, at - 6) : at]))):
        found = []
        for near in way:
            if near.concepts & {"address", "street"} and near.roles == slot.roles:
                break
            if near.concepts and near.concepts <= _BEHIND_STREETS and near.roles == slot.roles:
                found.append(near)
        if found:
            return found
    return []


def address_parts(slot: Slot, near: Sequence[Slot], place: Place) -> list[tuple[Slot, str]]:
    """An address divided among the slot of its street and those near it."""
    parts = {"city": place.city, "state": place.state, "zip": place.zip, "country": place.country, "apt": place.apt}
    has_flat = any("apt" in each.concepts for each in near) and place.apt
    divided = [(slot, place.house if has_flat else place.street)] if place.street else []
    given: set[str] = set()
    for each in near:
        wanted = each.concepts - given
        if wanted:
            divided.append((each, place.behind if len(each.concepts) > 1 else parts[next(iter(wanted))]))
        given |= each.concepts
    return [(each, part) for each, part in divided if part]


def name_parts(text: str, slots: Sequence[Slot]) -> list[tuple[Slot, str]]:
    """A name divided among the slots of its parts; nothing where it is not plain how."""
    by_part: dict[str, Slot] = {
        part: slot for part in ("middle", "last", "first") for slot in slots if part in slot.concepts
    }
    person = person_of(name_in(text))
    if person is None:
        # One word is the name that one is called by.
        return [(by_part["first"], text)] if "first" in by_part and text.isalpha() else []
    if "last" in by_part and len(text.split()) == 3 and _TWO.search(by_part["last"].questions[0].label):
        # Where people have two last names.
        person = Person(text.split()[0], "", " ".join(text.split()[1:]))
    first, middle = person.first, person.middle
    if "middle" not in by_part or by_part["middle"] is by_part.get("first"):
        first, middle = f"{first} {middle}".strip(), ""
    elif middle:
        label = fold(by_part["middle"].questions[0].label)
        middle = middle[0] if "initial" in label or label.endswith("m i") else middle
    divided = (("first", first), ("middle", middle), ("last", person.last))
    return [(by_part[part], value) for part, value in divided if part in by_part and value]
