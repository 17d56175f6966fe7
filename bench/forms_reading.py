"""How well flat and scanned forms are read: python bench/forms_reading.py [--forms DIR] [--shipped] [--ocr].

Each form is judged by a ranking that has not seen it, unless `--shipped` asks for the one in the package, which has
learned from most of them. A folder of forms has flat/, scanned/ and truth/ as tests/fixtures/forms has them.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "bench")]

import pypdfium2 as pdfium  # noqa: E402
from forms_ranking import Lesson, learn, lessons_of  # noqa: E402
from forms_score import Tally  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from frontdesk.adapters.ocr_local import LocalOcr  # noqa: E402
from frontdesk.forms.documents import flat_pages, works  # noqa: E402
from frontdesk.forms.documents.acroform_widgets import frames_of  # noqa: E402
from frontdesk.forms.documents.opening import open_pdf  # noqa: E402
from frontdesk.forms.documents.page_text import TextLine  # noqa: E402
from frontdesk.forms.documents.ranking import Trees  # noqa: E402
from frontdesk.forms.documents.recognised import lines_on  # noqa: E402
from frontdesk.forms.service.detecting import PICTURE_WIDTH  # noqa: E402

_lessons: dict[str, list[Lesson]] = {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=Path, default=ROOT / "tests" / "fixtures" / "forms")
    parser.add_argument(
        "--shipped", action="store_true", help="judge the ranking in the package, which knows the forms"
    )
    parser.add_argument("--groups", type=int, default=8, help="forms are left out in so many groups; 0 for one by one")
    parser.add_argument("--ocr", action="store_true", help="read the scanned pages with the text that is recognised")
    parser.add_argument("--out", type=Path, help="write what was detected there, one JSON file for each form")
    options = parser.parse_args()
    names = sorted(path.stem for path in (options.forms / "flat").glob("*.pdf"))
    texts = asyncio.run(_recognised(options.forms)) if options.ocr else {}
    if options.shipped:
        parts = [_read(options.forms, names, texts)]
    else:
        with Pool(2) as pool:
            _lessons.update(
                zip(names, pool.starmap(lessons_of, [(options.forms, name) for name in names]), strict=True)
            )
        count = min(options.groups or len(names), len(names))
        jobs = [(options.forms, names[place::count], texts) for place in range(count)]
        with Pool(2) as pool:
            parts = pool.starmap(_left_out, jobs, chunksize=1)
    rows = sorted(row for part in parts for row in part)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for name, fields, _ in rows:
            (options.out / f"{name}.json").write_text(json.dumps({"fields": fields}), encoding="utf-8")
    _show(options.forms, rows)
    return 0


Row = tuple[str, list[dict[str, Any]], float]
Texts = Mapping[str, Mapping[int, Sequence[TextLine]]]


def _left_out(forms: Path, names: Sequence[str], texts: Texts) -> list[Row]:
    """Read these forms by a ranking that all others have taught."""
    trees = learn([lesson for name, own in _lessons.items() if name not in names for lesson in own])
    return _read(forms, names, texts, trees)


def _read(forms: Path, names: Sequence[str], texts: Texts, trees: Mapping[str, Trees] | None = None) -> list[Row]:
    rows = []
    for name in names:
        for folder in ("flat", "scanned"):
            if (forms / folder / f"{name}.pdf").exists():
                title = name if folder == "flat" else f"{name}.scanned"
                rows.append((title, *_fields(forms / folder / f"{name}.pdf", texts.get(name, {}), trees)))
    return rows


def _fields(
    path: Path, texts: Mapping[int, Sequence[TextLine]], trees: Mapping[str, Trees] | None
) -> tuple[list[dict[str, Any]], float]:
    """What is found in a file, as the truth has it, and the seconds for a page."""
    pdf = path.read_bytes()
    with open_pdf(pdf) as opened:
        frames = frames_of(opened)
    document = pdfium.PdfDocument(pdf)
    started = time.process_time()
    found, _, _ = flat_pages.fields_of(document, frames, texts, trees)
    seconds = (time.process_time() - started) / len(frames)
    document.close()
    fields = [
        {
            "id": each.id,
            "page": each.rect.page,
            "kind": each.kind,
            "rect": list(frames[each.rect.page].box(each.rect)),
            "label": each.label,
        }
        for each in found
    ]
    return fields, seconds


async def _recognised(forms: Path) -> dict[str, dict[int, Sequence[TextLine]]]:
    """What the reader that the package brings makes of the scanned pages."""
    found: dict[str, dict[int, Sequence[TextLine]]] = {}
    reader = LocalOcr(read_seconds=600)  # on a busy machine, too: what it reads is measured, not how fast
    await reader.start()
    try:
        for path in sorted((forms / "scanned").glob("*.pdf")):
            pdf = path.read_bytes()
            with open_pdf(pdf) as opened:
                sizes = [frame.size for frame in frames_of(opened)]
            found[path.stem] = {}
            for number, size in enumerate(sizes):
                reading = await reader.read(works.picture(pdf, number, PICTURE_WIDTH), "image/png")
                found[path.stem][number] = lines_on(reading.pages[0], size)
    finally:
        await reader.stop()
    return found


def _show(forms: Path, rows: Sequence[Row]) -> None:
    table = Table("form", "centre", "text", "tick", "overlap .5", "labels", "true", "found", "CPU s a page")
    totals = {"flat": Tally(), "scanned": Tally()}
    seconds: dict[str, list[float]] = {"flat": [], "scanned": []}
    for name, fields, spent in rows:
        truth = json.loads((forms / "truth" / f"{name}.json").read_text(encoding="utf-8"))["fields"]
        tally = Tally()
        tally.add(truth, fields)
        kind = "scanned" if name.endswith(".scanned") else "flat"
        totals[kind].merge(tally)
        seconds[kind].append(spent)
        table.add_row(*_line(name, tally, spent))
    table.add_section()
    for kind, tally in totals.items():
        if seconds[kind]:
            table.add_row(*_line(f"all {kind}", tally, sum(seconds[kind]) / len(seconds[kind])))
    Console(width=130).print(table)


def _line(name: str, tally: Tally, seconds: float) -> list[str]:
    label = "" if tally.label is None else f"{tally.label:.3f}"
    shares = [tally.f1("centre", kind) for kind in ("all", "text", "tick")] + [tally.f1("overlap", "all")]
    _, true, found = tally.counts[("centre", "all")]
    return [name, *(f"{share:.3f}" for share in shares), label, str(true), str(found), f"{seconds:.2f}"]


if __name__ == "__main__":
    raise SystemExit(main())
