"""Turns: a message is read by the interpreter, and what it says becomes proposals."""

from frontdesk.basics.errors import Unavailable
from frontdesk.forms.model.field import Field
from frontdesk.forms.model.session import Mark, Outcome, Sheet
from frontdesk.forms.rules import filling
from frontdesk.forms.rules.filling import Said, refuse_unless_open
from frontdesk.forms.rules.limits import MESSAGE_LETTERS
from frontdesk.forms.rules.published import session_id as shown_id
from frontdesk.forms.rules.refusals import BadRequest, ModelUnavailable
from frontdesk.forms.service.needs import Needs, session_of
from frontdesk.forms.service.sessions import decided
from frontdesk.forms.service.usage import counted
from frontdesk.ports.interpreter import Ask, Question
from frontdesk.ports.interpreter import Said as Earlier

NARROW = 40.0
"""Points: a place below this width is for a few characters, whatever its label says."""
LETTER = 5.0
"""Points: the width of a character that can be read without effort."""


async def take_turn(needs: Needs, tenant_id: str, session_id: str | None, message: str) -> tuple[str, Outcome]:
    """The reply, and what the message changed."""
    if not message.strip():
        raise BadRequest("message must not be empty")
    if len(message) > MESSAGE_LETTERS:
        raise BadRequest(f"message may have at most {MESSAGE_LETTERS} letters")
    read = await session_of(needs, tenant_id, session_id)
    refuse_unless_open(read.sheet, shown_id(read.id))
    asked_of = read.sheet
    try:
        understood = await needs.interpreter.take_turn(_ask(asked_of, message))
    except Unavailable as error:
        raise ModelUnavailable("the language model does not answer at the moment; nothing was changed") from error
    said = [Said(update.id, update.action, update.value) for update in understood.updates]

    def decide(sheet: Sheet) -> Outcome:
        return filling.turn(sheet, shown_id(read.id), asked_of, message, understood.reply, said, understood.asking)

    _, outcome = await decided(needs, tenant_id, session_id, decide, counted(needs, tenant_id, "conversation_turn"))
    return understood.reply, outcome


def _ask(sheet: Sheet, message: str) -> Ask:
    return Ask(
        message=message,
        questions=questions(sheet),
        asked=sheet.asked,
        history=tuple(Earlier(one.role, one.text) for one in sheet.spoken),
        printed=_printed(sheet),
    )


def questions(sheet: Sheet) -> tuple[Question, ...]:
    """The fields as the interpreter needs to know them."""
    return tuple(_question(field, sheet.mark(field.number)) for field in sheet.layout.fields)


def _question(field: Field, mark: Mark) -> Question:
    return Question(
        id=field.id,
        label=field.label,
        kind=field.kind,
        data_type=field.data_type,
        required=field.required,
        choices=tuple((option.value, option.label) for option in field.options),
        group=field.group,
        description=field.description,
        section=field.section,
        max_length=field.max_length or _room(field),
        format=field.format,
        state=mark.state,
        value=mark.value,
    )


def _room(field: Field) -> int | None:
    """How many characters a narrow place that was found on a page can hold: nobody has set a limit for it."""
    is_narrow = field.name is None and field.kind == "text" and not field.multiline and field.rect.w < NARROW
    return max(1, int(field.rect.w / LETTER)) if is_narrow else None


def _printed(sheet: Sheet) -> str:
    """What the form itself says about its fields: from it questions about the form are answered."""
    told = [sheet.layout.title] if sheet.layout.title else []
    for field in sheet.layout.fields:
        told += [text for text in (field.section, field.description) if text and text not in told[-4:]]
    return "\n".join(told)[:20_000]
