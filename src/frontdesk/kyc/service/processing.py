"""Checks and decisions by rule: asked for by staff, or started by a job when the last step is done."""

from collections.abc import Collection

from frontdesk.kyc.model.session import Outcome, Progress
from frontdesk.kyc.rules import processing
from frontdesk.kyc.service import checking
from frontdesk.kyc.service.checking import Answers
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

    async def turn(answers: Answers) -> tuple[str, ...]:
        dossier, now = await find(), needs.clock.now()
        checks = wanted(dossier.progress)
        found = await checking.findings(needs, dossier, checks, answers)
        await keep(needs, dossier, processing.record_findings(dossier.progress, found, now, by))
        return checks

    ran = await checking.checked(needs, find, wanted, turn)
    return await find(), ran


async def settle(needs: Needs, tenant_id: str, session_id: str, by: str) -> Dossier:
    """Run the checks that are due, and decide by the workflow's rules. Raises `StatusForbids`."""

    async def find() -> Dossier:
        return await owned(needs, tenant_id, session_id)

    async def turn(answers: Answers) -> None:
        dossier = await find()
        await keep(needs, dossier, await _settled(needs, dossier, answers, by))

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

    async def turn(answers: Answers) -> None:
        dossier = await find()
        if dossier.progress.status == DUE_STATUS:
            await keep(needs, dossier, await _settled(needs, dossier, answers, None))

    try:
        if (await find()).progress.status == DUE_STATUS:
            await checking.checked(needs, find, processing.due_checks, turn, reads=True)
    except SessionNotFound:
        return


async def _settled(needs: Needs, dossier: Dossier, answers: Answers, by: str | None) -> Outcome:
    progress, now = dossier.progress, needs.clock.now()
    processing.check_processable(progress)
    found = await checking.findings(needs, dossier, processing.due_checks(progress), answers)
    return processing.settle(progress, found, now, by)
