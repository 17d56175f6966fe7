"""Checks and decisions by rule: asked for by staff, or started by a job when the last step is done."""

from collections.abc import Collection

from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules import processing
from frontdesk.kyc.service import checking
from frontdesk.kyc.service.checking import Asked
from frontdesk.kyc.service.needs import Needs, SessionNotFound, keep, owned
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier

DUE_STATUS = "completed"
"""Only from here does a session go on by itself: wherever else it is, somebody or something has decided already."""


async def validate(
    needs: Needs, tenant_id: str, session_id: str, asked: Collection[str] | None, by: str
) -> tuple[Dossier, tuple[str, ...]]:
    """Run the checks and keep what they find, without deciding. The session as it is then, and which checks ran."""

    async def find() -> Dossier:
        return await owned(needs, tenant_id, session_id)

    def wanted(progress: Progress) -> tuple[str, ...]:
        return processing.due_checks(progress, asked)

    async def turn(prior: Asked) -> tuple[str, ...]:
        dossier, now = await find(), needs.clock.now()
        checks = wanted(dossier.progress)
        found, writes = await checking.findings(needs, dossier, checks, prior)
        await keep(needs, dossier, processing.record_findings(dossier.progress, found, now, by), writes=writes)
        return checks

    ran = await checking.checked(needs, find, wanted, turn)
    return await find(), ran


async def settle(needs: Needs, tenant_id: str, session_id: str, by: str) -> Dossier:
    """Run the checks that are due, and decide by the workflow's rules. Raises `StatusForbids`."""

    async def find() -> Dossier:
        return await owned(needs, tenant_id, session_id)

    async def turn(prior: Asked) -> None:
        dossier = await find()
        await _settle(needs, dossier, prior, by)

    processing.check_processable((await find()).progress)
    await checking.checked(needs, find, processing.due_checks, turn, reads=True)
    return await find()


async def run(needs: Needs, session_id: str) -> None:
    """The job: decide, unless that was done, or a person was faster, or the session is gone."""

    async def find() -> Dossier:
        dossier = await store.for_job(needs.db, needs.vault, needs.definitions, session_id)
        if dossier is None:
            raise SessionNotFound
        return dossier

    async def turn(prior: Asked) -> None:
        dossier = await find()
        if dossier.progress.status == DUE_STATUS:
            await _settle(needs, dossier, prior, None)

    try:
        if (await find()).progress.status == DUE_STATUS:
            await checking.checked(needs, find, processing.due_checks, turn, reads=True)
    except SessionNotFound:
        return


async def _settle(needs: Needs, dossier: Dossier, prior: Asked, by: str | None) -> None:
    progress, now = dossier.progress, needs.clock.now()
    processing.check_processable(progress)
    found, writes = await checking.findings(needs, dossier, processing.due_checks(progress), prior)
    await keep(needs, dossier, processing.settle(progress, found, now, by), writes=writes)
