"""Whom a session names: in fields that ask for it, on its papers, and by the addresses of wallets."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from frontdesk.kyc.checks.comparison import OWN_ROLES, asks_for
from frontdesk.kyc.checks.text import squeeze
from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.screening import Subject
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.fields.scalars import parse_date
from frontdesk.kyc.rules.papers import Paper, papers
from frontdesk.kyc.rules.steps import view
from frontdesk.ports import screening

_PERSONS = ("full_name", "account_holder")
_KINDS = {"person": "individual", "entity": "company", "wallet": "wallet"}


def subjects(progress: Progress) -> tuple[Subject, ...]:
    """Everybody to be looked for in lists. Related parties are in sessions of their own.

    A name counts once for each day of birth that goes with it: what is typed must not hide what the passport says.
    """
    unique: dict[tuple[str, str, str | None], Subject] = {}
    for one in _named(progress, "validate_lists"):
        unique.setdefault((one.kind, " ".join(one.text.casefold().split()), one.born), one)
    return tuple(unique.values())


def asked(progress: Progress, check: str) -> tuple[screening.Subject, ...]:
    """Everybody, or every wallet, that a service is asked about for this check, each once and numbered from 1."""
    each: dict[tuple[str, str], screening.Subject] = {}
    for one in _named(progress):
        if (one.kind == "wallet") is (check == "crypto"):
            told = screening.Subject("", _KINDS[one.kind], one.text, one.born, one.countries, one.network)
            key = (told.kind, told.name if one.kind == "wallet" else squeeze(told.name) or told.name)
            each[key] = _joined(each[key], told) if key in each else told
    return tuple(dataclasses.replace(one, id=str(number)) for number, one in enumerate(each.values(), 1))


def _joined(one: screening.Subject, other: screening.Subject) -> screening.Subject:
    """One name that is given twice: what either says of it. Two birth dates are two people's, so none is told."""
    born = {one.date_of_birth, other.date_of_birth} - {None}
    countries = tuple(dict.fromkeys((*one.countries, *other.countries)))
    return screening.Subject("", one.kind, one.name, born.pop() if len(born) == 1 else None, countries, one.network)


class _Known(msgspec.Struct, frozen=True):
    """What is known of whoever a name belongs to."""

    born: str | None = None
    countries: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def _named(progress: Progress, wallets_that: str | None = None) -> Iterator[Subject]:
    """Everybody, as often as named. Wallets are those whose field has the option `wallets_that`, or all."""
    read = papers(progress)
    mine = [one for one in read if one.role in OWN_ROLES]
    seen = view(progress)
    entered = [
        (step_id, one, seen.answers.get((step_id, one.field_id)))
        for step_id, fields in seen.fields.items()
        for one in fields
    ]
    beside = _beside((one, value) for _, one, value in entered)
    born = beside.born or next((day for one in mine if (day := _birth(one))), None)
    countries = tuple(dict.fromkeys([*beside.countries, *(code for one in mine for code in _of_paper(one))]))
    numbers = tuple(one.values["document_number"] for one in mine if one.values.get("document_number"))
    customer = _Known(born, countries, numbers)
    for step_id, field, value in entered:
        source = {"source": "form", "step_id": step_id, "field_id": field.field_id}
        yield from _in_field(field, value, customer, source, wallets_that)
    for paper in read:
        yield from _on_paper(paper, customer if paper.role in OWN_ROLES else _Known())


def _in_field(
    field: Field, value: Any, known: _Known, source: Mapping[str, Any], wallets_that: str | None
) -> Iterator[Subject]:
    """The subjects in an answer. A group of fields says who somebody else is: only what stands in it goes with it."""
    if isinstance(value, list):
        for one in value:
            yield from _in_field(field, one, known, source, wallets_that)
    elif isinstance(value, dict):
        other = _beside((inner, value.get(inner.field_id)) for inner in field.fields)
        for inner in field.fields:
            yield from _in_field(inner, value.get(inner.field_id), other, source, wallets_that)
    elif not isinstance(value, str) or not value.strip():
        return
    elif field.type == "wallet":
        if wallets_that is None or field.options.get(wallets_that):
            yield Subject(value, "wallet", source=dict(source), network=field.options.get("network"))
    elif field.type == "name" and field.options.get("validate_lists"):
        if field.options.get("name_type") == "company":
            yield Subject(value, "entity", None, known.countries, source=dict(source))
        else:
            yield Subject(value, "person", known.born, known.countries, known.numbers, dict(source))


def _beside(answers: Iterable[tuple[Field, Any]]) -> _Known:
    """Day of birth and countries that fields of one form, or of one group in it, give."""
    born, countries = None, []
    for field, value in answers:
        if not isinstance(value, str):
            continue
        if field.type == "country":
            countries.append(value)
        elif field.type == "date" and born is None and asks_for(field, "date_of_birth"):
            day = parse_date(value)
            born = None if day is None else day.isoformat()
    return _Known(born, tuple(dict.fromkeys(countries)))


def _on_paper(paper: Paper, known: _Known) -> Iterator[Subject]:
    """`known` is what is known of its holder otherwise."""
    values = paper.values
    source = {"source": "read", "doc_id": paper.document.doc_id}
    name = " ".join(values[key] for key in ("given_names", "surname") if values.get(key))
    persons = dict.fromkeys(one for one in (*(values.get(key) for key in _PERSONS), name) if one)
    day, where = _birth(paper) or known.born, _of_paper(paper) or known.countries
    for text in persons:
        yield Subject(text, "person", day, where, _numbers(paper, "document_number"), source)
    if values.get("company_name"):
        yield Subject(values["company_name"], "entity", None, where, _numbers(paper, "registration_number"), source)


def _numbers(paper: Paper, key: str) -> tuple[str, ...]:
    return tuple(one for one in [paper.values.get(key)] if one)


def _birth(paper: Paper) -> str | None:
    day = paper.day("date_of_birth")
    return None if day is None else day.isoformat()


def _of_paper(paper: Paper) -> tuple[str, ...]:
    found = (paper.values.get(key) for key in ("nationality", "issuing_country", "country"))
    return tuple(dict.fromkeys(one for one in found if one))
