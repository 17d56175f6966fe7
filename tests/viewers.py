"""Three viewers that look at PDF files for the tests: PDFium, Poppler and pdf.js, each drawing the fields as well."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SCALE = 1.5
"""Pixels to a point."""
Picture = NDArray[np.uint8]
"""Grey, rows from the top."""


def pdfium(pdf: bytes, pages: Iterable[int]) -> dict[int, Picture]:
    """Pages (from 0) as PDFium draws them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        return {
            page: np.asarray(document[page].render(scale=SCALE, may_draw_forms=True, grayscale=True).to_pil())
            for page in pages
        }
    finally:
        document.close()


def poppler(pdf: bytes, pages: Iterable[int]) -> dict[int, Picture]:
    """Pages as Poppler draws them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.pdf"
        file.write_bytes(pdf)
        for page in (wanted := list(pages)):
            number = str(page + 1)
            size = ["-r", str(72 * SCALE), "-cropbox", "-gray", "-f", number, "-l", number, "-singlefile"]
            _run(["pdftoppm", *size, "-png", str(file), str(Path(folder) / number)])
        return {page: _opened((Path(folder) / f"{page + 1}.png").read_bytes()) for page in wanted}


def pdfjs(pdf: bytes, pages: Iterable[int]) -> dict[int, Picture]:
    """Pages as pdf.js draws them."""
    wanted = list(pages)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.pdf"
        file.write_bytes(pdf)
        _pdfjs("draw", str(file), folder, str(SCALE), *map(str, wanted))
        return {page: _opened((Path(folder) / f"{page}.png").read_bytes()) for page in wanted}


VIEWERS: dict[str, Callable[[bytes, Iterable[int]], dict[int, Picture]]] = {
    "PDFium": pdfium,
    "Poppler": poppler,
    "pdf.js": pdfjs,
}


def pdfium_text(pdf: bytes) -> str:
    """What PDFium takes out of all pages."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def poppler_text(pdf: bytes) -> str:
    """What Poppler takes out of all pages, the fields included."""
    told: bytes = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return told.decode()


def pdfjs_text(pdf: bytes) -> str:
    """What pdf.js takes out of all pages."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.pdf"
        file.write_bytes(pdf)
        return _pdfjs("read", str(file))


def _pdfjs(*arguments: str) -> str:
    node = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
    # Modules are looked for beside the script, so it runs from where they are.
    placed = ROOT / ".cache" / "viewers"
    script = placed / "pdfjs.mjs"
    shutil.copy(ROOT / "tests" / "pdfjs.mjs", fresh := placed / f"pdfjs-{os.getpid()}.mjs")
    fresh.replace(script)
    return _run([node, str(script), *arguments])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _opened(png: bytes) -> Picture:
    return np.asarray(Image.open(BytesIO(png)).convert("L"))
