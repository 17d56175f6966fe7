"""What a tenant says about itself: where it wants to be told, and how its pages look."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
from email_validator import EmailNotValidError, validate_email

from frontdesk.kernel import change as changes
from frontdesk.kernel import tenants
from frontdesk.kernel.tenants import Tenant
from frontdesk.kernel.webhooks.destinations import RefusedDestination, check_url
from frontdesk.kyc.rules.refusals import Invalid, NotFound
from frontdesk.kyc.service.announcing import ON_REQUEST
from frontdesk.kyc.service.needs import Needs

COLORS = ("primary_color", "secondary_color", "background_color", "text_color", "accent_color")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
MOST_EMAILS = 20
SECRET_LENGTHS = (16, 256)


class SettingsInvalid(Invalid):
    """A tenant's setting cannot be used; `details.errors` names each."""

    reason: ClassVar[str] = "settings_invalid"


class TenantGone(NotFound):
    """The caller's tenant does not exist any more."""

    reason: ClassVar[str] = "tenant_gone"


class Notifications(msgspec.Struct, frozen=True):
    """The notification channels; the secret is masked. `secret_once` holds it when it was made or changed just now."""

    webhook_url: str | None
    webhook_secret: str | None
    notification_emails: list[str]
    slack_webhook_url: str | None
    batch_notifications_enabled: bool
    webhook_events: list[str]
    webhook_signature_input: str
    secret_once: str | None = None


async def notifications(needs: Needs, tenant_id: str) -> Notifications:
    """Where the tenant wants to be told."""
    tenant = await _tenant(needs, tenant_id)
    return _shown(needs, tenant, tenant.settings.get("notifications", {}), None)


async def change_notifications(needs: Needs, tenant_id: str, wished: Mapping[str, Any]) -> Notifications:
    """Set the channels that are named; null clears one."""

    async def turn() -> Notifications:
        tenant = await _tenant(needs, tenant_id)
        _check_notifications(needs, wished)
        before = tenant.settings.get("notifications", {})
        after = {**before, **{key: value for key, value in wished.items() if key != "webhook_secret"}}
        given = wished.get("webhook_secret")
        first_url = after.get("webhook_url") and not before.get("webhook_url")
        # A tenant has a secret from its creation on, for all its callbacks; a first address only shows it.
        once = given or (tenants.open_secret(needs.vault, tenant) if first_url else None)
        sealed = tenants.seal_secret(needs.vault, tenant.id, given) if given else tenant.webhook_secret
        changed = tenants.changed(tenant, {**tenant.settings, "notifications": after}, sealed)
        await needs.db.commit([changed])
        return _shown(needs, await _tenant(needs, tenant_id), after, once)

    return await changes.again(turn)


async def branding(needs: Needs, tenant_id: str) -> dict[str, str]:
    """How the tenant's pages look."""
    found: dict[str, str] = (await _tenant(needs, tenant_id)).settings.get("branding", {})
    return found


async def change_branding(needs: Needs, tenant_id: str, wished: Mapping[str, str | None]) -> dict[str, str]:
    """Set the parts that are named; null clears one."""

    async def turn() -> dict[str, str]:
        tenant = await _tenant(needs, tenant_id)
        _check_branding(wished)
        merged = {**tenant.settings.get("branding", {}), **wished}
        after = {key: value for key, value in merged.items() if value is not None}
        changed = tenants.changed(tenant, {**tenant.settings, "branding": after}, tenant.webhook_secret)
        await needs.db.commit([changed])
        return after

    return await changes.again(turn)


async def _tenant(needs: Needs, tenant_id: str) -> Tenant:
    tenant = await tenants.load(needs.db, tenant_id)
    if tenant is None:
        raise TenantGone("The tenant is gone")
    return tenant


def _shown(needs: Needs, tenant: Tenant, kept: Mapping[str, Any], once: str | None) -> Notifications:
    secret = tenants.open_secret(needs.vault, tenant)
    return Notifications(
        webhook_url=kept.get("webhook_url"),
        webhook_secret="*" * 28 + secret[-4:] if kept.get("webhook_url") else None,
        notification_emails=list(kept.get("notification_emails") or []),
        slack_webhook_url=kept.get("slack_webhook_url"),
        batch_notifications_enabled=bool(kept.get("batch_notifications_enabled", False)),
        webhook_events=list(kept.get("webhook_events") or []),
        webhook_signature_input=kept.get("webhook_signature_input") or "timestamp_body",
        secret_once=once,
    )


def _check_notifications(needs: Needs, wished: Mapping[str, Any]) -> None:
    faults: list[dict[str, str]] = []
    for key in ("webhook_url", "slack_webhook_url"):
        if wished.get(key) is not None:
            try:
                check_url(wished[key], needs.allowed)
            except RefusedDestination as refusal:
                faults.append({"path": key, "message": refusal.message})
    secret = wished.get("webhook_secret")
    if secret is not None and not SECRET_LENGTHS[0] <= len(secret) <= SECRET_LENGTHS[1]:
        faults.append({"path": "webhook_secret", "message": "must have 16 to 256 characters"})
    emails = wished.get("notification_emails") or []
    if len(emails) > MOST_EMAILS:
        faults.append({"path": "notification_emails", "message": f"at most {MOST_EMAILS} addresses"})
    for at, email in enumerate(emails):
        try:
            validate_email(email, check_deliverability=False)
        except EmailNotValidError:
            faults.append({"path": f"notification_emails[{at}]", "message": "is not an e-mail address"})
    for at, name in enumerate(wished.get("webhook_events") or []):
        if name not in ON_REQUEST:
            faults.append(
                {"path": f"webhook_events[{at}]", "message": f"must be one of {', '.join(sorted(ON_REQUEST))}"}
            )
    if wished.get("webhook_signature_input") not in (None, "timestamp_body", "body"):
        faults.append({"path": "webhook_signature_input", "message": "must be timestamp_body or body"})
    _refuse(faults)


def _check_branding(wished: Mapping[str, str | None]) -> None:
    faults = []
    for key in COLORS:
        color = wished.get(key)
        if color is not None and not _COLOR.fullmatch(color):
            faults.append({"path": key, "message": "must be a colour such as #1F2937"})
    logo = wished.get("logo_url")
    if logo is not None and (urlsplit(logo).scheme != "https" or not urlsplit(logo).hostname):
        faults.append({"path": "logo_url", "message": "must be an absolute https URL"})
    _refuse(faults)


def _refuse(faults: list[dict[str, str]]) -> None:
    if faults:
        first = faults[0]
        raise SettingsInvalid(f"{first['path']} {first['message']}", details={"errors": faults})
