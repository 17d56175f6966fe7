"""The tables of the reference are those of the code: `python tests/shape/reference.py` writes them anew."""

import re
from pathlib import Path

import pytest

from frontdesk.app import endpoints
from frontdesk.config import Settings
from frontdesk.kernel.credentials import PERMISSIONS
from frontdesk.kyc.model.definition import DOCUMENT_TYPES, OPERATORS, STEP_TYPES
from frontdesk.kyc.model.reasons import CORRECTION_REASONS, OUTCOMES, REJECTION_REASONS
from frontdesk.kyc.rules.fields.check import CHECKS
from frontdesk.kyc.rules.parsing.validation import ACTIONS, RESOLUTIONS
from frontdesk.kyc.service.announcing import ALWAYS, ON_REQUEST
from frontdesk.wiring import build
from frontdesk.worker import JOB_NAMES
from shape.reference import REFERENCE, tables, with_tables


def first_column(page: str, heading: str) -> set[str]:
    """The code words that begin the lines of the tables below a heading."""
    text = (REFERENCE / page).read_text()
    below = re.split(r"^## ", text.partition(f"## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `([^`]+)`", below, re.MULTILINE))


def test_the_tables_of_the_reference_are_those_of_the_code(tmp_path: Path) -> None:
    for name, found in tables(endpoints(build(Settings(data=tmp_path)))).items():
        page = (REFERENCE / name).read_text()
        assert page == with_tables(page, found), f"{name} is out of date"


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        ("kyc.md", "Permissions", PERMISSIONS),
        ("events.md", "Told by webhook", ALWAYS),
        ("events.md", "Told on request", ON_REQUEST),
        ("jobs.md", "All jobs", JOB_NAMES),
        ("workflows.md", "Step types", STEP_TYPES),
        ("workflows.md", "Document types", DOCUMENT_TYPES),
        ("workflows.md", "Operators", OPERATORS),
        ("workflows.md", "Actions", ACTIONS),
        ("workflows.md", "After corrections", RESOLUTIONS),
        ("field-types.md", "Types", CHECKS),
        ("reason-codes.md", "Of corrections", CORRECTION_REASONS),
        ("reason-codes.md", "Of rejections", REJECTION_REASONS),
        ("reason-codes.md", "Outcomes", OUTCOMES),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_names_all_that_there_is(page: str, heading: str, names: tuple[str, ...]) -> None:
    assert first_column(page, heading) == set(names)


def test_a_page_without_a_place_is_noticed() -> None:
    with pytest.raises(ValueError, match="no place for the table calls"):
        with_tables("# A page", {"calls": ""})
