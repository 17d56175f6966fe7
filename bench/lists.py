"""Screening, measured on made-up lists: recall on misspelt names, false alarms, processor time, import, memory.

    python bench/lists.py                                    # 100,000 entries, SQLite in a temporary folder
    python bench/lists.py --postgresql postgresql://…/empty  # then the same in an empty PostgreSQL database, too
    python bench/lists.py --vocabulary 8 --seed 5            # other words, and other names of them

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
from frontdesk.kyc.checks.lists.judging import REVIEW_FROM
from frontdesk.kyc.model.screening import Born, Listed, ListedName, Loaded, Subject, Verdict
from frontdesk.kyc.service import lists, screening
from frontdesk.kyc.service.needs import Needs
from frontdesk.migrations import migrate

COUNTRIES = (
    "AE AF BR BY CD CN CO CU DE EG ES FR GB GR IN IQ IR KP KR LB LY MM MX NG PK PL RU SD SO SS SY TR UA US VE YE"
)
THRESHOLDS = (0.75, 0.8, 0.85, 0.9, 0.93)


def birth(random: Random) -> str:
    return (date(1940, 1, 1) + timedelta(days=random.randrange(22_000))).isoformat()


def listed(count: int, seed: int, vocabulary: int) -> tuple[list[Name], list[Listed]]:
    """The list: some entries with their own script, some with an alias, most persons with a birth date."""
    people, random = People(seed, vocabulary), Random(seed)
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


def others(entries: list[Listed], count: int, seed: int, vocabulary: int) -> Iterator[tuple[str, Subject]]:
    """Names that are not on the list, in whatever order."""
    people, random = People(seed, vocabulary), Random(seed)
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


class Looking:
    """Looks for subjects in a list that was brought in, and keeps of each look the time of this process's processor in
    `times` and what passed on the clock in `waits`, in ms."""

    def __init__(self, needs: Needs, loaded: Loaded) -> None:
        self._needs, self._loaded = needs, loaded
        self.times: list[float] = []
        self.waits: list[float] = []

    async def hits(self, subject: Subject) -> list[tuple[Listed, Verdict]]:
        """Every entry with half a chance, the best first."""
        began, at = time.process_time(), time.perf_counter()
        found = await screening.look_up(self._needs, self._loaded, subject, 0.5)
        self.times.append((time.process_time() - began) * 1000)
        self.waits.append((time.perf_counter() - at) * 1000)
        return sorted(found, key=lambda hit: -hit[1].confidence)


async def measured(settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    """Bring the list in, look for everybody, and count."""
    house = wiring.build(settings)
    names, entries = listed(options.entries, options.seed, options.vocabulary)
    source = lists.Source("", "made-up", "sanctions", "bench", lambda: None, lambda: "")
    await house.db.open()
    memory, began = _peak(), time.process_time()
    loaded = await lists.bring_in(house.kyc, source, entries)
    importing = time.process_time() - began
    report: dict[str, Any] = {
        "database": "PostgreSQL" if settings.database_url else "SQLite",
        "entries": loaded.entries,
        "names": loaded.names,
        "import_entries_per_cpu_second": round(loaded.entries / importing),
        "import_memory_mb": round(_peak() - memory),
    }
    if not settings.database_url:
        report["database_mb"] = round(sum(one.stat().st_size for one in settings.data.glob("*.db*")) / 2**20)
    looking = Looking(house.kyc, loaded)
    found = await recalled(looking, names, entries, options)
    cultures, alarms = await alarmed(looking, entries, options)
    scores = [scores for _, scores in found]
    report["recall"] = {str(least): _shares(scores, least) for least in THRESHOLDS}
    report["false_alarms"] = {str(least): _shares(alarms, least) for least in THRESHOLDS}
    report["precision"] = {
        key: [
            round(recall / (recall + alarm), 3) if recall + alarm else None
            for recall, alarm in zip(report["recall"][key], report["false_alarms"][key], strict=True)
        ]
        for key in report["recall"]
    }
    report["recall_by_kind"] = {
        kind: _shares([scores for one, scores in found if one == kind], REVIEW_FROM) for kind in MISSPELLINGS
    }
    for name, times in (("screening_cpu_ms", looking.times), ("screening_wall_ms", looking.waits)):
        report[name] = {
            "p50": round(statistics.median(times), 1),
            "p99": round(statistics.quantiles(times, n=100)[98], 1),
        }
    report["false_alarms_by_culture"] = {
        culture: sum(
            alone >= REVIEW_FROM for other, (alone, _) in zip(cultures, alarms, strict=True) if other == culture
        )
        for culture in sorted(set(cultures))
    }
    await house.db.close()
    return report


async def recalled(
    looking: Looking, names: list[Name], entries: list[Listed], options: argparse.Namespace
) -> list[tuple[str, list[float]]]:
    """Of each misspelt name its kind, and the confidence of the right entry: by the name alone, and with the rest."""
    found = []
    for kind, number, text in misspelt(names, options.names, options.seed + 1):
        entry = entries[number]
        scores = []
        for subject in (Subject(text, entry.kind), Subject(text, entry.kind, _day(entry), entry.countries)):
            hits = await looking.hits(subject)
            scores.append(max((v.confidence for one, v in hits if one.entry_id == entry.entry_id), default=0.0))
        if options.missed and scores[0] < REVIEW_FROM:
            print("missed", kind, "|", text, "|", entry.names[0].text, "|", scores, file=sys.stderr)
        found.append((kind, scores))
    return found


async def alarmed(
    looking: Looking, entries: list[Listed], options: argparse.Namespace
) -> tuple[list[str], list[list[float]]]:
    """Of each name that is not listed its culture, and the confidence of the best entry: by the name alone, and with
    the rest."""
    cultures, alarms = [], []
    for culture, subject in others(entries, options.names, options.seed + 2, options.vocabulary):
        alone, full = [await looking.hits(one) for one in (Subject(subject.text, subject.kind), subject)]
        if options.missed and alone and alone[0][1].confidence >= REVIEW_FROM:
            print("alarm", culture, "|", subject.text, "|", alone[0][1].matched_name, file=sys.stderr)
        cultures.append(culture)
        alarms.append([hits[0][1].confidence if hits else 0.0 for hits in (alone, full)])
    return cultures, alarms


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
    parser.add_argument("--vocabulary", type=int, default=7, help="seed of the words that names are drawn from")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database that is measured after SQLite")
    parser.add_argument("--missed", action="store_true", help="also print what was missed and what was found wrongly")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    reports = []
    for url in ("", *([options.postgresql] if options.postgresql else [])):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data=Path(folder), database_url=url, secret_key="-" * 32)
            migrate(wiring.database_url(settings))
            reports.append(asyncio.run(measured(settings, options)))
        if not options.json:
            show(reports[-1])
    if options.json:
        print(json.dumps(reports, indent=1))
    # Who is found depends on nothing that the databases do differently.
    return 0 if all(one["recall"] == reports[0]["recall"] for one in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
