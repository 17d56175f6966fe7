"""Screening, measured on made-up lists: recall on misspelt names, false alarms, time, import, memory.

    python bench/lists.py                                    # 100,000 entries, SQLite in a temporary folder
    python bench/lists.py --postgresql postgresql://…/empty  # the same in an empty PostgreSQL database

What a misspelling is stands at the head of `_made_up_names.py`, which knows nothing of the matching. Other names are
drawn from the same vocabulary and are not on the list; their days of birth and countries are drawn anew.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from _made_up_names import MISSPELLINGS, Name, People
from rich.console import Console
from rich.table import Table

from frontdesk import wiring
from frontdesk.config import Settings
from frontdesk.kyc.model.screening import Born, Listed, ListedName, Subject
from frontdesk.kyc.service import lists, screening
from frontdesk.migrations import migrate

COUNTRIES = (
    "AE AF BR BY CD CN CO CU DE EG ES FR GB GR IN IQ IR KP KR LB LY MM MX NG PK PL RU SD SO SS SY TR UA US VE YE"
)
THRESHOLDS = (0.75, 0.8, 0.85, 0.9, 0.93)


def birth(random: Random) -> str:
    return (date(1940, 1, 1) + timedelta(days=random.randrange(22_000))).isoformat()


def listed(count: int, seed: int) -> tuple[list[Name], list[Listed]]:
    """The list: some entries with their own script, some with an alias, most persons with a birth date."""
    people, random = People(seed), Random(seed)
    names = [people.draw() for _ in range(count)]
    entries = []
    for number, name in enumerate(names):
        known = [ListedName(name.text)]
        if name.script and random.random() < 0.25:
            known.append(ListedName(name.script))
        if random.random() < 0.4:
            known.append(ListedName(people.draw().text, is_weak=random.random() < 0.3))
        kind = "entity" if name.culture == "company" else "person"
        day = birth(random)
        exact = random.random() < 0.7
        born = Born(day, day) if exact else Born(f"{day[:4]}-01-01", f"{day[:4]}-12-31")
        country = random.choice(COUNTRIES.split())
        entries.append(Listed(str(number), kind, tuple(known), (born,) if kind == "person" else (), (country,)))
    return names, entries


def misspelt(names: list[Name], count: int, seed: int) -> Iterator[tuple[str, int, str]]:
    """Kind of misspelling, number of the entry, and what a customer would have written."""
    random, kinds = Random(seed), list(MISSPELLINGS)
    done = 0
    while done < count:
        kind, number = kinds[done % len(kinds)], random.randrange(len(names))
        text = MISSPELLINGS[kind](random, names[number])
        if text is not None and text != names[number].text:
            yield kind, number, text
            done += 1


def others(entries: list[Listed], count: int, seed: int) -> Iterator[tuple[str, Subject]]:
    """Names that are not on the list, in whatever order."""
    people, random = People(seed), Random(seed)
    known = {_bare(name.text) for entry in entries for name in entry.names}
    done = 0
    while done < count:
        name = people.draw()
        if _bare(name.text) not in known:
            kind = "entity" if name.culture == "company" else "person"
            born = None if kind == "entity" else birth(random)
            yield name.culture, Subject(name.text, kind, born, (random.choice(COUNTRIES.split()),))
            done += 1


def _bare(name: str) -> frozenset[str]:
    """Its words without the article that Arabic names have or lack: `Al-Hashai` and `Hashai` are no two names."""
    return frozenset(name.lower().replace("-", " ").split()) - {"al", "el"}


async def measured(settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    """Bring the list in, look for everybody, and count."""
    house = wiring.build(settings)
    names, entries = listed(options.entries, options.seed)
    source = lists.Source("", "made-up", "sanctions", "bench", lambda: None, lambda: "")
    await house.db.open()
    memory = _peak()
    began = time.process_time()
    loaded = await lists.bring_in(house.kyc, source, entries)
    importing = time.process_time() - began
    report: dict[str, Any] = {
        "entries": loaded.entries,
        "names": loaded.names,
        "import_entries_per_second": round(loaded.entries / importing),
        "import_memory_mb": round(_peak() - memory),
        "database_mb": round(sum(one.stat().st_size for one in settings.data.glob("*.db*")) / 2**20),
    }
    asked = list(misspelt(names, options.names, options.seed + 1))
    times, found = [], []
    for kind, number, text in asked:
        sort, entry = entries[number].kind, entries[number]
        bare, full = Subject(text, sort), Subject(text, sort, _day(entry), entry.countries)
        scores = []
        for subject in (bare, full):
            began = time.process_time()
            hits = await screening.look_up(house.kyc, loaded, subject, 0.5)
            times.append((time.process_time() - began) * 1000)
            scores.append(max((v.confidence for e, v in hits if e.entry_id == entry.entry_id), default=0.0))
        found.append((kind, text, entry, scores))
    report["recall"] = {str(least): _shares([one[3] for one in found], least) for least in THRESHOLDS}
    report["recall_by_kind"] = {
        kind: _shares([one[3] for one in found if one[0] == kind], screening.REVIEW_FROM) for kind in MISSPELLINGS
    }
    if options.missed:
        for kind, text, entry, scores in found:
            if scores[0] < screening.REVIEW_FROM:
                print(kind, "|", text, "|", entry.names[0].text, "|", scores, file=sys.stderr)
    alarms = []
    for culture, subject in others(entries, options.names, options.seed + 2):
        scores = []
        for each in (Subject(subject.text, subject.kind), subject):
            began = time.process_time()
            hits = await screening.look_up(house.kyc, loaded, each, 0.5)
            times.append((time.process_time() - began) * 1000)
            best = max(hits, key=lambda hit: hit[1].confidence, default=None)
            scores.append(best[1].confidence if best else 0.0)
            if best and options.missed and scores[-1] >= screening.REVIEW_FROM and len(scores) == 1:
                print("alarm", culture, "|", subject.text, "|", best[1].matched_name, scores[0], file=sys.stderr)
        alarms.append(scores)
    report["false_alarms"] = {str(least): _shares(alarms, least) for least in THRESHOLDS}
    report["precision"] = {
        str(least): [
            round(recall / (recall + alarm), 3) if recall + alarm else None
            for recall, alarm in zip(report["recall"][str(least)], report["false_alarms"][str(least)], strict=True)
        ]
        for least in THRESHOLDS
    }
    report["screening_ms"] = {
        "p50": round(statistics.median(times), 1),
        "p99": round(statistics.quantiles(times, n=100)[98], 1),
    }
    await house.db.close()
    return report


def _day(entry: Listed) -> str | None:
    return entry.born[0].earliest if entry.born else None


def _shares(scores: list[list[float]], least: float) -> list[float]:
    """By the name alone, and with day of birth and country."""
    return [round(sum(one[at] >= least for one in scores) / len(scores), 4) for at in (0, 1)]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(report: dict[str, Any]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table("at", "recall", "false alarms", "precision", "recall, birth and country", "false alarms", "precision")
    for least in map(str, THRESHOLDS):
        rows = [report[key][least] for key in ("recall", "false_alarms", "precision")]
        table.add_row(least, *(str(row[0]) for row in rows), *(str(row[1]) for row in rows))
    console.print(table)
    for name, value in report.items():
        if name not in ("recall", "false_alarms", "precision"):
            console.print(f"{name.replace('_', ' '):28} {value}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--names", type=int, default=1_000, help="misspelt names, and other names")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--postgresql", metavar="URL")
    parser.add_argument("--missed", action="store_true", help="also print what was missed and what was found wrongly")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=options.postgresql or "", secret_key="-" * 32)
        migrate(wiring.database_url(settings))
        report = asyncio.run(measured(settings, options))
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        show(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
