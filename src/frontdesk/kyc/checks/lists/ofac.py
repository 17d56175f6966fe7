"""The list of the US Treasury as XML, `sdn.xml` (and `consolidated.xml`, which has the same form)."""

from collections.abc import Iterator
from pathlib import Path

from frontdesk.kyc.checks.lists import values
from frontdesk.kyc.checks.lists.reading import ListDamaged, Node, Opened, Passing, Unique, elements
from frontdesk.kyc.model.screening import Listed, ListedName

KINDS = {"individual": "person", "entity": "entity", "vessel": "vessel", "aircraft": "aircraft"}


def entries(file: Passing, opened: Opened, path: Path) -> Iterator[Listed]:
    """Each entry. Raises `ListDamaged`."""
    unique = Unique()
    for node in elements(file, "sdnList", "publshInformation", "sdnEntry"):
        if node.tag == "publshInformation":
            opened.source_date = values.day(node.said("Publish_Date"))
        elif node.tag == "sdnEntry":
            yield unique.check(_entry(node), f"line {node.line}")


def _entry(node: Node) -> Listed:
    entry_id, name = node.said("uid"), _name(node)
    if not entry_id or not name:
        raise ListDamaged(f"line {node.line}: <sdnEntry> has no {'<lastName>' if entry_id else '<uid>'}")
    aliases = [ListedName(_name(one), one.said("category") == "weak") for one in node.all("akaList", "aka")]
    places = [node.said("vesselInfo", "vesselFlag")]
    for path in (("nationalityList", "nationality"), ("citizenshipList", "citizenship"), ("addressList", "address")):
        places += [one.said("country") for one in node.all(*path)]
    return Listed(
        entry_id,
        KINDS.get(node.said("sdnType").lower(), "unknown"),
        (ListedName(name), *(one for one in aliases if one.text)),
        tuple(
            born
            for one in node.all("dateOfBirthList", "dateOfBirthItem")
            for born in values.births(one.said("dateOfBirth"))
        ),
        values.countries(places),
        tuple(one.text for one in node.all("programList", "program") if one.text),
        tuple(number for one in node.all("idList", "id") if (number := one.said("idNumber"))),
    )


def _name(node: Node) -> str:
    return " ".join(one for one in (node.said("firstName"), node.said("lastName")) if one)
