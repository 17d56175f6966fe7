"""From the file to the fields: the specimens of the test folder, with the reader that really reads."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.kyc.checks import countries
from frontdesk.kyc.checks.dates import full_date
from frontdesk.kyc.checks.extraction import extract
from frontdesk.kyc.checks.visual import printed
from frontdesk.kyc.checks.zone import find_zone

IDS = Path(__file__).parents[2] / "fixtures" / "ids"
TODAY = date(2026, 1, 1)
TRUTH = json.loads((IDS / "ground-truth.json").read_text(encoding="utf-8"))["items"]
KINDS = {"P": "passport", "V": "visa", "I": "national_id"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ocr() -> AsyncIterator[LocalOcr]:
    reader = LocalOcr()
    await reader.start()
    yield reader
    await reader.stop()


@pytest.mark.parametrize("item", TRUTH, ids=lambda item: item["file"])
async def test_a_specimen_is_read_exactly(ocr: LocalOcr, item: dict[str, Any]) -> None:
    path = IDS / item["file"]
    reading = await ocr.read(path.read_bytes(), "image/png" if path.suffix == ".png" else "image/jpeg")
    zone = find_zone(reading.pages[0], printed(*reading.pages))
    assert zone is not None
    assert list(zone.chosen.lines) == item["mrz"]
    found = extract(reading, "id", TODAY)
    true = item["fields"]
    assert found.document_type == KINDS[true["doc_type"][0]]
    assert found.values["surname"] == true["surname"]
    assert found.values["given_names"] == true["given_names"]
    assert found.values["document_number"] == true["number"].strip("<")
    assert found.values["gender"] == true["sex"]
    assert found.values["mrz_valid"] == ("true" if item["mrz_checks_valid"] else "false")
    assert found.values.get("nationality") == countries.alpha2(true["nationality"])
    for key, source, past in (
        ("date_of_birth", "birth_yymmdd", True),
        ("expiry_date", "expiry_yymmdd", False),
    ):
        assert found.values[key] == str(full_date(true[source], TODAY, past=past))
    doubtful = {key for key, score in found.scores.items() if score < 0.9}
    assert doubtful == ({"expiry_date"} if item["file"] == "100_pass-ltu.jpg" else set())
