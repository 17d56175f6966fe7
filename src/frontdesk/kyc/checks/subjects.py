"""Whom a session is about: names and wallets that are screened elsewhere, as answers and papers give them."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from frontdesk.kyc.checks.comparison import OWN_ROLES, asks_for
from frontdesk.kyc.checks.text import squeeze
from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.papers import Paper, papers
from frontdesk.kyc.rules.steps import view
from frontdesk.ports.screening import Subject


def subjects(progress: Progress, check: str) -> tuple[Subject, ...]:
    """Everybody, or every wallet, that this check asks about, each once and numbered from 1."""
    found = _wallets(progress) if check == "crypto" else _people(progress)
    each: dict[tuple[str, str], Subject] = {}
    for one in found:
        key = (one.kind, one.name if one.kind == "wallet" else squeeze(one.name) or one.name)
        each[key] = _joined(each[key], one) if key in each else one
    return tuple(dataclasses.replace(one, id=str(number)) for number, one in enumerate(each.values(), 1))


def _joined(one: Subject, other: Subject) -> Subject:
    """One name that is given twice: what either says of it. Two birth dates are two people's, so none is told."""
    born = {one.date_of_birth, other.date_of_birth} - {None}
    countries = tuple(dict.fromkeys((*one.countries, *other.countries)))
    return Subject("", one.kind, one.name, born.pop() if len(born) == 1 else None, countries, one.network)


def _people(progress: Progress) -> Iterator[Subject]:
    seen = view(progress)
    for step_id, fields in seen.fields.items():
        yield from _named(fields, {one.field_id: seen.answers.get((step_id, one.field_id)) for one in fields})
    for paper in papers(progress):
        if paper.role in OWN_ROLES:
            yield from _printed(paper)


def _named(fields: Iterable[Field], values: Mapping[str, Any]) -> Iterator[Subject]:
    """The names of a form, or of one entry of a list in it, that are to be screened, with what stands beside them."""
    listed = tuple(fields)
    born = next((values.get(one.field_id) for one in listed if asks_for(one, "date_of_birth")), None)
    named = [values.get(one.field_id) for one in listed if one.type == "country"]
    countries = tuple(dict.fromkeys(one for one in named if isinstance(one, str)))
    for one in listed:
        value = values.get(one.field_id)
        if one.type == "name" and one.options.get("validate_lists") and isinstance(value, str):
            is_company = one.options.get("name_type") == "company"
            kind = "company" if is_company else "individual"
            yield Subject("", kind, value, None if is_company else born, countries)
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict) and one.fields:
                yield from _named(one.fields, entry)


def _printed(paper: Paper) -> Iterator[Subject]:
    values = paper.values
    countries = tuple(values[key] for key in ("nationality", "country") if key in values)[:1]
    if "full_name" in values:
        yield Subject("", "individual", values["full_name"], values.get("date_of_birth"), countries)
    if "company_name" in values:
        yield Subject("", "company", values["company_name"], None, countries)


def _wallets(progress: Progress) -> Iterator[Subject]:
    seen = view(progress)
    for step_id, fields in seen.fields.items():
        for one in fields:
            yield from _wallets_in(one, seen.answers.get((step_id, one.field_id)))


def _wallets_in(field: Field, value: Any) -> Iterator[Subject]:
    if field.type == "wallet" and isinstance(value, str):
        yield Subject("", "wallet", value, network=field.options.get("network"))
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            for inner in field.fields:
                yield from _wallets_in(inner, entry.get(inner.field_id))
