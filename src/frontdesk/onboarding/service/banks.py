"""Asking a bank: what a step is given for it, and how a bank's faults are told."""

from datetime import datetime, timedelta

from frontdesk.onboarding.model.skill import Skill
from frontdesk.onboarding.rules.refusals import (
    External,
    ExternalConnection,
    ExternalForbidden,
    ExternalThrottled,
    ExternalUnauthorized,
)
from frontdesk.onboarding.service.needs import Needs, terms
from frontdesk.onboarding.steps.outside import Outside
from frontdesk.onboarding.store.sessions import Dossier
from frontdesk.ports.bank import BankFault, BankForbidden, BankThrottled, BankUnauthorized, Declined

RETURN_PATH = "/v1/redirects/aisp"
SLACK = timedelta(hours=1)


def return_address(needs: Needs) -> str:
    """Where banks send users back to."""
    return needs.public_url + RETURN_PATH


def outside_of(needs: Needs, read: Dossier, skill: Skill, now: datetime, state: str) -> Outside:
    """What a step of this session may ask."""
    agreed = terms(read.tenant_settings, skill)
    # A consent counts from its exchange, which may come as late as the session allows.
    until = now + timedelta(minutes=agreed.consent_minutes + agreed.session_minutes) + SLACK
    return Outside(needs.banks.get(skill.bank), return_address(needs), state, until)


def refusal_of(fault: BankFault) -> External:
    """What a caller is told of a bank's fault."""
    if isinstance(fault, BankThrottled):
        return ExternalThrottled(fault.retry_after)
    if isinstance(fault, BankUnauthorized):
        return ExternalUnauthorized()
    if isinstance(fault, BankForbidden | Declined):
        return ExternalForbidden()
    return ExternalConnection()
