"""What is answered: every body, made from what the service found."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.basics.clock import iso
from frontdesk.onboarding.model.skill import Step
from frontdesk.onboarding.service.consenting import Held
from frontdesk.onboarding.service.exchanging import Exchanged
from frontdesk.onboarding.service.gathering import OfAccount, PaymentShown, Source
from frontdesk.onboarding.service.looking import Offer, Resumed, Standing
from frontdesk.onboarding.service.opening import Started
from frontdesk.onboarding.service.submitting import Submitted
from frontdesk.onboarding.service.uploading import Held as HeldFile
from frontdesk.ports.bank_accounts import Account, Balance, Transaction

Status = Literal["SESSION_CREATED", "SESSION_IN_PROGRESS", "SESSION_COMPLETED", "SESSION_FAILED", "SESSION_EXPIRED"]
Sign = Literal["credit", "debit"]


class SessionStarted(msgspec.Struct, frozen=True):
    """`nonce` is for the first step."""

    nonce: str
    session_id: str
    status: str


class StepTaken(msgspec.Struct, frozen=True):
    """`nonce` while another step follows, `temp_token` at the end. `data` is what the skill answers, or a request
    (`method`, `url`, `headers`) that the browser must make."""

    step_id: str
    status: str
    data: dict[str, Any]
    nonce: str | UnsetType = UNSET
    temp_token: str | UnsetType = UNSET


class FileShown(msgspec.Struct, frozen=True):
    """A file that is kept: `size` in bytes, and what was read of it."""

    name: str
    size: int
    sha256: str
    ocr: dict[str, str] | UnsetType = UNSET


class FileTaken(msgspec.Struct, frozen=True):
    """A file is in its slot."""

    upload_id: str
    step_id: str
    status: str
    data: FileShown


class TokenExchanged(msgspec.Struct, frozen=True):
    """The lasting authorisation."""

    credentials_id: str
    access_token: str
    consent_exp: str
    max_data_retention: str


class Scheme(msgspec.Struct, frozen=True):
    """A number of an account."""

    identification: str
    scheme_name: str


class AccountBalance(msgspec.Struct, frozen=True):
    """A balance within an account. Amounts are never negative: the indicator has the sign."""

    balance_amount: str
    balance_currency: str
    balance_type: str
    credit_limit_included: bool
    credit_debit_indicator: Sign


class AccountContent(msgspec.Struct, frozen=True):
    """What the bank tells of an account."""

    account_schemes: list[Scheme]
    balances: list[AccountBalance]
    account_type: str
    account_sub_type: str
    currency: str
    name: str
    nickname: str


class AccountShown(msgspec.Struct, frozen=True):
    """An account. `timestamp` is when the bank was asked."""

    id: str
    servicer_id: str
    servicer_name: str
    timestamp: str
    data: AccountContent


class BalanceContent(msgspec.Struct, frozen=True):
    """What the bank tells of a balance."""

    amount: str
    currency: str
    type: str
    credit_debit_indicator: Sign
    credit_limit_included: bool
    credit_line: str | None
    native_date: str | None
    native_timestamp: str | None


class BalanceShown(msgspec.Struct, frozen=True):
    """A balance of an account."""

    id: str
    account_id: str
    timestamp: str
    data: BalanceContent


class TransactionContent(msgspec.Struct, frozen=True):
    """What the bank tells of a transaction. `details` and `exchange_rate` are reserved."""

    amount: str
    balance: str | None
    booking_date_time: str
    credit_debit_indicator: Sign
    currency: str
    info: str
    status: str
    details: dict[str, Any] | None = None
    exchange_rate: str | None = None


class TransactionShown(msgspec.Struct, frozen=True):
    """A transaction of an account."""

    id: str
    account_id: str
    timestamp: str
    data: TransactionContent


class Originator(msgspec.Struct, frozen=True):
    """Where a consent comes from."""

    country: str
    servicer: str
    skill: str


class TenantApp(msgspec.Struct, frozen=True):
    """Whose consent it is."""

    client_id: str
    name: str


class ConsentShown(msgspec.Struct, frozen=True):
    """A consent as it stands."""

    credentials_id: str
    originator: Originator
    status: str
    tenant_app_info: TenantApp
    utc_created: str
    utc_last_update: str
    consent_exp: str
    max_data_retention: str


class ConsentRead(msgspec.Struct, frozen=True):
    """The envelope of a consent."""

    op_type: Literal["read"]
    code: Literal["credentials_info"]
    http: int
    message: str
    result: ConsentShown


class ConsentGone(msgspec.Struct, frozen=True):
    """What is told of a deleted consent."""

    client_id: str
    credentials_id: str
    status: str
    utc_last_update: str
    max_data_retention: str


class ConsentDeleted(msgspec.Struct, frozen=True):
    """The envelope of a deletion."""

    op_type: Literal["delete"]
    code: Literal["credentials_deleted"]
    http: int
    message: str
    result: ConsentGone


class PaymentRead(msgspec.Struct, frozen=True):
    """A payment: `status` is one of ISO 20022; `payment_info` as it was sent."""

    payment_id: str
    credentials_id: str
    status: str
    payment_info: list[Any]
    utc_created: str
    utc_last_update: str


class SlotShown(msgspec.Struct, frozen=True):
    """A place for a file."""

    name: str
    required: bool


class StepShown(msgspec.Struct, frozen=True):
    """A step of a skill. `fields` is a JSON Schema of its `data`."""

    step: str
    kind: str
    fields: dict[str, Any]
    uploads: list[SlotShown]


class SkillShown(msgspec.Struct, frozen=True):
    """A skill of the catalog."""

    skill: str
    family: str
    country: str
    servicer_id: str
    servicer_name: str
    env: str
    version: str
    subscribed: bool
    steps: list[StepShown]


class StepPassed(msgspec.Struct, frozen=True):
    """A step that was accepted, and when."""

    step: str
    step_id: str
    time: str


class SessionRead(msgspec.Struct, frozen=True):
    """Where a session stands; never a nonce or a token."""

    session_id: str
    skill: str
    status: Status
    next_step: str | None
    steps: list[StepPassed]
    expires_at: str


class SessionResumed(msgspec.Struct, frozen=True):
    """A fresh nonce in place of the one before."""

    session_id: str
    status: str
    next_step: str | None
    nonce: str


def started(found: Started) -> SessionStarted:
    """The answer to a new session."""
    return SessionStarted(found.nonce, found.session_id, found.status)


def taken(found: Submitted) -> StepTaken:
    """The answer to a step."""
    return StepTaken(found.step_id, found.status, dict(found.data), found.nonce or UNSET, found.temp_token or UNSET)


def file_taken(found: HeldFile) -> FileTaken:
    """The answer to an upload."""
    shown = FileShown(found.name, found.size, found.sha256, found.ocr or UNSET)
    return FileTaken(found.upload_id, found.step_id, found.status, shown)


def exchanged(found: Exchanged) -> TokenExchanged:
    """The answer to an exchange."""
    until, kept = iso(found.consent_exp), iso(found.max_data_retention)
    return TokenExchanged(found.credentials_id, found.access_token, until, kept)


def accounts(source: Source, found: Iterable[OfAccount]) -> list[AccountShown]:
    """The accounts of a consent."""
    skill = source.held.skill
    servicer = (skill.servicer_id, skill.servicer_name) if skill else ("", "")
    return [AccountShown(one.id, *servicer, iso(one.asked_at), _account(one.told)) for one in found]


def _account(told: Account) -> AccountContent:
    return AccountContent(
        [Scheme(one.identification, one.scheme) for one in told.numbers],
        [
            AccountBalance(amount(one.amount), one.currency, one.kind, one.credit_limit_included, sign(one.amount))
            for one in told.balances
        ],
        told.kind,
        told.sub_kind,
        told.currency,
        told.name,
        told.nickname,
    )


def balance(found: OfAccount) -> BalanceShown:
    """One balance."""
    told: Balance = found.told
    content = BalanceContent(
        amount(told.amount),
        told.currency,
        told.kind,
        sign(told.amount),
        told.credit_limit_included,
        None if told.credit_line is None else amount(told.credit_line),
        None if told.native_on is None else told.native_on.isoformat(),
        _iso(told.native_at),
    )
    return BalanceShown(found.id, found.account_id, iso(found.asked_at), content)


def transaction(found: OfAccount) -> TransactionShown:
    """One transaction."""
    told: Transaction = found.told
    content = TransactionContent(
        amount(told.amount),
        None if told.balance is None else str(told.balance),
        iso(told.booked_at),
        sign(told.amount),
        told.currency,
        told.text,
        told.status,
    )
    return TransactionShown(found.id, found.account_id, iso(found.asked_at), content)


def consent(found: Held) -> ConsentRead:
    """A consent as it stands."""
    it, skill = found.consent, found.skill
    shown = ConsentShown(
        it.credentials_id,
        Originator(skill.country if skill else "", skill.servicer_name if skill else "", it.skill),
        it.status,
        TenantApp(found.client.client_id, found.client.name),
        iso(it.created_at),
        iso(it.updated_at),
        iso(it.ends_at),
        iso(it.retained_until),
    )
    return ConsentRead("read", "credentials_info", 200, "Consent info", shown)


def deleted(found: Held) -> ConsentDeleted:
    """A consent after its deletion."""
    it = found.consent
    gone = ConsentGone(found.client.client_id, it.credentials_id, it.status, iso(it.updated_at), iso(it.retained_until))
    return ConsentDeleted("delete", "credentials_deleted", 200, "Consent deleted", gone)


def payment(found: PaymentShown) -> PaymentRead:
    """A payment as it stands."""
    it = found.consent
    return PaymentRead(
        found.payment_id,
        it.credentials_id,
        found.state.status,
        found.payment_info,
        iso(it.created_at),
        iso(max(it.created_at, found.state.changed_at)),
    )


def offer(found: Offer) -> SkillShown:
    """A skill of the catalog."""
    skill = found.skill
    steps = [_step(step) for step in skill.steps]
    return SkillShown(
        skill.name,
        skill.family,
        skill.country,
        skill.servicer_id,
        skill.servicer_name,
        skill.env,
        skill.version,
        found.subscribed,
        steps,
    )


def _step(step: Step) -> StepShown:
    fields = {
        "type": "object",
        "properties": {name: dict(schema) for name, schema in step.fields.items()},
        "required": [name for name in step.fields if name not in step.optional],
        "additionalProperties": False,
    }
    return StepShown(step.name, step.kind, fields, [SlotShown(one.name, one.required) for one in step.uploads])


def standing(found: Standing) -> SessionRead:
    """Where a session stands."""
    steps = [StepPassed(one.step, one.step_id, iso(one.at)) for one in found.steps]
    status: Any = found.status
    return SessionRead(found.session_id, found.skill, status, found.next_step, steps, iso(found.expires_at))


def resumed(found: Resumed) -> SessionResumed:
    """A resumed session."""
    return SessionResumed(found.session_id, found.status, found.next_step, found.nonce)


def amount(value: Decimal) -> str:
    """An amount without its sign."""
    return format(abs(value), "f")


def sign(value: Decimal) -> Sign:
    """`credit` from zero on."""
    return "debit" if value < 0 else "credit"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
