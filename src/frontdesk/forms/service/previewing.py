"""What supporting material would put into a form: looked at, not kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from frontdesk.basics.errors import Unavailable
from frontdesk.forms.model.field import Value
from frontdesk.forms.model.session import Sheet
from frontdesk.forms.rules import filling, values
from frontdesk.forms.rules.filling import Entry
from frontdesk.forms.rules.matching import Answered
from frontdesk.forms.rules.refusals import BadRequest, ModelUnavailable
from frontdesk.forms.service.context import Material, answers_of, check_materials, match, passages_of
from frontdesk.forms.service.forms import contract
from frontdesk.forms.service.needs import Needs


@dataclass(frozen=True, slots=True)
class Preview:
    """Answers for empty fields, answers that differ from what is locked, and what is still missing."""

    labels: dict[str, str]
    filled: tuple[Answered, ...]
    changed: tuple[Answered, ...]
    notes: tuple[str, ...]
    gaps: tuple[str, ...]


async def preview(
    needs: Needs,
    tenant_id: str,
    form_id: str | None,
    materials: Sequence[Material],
    locked: str | None,
    asked: str | None,
) -> Preview:
    """`locked` holds values that are decided (a JSON object by field id), `asked` the ids that were asked for."""
    _, layout = await contract(needs, tenant_id, form_id)
    check_materials(materials)
    sheet = _locked(filling.begun(Sheet(layout)), _json(locked, dict, "locked"))
    already = {name for name in _json(asked, list, "asked_field_ids") if isinstance(name, str)}
    passages, notes = await passages_of(needs, materials)
    try:
        found = answers_of(await match(needs, Sheet(layout), passages))
    except Unavailable as error:
        raise ModelUnavailable("the language model does not answer at the moment") from error
    fields = {field.id: field for field in layout.fields}
    held: dict[str, Value] = {name: sheet.mark(field.number).value for name, field in fields.items()}
    new = tuple(one for one in found if one.id in fields and values.is_blank(held[one.id]))
    changed = tuple(
        one for one in found if one.id in fields and not values.is_blank(held[one.id]) and held[one.id] != one.value
    )
    answered = {one.id for one in new}
    gaps = tuple(
        field.label
        for name, field in fields.items()
        if name not in answered and name not in already and values.is_blank(held[name]) and field.kind != "signature"
    )
    return Preview({name: field.label for name, field in fields.items()}, new, changed, notes, gaps)


def _locked(sheet: Sheet, given: dict[str, Any]) -> Sheet:
    entries = [Entry(name, value, ("locked",)) for name, value in given.items()]
    return filling.put(sheet, "", entries, as_updates=False).sheet


def _json(text: str | None, kind: type, name: str) -> Any:
    if text is None or text.strip() in ("", "null"):
        return kind()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{name} must be JSON") from error
    if not isinstance(found, kind):
        raise BadRequest(f"{name} must be a JSON {'object' if kind is dict else 'list'}")
    return found
