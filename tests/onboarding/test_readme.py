"""The picture in the kind's README is its lifecycle, line by line."""

from pathlib import Path

import frontdesk.onboarding
from frontdesk.onboarding.model.session import CONSENT_LIFECYCLE, LIFECYCLE
from kyc.test_readme import ONE_SCREEN, drawn

README = Path(frontdesk.onboarding.__file__).with_name("README.md")


def test_the_picture_of_the_lifecycle_is_true() -> None:
    assert drawn(README.read_text()) == LIFECYCLE.moves


def test_the_statuses_that_are_begun_with_and_ended_in_are_told() -> None:
    assert f"It begins `{LIFECYCLE.start}`" in README.read_text()
    assert all(f"`{status}`" in README.read_text() for status in CONSENT_LIFECYCLE.statuses)


def test_the_readme_fits_on_one_screen() -> None:
    assert len(README.read_text().splitlines()) <= ONE_SCREEN
