"""Accounts, balances, transactions and payments of a consent: from what was gathered, or by asking the bank."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from frontdesk.basics.errors import Conflict, Missing
from frontdesk.kernel import sessions as kernel_sessions
from frontdesk.onboarding.model.session import Consent
from frontdesk.onboarding.rules import exchanging
from frontdesk.onboarding.rules.refusals import (
    ExpiredCredentials,
    ExternalUnauthorized,
    InvalidInput,
    UnknownCredentials,
)
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.service.banks import refusal_of
from frontdesk.onboarding.service.consenting import Held, Holder, held, lapse
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.store import consents
from frontdesk.onboarding.store import sessions as store
from frontdesk.onboarding.store.sessions import Dossier
from frontdesk.ports.bank import Bank, BankDown, BankFault, ConsentEnded
from frontdesk.ports.bank_accounts import Account, Balance, PaymentState, Transaction

FRESH_FOR = timedelta(minutes=15)
"""What a bank told is not asked again for this long: banks allow few calls a day."""
MOST_PAGES = 200
Told = TypeVar("Told")


class Source(msgspec.Struct, frozen=True):
    """An open consent: its session, its bank, and the grant."""

    held: Held
    read: Dossier
    bank: Bank
    grant: str

    @property
    def credentials_id(self) -> str:
        """The consent's id."""
        return self.held.consent.credentials_id


class OfAccount(msgspec.Struct, frozen=True):
    """Something of one account. `id` and `account_id` are our UUIDs, `asked_at` is when the bank was asked."""

    id: str
    account_id: str
    asked_at: datetime
    told: Any


class PaymentShown(msgspec.Struct, frozen=True):
    """A payment as it stands."""

    payment_id: str
    consent: Consent
    state: PaymentState
    payment_info: list[Any]


async def opened(needs: Needs, holder: Holder, grants: str) -> Source:
    """The consent, if it opens this kind of call now. Raises what section 6 of the reference names."""
    found = await held(needs, holder)
    exchanging.check_active(found.consent, needs.clock.now())
    read = await store.load(needs.db, needs.vault, found.consent.session_id)
    if read is None:
        raise UnknownCredentials
    skill, grant = found.skill, read.progress.kept.get("grant")
    if skill is None or skill.grants != grants or grant is None:
        raise InvalidInput(f"This consent opens no {grants}")
    bank = needs.banks.get(skill.bank)
    if bank is None:
        raise refusal_of(BankDown("No connector is set up for this skill's bank"))
    return Source(found, read, bank, grant)


async def accounts(needs: Needs, holder: Holder) -> tuple[Source, list[OfAccount]]:
    """The accounts of the consent."""
    source = await opened(needs, holder, "accounts")
    asked_at, found = await _accounts(needs, source)
    return source, [OfAccount(_account_id(needs, source, one.id), "", asked_at, one) for one in found]


async def balances(needs: Needs, holder: Holder, account_id: str | None) -> list[OfAccount]:
    """The balances of one account, or of all; none for an account that the consent does not cover."""
    source = await opened(needs, holder, "accounts")
    found = []
    for own_id, bank_id in await _chosen(needs, source, account_id):

        async def ask(bank_id: str = bank_id) -> tuple[Balance, ...]:
            return await source.bank.balances(source.grant, bank_id)

        asked_at, told = await _gathered(needs, source, f"balances {own_id}", tuple[Balance, ...], ask)
        for number, one in enumerate(told):
            balance_id = tokens.named(needs.vault, f"balance {own_id} {one.kind} {one.currency} {number}")
            found.append(OfAccount(balance_id, own_id, asked_at, one))
    return found


async def transactions(needs: Needs, holder: Holder, account_id: str | None) -> list[OfAccount]:
    """The transactions of one account, or of all, in no order."""
    source = await opened(needs, holder, "accounts")
    found = []
    for own_id, bank_id in await _chosen(needs, source, account_id):

        async def ask(bank_id: str = bank_id) -> tuple[Transaction, ...]:
            return await _all_pages(source, bank_id)

        asked_at, told = await _gathered(needs, source, f"transactions {own_id}", tuple[Transaction, ...], ask)
        for one in told:
            found.append(OfAccount(tokens.named(needs.vault, f"transaction {own_id} {one.id}"), own_id, asked_at, one))
    return found


async def payment(needs: Needs, holder: Holder) -> PaymentShown:
    """How far the payment is; the bank is asked each time."""
    source = await opened(needs, holder, "payment")
    state = await _asked(needs, source, lambda: source.bank.payment(source.grant))
    told = source.read.progress.values.get("payment_intent", {}).get("payment_info", [])
    payment_id = tokens.named(needs.vault, f"payment {source.credentials_id}")
    return PaymentShown(payment_id, source.held.consent, state, list(told))


async def _accounts(needs: Needs, source: Source) -> tuple[datetime, tuple[Account, ...]]:
    return await _gathered(needs, source, "accounts", tuple[Account, ...], lambda: source.bank.accounts(source.grant))


async def _chosen(needs: Needs, source: Source, account_id: str | None) -> list[tuple[str, str]]:
    """Our id and the bank's of each account that is asked about."""
    _, found = await _accounts(needs, source)
    pairs = [(_account_id(needs, source, one.id), one.id) for one in found]
    return [pair for pair in pairs if account_id in (None, pair[0])]


def _account_id(needs: Needs, source: Source, bank_id: str) -> str:
    return tokens.named(needs.vault, f"account {source.credentials_id} {bank_id}")


async def _all_pages(source: Source, bank_id: str) -> tuple[Transaction, ...]:
    found: list[Transaction] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await source.bank.transactions(source.grant, bank_id, cursor)
        found += page.transactions
        cursor = page.next
        if cursor is None:
            return tuple(found)
    raise BankDown(f"The bank's list of transactions has more than {MOST_PAGES} pages")


async def _gathered(
    needs: Needs, source: Source, subject: str, kind: type[Told], ask: Callable[[], Awaitable[Told]]
) -> tuple[datetime, Told]:
    """What was gathered lately, else what the bank tells now."""
    now = needs.clock.now()
    earlier = await consents.gathered(needs.db, source.read.seal, source.credentials_id, subject, kind)
    if earlier is not None and now < earlier[0] + FRESH_FOR:
        return earlier
    told = await _asked(needs, source, ask)
    kept = consents.kept(source.read.seal, source.credentials_id, subject, now, told)
    try:
        # Only beside an unchanged session: what comes in late must not outlive a consent that is being deleted.
        await needs.db.commit([kernel_sessions.unmoved(source.read.session), kept])
    except Conflict:
        exchanging.check_active((await held_again(needs, source)), needs.clock.now())
    return now, told


async def held_again(needs: Needs, source: Source) -> Consent:
    """The consent as it is after something changed. Raises `UnknownCredentials`."""
    found = await consents.load(needs.db, source.credentials_id)
    if found is None:
        raise UnknownCredentials
    return found


async def _asked(needs: Needs, source: Source, ask: Callable[[], Awaitable[Told]]) -> Told:
    """Ask the bank, and put its faults into words. A consent that it has ended is ended here too."""
    try:
        return await ask()
    except ConsentEnded as fault:
        await lapse(needs, source.held.consent, told_by_bank=True)
        raise ExpiredCredentials from fault
    except BankFault as fault:
        raise refusal_of(fault) from fault
    except Missing as error:
        raise ExternalUnauthorized from error
