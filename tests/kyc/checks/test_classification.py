"""Which paper a file shows, and whether it was asked for."""

import pytest

from frontdesk.kyc.checks.classification import matches, recognise
from frontdesk.kyc.checks.visual import printed
from readings import reading


@pytest.mark.parametrize(
    ("asked", "recognised", "answer"),
    [
        ("id", "passport", True),
        ("id", "national_id", True),
        ("id", "driver_license", True),
        ("id", "visa", False),
        ("id", "proof_of_address", False),
        ("passport", "passport", True),
        ("passport", "national_id", False),
        ("proof_of_address", "bank_ownership", True),
        ("bank_ownership", "proof_of_address", False),
        ("passport", "unknown", None),
        ("payslip_of_our_own", "passport", None),
        ("selfie", "unknown", None),
    ],
)
def test_what_was_asked_for_is_compared_with_what_came(asked: str, recognised: str, answer: bool | None) -> None:
    assert matches(asked, recognised) is answer


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("REPUBLIC OF UTOPIA  PASSPORT", "passport"),
        ("DRIVERLICENSE", "driver_license"),
        ("FÜHRERSCHEIN", "driver_license"),
        ("BUNDESREPUBLIK PERSONALAUSWEIS", "national_id"),
        ("Certificate of Incorporation", "company_charter"),
        ("Your electricity bill", "proof_of_address"),
        ("IBAN GB82 WEST 1234 5698 7654 32", "bank_ownership"),
        ("Recipe for pancakes", "unknown"),
    ],
)
def test_a_paper_is_recognised_by_what_is_printed(line: str, kind: str) -> None:
    assert recognise(printed(reading([line]).pages[0])) == kind
