"""The fillable places of a document, found on its pages, and the form's tree of fields that they belong to."""

from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

MULTILINE, PASSWORD, RADIO, PUSH, COMBO, COMB = 1 << 12, 1 << 13, 1 << 15, 1 << 16, 1 << 17, 1 << 24
HIDDEN, NO_VIEW, PRINT = 1 << 1, 1 << 5, 1 << 2
_DEEPEST = 32
_Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Widget:
    """One place on a page. `field` is the dictionary that holds the value; several widgets may share it.

    `box` is left, bottom, right, top in the page's own coordinates.
    """

    annotation: Object
    field: Object
    page: int
    name: str
    kind: str
    flags: int
    box: tuple[float, float, float, float]

    def inherited(self, key: str) -> Object | None:
        """A value of the widget or of what it is part of."""
        return inherited(self.annotation, key)

    @property
    def normal(self) -> Object | None:
        """What it looks like: a stream, or one for each state; None if it says nothing."""
        looks = self.annotation.get("/AP")
        return looks.get("/N") if isinstance(looks, Dictionary) else None

    @property
    def caption(self) -> str:
        """The letter that stands for the shape of a box's mark."""
        shown = self.annotation.get("/MK")
        return str(shown.get("/CA", "")) if isinstance(shown, Dictionary) else ""

    @property
    def states(self) -> list[str]:
        """The names (with their slash) of the appearances that a box has."""
        normal = self.normal
        if not isinstance(normal, Dictionary) or isinstance(normal, Stream):
            return []
        return list(normal.keys())

    def is_near(self, box: tuple[float, float, float, float]) -> bool:
        """Whether the middle of `box` lies in this place."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return self.box[0] - 1 <= x <= self.box[2] + 1 and self.box[1] - 1 <= y <= self.box[3] + 1


def inherited(start: Object, key: str) -> Object | None:
    """A value of a field or of its parents."""
    node: Object | None = start
    for _ in range(_DEEPEST):
        if node is None:
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def widgets(pdf: pikepdf.Pdf) -> list[Widget]:
    """Every fillable place. They are found on the pages, because the form's own list is often not complete."""
    return [widget for number, page in enumerate(pdf.pages) for widget in _on_page(page.obj, number)]


def _on_page(page: Object, number: int) -> Iterator[Widget]:
    for annotation in _annotations(page):
        kind, rect = inherited(annotation, "/FT"), annotation.get("/Rect")
        if not isinstance(kind, Name) or not isinstance(rect, Array) or len(rect) != 4:
            continue
        a, b, c, d = (float(part) for part in rect)
        box = (min(a, c), min(b, d), max(a, c), max(b, d))
        flags = int(inherited(annotation, "/Ff") or 0)
        yield Widget(annotation, field_of(annotation), number, full_name(annotation), str(kind)[1:], flags, box)


def _annotations(page: Object) -> Iterator[Object]:
    annotations = page.get("/Annots")
    for annotation in annotations if isinstance(annotations, Array) else ():
        if isinstance(annotation, Dictionary) and annotation.get("/Subtype") == Name.Widget:
            yield annotation


def field_of(annotation: Object) -> Object:
    """The nearest dictionary that has a name: there the value is kept."""
    node = annotation
    for _ in range(_DEEPEST):
        parent = node.get("/Parent")
        if "/T" in node or parent is None:
            break
        node = parent
    return node


def full_name(annotation: Object) -> str:
    """The names from the root down, joined by full stops."""
    names: list[str] = []
    node: Object | None = annotation
    for _ in range(_DEEPEST):
        if node is None:
            break
        if "/T" in node:
            names.append(str(node["/T"]))
        node = node.get("/Parent")
    return ".".join(reversed(names))


def form_of(pdf: pikepdf.Pdf) -> Object:
    """The document's form, made if there is none, with the fonts that its texts may name."""
    root = pdf.Root
    if not isinstance(root.get("/AcroForm"), Dictionary):
        root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array()))
    form = root.AcroForm
    if not isinstance(form.get("/Fields"), Array):
        form.Fields = Array()
    if not isinstance(form.get("/DR"), Dictionary):
        form.DR = Dictionary()
    if not isinstance(form.DR.get("/Font"), Dictionary):
        form.DR.Font = Dictionary()
    if "/DA" not in form:
        form.DA = pikepdf.String("/Helv 0 Tf 0 g")
    return form


def attach(pdf: pikepdf.Pdf, form: Object) -> None:
    """Enter into the form what its list of fields lacks, merged by name with what it has."""
    listed = {_key(field) for field in form.Fields}
    kids: dict[_Key, set[_Key]] = {}
    by_name: dict[str, Object] = {}
    for field in form.Fields:
        if isinstance(field, Dictionary):
            by_name.setdefault(str(field.get("/T", "")), field)
    for annotation in [each for page in pdf.pages for each in _annotations(page.obj)]:
        root = _root(annotation, kids)
        if _key(root) in listed:
            continue
        listed.add(_key(root))
        name = str(root.get("/T", ""))
        twin = by_name.get(name)
        if name and twin is not None and _merged(twin, root):
            continue
        form.Fields.append(root)
        by_name.setdefault(name, root)


def _merged(twin: Object, root: Object) -> bool:
    """Give the children of `root` to its namesake, if both are only branches of the tree."""
    if "/Kids" not in twin or "/Kids" not in root or "/FT" in twin or "/FT" in root:
        return False
    known = {str(kid.get("/T", "")): kid for kid in twin.Kids}
    for kid in root.Kids:
        namesake = known.get(str(kid.get("/T", "")))
        if namesake is not None and _merged(namesake, kid):
            continue
        kid.Parent = twin
        twin.Kids.append(kid)
    return True


def _root(annotation: Object, kids: dict[_Key, set[_Key]]) -> Object:
    """The root of its tree, in which every parent knows its children; `kids` are those that are known."""
    node = annotation
    for _ in range(_DEEPEST):
        parent = node.get("/Parent")
        if not isinstance(parent, Dictionary):
            break
        if not isinstance(parent.get("/Kids"), Array):
            parent.Kids = Array()
        of_parent = kids.get(_key(parent))
        if of_parent is None:
            of_parent = kids[_key(parent)] = {_key(kid) for kid in parent.Kids}
        if _key(node) not in of_parent:
            of_parent.add(_key(node))
            parent.Kids.append(node)
        node = parent
    return node


def _key(thing: Object) -> _Key:
    return thing.objgen
