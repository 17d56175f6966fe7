"""What the tests of onboarding's rooms share: a whole set of needs on each database, and a client."""

from pathlib import Path

import pytest

from databases import SettableClock
from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.kernel import tenants
from frontdesk.kernel.tenants import NewTenant
from frontdesk.kernel.vault import Vault
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.steps.registry import Skills
from frontdesk.onboarding.steps.skills import deposit
from frontdesk.ports.db import Db
from frontdesk.ports.wakeup import Wakeup
from onboarding.skills import AT_ONCE, OFFLINE, WITH_A_FILE


@pytest.fixture
def needs(db: Db, wakeup: Wakeup, vault: Vault, clock: SettableClock, tmp_path: Path) -> Needs:
    """Needs with skills that ask no bank."""
    skills = Skills([deposit.SKILL, AT_ONCE, OFFLINE, WITH_A_FILE])
    blobs = FileBlobs(tmp_path / "blobs")
    return Needs(db, blobs, wakeup, LocalOcr(), vault, clock, "http://127.0.0.1:1", {}, skills, "123456")


@pytest.fixture
async def client(needs: Needs) -> NewTenant:
    """A tenant with its keys."""
    new, writes = tenants.create(needs.vault, "Races", needs.clock.now())
    await needs.db.commit(writes)
    return new
