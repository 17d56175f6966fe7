"""Forms for the tests: the fixtures by name, and small ones that are drawn here."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from frontdesk.forms.model.field import Layout

FORMS = Path(__file__).parents[2] / "fixtures" / "forms"


def form(name: str) -> bytes:
    """A fixture: `acroform/fw9-2024`."""
    return (FORMS / f"{name}.pdf").read_bytes()


def truth(name: str) -> dict[str, Any]:
    """What is known of a fixture."""
    loaded: dict[str, Any] = json.loads((FORMS / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def saved(document: Pdf) -> bytes:
    """The document's bytes."""
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def drawn(content: str = "", *, pages: int = 1, size: tuple[float, float] = (612, 792), **page: Any) -> Pdf:
    """A document whose pages hold `content`, PDF operators with Helvetica as /F1."""
    document = Pdf.new()
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for _ in range(pages):
        made = document.add_blank_page(page_size=size)
        made.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        made.obj.Contents = document.make_stream(content.encode("latin-1"))
        for key, value in page.items():
            made.obj[f"/{key}"] = value
    return document


def words(x: float, y: float, text: str, size: float = 10) -> str:
    """Operators that print a text with its baseline at x, y."""
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n"


def widget(document: Pdf, kind: str, rect: tuple[float, float, float, float], name: str, **more: Any) -> pikepdf.Object:
    """Put a widget on page one."""
    made = document.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name(f"/{kind}"), Rect=Array(rect), T=name, F=4)
    )
    for key, value in more.items():
        made[f"/{key}"] = value
    page = document.pages[0].obj
    if "/Annots" not in page:
        page.Annots = Array()
    page.Annots.append(made)
    if "/AcroForm" not in document.Root:
        document.Root.AcroForm = Dictionary(Fields=Array())
    document.Root.AcroForm.Fields.append(made)
    return made


def looks(document: Pdf, *states: str) -> Dictionary:
    """An appearance dictionary with these states."""
    return Dictionary(N=Dictionary({f"/{state}": document.make_stream(b"") for state in states}))


def right(name: str, layout: Layout) -> float:
    """F1 of the fields found against what is known: the kinds agree, and the middle lies in the true field."""
    asked = [field for field in truth(name)["fields"] if field["detectable"] and field["kind"] != "button"]
    left, hits = list(asked), 0
    for field in layout.fields:
        rect, height = field.rect, layout.pages[field.rect.page].height
        x, y = rect.x + rect.w / 2, height - rect.y - rect.h / 2
        for known in left:
            x0, y0, x1, y1 = known["rect"]
            ticks = known["kind"] in ("checkbox", "radio")
            inside = x0 - 2 <= x <= x1 + 2 and y0 - 2 <= y <= y1 + 2
            if known["page"] == rect.page and ticks == (field.kind == "checkbox") and inside:
                left.remove(known)
                hits += 1
                break
    return 2 * hits / (len(asked) + len(layout.fields))
