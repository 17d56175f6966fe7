"""The consolidated list of the UN Security Council as XML."""

from collections.abc import Iterator
from pathlib import Path

from frontdesk.kyc.checks.lists import values
from frontdesk.kyc.checks.lists.reading import ListDamaged, Node, Opened, Passing, Unique, elements
from frontdesk.kyc.model.screening import Born, Listed, ListedName

_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def entries(file: Passing, opened: Opened, path: Path) -> Iterator[Listed]:
    """Each entry. Raises `ListDamaged`."""
    unique = Unique()
    for node in elements(file, "CONSOLIDATED_LIST", "INDIVIDUAL", "ENTITY"):
        if node.tag == "CONSOLIDATED_LIST":
            opened.source_date = values.day(node.attributes.get("dateGenerated", ""))
        else:
            yield unique.check(_entry(node), f"line {node.line}")


def _entry(node: Node) -> Listed:
    name = " ".join(said for one in _NAMES if (said := node.said(one)))
    entry_id = node.said("REFERENCE_NUMBER") or node.said("DATAID")
    if not entry_id or not name:
        raise ListDamaged(f"line {node.line}: <{node.tag}> has no {'<FIRST_NAME>' if entry_id else '<DATAID>'}")
    own = f"{node.tag}_"
    names = [ListedName(name)]
    if original := node.said("NAME_ORIGINAL_SCRIPT"):
        names.append(ListedName(original))
    names += [
        ListedName(said, one.said("QUALITY").lower() == "low")
        for one in node.all(f"{own}ALIAS")
        for said in one.said("ALIAS_NAME").split(";")
        if said.strip()
    ]
    documents = list(node.all(f"{own}DOCUMENT"))
    places = [one.text for one in node.all("NATIONALITY", "VALUE")]
    places += [one.said("COUNTRY") for one in node.all(f"{own}ADDRESS")]
    return Listed(
        entry_id,
        "person" if node.tag == "INDIVIDUAL" else "entity",
        tuple(names),
        tuple(born for one in node.all(f"{own}DATE_OF_BIRTH") for born in _born(one)),
        values.countries(places),
        tuple(one.text for one in node.all("UN_LIST_TYPE") if one.text),
        tuple(number for one in documents if (number := one.said("NUMBER"))),
    )


def _born(node: Node) -> tuple[Born, ...]:
    sort = node.said("TYPE_OF_DATE").upper()
    is_about = sort.startswith("APPROX")
    if sort == "BETWEEN":
        return values.years(node.said("FROM_YEAR"), node.said("TO_YEAR"))
    if said := node.said("DATE"):
        return values.births(f"{'~' if is_about else ''}{said}")
    return values.years(node.said("YEAR"), "", is_about=is_about)
