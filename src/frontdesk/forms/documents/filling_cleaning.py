"""Takes away from a form what would hide or contradict what is filled in."""

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from frontdesk.forms.documents.filled import FillWarning


def cleaned(document: pikepdf.Pdf) -> Iterator[FillWarning]:
    """Take away XFA, rights granted to one program, signatures that any change breaks; tell what may be missed."""
    root = document.Root
    if "/Perms" in root:
        del root["/Perms"]
        text = "rights that its author granted to one program ended with this change and were removed"
        yield FillWarning(None, "usage_rights_removed", text)
    form = root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return
    for key in ("/XFA", "/SigFlags"):
        if key in form:
            del form[key]
    for key in ("/NeedsRendering", "/DSS"):
        if key in root:
            del root[key]
    if _unsigned(form.get("/Fields")):
        text = "the document was signed; filling it in breaks the signature, which was removed"
        yield FillWarning(None, "signature_removed", text)


def _unsigned(fields: Object | None) -> bool:
    """Remove the values of signature fields; whether there were any."""
    found = False
    queue: list[Object] = list(fields) if isinstance(fields, Array) else []
    seen: set[tuple[int, int]] = set()
    while queue:
        node = queue.pop()
        if not isinstance(node, Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        if node.get("/FT") == Name.Sig and "/V" in node:
            found = True
            for part in (node, *(node.get("/Kids") or ())):
                for key in ("/V", "/AP"):
                    if key in part:
                        del part[key]
        kids = node.get("/Kids")
        queue += list(kids) if isinstance(kids, Array) else []
    return found
