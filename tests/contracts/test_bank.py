"""The contract of the bank port, on every adapter."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from stdnum import iban

from frontdesk.adapters.bank_sandbox import SandboxBank
from frontdesk.basics.errors import Missing
from frontdesk.cli.listening import listen
from frontdesk.cli.sandbox.bank import Bank as Sandbox
from frontdesk.cli.sandbox.person import Person
from frontdesk.cli.sandbox.running import serving
from frontdesk.ports.bank import (
    Bank,
    BankDown,
    BankForbidden,
    BankThrottled,
    BankUnauthorized,
    ConsentEnded,
    Declined,
)
from frontdesk.ports.bank_records import (
    AccountNumber,
    Beginning,
    ConsentRequest,
    Granted,
    PaymentRequest,
    Return,
    Transfer,
    Visit,
)

NOW = datetime(2031, 1, 20, 12, 0, tzinfo=UTC)
BACK = "https://desk.example/v1/redirects/aisp"
ALL = ("accounts", "balances", "transactions")


class At:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class World:
    """A port, the bank behind it, and the clock of that bank."""

    port: Bank
    url: str
    clock: At

    async def set_fault(self, fault: str, **named: Any) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            body = json.dumps({"fault": fault, **named})
            assert (await client.put(f"{self.url}/api/faults", content=body)).status_code == 204


@pytest.fixture(params=["sandbox"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    clock = At()
    bank = Sandbox(clock=clock, slow_for=timedelta(seconds=60), settles_for=timedelta(seconds=3))
    with listen("127.0.0.1", 0) as listener, serving(bank, listener.socket):
        yield World({"sandbox": SandboxBank}[request.param](listener.url), listener.url, clock)


def beginning(user: str = "ana.pop", key: str = "") -> Beginning:
    return Beginning(key or str(uuid4()), user, BACK, str(uuid4()))


def consent(user: str = "ana.pop", **others: Any) -> ConsentRequest:
    return replace(ConsentRequest(beginning(user), ALL, NOW + timedelta(days=90)), **others)


def transfer(amount: str = "49.90", currency: str = "RON") -> Transfer:
    return Transfer(
        Decimal(amount), currency, "Shop SRL", AccountNumber("IBAN", "RO09DEMO0000000000000002"), "INV-7781", "Order"
    )


async def granted(world: World, user: str = "ana.pop", **others: Any) -> str:
    """The grant of a consent without a visit."""
    outcome = await world.port.begin_consent(consent(user, implicit=True, **others))
    assert isinstance(outcome, Granted)
    return outcome.grant


async def visit(world: World, request: ConsentRequest | PaymentRequest) -> Visit:
    begun = (
        await world.port.begin_consent(request)
        if isinstance(request, ConsentRequest)
        else await world.port.begin_payment(request)
    )
    assert isinstance(begun, Visit)
    return begun


def returned(begun: Visit, location: str, request: ConsentRequest | PaymentRequest) -> Return:
    """What the redirect carried, as the server of the desk reads it."""
    assert location.startswith(f"{BACK}?")
    fields = {name: texts[0] for name, texts in parse_qs(urlsplit(location).query).items()}
    assert fields.pop("state") == request.beginning.state
    return Return(begun.reference, BACK, **fields)


@asynccontextmanager
async def person(user: str = "ana.pop") -> AsyncIterator[Person]:
    async with Person(user) as came:
        yield came


class TestAConsent:
    async def test_a_person_agrees_and_the_grant_opens_the_accounts(self, world: World) -> None:
        request = consent()
        begun = await visit(world, request)
        async with person() as ana:
            came = returned(begun, await ana.agree(begun.url), request)
        grant = await world.port.finish(came)
        assert grant.until == request.until
        accounts = await world.port.accounts(grant.grant)
        assert len(accounts) >= 3
        assert len({account.currency for account in accounts}) >= 3

    async def test_the_link_is_one_that_a_browser_can_open(self, world: World) -> None:
        request = consent()
        begun = await visit(world, request)
        query = parse_qs(urlsplit(begun.url).query)
        assert begun.method == "GET"
        assert (query["state"], query["redirect_uri"]) == ([request.beginning.state], [BACK])

    async def test_the_person_chooses_the_accounts(self, world: World) -> None:
        request = consent()
        begun = await visit(world, request)
        async with person() as ana:
            came = returned(begun, await ana.agree(begun.url, accounts=1), request)
        grant = (await world.port.finish(came)).grant
        (account,) = await world.port.accounts(grant)
        others = {each.id for each in await world.port.accounts(await granted(world))} - {account.id}
        for other in others:
            with pytest.raises(Missing):
                await world.port.balances(grant, other)

    async def test_a_refusal_is_an_ending(self, world: World) -> None:
        request = consent()
        begun = await visit(world, request)
        async with person() as ana:
            came = returned(begun, await ana.refuse(begun.url), request)
        with pytest.raises(Declined) as caught:
            await world.port.finish(came)
        assert caught.value.reason == "access_denied"

    async def test_the_same_return_again_has_the_same_outcome(self, world: World) -> None:
        request = consent()
        begun = await visit(world, request)
        async with person() as ana:
            came = returned(begun, await ana.agree(begun.url), request)
        assert await world.port.finish(came) == await world.port.finish(came)

    async def test_a_code_that_was_never_given_is_refused(self, world: World) -> None:
        request = consent()
        begun = await visit(world, request)
        for code in ("", "x"):
            with pytest.raises(BankUnauthorized):
                await world.port.finish(Return(begun.reference, BACK, code))
        async with person() as ana:
            came = returned(begun, await ana.agree(begun.url), request)
        for wrong in (
            replace(came, code="x"),
            replace(came, reference="x"),
            replace(came, return_to="https://x.example"),
        ):
            with pytest.raises(BankUnauthorized):
                await world.port.finish(wrong)

    async def test_the_same_key_is_the_same_request(self, world: World) -> None:
        request = consent()
        assert await world.port.begin_consent(request) == await world.port.begin_consent(request)
        implicit = consent(implicit=True)
        assert await world.port.begin_consent(implicit) == await world.port.begin_consent(implicit)

    async def test_a_key_does_not_ask_for_something_else(self, world: World) -> None:
        request = consent()
        await world.port.begin_consent(request)
        with pytest.raises(BankForbidden):
            await world.port.begin_consent(replace(request, access=("accounts",)))

    async def test_an_implicit_consent_may_be_for_some_accounts(self, world: World) -> None:
        first, *_ = await world.port.accounts(await granted(world))
        numbers = tuple(each.identification for each in first.numbers if each.scheme == "IBAN")
        assert [each.id for each in await world.port.accounts(await granted(world, ibans=numbers))] == [first.id]
        with pytest.raises(BankForbidden):
            await granted(world, ibans=("RO49AAAA1B31007593840000",))

    async def test_what_was_not_agreed_to_is_forbidden(self, world: World) -> None:
        grant = await granted(world, access=("accounts",))
        (first, *_) = await world.port.accounts(grant)
        assert first.balances == ()
        for reading in (world.port.balances, world.port.transactions):
            with pytest.raises(BankForbidden):
                await reading(grant, first.id)


class TestTheEndOfAConsent:
    async def test_it_lapses_by_itself(self, world: World) -> None:
        grant = await granted(world, until=NOW + timedelta(days=1))
        world.clock.at = NOW + timedelta(days=1)
        with pytest.raises(ConsentEnded) as caught:
            await world.port.accounts(grant)
        assert caught.value.reason == "expired"

    async def test_it_is_deleted_once_or_twice(self, world: World) -> None:
        grant = await granted(world)
        (first, *_) = await world.port.accounts(grant)
        for _ in range(2):
            await world.port.delete_consent(grant)
        for reading in (world.port.balances, world.port.transactions):
            with pytest.raises(ConsentEnded) as caught:
                await reading(grant, first.id)
            assert caught.value.reason == "revoked"

    async def test_deleting_what_never_was_is_no_error(self, world: World) -> None:
        await world.port.delete_consent("never")

    async def test_an_unknown_grant_opens_nothing(self, world: World) -> None:
        with pytest.raises(BankUnauthorized):
            await world.port.accounts("never")
        with pytest.raises(BankUnauthorized):
            await world.port.payment("never")


class TestReading:
    async def test_accounts_are_the_same_under_every_consent(self, world: World) -> None:
        one, other = await granted(world), await granted(world)
        assert await world.port.accounts(one) == await world.port.accounts(other)
        someone = await world.port.accounts(await granted(world, "somebody.else"))
        assert not {each.id for each in someone} & {each.id for each in await world.port.accounts(one)}

    async def test_numbers_have_right_check_digits(self, world: World) -> None:
        for user in ("ana.pop", "maria", "李", "x" * 64):
            for account in await world.port.accounts(await granted(world, user)):
                numbers = {each.scheme: each.identification for each in account.numbers}
                assert iban.is_valid(numbers["IBAN"])
                assert len(numbers["BICFI"]) in (8, 11)

    async def test_balances_are_those_of_the_account(self, world: World) -> None:
        grant = await granted(world)
        for account in await world.port.accounts(grant):
            balances = await world.port.balances(grant, account.id)
            assert balances == account.balances
            assert {each.currency for each in balances} == {account.currency}
            assert {"ClosingBooked", "InterimAvailable"} <= {each.kind for each in balances}

    async def test_transactions_come_page_by_page_and_add_up(self, world: World) -> None:
        grant = await granted(world)
        for account in await world.port.accounts(grant):
            page = await world.port.transactions(grant, account.id)
            came = list(page.transactions)
            while page.next is not None:
                page = await world.port.transactions(grant, account.id, page.next)
                came += page.transactions
            assert came == sorted(came, key=lambda each: each.booked_at, reverse=True)
            assert len({each.id for each in came}) == len(came)
            assert {each.currency for each in came} == {account.currency}
            assert all(each.booked_at <= NOW for each in came)
            booked = [each for each in came if each.status == "booked"]
            for later, earlier in pairwise(booked):
                assert later.balance is not None
                assert earlier.balance == later.balance - later.amount
            closing = next(each for each in account.balances if each.kind == "ClosingBooked")
            assert closing.amount == booked[0].balance

    async def test_an_account_that_is_not_there_is_missing(self, world: World) -> None:
        grant = await granted(world)
        for account_id in ("never", "../faults", "a/b", "", "é"):
            with pytest.raises(Missing):
                await world.port.balances(grant, account_id)
        (first, *_) = await world.port.accounts(grant)
        with pytest.raises(Missing):
            await world.port.transactions(grant, first.id, "never")

    async def test_a_grant_that_no_header_can_carry_is_refused(self, world: World) -> None:
        for odd in ("a\r\nX-Odd: 1", "é李"):
            with pytest.raises((BankUnauthorized, BankDown)):
                await world.port.accounts(odd)


class TestAPayment:
    async def agreed(self, world: World, *transfers: Transfer, user: str = "ana.pop") -> str:
        request = PaymentRequest(beginning(user), transfers)
        begun = await visit(world, request)
        async with person(user) as came:
            return (await world.port.finish(returned(begun, await came.agree(begun.url), request))).grant

    async def test_a_payment_that_was_agreed_to_is_settled_after_a_while(self, world: World) -> None:
        grant = await self.agreed(world, transfer())
        first = await world.port.payment(grant)
        assert first.status == "ACSP"
        world.clock.at = NOW + timedelta(seconds=3)
        second = await world.port.payment(grant)
        assert (second.id, second.status, second.changed_at) == (first.id, "ACSC", world.clock.at)

    async def test_the_money_is_gone_from_the_account(self, world: World) -> None:
        reading = await granted(world)
        before = {each.id: each for each in await world.port.accounts(reading)}
        await self.agreed(world, transfer("10.00"), transfer("2.50"))
        after = {each.id: each for each in await world.port.accounts(reading)}
        (changed,) = [each for each in after if after[each] != before[each]]
        spent = [
            next(balance.amount for balance in each[changed].balances if balance.kind == "Expected")
            for each in (before, after)
        ]
        assert spent[0] - spent[1] == Decimal("12.50")
        page = await world.port.transactions(reading, changed)
        assert sorted(each.amount for each in page.transactions[:2]) == [Decimal("-10.00"), Decimal("-2.50")]

    async def test_more_than_there_is_is_turned_down(self, world: World) -> None:
        state = await world.port.payment(await self.agreed(world, transfer("9000000.00")))
        assert state.status == "RJCT"
        assert state.reason

    async def test_a_refusal_is_an_ending(self, world: World) -> None:
        request = PaymentRequest(beginning(), (transfer(),))
        begun = await visit(world, request)
        async with person() as ana:
            came = returned(begun, await ana.refuse(begun.url), request)
        with pytest.raises(Declined):
            await world.port.finish(came)

    async def test_the_same_key_is_the_same_payment(self, world: World) -> None:
        request = PaymentRequest(beginning(), (transfer(),))
        assert await visit(world, request) == await visit(world, request)
        with pytest.raises(BankForbidden):
            await world.port.begin_payment(replace(request, transfers=(transfer("50.00"),)))

    async def test_what_is_no_payment_is_refused(self, world: World) -> None:
        for transfers in ((), (transfer("0"),), (transfer("-1"),), (transfer(), transfer("1", "EUR"))):
            with pytest.raises(BankForbidden):
                await world.port.begin_payment(PaymentRequest(beginning(), transfers))

    async def test_dates_and_debtors_are_understood(self, world: World) -> None:
        full = replace(transfer(), debtor_name="Ana Pop", execute_on=date(2031, 2, 1), block="P-1")
        assert (await world.port.payment(await self.agreed(world, full))).status == "ACSP"

    async def test_its_grant_opens_no_account_and_the_other_way_round(self, world: World) -> None:
        paid = await self.agreed(world, transfer())
        with pytest.raises(BankForbidden):
            await world.port.accounts(paid)
        with pytest.raises(BankForbidden):
            await world.port.payment(await granted(world))


class TestFaults:
    @pytest.mark.parametrize("user", ["throttled", "refused", "down", "expired", "revoked"])
    async def test_a_person_has_them_by_the_name(self, world: World, user: str) -> None:
        grant = await granted(world, user)
        fault = {"throttled": BankThrottled, "refused": BankForbidden, "down": BankDown}.get(user, ConsentEnded)
        with pytest.raises(fault) as caught:
            await world.port.accounts(grant)
        if isinstance(caught.value, BankThrottled):
            assert caught.value.retry_after == 60
        if isinstance(caught.value, ConsentEnded):
            assert caught.value.reason == user

    async def test_a_slow_bank_is_not_waited_for(self, world: World) -> None:
        hasty = SandboxBank(world.url, seconds=0.3)
        grant = await granted(world, "slow")
        with pytest.raises(BankDown, match="in time"):
            await hasty.accounts(grant)

    async def test_they_may_come_at_any_call(self, world: World) -> None:
        with pytest.raises(BankDown):
            await world.port.begin_consent(consent("down-begin"))
        request = consent()
        begun = await visit(world, request)
        async with person("down-finish.anna") as anna:
            came = returned(begun, await anna.agree(begun.url), request)
        with pytest.raises(BankDown):
            await world.port.finish(came)

    async def test_they_may_be_set_for_a_while(self, world: World) -> None:
        grant = await granted(world)
        await world.set_fault("throttled", times=2, calls=["read"])
        assert await granted(world)
        for _ in range(2):
            with pytest.raises(BankThrottled):
                await world.port.accounts(grant)
        assert await world.port.accounts(grant)

    async def test_a_delete_that_failed_can_be_asked_for_again(self, world: World) -> None:
        grant = await granted(world)
        await world.set_fault("down", times=1)
        with pytest.raises(BankDown):
            await world.port.delete_consent(grant)
        await world.port.delete_consent(grant)
        with pytest.raises(ConsentEnded):
            await world.port.accounts(grant)


async def test_a_bank_that_is_not_there_is_down() -> None:
    with listen("127.0.0.1", 0) as listener:
        url = listener.url
    for bank in (SandboxBank(url), SandboxBank("")):
        with pytest.raises(BankDown):
            await bank.accounts("grant")
        with pytest.raises(BankDown):
            await bank.begin_consent(consent())
