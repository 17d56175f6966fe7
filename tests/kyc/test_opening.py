"""What is remembered of a session that was just opened is what a look at the database would find, on both of them."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from databases import SECRET, Place, SettableClock
from frontdesk import wiring
from frontdesk.config import Settings
from frontdesk.kernel import events, tenants
from frontdesk.kernel.vault import digest
from frontdesk.kyc.service import journey, opening, workflows
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.service.opening import Wish
from frontdesk.kyc.store.recent import Recent
from frontdesk.ports.db import Db

FORM = {
    "step_id": "about_you",
    "name": "About you",
    "type": "form_fill",
    "custom_fields": [{"field_id": "full_name", "name": "Name", "type": "name", "required": True}],
}
WISH: dict[str, Any] = {"ttl_days": 3, "client_id": "seller-881", "metadata": {"user": {"name": "Ana"}, "score": 0.5}}


@pytest.fixture
async def needs(place: Place, db: Db, clock: SettableClock, tmp_path: Path) -> Needs:
    house = wiring.build(Settings(data=tmp_path, database_url=place.url, secret_key=SECRET.decode()), clock=clock)
    return replace(house.kyc, db=db)


@pytest.fixture
async def tenant_id(needs: Needs) -> str:
    new, writes = tenants.create(needs.vault, "Acme", needs.clock.now())
    await needs.db.commit(writes)
    return new.tenant_id


async def saved(needs: Needs, tenant_id: str, *steps: dict[str, Any]) -> str:
    whole = await workflows.create(needs, tenant_id, {"name": "Sellers", "steps": list(steps)}, "test")
    return whole.head.workflow_id


async def test_what_is_remembered_is_what_is_stored(needs: Needs, tenant_id: str) -> None:
    wish = Wish(await saved(needs, tenant_id, FORM), **WISH)
    opened = await opening.create_session(needs, tenant_id, wish, None)
    assert needs.recent.find(digest(opened.access_token)) is not None
    remembered = asdict(await journey.look(needs, opened.access_token))
    stored = asdict(await journey.look(replace(needs, recent=Recent()), opened.access_token))
    for own in ("seal", "told"):
        del remembered[own], stored[own]
    assert remembered == stored


async def test_what_is_remembered_carries_on_as_what_is_stored(needs: Needs, tenant_id: str) -> None:
    opened = await opening.create_session(needs, tenant_id, Wish(await saved(needs, tenant_id, FORM)), None)
    answer = await journey.complete_step(needs, opened.access_token, "about_you", {"full_name": "Ana Ruiz"})
    assert answer.session_completed
    after = (await journey.look(needs, opened.access_token)).session
    assert (after.status, after.version) == ("completed", 2)
    log = await events.after(needs.db, opened.session_id, 0, 100)
    assert events.first_break(log, after.last_digest) is None


class Ticking(SettableClock):
    """A clock that moves on by a second whenever it is asked."""

    def now(self) -> datetime:
        return self.advance(seconds=1)


async def test_a_completed_step_and_its_events_have_one_instant(needs: Needs, tenant_id: str) -> None:
    opened = await opening.create_session(needs, tenant_id, Wish(await saved(needs, tenant_id, FORM)), None)
    ticking = replace(needs, clock=Ticking())
    await journey.complete_step(ticking, opened.access_token, "about_you", {"full_name": "Ana Ruiz"})
    after = (await journey.look(needs, opened.access_token)).progress
    log = await events.after(needs.db, opened.session_id, 1, 100)
    assert len(log) == 3
    assert {one.at for one in log} == {after.completed_at} == {after.step("about_you").completed_at}


async def test_a_session_with_subsessions_is_not_remembered(needs: Needs, tenant_id: str) -> None:
    collection = {
        "step_id": "owners",
        "name": "Owners",
        "type": "subsession_collection",
        "subsession_config": {"workflow_id": await saved(needs, tenant_id, FORM), "category": "ubo", "min_required": 1},
    }
    opened = await opening.create_session(needs, tenant_id, Wish(await saved(needs, tenant_id, collection)), None)
    assert needs.recent.find(digest(opened.access_token)) is None
