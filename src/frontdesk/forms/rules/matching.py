"""What of the answers found in supporting material is written into a form, and what is told about the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.forms.model.field import Value
from frontdesk.forms.model.job import Dropped, Found, Report
from frontdesk.forms.model.session import Sheet
from frontdesk.forms.rules import filling, values
from frontdesk.forms.rules.refusals import BadRequest
from frontdesk.forms.rules.values import Unfit

WRITTEN = {"safe": ("high", "medium"), "strict": ("high",)}
"""Which answers a policy writes, by how sure they are."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it was found: where, in which words, and how sure (`high`, `medium`, `low`)."""

    id: str
    value: Value
    confidence: str
    source: str
    quote: str


def policy_of(text: str | None) -> str:
    """The policy that was asked for. Raises `BadRequest`."""
    policy = (text or "safe").strip() or "safe"
    if policy not in WRITTEN:
        raise BadRequest("policy must be safe or strict")
    return policy


def judged(
    sheet: Sheet, answers: Sequence[Answered], dropped: Sequence[tuple[str, str, str]], policy: str
) -> tuple[Sheet, Report, tuple[str, ...]]:
    """The sheet with what is written, the report, and warnings."""
    written: dict[int, Value] = {}
    filled: list[Found] = []
    lost = [Dropped(name, _short(value), reason) for name, value, reason in dropped]
    groups: set[str] = set()
    for answer in answers:
        field = sheet.find(answer.id)
        if field is None or field.kind == "signature" or field.number in written:
            continue
        if answer.confidence not in WRITTEN[policy]:
            lost.append(
                Dropped(field.id, _short(answer.value), f"{answer.confidence} confidence under policy {policy}")
            )
            continue
        try:
            value, _ = values.accepted(field, answer.value)
        except Unfit as unfit:
            lost.append(Dropped(field.id, _short(answer.value), unfit.message))
            continue
        if value is None:
            continue
        if field.group is not None and value is True:
            if field.group in groups:
                lost.append(Dropped(field.id, _short(value), "another answer to the same question was written"))
                continue
            groups.add(field.group)
        written[field.number] = value
        filled.append(Found(field.id, field.label, value, answer.confidence, answer.source, answer.quote))
    after = filling.from_context(sheet, written)
    blank = _left_blank(after)
    report = Report(tuple(filled), tuple(lost), blank, _summary(len(filled), len(sheet.layout.fields), blank))
    return after, report, () if filled else ("no_values_found",)


def _left_blank(sheet: Sheet) -> tuple[str, ...]:
    return tuple(field.label for field in sheet.layout.fields if values.is_blank(sheet.mark(field.number).value))


def _summary(filled: int, total: int, blank: Sequence[str]) -> str:
    told = f"Filled {filled} of {total} fields."
    if blank:
        shown = ", ".join(blank[:8])
        told += f" Left blank: {shown}{f' and {len(blank) - 8} more' if len(blank) > 8 else ''}."
    return told


def _short(value: Value) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= 200 else text[:199] + "…"
