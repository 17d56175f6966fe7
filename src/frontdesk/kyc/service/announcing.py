"""Webhooks of identity checks: which events are told to the tenant, and what the letter says."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from frontdesk.basics.clock import unix
from frontdesk.basics.ids import prefixed
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kernel.webhooks.deliveries import Letter
from frontdesk.kyc.model.session import Note
from frontdesk.kyc.rules.processing import flags
from frontdesk.kyc.rules.steps import answers_by_key
from frontdesk.kyc.store import customers
from frontdesk.kyc.store.sessions import Dossier
from frontdesk.ports.db import Db, Write

ALWAYS = frozenset(
    {
        "kyc.session.created",
        "kyc.session.completed",
        "kyc.session.processed",
        "kyc.session.approved",
        "kyc.session.rejected",
        "kyc.session.manual_review",
    }
)
ON_REQUEST = frozenset(
    {
        "kyc.session.correction_requested",
        "kyc.session.correction_resolved",
        "kyc.session.expired",
        "kyc.session.erased",
        "kyc.subsession.created",
        "kyc.subsession.completed",
    }
)
USER_AGENT = "KYC-Webhooks/1.0"
MAIL_JOB = "kyc.mail"


async def letters(
    db: Db, vault: Vault, after: Dossier, events: Sequence[Note], now: datetime
) -> tuple[list[Write], list[Intent]]:
    """The deliveries that these events cause for a tenant that has said where it wants to be told."""
    wanted = after.tenant_settings.get("notifications")
    if wanted is None:
        return [], []
    url, slack, emails = (wanted.get(key) for key in ("webhook_url", "slack_webhook_url", "notification_emails"))
    if not (url or slack or emails):
        return [], []
    subscribed = ALWAYS | (ON_REQUEST & set(wanted.get("webhook_events", ())))
    told = [name for name, _ in events]
    if after.session.parent_id is not None and "kyc.session.completed" in told:
        told.append("kyc.subsession.completed")
    names = [name for name in told if name in subscribed]
    if not names:
        return [], []
    content = await _content(db, vault, after) if url else {}
    letters = []
    for name in names:
        if url:
            letters.append(_letter(name, url, wanted.get("webhook_signature_input", "timestamp_body"), content, now))
        if slack:
            letters.append(_slack(name, slack, after))
    kept = [deliveries.kept(one, after.session.tenant_id, after.session.id, after.seal, now) for one in letters]
    jobs = [job for _, job in kept]
    if emails:
        jobs += [_mail(name, after) for name in names]
    return [write for write, _ in kept], jobs


def erasure_letters(
    vault: Vault, read: Dossier, facts: dict[str, Any], now: datetime
) -> tuple[list[Write], list[Intent]]:
    """The delivery that tells of an erasure, for a tenant that asked for it. It holds ids, and nothing of the person.

    The session's key goes, so the letter is under the server's own seal.
    """
    wanted, name = read.tenant_settings.get("notifications", {}), "kyc.session.erased"
    url = wanted.get("webhook_url")
    if not url or name not in wanted.get("webhook_events", ()):
        return [], []
    letter = _letter(name, url, wanted.get("webhook_signature_input", "timestamp_body"), facts, now)
    write, job = deliveries.kept(letter, read.session.tenant_id, read.session.id, vault, now)
    return [write], [job]


def sentence(name: str, workflow_name: str, session_id: str) -> str:
    """An event in words, without a personal value: for chats and mails."""
    happened = name.removeprefix("kyc.").removeprefix("session.").replace("_", " ").replace(".", " ")
    return f"{workflow_name}: {happened} (session {session_id})"


def _slack(name: str, url: str, after: Dossier) -> Letter:
    body = json.dumps({"text": sentence(name, after.definition.name, after.session.id)}, ensure_ascii=False)
    return Letter(prefixed("evt"), name, url, {"Content-Type": "application/json", "User-Agent": USER_AGENT}, body, "")


def _mail(name: str, after: Dossier) -> Intent:
    message_id = prefixed("evt")
    argument = {"session_id": after.session.id, "event": name, "message_id": message_id}
    return Intent(MAIL_JOB, f"{MAIL_JOB} {message_id}", argument, after.session.id)


def _letter(name: str, url: str, signed: str, content: dict[str, Any], now: datetime) -> Letter:
    letter_id, created = prefixed("evt"), unix(now)
    body = json.dumps(
        {"id": letter_id, "type": name, "created": created, "data": content},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Webhook-ID": letter_id,
        "X-Webhook-Timestamp": str(created),
    }
    prefix = f"{created}." if signed == "timestamp_body" else ""
    return Letter(letter_id, name, url, headers, body, "X-Webhook-Signature", prefix)


async def _content(db: Db, vault: Vault, after: Dossier) -> dict[str, Any]:
    progress, session = after.progress, after.session
    client_id = None
    if after.customer_id is not None:
        client_id = await customers.client_of(db, vault, after.customer_id, session.tenant_id)
    told: dict[str, Any] = {
        "session_id": session.id,
        "parent_session_id": session.parent_id,
        "workflow_id": after.workflow_id,
        "workflow_version": after.workflow_version,
        "status": progress.status,
        "final_decision": progress.final_decision,
        "automation_flags": flags(progress.triggered),
        "metadata": after.metadata,
        "client_id": client_id,
        "form_data": answers_by_key(progress),
    }
    if progress.liveness:
        told["liveness"] = [
            {"step_id": one.step_id, "status": one.status, "provider": one.provider, "label": one.label}
            for one in progress.liveness
        ]
    return told
