"""The consolidated list of EU financial sanctions as XML (`xmlFullSanctionsList`, edition 1.1)."""

from collections.abc import Iterator
from pathlib import Path

from frontdesk.kyc.checks.lists import values
from frontdesk.kyc.checks.lists.reading import ListDamaged, Node, Opened, Passing, Unique, elements
from frontdesk.kyc.model.screening import Born, Listed, ListedName

_KINDS = {"P": "person", "person": "person", "E": "entity", "enterprise": "entity"}
_PARTS = ("firstName", "middleName", "lastName")


def entries(file: Passing, opened: Opened, path: Path) -> Iterator[Listed]:
    """Each entry. Raises `ListDamaged`."""
    unique = Unique()
    for node in elements(file, "export", "sanctionEntity"):
        if node.tag == "export":
            opened.source_date = values.day(node.attributes.get("generationDate", ""))
        else:
            yield unique.check(_entry(node), f"line {node.line}")


def _entry(node: Node) -> Listed:
    entry_id = node.attributes.get("euReferenceNumber") or node.attributes.get("logicalId") or ""
    names = tuple(found for one in node.all("nameAlias") if (found := _name(one)).text)
    if not entry_id or not names:
        raise ListDamaged(f"line {node.line}: <sanctionEntity> has no {'<nameAlias>' if entry_id else 'logicalId'}")
    sort = next((one.attributes for one in node.all("subjectType")), {})
    kind = _KINDS.get(sort.get("classificationCode", "")) or _KINDS.get(sort.get("code", ""), "unknown")
    places = [one.attributes for tag in ("citizenship", "address") for one in node.all(tag)]
    papers = [one.attributes for one in node.all("identification")]
    return Listed(
        entry_id,
        kind,
        names,
        tuple(born for one in node.all("birthdate") for born in _born(one.attributes)),
        values.countries([one.get("countryIso2Code") or one.get("countryDescription") or "" for one in places]),
        tuple(dict.fromkeys(code for one in node.all("regulation") if (code := one.attributes.get("programme", "")))),
        tuple(number for one in papers if (number := one.get("number") or one.get("latinNumber") or "")),
    )


def _name(node: Node) -> ListedName:
    said = node.attributes
    whole = said.get("wholeName") or " ".join(part for one in _PARTS if (part := said.get(one, "")))
    return ListedName(" ".join(whole.split()), said.get("strong", "true").lower() == "false")


def _born(said: dict[str, str]) -> tuple[Born, ...]:
    is_about = said.get("circa", "").lower() == "true"
    sign = "~" if is_about else ""
    if day := said.get("birthdate"):
        return values.births(sign + day)
    if said.get("yearRangeFrom") or said.get("yearRangeTo"):
        return values.years(said.get("yearRangeFrom", ""), said.get("yearRangeTo", ""), is_about=is_about)
    parts = [said.get(one, "") for one in ("year", "monthOfYear", "dayOfMonth")]
    known = parts[: next((at for at, one in enumerate(parts) if not one), 3)]
    return values.births(sign + "-".join(known)) if known else ()
