"""The interpreter with a language model behind it: bound to the form's contract, checked again by the same rules."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from frontdesk.adapters.interpreter_builtin import BuiltinInterpreter
from frontdesk.adapters.interpreter_builtin_words import fold, words_of
from frontdesk.adapters.interpreter_model_asking import Model
from frontdesk.adapters.interpreter_model_contract import (
    TELL,
    material_prompt,
    material_schema,
    turn_prompt,
    turn_schema,
)
from frontdesk.adapters.interpreter_values import clean, held, is_signature, kept
from frontdesk.basics.clock import Clock, SystemClock
from frontdesk.ports.interpreter import Ask, Finding, Matched, Passage, Question, Understood, Update

LONGEST_REPLY = 1_200
CHUNK = 40_000
"""Characters of material in one call."""
MOST_CHUNKS = 6
_SETTLED = frozenset(("confirmed", "skipped", "declined"))
_LEVELS = ("high", "medium", "low")


class ModelInterpreter:
    """`llm` is `PROVIDER:MODEL`. The model's client is imported with the first call.

    What the model answers is a proposal like any other: values that a field cannot hold, that nobody said, or that
    would change a settled field which the message does not name, are left out. The model sees the values of those
    fields only that the message is about.
    """

    def __init__(
        self, llm: str, base_url: str = "", api_key: str = "", clock: Clock | None = None, *, seconds: float = 60.0
    ) -> None:
        self.name = llm
        self._clock = clock or SystemClock()
        self._builtin = BuiltinInterpreter(self._clock)
        self._model = Model(llm, base_url, api_key, seconds)

    async def take_turn(self, ask: Ask) -> Understood:
        """See the port."""
        plain = await self._builtin.take_turn(ask)
        concerned = {update.id for update in plain.updates} | ({ask.asked} if ask.asked else set())
        if ask.history:
            before = await self._builtin.take_turn(Ask(_last_said(ask), ask.questions))
            concerned |= {update.id for update in before.updates}
        open_to_it = [question for question in ask.questions if not is_signature(question)]
        said = await self._model.answer(TELL, turn_prompt(ask, open_to_it, concerned), turn_schema(open_to_it))
        updates = self._checked(ask, said.get("updates"))
        asking = said.get("asking")
        ids = {question.id for question in open_to_it}
        reply = clean(str(said.get("reply") or ""))[:LONGEST_REPLY] or plain.reply
        return Understood(reply, updates, asking if isinstance(asking, str) and asking in ids else plain.asking)

    async def match(self, questions: tuple[Question, ...], passages: tuple[Passage, ...]) -> Matched:
        """See the port."""
        open_to_it = [question for question in questions if not is_signature(question)]
        findings: dict[str, Finding] = {}
        dropped: list[tuple[str, str, str]] = []
        for chunk in _chunks(passages):
            prompt, schema = material_prompt(open_to_it, chunk), material_schema(open_to_it, chunk)
            said = await self._model.answer(TELL, prompt, schema)
            for finding in self._found(open_to_it, chunk, said.get("findings"), dropped):
                first = findings.setdefault(finding.id, finding)
                if first.value != finding.value:
                    best, other = sorted((first, finding), key=lambda each: _LEVELS.index(each.confidence))
                    findings[finding.id] = _doubted(best)
                    dropped.append((other.id, str(other.value), f"{best.source} says otherwise"))
        fitting = [Update(each.id, "propose", each.value) for each in findings.values()]
        ids = {update.id for update in kept(open_to_it, fitting, self._clock.now().date())}
        chosen = [findings[question.id] for question in open_to_it if question.id in ids]
        return Matched(tuple(chosen), tuple(dict.fromkeys(dropped)))

    async def check(self) -> None:
        """See the port."""
        schema = {"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"]}
        await self._model.answer("Answer in the given form.", "Are you ready?", schema)

    def _checked(self, ask: Ask, written: Any) -> tuple[Update, ...]:
        by_id = {question.id: question for question in ask.questions}
        said = " ".join([ask.message, *(each.text for each in ask.history[-4:]), *_values(ask.questions)])
        proposed = []
        for entry in written if isinstance(written, list) else ():
            update = _update(entry)
            question = by_id.get(update.id) if update is not None else None
            if update is None or question is None:
                continue
            if question.state in _SETTLED and question.id != ask.asked and not _names(ask.message, question):
                continue
            if update.action == "propose" and question.kind == "text" and not _was_said(update.value, said):
                continue
            proposed.append(update)
        return kept(ask.questions, proposed, self._clock.now().date())

    def _found(
        self,
        questions: Sequence[Question],
        passages: Sequence[Passage],
        written: Any,
        dropped: list[tuple[str, str, str]],
    ) -> Iterable[Finding]:
        by_id = {question.id: question for question in questions}
        texts = {passage.source: "" for passage in passages}
        for passage in passages:
            texts[passage.source] += f" {passage.key or ''} {passage.text}"
        for entry in written if isinstance(written, list) else ():
            if not isinstance(entry, dict) or entry.get("id") not in by_id or entry.get("source") not in texts:
                continue
            question, source = by_id[entry["id"]], entry["source"]
            value = held(question, entry.get("value"), self._clock.now().date())
            shown, quote = str(entry.get("value"))[:200], clean(str(entry.get("quote") or ""))[:200]
            if value is None:
                dropped.append((question.id, shown, "the field cannot hold this"))
            elif not quote or fold(quote) not in fold(texts[source]):
                dropped.append((question.id, shown, f"these words are not in {source}"))
            elif value is not False:
                level = entry.get("confidence")
                yield Finding(question.id, value, source, quote, level if level in _LEVELS else "low")


def _update(entry: Any) -> Update | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return None
    action = entry.get("action")
    if action in ("skip", "decline"):
        return Update(entry["id"], action)
    value = entry.get("value")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, list):
        value = tuple(each for each in value if isinstance(each, str))
    return Update(entry["id"], "propose", value) if isinstance(value, str | bool | tuple) else None


def _was_said(value: Any, said: str) -> bool:
    """Whether a text that was proposed is made of what was said: a model may order and write it anew, not invent it."""
    if not isinstance(value, str) or len(value) <= 3:
        return True
    digits, said_digits = re.sub(r"\D", "", value), re.sub(r"\D", "", said)
    if len(digits) >= 4 and not _is_date(value):
        return digits in said_digits
    parts, heard = fold(value).split(), fold(said)
    return _is_date(value) or not parts or sum(part in heard for part in parts) >= len(parts) / 2


def _is_date(value: str) -> bool:
    return re.fullmatch(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}", value.strip()) is not None


def _names(message: str, question: Question) -> bool:
    return bool(words_of(message).tokens & words_of(question.label).tokens) or question.id in message


def _values(questions: Iterable[Question]) -> list[str]:
    return [question.value for question in questions if isinstance(question.value, str)]


def _last_said(ask: Ask) -> str:
    return next((each.text for each in reversed(ask.history) if each.role == "user"), "")


def _doubted(finding: Finding) -> Finding:
    lower = {"high": "medium", "medium": "low", "low": "low"}
    return Finding(finding.id, finding.value, finding.source, finding.quote, lower[finding.confidence])  # type: ignore[arg-type]


def _chunks(passages: Sequence[Passage]) -> Iterable[list[Passage]]:
    chunk: list[Passage] = []
    size = made = 0
    for passage in passages:
        length = len(passage.text) + len(passage.key or "")
        if chunk and size + length > CHUNK:
            yield chunk
            chunk, size, made = [], 0, made + 1
            if made == MOST_CHUNKS:
                return
        chunk.append(
            passage if length <= CHUNK else Passage(passage.text[:CHUNK], passage.source, passage.key, passage.page)
        )
        size += min(length, CHUNK)
    if chunk:
        yield chunk
