"""How visible filled values are, and how fast forms are filled: python bench/forms_filling.py [--forms DIR] [--json].

Every field of every form gets a value. A value counts as visible when the pixels of its place differ between the
filled form and the same form filled with nothing, both without the flag that asks a viewer to draw by itself.
"""

import argparse
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from forms.documents.seeing import folded, visible  # noqa: E402
from forms.documents.values import CHINESE, LATIN, NOTHING, SCRIPTS, blank_sheet  # noqa: E402
from frontdesk.forms.documents.filling import fill  # noqa: E402
from frontdesk.forms.documents.reading import read  # noqa: E402
from viewers import VIEWERS, pdfium_text, pdfjs_text, poppler_text  # noqa: E402

MOST_PAGES = 3
ROUNDS = 15


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=Path, default=ROOT / "tests" / "fixtures" / "forms" / "acroform")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--pages", type=int, default=MOST_PAGES, help="pages of each form that are looked at")
    options = parser.parse_args()
    files = sorted(options.forms.glob("*.pdf"))
    seen: dict[str, dict[str, Any]] = {}
    with Progress(console=Console(stderr=True), disable=options.json) as progress:
        for file in progress.track(files, description="forms"):
            seen[file.stem] = visible(file.read_bytes(), options.pages)
    figures = {"visible": seen, "text found": text_found(), "speed": speed(options.forms)}
    if options.json:
        print(json.dumps(figures, indent=2, ensure_ascii=False))
    else:
        show(figures)
    return 0


def text_found() -> dict[str, dict[str, bool]]:
    """Whether each script's sample comes back in the order of reading: from the pages, and from the fields."""
    pdf, fields = blank_sheet(len(SCRIPTS))
    values = dict(enumerate(SCRIPTS.values(), 1))
    flat, open_form = fill(pdf, fields, values, flatten=True).pdf, fill(pdf, fields, values).pdf
    told = {
        "PDFium, flattened": folded(pdfium_text(flat)),
        "pdf.js, flattened": folded(pdfjs_text(flat)),
        "Poppler, flattened": folded(poppler_text(flat)),
        "Poppler, fields": folded(poppler_text(open_form)),
    }
    return {
        script: {who: folded(text) in all_text for who, all_text in told.items()} for script, text in SCRIPTS.items()
    }


def speed(forms: Path) -> dict[str, float]:
    """Milliseconds of filling and saving ten fields of the W-9, beside pypdf's, and a Chinese fill beside a Latin one;
    rounds alternate. Peak memory is that of a process that does nothing else."""
    pdf = (forms / "fw9-2018-xfa.pdf").read_bytes()
    layout = read(pdf)
    texts = [field for field in layout.fields if field.kind == "text"][:10]
    plain = {field.number: "Ada Lovelace"[: field.max_length or 99] for field in texts}
    latin = {field.number: LATIN[i % len(LATIN)][: field.max_length or 99] for i, field in enumerate(texts)}
    chinese = {field.number: CHINESE[i % len(CHINESE)][: field.max_length or 99] for i, field in enumerate(texts)}
    named = {field.name: plain[field.number] for field in texts if field.name}
    runs: dict[str, Callable[[], object]] = {
        "plain Latin": lambda: fill(pdf, layout.fields, plain),
        "Latin with a font": lambda: fill(pdf, layout.fields, latin),
        "Chinese": lambda: fill(pdf, layout.fields, chinese),
        "pypdf": lambda: with_pypdf(pdf, named),
    }
    first = {f"{name}, first": timed(run) for name, run in runs.items()}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            taken[name].append(timed(run))
    figures = first | {name: statistics.median(times) for name, times in taken.items()}
    for name, words in (("plain Latin", NOTHING), ("Chinese", CHINESE[0])):
        figures[f"peak MB, {name}"] = peak(forms / "fw9-2018-xfa.pdf", words)
    return {name: round(value, 1) for name, value in figures.items()}


def timed(run: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000


def with_pypdf(pdf: bytes, values: Mapping[str, str]) -> bytes:
    """The same fields filled by pypdf."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    # All ten are on the first page.
    writer.update_page_form_field_values(writer.pages[0], dict(values), auto_regenerate=False)
    kept = io.BytesIO()
    writer.write(kept)
    return kept.getvalue()


ALONE = """
import sys
from frontdesk.forms.documents.filling import fill
from frontdesk.forms.model.field import Field, Rect
pdf = open(sys.argv[1], "rb").read()
fields = tuple(
    Field(number, "text", "string", "", Rect(0, 0, 0, 1, 1), name=name)
    for number, name in enumerate(sys.argv[3:], 1)
)
for _ in range(3):
    fill(pdf, fields, {field.number: sys.argv[2] for field in fields})
# Not getrusage: a child inherits the peak of the process that started it.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak(form: Path, text: str) -> float:
    """Megabytes of a process that fills ten fields."""
    names = [field.name or "" for field in read(form.read_bytes()).fields if field.kind == "text"][:10]
    command = [sys.executable, "-c", ALONE, str(form), text, *names]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024


def show(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    table = Table("form", *(f"{name} text / box" for name in VIEWERS), "warnings", title="visible values")
    total = {name: {"text": [0, 0], "box": [0, 0]} for name in VIEWERS}
    for form, seen in figures["visible"].items():
        cells = []
        for name in VIEWERS:
            for kind in ("text", "box"):
                total[name][kind] = [a + b for a, b in zip(total[name][kind], seen[name][kind], strict=True)]
            cells.append(" / ".join("{}/{}".format(*seen[name][kind]) for kind in ("text", "box")))
        table.add_row(form, *cells, str(seen["warnings"]))
    table.add_row(
        "all", *(" / ".join("{}/{}".format(*total[name][kind]) for kind in ("text", "box")) for name in VIEWERS)
    )
    console = Console()
    console.print(table)
    for form, seen in figures["visible"].items():
        for name in VIEWERS:
            for missed in seen[name]["missed"]:
                console.print(f"not visible in {name}: {form} {missed}")
    found = Table("script", *next(iter(figures["text found"].values())), title="text found again")
    for script, told in figures["text found"].items():
        found.add_row(script, *("yes" if each else "no" for each in told.values()))
    console.print(found)
    times = Table("ten fields of the W-9", "ms", title="speed and memory")
    for name, value in figures["speed"].items():
        times.add_row(name, str(value))
    console.print(times)


if __name__ == "__main__":
    sys.exit(main())
