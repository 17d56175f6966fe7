"""Sessions: opened over a form that was read, looked at, and changed field by field or by value."""

from collections.abc import Callable, Sequence

from frontdesk.forms.model.session import LIFECYCLE, Outcome, Sheet
from frontdesk.forms.rules import filling
from frontdesk.forms.rules.filling import Entry
from frontdesk.forms.rules.published import session_id as shown_id
from frontdesk.forms.service.needs import (
    Needs,
    commit,
    layout_of,
    new_session,
    ready_form,
    session_change,
    session_of,
    used,
)
from frontdesk.forms.store import sessions
from frontdesk.forms.store.sessions import Dossier
from frontdesk.kernel import change as changes
from frontdesk.kernel.events import Fact
from frontdesk.ports.db import Write

Decide = Callable[[Sheet], Outcome]


async def open_session(needs: Needs, tenant_id: str, form_id: str | None) -> Dossier:
    """Open a session over a form that is ready."""

    async def turn() -> Dossier:
        form = await ready_form(needs, tenant_id, form_id)
        sheet = filling.begun(Sheet(await layout_of(needs, form)))
        session, seal = new_session(needs, tenant_id, sessions.KIND, LIFECYCLE, form.id)
        opened = Fact("forms.session_opened", {"form_id": form.id})
        writes = [sessions.inserted(session, seal, sheet)]
        await commit(needs, changes.start(session, seal, [opened], needs.clock.now(), writes) + used(needs, form))
        return Dossier(session, seal, sheet)

    return await changes.again(turn)


async def blank(needs: Needs, tenant_id: str, form_id: str | None) -> Dossier:
    """A session as it would be opened; nothing is kept."""
    form = await ready_form(needs, tenant_id, form_id)
    session, seal = new_session(needs, tenant_id, sessions.KIND, LIFECYCLE, form.id)
    return Dossier(session, seal, filling.begun(Sheet(await layout_of(needs, form))))


async def look(needs: Needs, tenant_id: str, session_id: str | None) -> Dossier:
    """The session as it is now."""
    return await session_of(needs, tenant_id, session_id)


async def act(needs: Needs, tenant_id: str, session_id: str | None, verb: str, field: str | int) -> Dossier:
    """Confirm, skip or decline one field; the session after it."""
    after, _ = await decided(
        needs, tenant_id, session_id, lambda sheet: filling.act(sheet, shown_id(session_id or ""), verb, field)
    )
    return after


async def put(
    needs: Needs, tenant_id: str, session_id: str | None, entries: Sequence[Entry], *, as_updates: bool
) -> Outcome:
    """Set values directly, all or none."""

    def decide(sheet: Sheet) -> Outcome:
        return filling.put(sheet, shown_id(session_id or ""), entries, as_updates=as_updates)

    _, outcome = await decided(needs, tenant_id, session_id, decide)
    return outcome


async def decided(
    needs: Needs, tenant_id: str, session_id: str | None, decide: Decide, writes: Sequence[Write] = ()
) -> tuple[Dossier, Outcome]:
    """Load, decide, commit; the session and the outcome after it."""

    async def turn() -> tuple[Dossier, Outcome]:
        read = await session_of(needs, tenant_id, session_id)
        outcome = decide(read.sheet)
        await commit(needs, session_change(needs, read, outcome, writes=writes))
        return Dossier(read.session, read.seal, outcome.sheet), outcome

    return await changes.again(turn)
