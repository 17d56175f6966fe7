"""Reading and verifying PDFs that were filled elsewhere; nothing of them is stored."""

from dataclasses import dataclass

from frontdesk.forms.documents import works
from frontdesk.forms.model.field import Layout
from frontdesk.forms.rules import checking, uploads
from frontdesk.forms.rules.checking import Issue, ReadField, Verdict
from frontdesk.forms.service.forms import contract
from frontdesk.forms.service.needs import Needs, sandboxed
from frontdesk.forms.service.usage import counted


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found."""

    fields: tuple[ReadField, ...]
    issues: tuple[Issue, ...]
    verdict: Verdict
    warnings: tuple[str, ...]


async def read(needs: Needs, tenant_id: str, pdf: bytes, form_id: str | None, *, known: bool) -> Checked:
    """The values of a filled PDF, labelled by the form if one is named (`known`)."""
    layout = (await contract(needs, tenant_id, form_id))[1] if known else None
    found = await _checked(needs, pdf, layout)
    await needs.db.commit(counted(needs, tenant_id, "read"))
    return found


async def verify(needs: Needs, tenant_id: str, pdf: bytes, form_id: str | None) -> Checked:
    """Whether a filled PDF of this form is complete and consistent."""
    _, layout = await contract(needs, tenant_id, form_id)
    found = await _checked(needs, pdf, layout, fits=True)
    await needs.db.commit(counted(needs, tenant_id, "verify"))
    return found


async def _checked(needs: Needs, pdf: bytes, known: Layout | None, *, fits: bool = False) -> Checked:
    uploads.check_bytes(pdf)
    filled = await sandboxed(needs, works.read, pdf)
    overflowing = await sandboxed(needs, works.overflowing, pdf, filled) if fits else ()
    fields = checking.aligned(known, filled, overflowing)
    belongs = known is None or checking.belongs(known, filled)
    issues = checking.issues_of(fields) if belongs else (Issue("other_form", None, "this is not the form"),)
    return Checked(fields, issues, checking.verdict(issues, belongs_to_form=belongs), filled.warnings)
