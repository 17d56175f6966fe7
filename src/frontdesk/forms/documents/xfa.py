"""Labels from the XFA template that some forms carry beside their AcroForm: often the only place that has them."""

from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import pikepdf
from defusedxml import DefusedXmlException

# A template is some 100 KB for a form of four pages.
_LARGEST = 20_000_000
_HOLDERS = {"subform", "area", "exclGroup", "subformSet"}


def labels_of(document: pikepdf.Pdf) -> dict[str, str]:
    """Label by full field name, as the AcroForm spells it. Empty if there is no template or it cannot be read."""
    text = _template(document)
    if text is None:
        return {}
    try:
        root = defusedxml.ElementTree.fromstring(text)
    except (ParseError, DefusedXmlException, ValueError):
        return {}
    found: dict[str, str] = {}
    _walk(root, "", found, 0)
    return found


def has_template(document: pikepdf.Pdf) -> bool:
    """Whether the document carries an XFA form."""
    form = document.Root.get("/AcroForm")
    return isinstance(form, pikepdf.Dictionary) and form.get("/XFA") is not None


def _template(document: pikepdf.Pdf) -> bytes | None:
    form = document.Root.get("/AcroForm")
    packets: Any = form.get("/XFA") if isinstance(form, pikepdf.Dictionary) else None
    try:
        if isinstance(packets, pikepdf.Stream):
            text = packets.read_bytes()
            start, end = text.find(b"<template"), text.find(b"</template>")
            return text[start : end + 11] if 0 <= start < end and end - start < _LARGEST else None
        if isinstance(packets, pikepdf.Array):
            for name, packet in zip(list(packets)[::2], list(packets)[1::2], strict=False):
                if str(name) == "template" and isinstance(packet, pikepdf.Stream):
                    text = packet.read_bytes()
                    return text if len(text) < _LARGEST else None
    except pikepdf.PdfError:
        return None
    return None


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _walk(element: Element, path: str, found: dict[str, str], depth: int) -> None:
    if depth > 60:
        return
    counts: Counter[str] = Counter()
    for child in element:
        tag = _tag(child)
        if tag not in _HOLDERS and tag != "field":
            continue
        name = (child.get("name") or f"#{tag}").replace(".", "\\.")
        full = f"{path}.{name}[{counts[name]}]".lstrip(".")
        counts[name] += 1
        if tag in ("field", "exclGroup") and (label := _label(child)):
            found.setdefault(full, label)
        if tag != "field":
            _walk(child, full, found, depth + 1)


def _label(element: Element) -> str:
    """What is spoken for the field, else its tooltip, else its caption."""
    ways: dict[str, str] = {}
    for child in element:
        if _tag(child) == "assist":
            for part in child:
                ways.setdefault(_tag(part), " ".join("".join(part.itertext()).split()))
        elif _tag(child) == "caption":
            ways.setdefault("caption", " ".join("".join(child.itertext()).split()))
    return ways.get("speak") or ways.get("toolTip") or ways.get("caption") or ""
