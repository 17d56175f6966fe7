"""Telling a tenant's staff by mail: what happened to which session, and nothing about the person."""

from frontdesk.basics.errors import Rejected
from frontdesk.kyc.service.announcing import sentence
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.store import sessions as store
from frontdesk.ports.mail import Message


async def mail(needs: Needs, session_id: str, event: str, message_id: str) -> None:
    """Send it to the addresses that the tenant has now. Raises `Unavailable`: then the job comes again."""
    dossier = await store.for_job(needs.db, needs.vault, needs.definitions, session_id)
    if dossier is None or needs.mail is None:
        return
    emails = dossier.tenant_settings.get("notifications", {}).get("notification_emails") or ()
    if not emails:
        return
    subject = sentence(event, dossier.definition.name, session_id)
    text = f"{subject}\n\n{needs.public_url}/kyc/sessions/{session_id}\n"
    try:
        await needs.mail.send(Message(message_id, tuple(emails), subject, text))
    except Rejected:
        return  # for these addresses for good: another try would be refused like this one
