"""Files of the last step: they come after the token was given, and the token opens nothing before they have come."""

from collections.abc import AsyncIterator

import pytest

import hostile_files
from frontdesk.kernel.tenants import NewTenant
from frontdesk.onboarding.rules.refusals import InvalidInput, InvalidNonce
from frontdesk.onboarding.service import exchanging, opening, submitting, uploading
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.service.submitting import Submission
from frontdesk.onboarding.service.uploading import File
from onboarding.skills import WITH_A_FILE


@pytest.fixture
async def reading(needs: Needs) -> AsyncIterator[Needs]:
    """Needs whose files are looked at."""
    await needs.ocr.start()
    yield needs
    await needs.ocr.stop()


async def test_a_token_is_exchanged_once_the_required_files_of_the_last_step_are_there(
    reading: Needs, client: NewTenant
) -> None:
    wish = opening.Wish("somebody", client.client_id, client.client_app_key, WITH_A_FILE.name)
    started = await opening.create_session(reading, wish)
    sent = Submission(started.session_id, client.client_id, started.nonce, WITH_A_FILE.name, "sign", {})
    ended = await submitting.submit_step(reading, sent)
    assert (ended.status, ended.nonce) == ("SESSION_COMPLETED", "")
    assert ended.temp_token

    async def put(name: str) -> None:
        file = File(ended.step_id, client.client_id, started.nonce, name, hostile_files.picture())
        assert (await uploading.upload(reading, file)).status == "SESSION_COMPLETED"

    token = (client.client_id, client.client_secret, ended.temp_token)
    await put("note")
    with pytest.raises(InvalidInput, match="Files of the last step are missing: contract"):
        await exchanging.exchange(reading, *token)
    await put("contract")
    assert (await exchanging.exchange(reading, *token)).access_token
    with pytest.raises(InvalidNonce):
        await put("contract")
