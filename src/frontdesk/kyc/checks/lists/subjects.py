"""Whom a session names: in fields that ask for it, on its papers, and by the addresses of wallets."""

from collections.abc import Iterable, Iterator
from typing import Any

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.screening import Subject
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.fields.scalars import parse_date
from frontdesk.kyc.rules.papers import Paper, papers
from frontdesk.kyc.rules.steps import view

_OWN = ("self", "company")
_BIRTH_KEYS = ("date_of_birth", "birth_date", "birthdate", "dob")
_SCREENED = ("name", "wallet")
_PERSONS = ("full_name", "account_holder")


def subjects(progress: Progress) -> tuple[Subject, ...]:
    """Everybody to be looked for. Related parties are in sessions of their own.

    A name counts once for each day of birth that goes with it: what is typed must not hide what the passport says.
    """
    read = papers(progress)
    mine = [one for one in read if one.role in _OWN]
    born = _entered_birth(progress) or next((day for one in mine if (day := _birth(one))), None)
    countries = _home(progress, mine)
    numbers = tuple(one.values["document_number"] for one in mine if one.values.get("document_number"))
    found = [*_entered(progress, born, countries, numbers), *_on_papers(read, born, countries)]
    unique: dict[tuple[str, str, str | None], Subject] = {}
    for one in found:
        unique.setdefault((one.kind, " ".join(one.text.casefold().split()), one.born), one)
    return tuple(unique.values())


def _entered(
    progress: Progress, born: str | None, countries: tuple[str, ...], numbers: tuple[str, ...]
) -> Iterator[Subject]:
    seen = view(progress)
    for step_id, fields in seen.fields.items():
        for one in fields:
            source = {"source": "form", "step_id": step_id, "field_id": one.field_id}
            for field, value, is_own in _inside(one, seen.answers.get((step_id, one.field_id)), is_own=True):
                if field.type == "wallet":
                    yield Subject(value, "wallet", source=source)
                elif field.options.get("name_type") == "company":
                    yield Subject(value, "entity", None, countries if is_own else (), source=source)
                elif is_own:
                    yield Subject(value, "person", born, countries, numbers, source)
                else:
                    yield Subject(value, "person", source=source)


def _inside(field: Field, value: Any, *, is_own: bool) -> Iterator[tuple[Field, str, bool]]:
    """Fields to be screened with their values. Those of a group of fields say who somebody else is."""
    if isinstance(value, list):
        for one in value:
            yield from _inside(field, one, is_own=is_own)
    elif isinstance(value, dict):
        for inner in field.fields:
            yield from _inside(inner, value.get(inner.field_id), is_own=False)
    elif field.type in _SCREENED and field.options.get("validate_lists") and isinstance(value, str) and value.strip():
        yield field, value, is_own


def _on_papers(read: Iterable[Paper], born: str | None, countries: tuple[str, ...]) -> Iterator[Subject]:
    for paper in read:
        values, own = paper.values, paper.role in _OWN
        source = {"source": "read", "doc_id": paper.document.doc_id}
        name = " ".join(values[key] for key in ("given_names", "surname") if values.get(key))
        persons = dict.fromkeys(one for one in (*(values.get(key) for key in _PERSONS), name) if one)
        day = _birth(paper) or (born if own else None)
        where = _of_paper(paper) or (countries if own else ())
        number = tuple(one for one in [values.get("document_number")] if one)
        for text in persons:
            yield Subject(text, "person", day, where, number, source)
        if values.get("company_name"):
            numbers = tuple(one for one in [values.get("registration_number")] if one)
            yield Subject(values["company_name"], "entity", None, where, numbers, source)


def _birth(paper: Paper) -> str | None:
    day = paper.day("date_of_birth")
    return None if day is None else day.isoformat()


def _of_paper(paper: Paper) -> tuple[str, ...]:
    found = (paper.values.get(key) for key in ("nationality", "issuing_country", "country"))
    return tuple(dict.fromkeys(one for one in found if one))


def _entered_birth(progress: Progress) -> str | None:
    seen = view(progress)
    for step_id, fields in seen.fields.items():
        for one in fields:
            value = seen.answers.get((step_id, one.field_id))
            if one.type == "date" and {one.key, one.field_id} & set(_BIRTH_KEYS) and isinstance(value, str):
                day = parse_date(value)
                if day is not None:
                    return day.isoformat()
    return None


def _home(progress: Progress, mine: Iterable[Paper]) -> tuple[str, ...]:
    seen = view(progress)
    entered = [
        value
        for step_id, fields in seen.fields.items()
        for one in fields
        if one.type == "country" and isinstance(value := seen.answers.get((step_id, one.field_id)), str)
    ]
    return tuple(dict.fromkeys([*entered, *(code for one in mine for code in _of_paper(one))]))
