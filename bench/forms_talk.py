"""How well messages about forms are understood: python bench/forms_talk.py [--set NAME] [--llm PROVIDER:MODEL]"
" [--json]."""

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from frontdesk.adapters.interpreter_builtin import BuiltinInterpreter
from frontdesk.ports.interpreter import Ask, Interpreter, Question, Said, Understood

TALK = Path(__file__).parent.parent / "tests" / "fixtures" / "talk"
SETS = {
    "written first": "messages.json",
    "held out": "held_out.json",
    "on other forms": "held_out_forms.json",
    "on everyday forms": "everyday.json",
    "held out 2026-11-28": "held_out_2026_11_28.json",
    "held out 2026-11-28, later": "held_out_2026_11_28_later.json",
}
# Some messages say `today`; figures that can be compared need a day that does not move.
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class StillClock:
    """Always the same instant."""

    def now(self) -> datetime:
        return NOW


@dataclass
class Score:
    """What came of one set: messages understood exactly, and single updates."""

    messages: int = 0
    exact: int = 0
    wrong_messages: int = 0
    expected: int = 0
    right: int = 0
    missed: int = 0
    wrong: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=list(SETS), help="one set only")
    parser.add_argument("--llm", default="builtin", help="`builtin`, or a model: openai:MODEL with the usual settings")
    parser.add_argument("--faults", action="store_true", help="list what was not understood exactly")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    chosen = [options.set] if options.set else list(SETS)
    interpreter = _interpreter(options.llm)
    scores = {name: asyncio.run(measure(interpreter, SETS[name])) for name in chosen if (TALK / SETS[name]).exists()}
    if options.json:
        print(json.dumps({name: vars(score) for name, score in scores.items()}, ensure_ascii=False))
        return 0
    console = Console()
    console.print(_table(interpreter.name, scores))
    for score in scores.values() if options.faults else ():
        for fault in score.faults:
            console.print(fault, markup=False, highlight=False)
    return 0


def _interpreter(llm: str) -> Interpreter:
    if llm == "builtin":
        return BuiltinInterpreter(StillClock())
    from frontdesk.adapters.interpreter_model import ModelInterpreter

    return ModelInterpreter(
        llm, os.environ.get("FRONTDESK_LLM_BASE_URL", ""), os.environ.get("FRONTDESK_LLM_API_KEY", ""), StillClock()
    )


async def measure(interpreter: Interpreter, file: str) -> Score:
    """Every message of a file against its form."""
    forms = json.loads((TALK / "forms.json").read_text(encoding="utf-8"))
    score = Score()
    for entry in json.loads((TALK / file).read_text(encoding="utf-8")):
        ask = ask_of(entry, forms)
        started = time.perf_counter()
        understood = await interpreter.take_turn(ask)
        taken = time.perf_counter() - started
        score.seconds += taken
        score.slowest = max(score.slowest, taken)
        _count(score, entry, understood)
    return score


def ask_of(entry: dict[str, Any], forms: dict[str, Any]) -> Ask:
    """A message of the files as the port wants it."""
    state = entry.get("state", {})
    questions = tuple(
        replace(question, state="proposed", value=state[question.id]) if question.id in state else question
        for question in map(question_of, forms[entry["form"]])
    )
    history = tuple(Said(role, text) for role, text in entry.get("history", ()))
    return Ask(entry["message"], questions, entry.get("asked"), history)


def question_of(written: dict[str, Any]) -> Question:
    """A field of the files as the port wants it."""
    return Question(**{**written, "choices": tuple(tuple(choice) for choice in written.get("choices", ()))})


def _count(score: Score, entry: dict[str, Any], understood: Understood) -> None:
    expected = {name: tuple(value) if isinstance(value, list) else value for name, value in entry["expect"].items()}
    found = {
        update.id: update.value if update.action == "propose" else f"={update.action}" for update in understood.updates
    }
    missed = {name: value for name, value in expected.items() if name not in found}
    wrong = {name: value for name, value in found.items() if expected.get(name) != value}
    score.messages += 1
    score.exact += found == expected
    score.wrong_messages += bool(wrong)
    score.expected += len(expected)
    score.right += len(found) - len(wrong)
    score.missed += len(missed)
    score.wrong += len(wrong)
    if found != expected:
        score.faults.append(f"{entry['form']}: {entry['message']!r}: missed {missed}, wrong {wrong}")


def _table(name: str, scores: dict[str, Score]) -> Table:
    table = Table(title=f"Messages about forms, understood by {name}")
    for column in (
        "set",
        "messages",
        "exact",
        "with a wrong update",
        "updates",
        "right",
        "missed",
        "wrong",
        "ms, slowest",
    ):
        table.add_column(column, justify="left" if column == "set" else "right")
    total = Score()
    for score in scores.values():
        for each in ("messages", "exact", "wrong_messages", "expected", "right", "missed", "wrong", "seconds"):
            setattr(total, each, getattr(total, each) + getattr(score, each))
        total.slowest = max(total.slowest, score.slowest)
    for label, score in [*scores.items(), ("together", total)]:
        table.add_row(
            label,
            str(score.messages),
            f"{score.exact} ({score.exact / max(1, score.messages):.1%})",
            f"{score.wrong_messages} ({score.wrong_messages / max(1, score.messages):.1%})",
            str(score.expected),
            str(score.right),
            str(score.missed),
            f"{score.wrong} ({score.wrong / max(1, score.right + score.wrong):.1%})",
            f"{1000 * score.seconds / max(1, score.messages):.1f}, {1000 * score.slowest:.0f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
