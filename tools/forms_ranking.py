"""Learn the ranking of form fields: python tools/forms_ranking.py FORMS [--write FILE]."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from growing import grow, mean
from numpy.typing import NDArray

from frontdesk.forms.documents.acroform_widgets import frames_of
from frontdesk.forms.documents.flat_candidates import propose
from frontdesk.forms.documents.flat_features import FAR, LENGTHS, OWN_LENGTHS, features_of
from frontdesk.forms.documents.flat_lines import marks_of
from frontdesk.forms.documents.flat_page import Candidate, Detection, FlatPage, flat_page
from frontdesk.forms.documents.opening import open_pdf
from frontdesk.forms.documents.page_picture import line_art
from frontdesk.forms.documents.page_text import lines_of, words_of
from frontdesk.forms.documents.ranking import FOREST, Trees

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """A page with its candidates, and what each of them is in truth."""

    form: str
    page: FlatPage
    candidates: list[Candidate]
    rows: NDArray[np.float32]
    kind: NDArray[np.int8]
    truth: Array


def lessons_of(folder: Path, name: str) -> list[Lesson]:
    """The pages of a flat form with the truth about them."""
    pdf = (folder / "flat" / f"{name}.pdf").read_bytes()
    known = json.loads((folder / "truth" / f"{name}.json").read_text(encoding="utf-8"))["fields"]
    with open_pdf(pdf) as opened:
        frames = frames_of(opened)
    document = pdfium.PdfDocument(pdf)
    found = []
    for frame in frames:
        held = document[frame.page]
        words = words_of(held, frame)
        marks = marks_of(*line_art(held))
        page = flat_page(frame.page, (frame.width, frame.height), words, lines_of(words, marks.down), marks)
        candidates = propose(page)
        rows = features_of(page, candidates)
        here = [field for field in known if field["page"] == frame.page]
        kind, truth = told(candidates, here)
        found.append(Lesson(name, page, candidates, rows, kind, truth))
    document.close()
    return found


def told(candidates: Sequence[Candidate], known: Sequence[dict[str, Any]]) -> tuple[NDArray[np.int8], Array]:
    """For each candidate 1 for text, 2 for a box to tick, 0 for nothing, -1 for leave it out; and the true place."""
    kind = np.zeros(len(candidates), np.int8)
    truth = np.zeros((len(candidates), 4))
    if not candidates:
        return kind, truth
    boxes = np.array([candidate.box for candidate in candidates])
    best = np.zeros(len(candidates))
    for field in known:
        place = np.array(field["rect"], dtype=np.float64)
        ticks = field["kind"] in ("checkbox", "radio")
        quality = _ticked(boxes, place) if ticks else _written(boxes, place)
        least = max(0.3 if ticks else 0.5, float(quality.max()) - (0.25 if ticks else 0.1))
        fits = (quality >= least) & (quality > best)
        out = not field.get("detectable", True) or field["kind"] == "button"
        kind[fits] = -1 if out else 2 if ticks else 1
        truth[fits] = place
        best[fits] = quality[fits]
    return kind, truth


def _written(boxes: Array, place: Array) -> Array:
    wide = np.minimum(boxes[:, 2], place[2]) - np.maximum(boxes[:, 0], place[0])
    union = np.maximum(boxes[:, 2], place[2]) - np.minimum(boxes[:, 0], place[0])
    high = np.minimum(boxes[:, 3], place[3]) - np.maximum(boxes[:, 1], place[1])
    tall = np.minimum(boxes[:, 3] - boxes[:, 1], place[3] - place[1])
    below = np.abs(boxes[:, 3] - place[3])
    quality: Array = wide / union - 0.02 * below
    quality[(high < 0.4 * tall) | ((below > 8) & (high < 0.6 * (place[3] - place[1])))] = 0
    return quality


def _ticked(boxes: Array, place: Array) -> Array:
    wide = np.clip(np.minimum(boxes[:, 2], place[2]) - np.maximum(boxes[:, 0], place[0]), 0, None)
    high = np.clip(np.minimum(boxes[:, 3], place[3]) - np.maximum(boxes[:, 1], place[1]), 0, None)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    overlap = wide * high / (area + (place[2] - place[0]) * (place[3] - place[1]) - wide * high)
    across, down = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    within = (across > place[0] - 2) & (across < place[2] + 2) & (down > place[1] - 2) & (down < place[3] + 2)
    inside: Array = np.where(within, overlap, 0)
    return inside


def classifiers(lessons: Sequence[Lesson], weights: Array) -> dict[str, Trees]:
    """The two forests that tell what a candidate is; each is two that were grown from other samples."""
    rows = np.concatenate([lesson.rows for lesson in lessons])
    kind = np.concatenate([lesson.kind for lesson in lessons])
    used = kind >= 0
    found = {}
    for name, number in (("text", 1), ("tick", 2)):
        halves = []
        for seed in (7, 8):
            more, kinds, heavy = _scaled(rows[used], kind[used], weights[used], seed)
            wanted = (kinds == number).astype(float)
            halves.append(grow(more, wanted, heavy, classify=True, count=130, depth=4, seed=seed))
        found[name] = mean(halves)
    return found


def learn(lessons: Sequence[Lesson]) -> dict[str, Trees]:
    """The forests that the lessons teach."""
    rows = np.concatenate([lesson.rows for lesson in lessons])
    kind = np.concatenate([lesson.kind for lesson in lessons])
    truth = np.concatenate([lesson.truth for lesson in lessons])
    boxes = np.array([candidate.box for lesson in lessons for candidate in lesson.candidates])
    sizes = {
        name: sum(int((each.kind > 0).sum()) for each in lessons if each.form == name)
        for name in {each.form for each in lessons}
    }
    # A form with hundreds of like fields must not outvote the others.
    weights = np.concatenate([np.full(len(each.rows), max(sizes[each.form], 20) ** -0.35) for each in lessons])
    weights *= len(weights) / weights.sum()
    trees = classifiers(lessons, weights)
    text, tick = kind == 1, kind == 2
    high = truth[:, 3] - truth[:, 1]
    for name, which, wanted in (
        ("text_left", text, np.clip(truth[:, 0] - boxes[:, 0], -15, 15)),
        ("text_right", text, np.clip(truth[:, 2] - boxes[:, 2], -15, 15)),
        ("text_low", text, np.clip(truth[:, 3] - boxes[:, 3], -12, 12)),
        ("text_high", text, np.log(np.maximum(high, 4) / (boxes[:, 3] - boxes[:, 1]))),
        ("tick_across", tick, (truth[:, 0] + truth[:, 2] - boxes[:, 0] - boxes[:, 2]) / 2),
        ("tick_down", tick, (truth[:, 1] + truth[:, 3] - boxes[:, 1] - boxes[:, 3]) / 2),
        ("tick_size", tick, np.log(np.maximum(high, 4) / (boxes[:, 3] - boxes[:, 1]))),
    ):
        trees[name] = grow(rows[which], wanted[which], weights[which], classify=False, count=60, depth=4)
    return trees


def _scaled(
    rows: NDArray[np.float32], kind: NDArray[np.int8], weights: Array, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int8], Array]:
    """The rows, and again as if the same page had been set larger or smaller."""
    random = np.random.default_rng(seed)
    own, around = OWN_LENGTHS, np.setdiff1d(LENGTHS, OWN_LENGTHS)
    # Most candidates are nothing: a part of those will do.
    chosen = (kind > 0) | (random.random(len(kind)) < 0.4)
    again, rest = rows[chosen], rows[chosen]
    for places in (own, around):
        again[:, places] *= np.exp(random.uniform(-0.45, 0.55, (len(again), 1))).astype(np.float32)
    again[:, LENGTHS] = np.where(rest[:, LENGTHS] >= FAR, rest[:, LENGTHS], again[:, LENGTHS])
    halves = np.where(kind > 0, 0.5, 0.7) * weights
    return np.concatenate([rows, again]), np.concatenate([kind, kind[chosen]]), np.concatenate([halves, halves[chosen]])


def shown(detections: Sequence[Detection], page: int) -> list[dict[str, Any]]:
    """Detections as the scorer reads them."""
    return [
        {"id": str(n), "page": page, "kind": each.kind, "rect": list(each.box), "label": None, "p": each.confidence}
        for n, each in enumerate(detections)
    ]


def keep(trees: dict[str, Trees], file: Path) -> None:
    """Write forests down as numbers."""
    parts: dict[str, Any] = {}
    for name, each in sorted(trees.items()):
        parts |= {
            f"{name}.numbers": each.numbers.astype(np.int16),
            f"{name}.thresholds": each.thresholds,
            f"{name}.leaves": each.leaves,
            f"{name}.start": np.array(each.start),
        }
    np.savez_compressed(file, **parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", type=Path, help="folder with flat/ and truth/")
    parser.add_argument("--write", type=Path, default=FOREST, help="where the forests go")
    options = parser.parse_args()
    names = sorted(path.stem for path in (options.forms / "flat").glob("*.pdf"))
    lessons = [lesson for name in names for lesson in lessons_of(options.forms, name)]
    print(f"{len(names)} forms, {len(lessons)} pages, {sum(len(each.rows) for each in lessons)} candidates")
    keep(learn(lessons), options.write)
    print(f"{options.write.name}: {options.write.stat().st_size} bytes")


if __name__ == "__main__":
    main()
