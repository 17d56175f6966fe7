"""What follows when the time of an ephemeral form is over: its documents and those of its sessions go."""

from dataclasses import replace

from frontdesk.forms.service.needs import Needs, commit, form_change
from frontdesk.forms.store import forms
from frontdesk.kernel import blobs
from frontdesk.kernel import change as changes
from frontdesk.kernel.events import Fact

_CHILDREN_AT_A_TIME = 1_000_000


async def remove_documents(needs: Needs, form_id: str) -> None:
    """The job: remove the documents, unless the form was used again meanwhile."""

    async def turn() -> bool:
        form = await forms.for_job(needs.db, needs.vault, form_id)
        now = needs.clock.now()
        if form is None or not form.session.expired(now) or form.session.status == "detecting":
            return False
        if form.paper.documents_deleted_at is None:
            paper = replace(form.paper, documents_deleted_at=now)
            await commit(needs, form_change(needs, form, "expire", paper, [Fact("forms.documents_deleted", {})]))
        return True

    if not await changes.again(turn):
        return
    owners = [form_id, *[child.id for child in await forms.children(needs.db, form_id, _CHILDREN_AT_A_TIME)]]
    for owner in owners:
        await blobs.remove(needs.db, needs.blobs, await blobs.keys_of(needs.db, owner))
