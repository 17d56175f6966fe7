"""Turns what is in the fields into what is on the page: nothing can be filled in afterwards."""

from collections.abc import Iterable

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from frontdesk.forms.documents.filling_widgets import HIDDEN, NO_VIEW, PRINT, PUSH, inherited

Matrix = tuple[float, float, float, float, float, float]


def flatten(pdf: pikepdf.Pdf) -> None:
    """Draw every visible field into its page and take the form away. Other annotations, such as links, stay."""
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, Array):
            continue
        kept: list[Object] = []
        drawn: list[bytes] = []
        for annotation in annotations:
            if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") != Name.Widget:
                kept.append(annotation)
                continue
            seen = _appearance(annotation)
            rect = annotation.get("/Rect")
            if seen is None or not isinstance(rect, Array) or len(rect) != 4:
                continue
            matrix = _placing(seen, [float(side) for side in rect])
            if matrix is not None:
                drawn.append(b"q " + _numbers(matrix) + b" cm\n" + _drawing(page, seen) + b"\nQ")
        if drawn:
            # The page's own drawing may leave its coordinates moved: it is closed off first.
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(b"\nQ\n" + b"\n".join(drawn) + b"\n")
        if kept:
            page.obj.Annots = Array(kept)
        else:
            del page.obj["/Annots"]
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]


def _numbers(parts: Iterable[float]) -> bytes:
    return " ".join(f"{part:.5f}".rstrip("0").rstrip(".") for part in parts).encode()


def _drawing(page: pikepdf.Page, seen: Object) -> bytes:
    """An appearance as part of the page. Our own are written out: PDFium finds no lines in what is only referred to."""
    resources = seen.get("/Resources", Dictionary())
    fonts = resources.get("/Font", Dictionary())
    if set(resources.keys()) <= {"/Font"} and all(_is_free(page, name, fonts[name]) for name in fonts.keys()):  # noqa: SIM118
        for name in fonts.keys():  # noqa: SIM118
            page.add_resource(fonts[name], Name.Font, Name(name))
        matrix = _numbers(float(part) for part in seen.get("/Matrix", (1, 0, 0, 1, 0, 0)))
        left, low, right, high = (float(side) for side in seen.BBox)
        clip = _numbers((left, low, right - left, high - low))
        return matrix + b" cm " + clip + b" re W n\n" + seen.read_bytes()
    seen.Type, seen.Subtype = Name.XObject, Name.Form
    return str(page.add_resource(seen, Name.XObject)).encode() + b" Do"


def _is_free(page: pikepdf.Page, name: str, font: Object) -> bool:
    """Whether the page knows nothing else by the name of one of our fonts."""
    known = (inherited(page.obj, "/Resources") or Dictionary()).get("/Font", Dictionary())
    return name.startswith("/Fd") and (name not in known or known[name].objgen == font.objgen)


def _appearance(annotation: Object) -> Object | None:
    flags = int(annotation.get("/F", 0))
    if flags & (HIDDEN | NO_VIEW):
        return None
    is_button = inherited(annotation, "/FT") == Name.Btn and int(inherited(annotation, "/Ff") or 0) & PUSH
    if is_button and not flags & PRINT:
        return None
    looks = annotation.get("/AP")
    normal = looks.get("/N") if isinstance(looks, Dictionary) else None
    if isinstance(normal, Stream):
        return normal
    if isinstance(normal, Dictionary):
        state = normal.get(str(annotation.get("/AS", "/Off")))
        return state if isinstance(state, Stream) else None
    return None


def _placing(seen: Object, rect: list[float]) -> Matrix | None:
    """What moves and scales an appearance into its rectangle (ISO 32000-1, 12.5.5)."""
    box = seen.get("/BBox")
    if not isinstance(box, Array) or len(box) != 4:
        return None
    left, low, right, high = (float(side) for side in box)
    a, b, c, d, e, f = (float(part) for part in seen.get("/Matrix", (1, 0, 0, 1, 0, 0)))
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in (left, right) for y in (low, high)]
    x0, x1 = min(x for x, _ in corners), max(x for x, _ in corners)
    y0, y1 = min(y for _, y in corners), max(y for _, y in corners)
    if x1 - x0 <= 0 or y1 - y0 <= 0:
        return None
    across = (max(rect[0], rect[2]) - min(rect[0], rect[2])) / (x1 - x0)
    up = (max(rect[1], rect[3]) - min(rect[1], rect[3])) / (y1 - y0)
    return (across, 0.0, 0.0, up, min(rect[0], rect[2]) - x0 * across, min(rect[1], rect[3]) - y0 * up)
