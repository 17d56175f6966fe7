"""How well and how fast papers are read: python bench/papers.py [--ids DIR] [--harder] [--json]."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.kyc.checks import countries, dates
from frontdesk.kyc.checks.evidence import CONFIDENT
from frontdesk.kyc.checks.extraction import extract
from frontdesk.kyc.checks.text import foldings
from frontdesk.kyc.checks.visual import printed
from frontdesk.kyc.checks.zone import find_zone

ROOT = Path(__file__).parent.parent
# Figures that can be compared need a day that does not move: centuries and expiry hang on it.
TODAY = date(2026, 1, 1)


@dataclass
class Score:
    """What came of one paper."""

    file: str
    mrz_exact: bool
    right: int = 0
    abstained: int = 0
    missing: int = 0
    wrong_confident: int = 0
    fields: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--ids", type=Path, default=ROOT / "tests" / "fixtures" / "ids", help="folder with ground-truth.json"
    )
    parser.add_argument(
        "--harder", action="store_true", help="also turned, shrunk, blurred and badly compressed copies"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    truth = json.loads((options.ids / "ground-truth.json").read_text(encoding="utf-8"))["items"]
    scores = asyncio.run(measure(options.ids, truth, harder=options.harder, quiet=options.json))
    if options.json:
        print(json.dumps({"summary": summary(scores), "papers": [vars(score) for score in scores]}, indent=1))
    else:
        show(scores)
    return 0


async def measure(folder: Path, truth: list[dict[str, Any]], *, harder: bool, quiet: bool) -> list[Score]:
    """Read every specimen that the folder holds, one after the other."""
    ocr = LocalOcr()
    await ocr.start()
    scores = []
    present = [item for item in truth if (folder / item["file"]).is_file()]
    with Progress(console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("Reading papers", total=None)
        jobs = [(item, *version) for item in present for version in versions(folder / item["file"], harder=harder)]
        for item, name, content, kind in progress.track(jobs, task_id=task, total=len(jobs)):
            began = time.perf_counter()
            reading = await ocr.read(content, kind)
            seconds = time.perf_counter() - began
            score = judge(item, extract(reading, "id", TODAY), reading)
            score.file, score.seconds, score.peak_bytes = name, round(seconds, 2), reading.peak_bytes
            scores.append(score)
    await ocr.stop()
    return scores


def versions(path: Path, *, harder: bool) -> Iterator[tuple[str, bytes, str]]:
    """The file as it is and, if asked, as bad cameras and hasty people deliver it."""
    yield path.name, path.read_bytes(), "image/png" if path.suffix == ".png" else "image/jpeg"
    if not harder:
        return
    picture = Image.open(path).convert("RGB")
    small = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4))
    for name, changed in (
        ("turned 90", picture.rotate(-90, expand=True)),
        ("turned 180", picture.rotate(180)),
        ("tilted 7", picture.rotate(7, expand=True, fillcolor="gray", resample=Image.Resampling.BICUBIC)),
        ("three quarters", small),
        ("blurred", picture.filter(ImageFilter.GaussianBlur(1.0))),
    ):
        out = BytesIO()
        changed.save(out, "JPEG", quality=60)
        yield f"{path.name} {name}", out.getvalue(), "image/jpeg"


def judge(item: dict[str, Any], extraction: Any, reading: Any) -> Score:
    """Compare every key that the truth has with what came out."""
    zones = [zone.chosen for page in reading.pages if (zone := find_zone(page, printed(page))) is not None]
    score = Score(item["file"], mrz_exact=bool(zones) and list(zones[0].lines) == item["mrz"])
    if not score.mrz_exact:
        score.faults.append(f"mrz: {list(zones[0].lines) if zones else 'not found'}")
    expected = wanted(item)
    for key, accepted in expected.items():
        score.fields += 1
        value, sure = extraction.values.get(key), extraction.scores.get(key, 0.0)
        if value is None:
            score.missing += 1
            score.faults.append(f"{key}: not read")
        elif value in accepted:
            score.right += 1
            score.abstained += sure < CONFIDENT
        else:
            score.abstained += sure < CONFIDENT
            score.wrong_confident += sure >= CONFIDENT
            score.faults.append(f"{key}: {value} ({sure}) instead of {' or '.join(sorted(accepted))}")
    for key in ("nationality", "issuing_country"):
        if key not in expected and key in extraction.values:
            score.wrong_confident += extraction.scores[key] >= CONFIDENT
            score.faults.append(f"{key}: {extraction.values[key]} although the code stands for no country")
    return score


def wanted(item: dict[str, Any]) -> dict[str, set[str]]:
    """Accepted values by our keys. Where zone and print differ on the specimen itself, either is right."""
    zone, seen = item["fields"], item.get("printed") or {}
    out = {
        "surname": {zone["surname"]},
        "given_names": {zone["given_names"]},
        "full_name": {f"{zone['given_names']} {zone['surname']}".strip()},
        "document_number": {zone["number"].strip("<")},
        "gender": {zone["sex"]},
        "document_subtype": {zone["doc_type"]},
        "mrz_valid": {"true" if item["mrz_checks_valid"] else "false"},
        "date_of_birth": {as_date(zone["birth_yymmdd"], past=True)},
        "expiry_date": {as_date(zone["expiry_yymmdd"], past=False)},
    }
    for key, code in (("nationality", zone["nationality"]), ("issuing_country", zone["issuer"])):
        if countries.alpha2(code):
            out[key] = {str(countries.alpha2(code))}
    for key, name in (("surname", "surname"), ("given_names", "given")):
        out[key] |= foldings(seen.get(name, ""))
    for key, name, past in (
        ("date_of_birth", "dob", True),
        ("expiry_date", "expires", False),
        ("issue_date", "issued", True),
    ):
        found = dates.find(seen.get(name, ""))
        if found and (day := found[0].on(TODAY, past=past)) is not None:
            out.setdefault(key, set()).add(day.isoformat())
    return out


def as_date(yymmdd: str, *, past: bool) -> str:
    day = dates.full_date(yymmdd, TODAY, past=past)
    return day.isoformat() if day else ""


def summary(scores: list[Score]) -> dict[str, Any]:
    """The figures over all papers."""
    fields = sum(score.fields for score in scores)
    return {
        "papers": len(scores),
        "mrz_exact_rate": round(sum(score.mrz_exact for score in scores) / len(scores), 4),
        "field_rate": round(sum(score.right for score in scores) / fields, 4),
        "fields": fields,
        "right": sum(score.right for score in scores),
        "missing": sum(score.missing for score in scores),
        "abstained": sum(score.abstained for score in scores),
        "wrong_but_confident": sum(score.wrong_confident for score in scores),
        "seconds_a_paper": round(sum(score.seconds for score in scores) / len(scores), 2),
        "peak_megabytes": max(score.peak_bytes for score in scores) // (1024 * 1024),
    }


def show(scores: list[Score]) -> None:
    console = Console(width=150 if not sys.stdout.isatty() else None)
    table = Table("paper", "MRZ", "right", "abstained", "wrong, sure", "seconds", "why")
    for score in scores:
        row = (
            score.file,
            "exact" if score.mrz_exact else "no",
            f"{score.right}/{score.fields}",
            str(score.abstained),
        )
        table.add_row(*row, str(score.wrong_confident), f"{score.seconds:.1f}", "\n".join(score.faults))
    console.print(table)
    for name, value in summary(scores).items():
        console.print(f"{name.replace('_', ' '):22} {value}")


if __name__ == "__main__":
    sys.exit(main())
