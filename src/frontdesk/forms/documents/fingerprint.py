"""By what the same blank is known again, however it was saved: its pages and its fields, not what is in them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from frontdesk.forms.documents import acroform, xfa
from frontdesk.forms.documents.acroform_widgets import frames_of, is_signed, widgets_of
from frontdesk.forms.documents.frame import inherited
from frontdesk.forms.documents.opening import DAMAGED, UnreadablePdf, open_pdf
from frontdesk.forms.model.field import Layout

# What writers put down of a file and its saving, and ways back up.
_OF_SAVING = frozenset(
    {
        *("/Parent", "/Metadata", "/PieceInfo", "/LastModified", "/StructParent", "/StructParents"),
        *("/Length", "/Filter", "/DecodeParms", "/DL"),
    }
)
# A page is made of fewer objects by far; what has more is known again by its bytes alone.
_MOST_OBJECTS = 100_000


def fingerprint(pdf: bytes) -> bytes:
    """32 bytes that are the same for the same pages and places to fill in, whatever values, ids, dates and packing.

    Raises `UnreadablePdf`.
    """
    try:
        return _fingerprint(pdf)
    except pikepdf.PdfError as error:
        raise UnreadablePdf("pdf_corrupt", DAMAGED) from error


def with_values(pdf: bytes, layout: Layout) -> Layout:
    """A layout of the same blank with the values that this document holds. Raises `UnreadablePdf`."""
    if layout.source_kind not in ("acroform", "xfa"):
        return layout
    try:
        with open_pdf(pdf) as document:
            frames = frames_of(document)
            return replace(layout, fields=acroform.with_values(layout.fields, widgets_of(document, frames), frames))
    except pikepdf.PdfError as error:
        raise UnreadablePdf("pdf_corrupt", DAMAGED) from error


def _fingerprint(pdf: bytes) -> bytes:
    with open_pdf(pdf) as document:
        frames = frames_of(document)
        seen = _Seen()
        for frame, page in zip(frames, document.pages, strict=True):
            seen.note(repr(frame))
            seen.note_content(page.obj.get("/Contents"))
            seen.note_object(inherited(page.obj, "/Resources"))
        for widget in widgets_of(document, frames):
            seen.note(repr(replace(widget, state="", value="")))
        seen.note(repr(sorted(xfa.labels_of(document).items())))
        locked = document.is_encrypted and not document.allow.modify_form
        seen.note(repr((xfa.has_template(document), is_signed(document), locked)))
        if seen.objects > _MOST_OBJECTS:
            return hashlib.sha256(pdf).digest()
        return seen.digest()


class _Seen:
    """A digest of objects in the order in which they are come upon."""

    def __init__(self) -> None:
        self.objects = 0
        self._sum = hashlib.sha256()
        self._places: dict[tuple[int, int], int] = {}

    def digest(self) -> bytes:
        return self._sum.digest()

    def note(self, text: str | bytes) -> None:
        """One piece, of which it is told where it ends."""
        piece = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        self._sum.update(b"%d:" % len(piece) + piece)

    def note_content(self, content: Object | None) -> None:
        """What draws a page: its streams are one."""
        parts = list(content) if isinstance(content, Array) else [content]
        self.note(b"\n".join(_bytes(part) for part in parts if isinstance(part, Stream)))

    def note_object(self, start: object) -> None:
        """An object with all that it leads to."""
        waiting: list[object] = [start]
        while waiting and self.objects <= _MOST_OBJECTS:
            self.objects += 1
            thing = waiting.pop()
            if isinstance(thing, Dictionary | Array | Stream) and thing.objgen != (0, 0):
                if thing.objgen in self._places:
                    self.note(f"object {self._places[thing.objgen]}")
                    continue
                self._places[thing.objgen] = len(self._places)
            waiting += self._noted(thing)

    def _noted(self, thing: object) -> Sequence[object]:
        """Note a thing itself; the things in it, the last one first."""
        if isinstance(thing, Dictionary | Stream):
            keys = sorted(key for key in thing.keys() if key not in _OF_SAVING)  # noqa: SIM118 - not a dict
            self.note(f"dictionary {keys}")
            if isinstance(thing, Stream):
                self.note(_bytes(thing))
            return [thing[key] for key in reversed(keys)]
        if isinstance(thing, Array):
            self.note(f"array {len(thing)}")
            return list(thing)[::-1]
        self.note(bytes(thing) if isinstance(thing, pikepdf.String) else f"{type(thing).__name__} {thing}")
        return []


def _bytes(stream: Stream) -> bytes:
    """A stream unpacked as far as that can be done."""
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:
        return stream.read_raw_bytes()
