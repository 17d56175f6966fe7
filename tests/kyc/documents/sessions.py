"""Sessions to report on: a bare one, a full one, and people in every script."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from frontdesk.kernel import events
from frontdesk.kernel.events import Fact
from frontdesk.kernel.vault import Seal
from frontdesk.kyc.checks.validation import findings
from frontdesk.kyc.documents import chain
from frontdesk.kyc.documents.report import Material
from frontdesk.kyc.documents.report_papers import Picture
from frontdesk.kyc.model.findings import CHECKS, Triggered
from frontdesk.kyc.model.session import Correction, Document, Extraction, Progress, Related, Review, StepState
from kyc.factories import NOW, at, collection_step, definition, document_step, form_step, session

IDS = Path(__file__).resolve().parents[2] / "fixtures" / "ids"
SESSION = "018f3a7e-0000-7000-8000-000000000001"
NAMES = {
    "Latin": "Łukasz Jóźwiak-Ærøskøbing",
    "Greek": "Ελευθερία Παπαδοπούλου",
    "Cyrillic": "Екатерина Жуковская",
    "Arabic": "محمد بن عبد الله",
    "Hebrew": "דוד בן־גוריון",
    "Devanagari": "क्षितिज श्रीवास्तव",
    "Thai": "กัญญารัตน์ ศรีสุข",
    "Chinese": "张伟",
    "Japanese": "さくら 渡邉",
    "Korean": "김민준",
}
_SEAL = Seal(b"k" * 32)


def log(count: int) -> tuple[chain.Row, ...]:
    """So many events."""
    kinds = ("kyc.session.created", "kyc.step_started", "kyc.document_added", "kyc.step_completed", "kyc.validated")
    facts = [
        (f"evt_{number}", Fact(kinds[number % 5], {"step_id": "passport", "checks": {"lists": "skipped"}, "by": None}))
        for number in range(count)
    ]
    return tuple(chain.rows(events.chain(SESSION, 0, events.START, facts, _SEAL, NOW), _SEAL))


def material(progress: Progress, **more: Any) -> Material:
    """What a report of it is made of."""
    given: dict[str, Any] = {
        "progress": progress,
        "workflow": ("3e2d1c0b-a998-4776-8655-443322110099", 3),
        "tenant": ("018f3a7e-0000-7000-8000-0000000000aa", "Sample Bank"),
        "metadata": {},
        "label": None,
        "customer": None,
        "log": log(3),
        "pictures": {},
        "others": (),
        "exported_at": at(600),
        "exported_by": "key 018f3a7e-0000-7000-8000-0000000000bb",
        "key_id": "9f" * 32,
        **more,
    }
    return Material(**given)


def bare() -> Progress:
    """Opened, and nothing more."""
    return session(definition(document_step(), form_step()))


def paper(number: int = 1, state: str = "confirmed", **more: Any) -> Document:
    """A paper that was read."""
    read = Extraction(
        "passport",
        {
            "full_name": "ANNA MARIA ERIKSSON",
            "document_number": "L898902C3",
            "date_of_birth": "1974-08-12",
            "mrz_valid": "true",
        },
        {"full_name": 0.97, "document_number": 0.99, "date_of_birth": 0.98, "overall": 0.96},
        "PP-OCRv6+PP-OCRv5",
        at(3),
        "passport",
        printed={"full_name": "ERIKSSON ANNA MARIA", "expiry_date": "2012-04-15"},
    )
    given: dict[str, Any] = {
        "size": 123_456,
        "sha256": "ab" * 32,
        "uploaded_at": at(2),
        "extraction_state": "done",
        "extraction_runs": 1,
        "extractions": (read,),
        **more,
    }
    name = f"passport-{number}.jpg"
    return Document(f"doc_{number}", "passport", "id", None, name, "image/jpeg", "t/s/d", NOW, at(15), state, **given)


def full(name: str = "Anna Maria Erikson", **more: Any) -> Progress:
    """Through every station: papers, answers, corrections, checks, rules, a related party and a decision."""
    workflow = definition(document_step(), form_step(), collection_step(), auto=True)
    progress = replace(session(workflow), session_id=SESSION)
    progress = replace(
        progress,
        status="approved",
        steps=tuple(StepState(step.step_id, "completed", at(1), at(9)) for step in workflow.steps),
        form_data={"about_you": {"full_name": name, "date_of_birth": "1974-08-12", "email": "anna@example.com"}},
        documents=(paper(1, "superseded"), paper(2), replace(paper(3, "rejected"), file_name="blurred.jpg")),
        corrections=(
            Correction(
                "corr_1", "about_you", "Please write your name as it stands in your passport.", at(12), ("full_name",),
                status="resolved", requested_by="key k_2", internal_note="one s is missing", resolved_at=at(20),
                resolved_by="customer",
            ),
        ),
        related=(
            Related(
                "018f3a7e-0000-7000-8000-000000000002", "owners", "completed", "Partner", "w", at(99), NOW,
                completed_at=at(30),
            ),
        ),
        completed_at=at(31),
        processed_at=at(32),
        final_decision="approved",
        review=Review("key 018f3a7e-0000-7000-8000-0000000000bb", at(40), "All papers agree.", "Seen by two of us."),
        validated_at=at(32),
        triggered=(
            Triggered("country_rules[0]", "flag", "Resident abroad"),
            Triggered("default_action", "manual_review"),
        ),
    )  # fmt: skip
    progress = replace(progress, findings=tuple(findings(progress, CHECKS, NOW + timedelta(minutes=32))))
    return replace(progress, **more) if more else progress


def pictures() -> dict[str, Picture]:
    """Of the papers that `full` has."""
    from frontdesk.kyc.documents.previews import previews

    pages, shown = previews((IDS / "100_pass-uto.jpg").read_bytes(), "image/jpeg", (0.0,))
    return {"doc_1": Picture(pages, tuple(shown)), "doc_2": Picture(pages, tuple(shown))}
