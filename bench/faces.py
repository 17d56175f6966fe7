"""How well faces are found, turned and told apart: python bench/faces.py [--faces DIR] [--ids DIR] [--json].

Every picture is looked at once, some 0.1 s of processor time each; all comparing is done with what was found then.
"""

import argparse
import asyncio
import itertools
import json
import os
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from frontdesk.adapters.faces_local import LocalFaces
from frontdesk.adapters.liveness_local_judge import SAME_PERSON, Seen, cosine, judge, yaw
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.config import load
from frontdesk.ports.faces import Face

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
ANGLES = (0, 15, 30, 35, 40, 45)
MATCH = 0.55
MIRRORED = {"left": "right", "right": "left"}
FRAME_MS, SECONDS = 250, 24.0
NOTE = "No rate for a selfie against a document exists here: no such pair of a real person was ever measured."
Found = dict[str, tuple[Face, ...]]
T = TypeVar("T")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, default=FIXTURES / "faces", help="folder with ground-truth.json")
    parser.add_argument("--ids", type=Path, default=FIXTURES / "ids", help="folder with ground-truth.json and papers")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.faces, options.ids, quiet=options.json))
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        show(figures)
    return 0 if figures["wrong_sequences"] == 0 else 1


async def measure(rendered: Path, papers: Path, *, quiet: bool) -> dict[str, Any]:
    """Look at every picture once, then count."""
    truth = json.loads((rendered / "ground-truth.json").read_text())
    items = json.loads((papers / "ground-truth.json").read_text())["items"]
    names = [each["file"] for each in (*truth["frames"], *truth["portraits"]) if (rendered / each["file"]).is_file()]
    specimens = [item for item in items if item["portrait"] and (papers / item["file"]).is_file()]
    faces = LocalFaces(load(os.environ).face_models_path, LocalSandbox(children=1, seconds=60.0))
    await faces.start()
    await faces.check()
    found, decoding, looking = Found(), 0.0, 0.0
    with Progress(console=Console(stderr=True), disable=quiet) as progress:
        for name in followed(progress, names, "Rendered heads", quiet=quiet):
            content = (rendered / name).read_bytes()
            began = time.perf_counter()
            Image.open(BytesIO(content)).convert("RGB")
            middle = time.perf_counter()
            found[name] = await faces.find(content, "image/jpeg")
            decoding, looking = decoding + middle - began, looking + time.perf_counter() - middle
        shown: Found = {}
        for item in followed(progress, specimens, "Specimens", quiet=quiet):
            kind = "image/png" if item["file"].endswith(".png") else "image/jpeg"
            shown[item["file"]] = await faces.find((papers / item["file"]).read_bytes(), kind)
    await faces.stop()
    sequences = [judged(each, found, truth) for each in truth["sequences"]]
    return {
        "found": found_rates(truth, found),
        "yaw": yaw_table(truth, found),
        "yaw_correlation": round(correlation(truth, found), 3),
        "alike": likenesses(truth, found),
        "sequences": sequences,
        "wrong_sequences": sum(not each["right"] for each in sequences),
        "specimens": specimen_pairs(specimens, shown),
        "frame_against_decoding_its_jpeg": round(looking / decoding, 1),
        "seconds_a_frame": round(looking / len(names), 3),
        "child_peak_megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "note": NOTE,
    }


def followed(progress: Progress, each: Sequence[T], what: str, *, quiet: bool) -> Iterator[T]:
    """One after the other; on a terminal with a bar, elsewhere with a line for every tenth of the way."""
    if progress.console.is_terminal or quiet:
        yield from progress.track(each, description=what)
        return
    began = time.monotonic()
    for number, one in enumerate(each, 1):
        yield one
        if number * 10 // len(each) > (number - 1) * 10 // len(each):
            print(f"{what}: {number} of {len(each)}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def found_rates(truth: dict[str, Any], found: Found) -> dict[str, str]:
    """Pictures in which exactly one face was found, of all, by kind."""
    kinds: dict[str, list[bool]] = defaultdict(list)
    for frame in truth["frames"]:
        if frame["file"] in found:
            kinds[frame["kind"]].append(len(found[frame["file"]]) == 1)
    kinds["portrait"] = [len(found[each["file"]]) == 1 for each in truth["portraits"]]
    return {kind: f"{sum(hits)} of {len(hits)}" for kind, hits in kinds.items()}


def yaw_table(truth: dict[str, Any], found: Found) -> dict[str, dict[str, list[float]]]:
    """Least, mean and greatest absolute yaw index by kind and angle."""
    table: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for kind, angle in itertools.product(("turn", "flat-print", "bent-print"), ANGLES):
        values = [
            abs(yaw(found[each["file"]][0]))
            for each in truth["frames"]
            if each["kind"] == kind and abs(each["yaw"]) == angle and each["pitch"] == 0 and found.get(each["file"])
        ]
        if values:
            table[kind][str(angle)] = spread(values)
    return table


def correlation(truth: dict[str, Any], found: Found) -> float:
    """Of the yaw index of real turns with the true angle."""
    turns = [each for each in truth["frames"] if each["kind"] == "turn" and found.get(each["file"])]
    return statistics.correlation([yaw(found[each["file"]][0]) for each in turns], [each["yaw"] for each in turns])


def likenesses(truth: dict[str, Any], found: Found) -> dict[str, dict[str, Any]]:
    """Cosine of portraits and frames: the same person at some angles, and other persons."""
    groups: dict[str, list[float]] = defaultdict(list)
    for portrait, frame in itertools.product(truth["portraits"], truth["frames"]):
        if frame["kind"] == "still" or not found.get(frame["file"]):
            continue
        likeness = cosine(found[portrait["file"]][0].embedding, found[frame["file"]][0].embedding)
        same, angle = portrait["person"] == frame["person"], abs(frame["yaw"])
        if frame["kind"] != "turn":
            if same and frame["kind"] == "flat-print":
                groups["same, flat print"].append(likeness)
        elif same and angle in (0, 30, 45) and frame["pitch"] == 0:
            groups[f"same, turned {angle}"].append(likeness)
        elif not same:
            groups["other, any angle"].append(likeness)
            if angle == 0 and frame["pitch"] == 0:
                groups["other, frontal"].append(likeness)
    return {name: counted(values) for name, values in sorted(groups.items(), reverse=True)}


def judged(told: dict[str, Any], found: Found, truth: dict[str, Any]) -> dict[str, Any]:
    """What the judge says of one row of frames, against the portrait of its person."""
    portrait = next(each["file"] for each in truth["portraits"] if each["person"] == told["person"])
    seen = [Seen(number * FRAME_MS, found[name]) for number, name in enumerate(told["frames"])]
    turns = [MIRRORED[side] for side in told["challenge"]]
    answer = judge(turns, SECONDS, seen, found[portrait][0].embedding)
    return {
        "id": told["id"],
        "expected": told["expect"],
        "came": "accept" if answer.reason is None else "reject",
        "right": (answer.reason is None) == (told["expect"] == "accept"),
        "reason": answer.reason,
        "confidence": answer.confidence,
        "true_attack": told.get("true_attack", False),
    }


def specimen_pairs(specimens: list[dict[str, Any]], shown: Found) -> dict[str, Any]:
    """The largest faces of papers against each other; a name in common may mean the same person or not."""
    named = [
        (f"{item['fields']['surname']} {item['fields']['given_names']}", shown[item["file"]][0])
        for item in specimens
        if shown[item["file"]]
    ]
    pairs = list(itertools.combinations(named, 2))
    other = [cosine(a.embedding, b.embedding) for (one, a), (two, b) in pairs if one != two]
    alike = [cosine(a.embedding, b.embedding) for (one, a), (two, b) in pairs if one == two]
    return {
        "with_a_portrait": len(specimens),
        "found": len(named),
        "other names": counted(other) if other else None,
        "same name": sorted((round(value, 3) for value in alike), reverse=True),
    }


def counted(values: Sequence[float]) -> dict[str, Any]:
    return {
        "pairs": len(values),
        "min_mean_max": spread(values),
        f"from {SAME_PERSON}": sum(value >= SAME_PERSON for value in values),
        f"from {MATCH}": sum(value >= MATCH for value in values),
    }


def spread(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in (min(values), statistics.fmean(values), max(values))]


def show(figures: dict[str, Any]) -> None:
    console = Console(width=150 if not sys.stdout.isatty() else None, highlight=False)
    console.print("One face found: " + ", ".join(f"{kind} {rate}" for kind, rate in figures["found"].items()))
    table = Table("yaw", *figures["yaw"], title="Yaw index, absolute: least, mean, greatest")
    for angle in map(str, ANGLES):
        cells = [" ".join(f"{value:.2f}" for value in by.get(angle, [])) for by in figures["yaw"].values()]
        table.add_row(angle, *cells)
    console.print(table)
    console.print(f"Correlation with the true yaw: {figures['yaw_correlation']}")
    table = Table("pair", "count", "least, mean, greatest", f"from {SAME_PERSON}", f"from {MATCH}", title="Likeness")
    for name, row in figures["alike"].items():
        table.add_row(name, *(str(value) for value in row.values()))
    console.print(table)
    table = Table("sequence", "expected", "came", "why", "confidence", title="Head-turn challenges")
    for each in figures["sequences"]:
        came = each["came"] if each["right"] else f"{each['came']} (WRONG)"
        note = f"{each['reason'] or ''}{' a true attack' if each['true_attack'] else ''}"
        table.add_row(each["id"], each["expected"], came, note.strip(), str(each["confidence"] or ""))
    console.print(table)
    console.print(f"Wrong: {figures['wrong_sequences']} of {len(figures['sequences'])}")
    console.print(f"Specimens: {figures['specimens']}")
    console.print(
        f"A frame takes {figures['frame_against_decoding_its_jpeg']} times what decoding its JPEG takes "
        f"({figures['seconds_a_frame']} s here); the child's peak is {figures['child_peak_megabytes']} MB"
    )
    console.print(figures["note"])


if __name__ == "__main__":
    sys.exit(main())
