"""What only a tenant's server calls, with its secret: exchange, read, end; look after sessions."""

from typing import Any

from msgspec import UNSET

from frontdesk.onboarding.routes.calls import Calls, Fields, repeat_of
from frontdesk.onboarding.routes.client import BODY_LIMIT, REFUSALS
from frontdesk.onboarding.rules import filters
from frontdesk.onboarding.service import consenting, exchanging, gathering, looking
from frontdesk.onboarding.service.consenting import Holder
from frontdesk.onboarding.wire import answers, requests
from frontdesk.web.endpoint import Answer, Call, Endpoint

TAG = "Onboarding, for servers"


class Server:
    """The calls of tenants' servers."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._needs = calls.needs

    async def exchange(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.ExchangeToken)
        found = await exchanging.exchange(
            self._needs, body.client_id, body.client_secret, body.temp_token, await repeat_of(call)
        )
        return Answer(200, answers.exchanged(found))

    async def accounts(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.ReadAccounts)
        source, found = await gathering.accounts(self._needs, _holder(body))
        return Answer(200, answers.accounts(source, found))

    async def balances(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.ReadFiltered)
        wanted = {} if body.filter is UNSET else _given(body.filter)
        tests = filters.balance_tests(wanted)
        found = await gathering.balances(self._needs, _holder(body), wanted.get("account_id"))
        return Answer(200, [answers.balance(one) for one in found if filters.passes(_balance_record(one), tests)])

    async def transactions(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.ReadFiltered)
        wanted = {} if body.filter is UNSET else _given(body.filter)
        tests = filters.transaction_tests(wanted)
        found = await gathering.transactions(self._needs, _holder(body), wanted.get("account_id"))
        shown = [one for one in found if filters.passes(_transaction_record(one), tests)]
        shown.sort(key=lambda one: one.id)
        shown.sort(key=lambda one: one.told.booked_at, reverse=True)
        return Answer(200, [answers.transaction(one) for one in shown])

    async def payment(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.ReadAccounts)
        return Answer(200, answers.payment(await gathering.payment(self._needs, _holder(body))))

    async def consent(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.UseConsent)
        return Answer(200, answers.consent(await consenting.look(self._needs, _holder(body))))

    async def delete(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.DeleteConsent)
        retention: Any = None if body.pcd_data_retention is UNSET else body.pcd_data_retention
        found = await consenting.delete(self._needs, _holder(body), retention, await repeat_of(call))
        return Answer(200, answers.deleted(found))

    async def look(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.NameSession)
        found = await looking.look(self._needs, body.client_id, body.client_secret, body.session_id)
        return Answer(200, answers.standing(found))

    async def resume(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.NameSession)
        found = await looking.resume(
            self._needs, body.client_id, body.client_secret, body.session_id, await repeat_of(call)
        )
        return Answer(200, answers.resumed(found))


def _holder(body: requests.UseConsent) -> Holder:
    user_id = body.tenant_user_id if isinstance(body, requests.ReadAccounts) else None
    # Empty only where the server allows sessions of nobody: then the consent's user is not asked for.
    return Holder(body.client_id, body.client_secret, body.credentials_id, body.access_token, user_id or None)


def _given(wanted: Any) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value is not None}


def _balance_record(one: gathering.OfAccount) -> dict[str, Any]:
    return {"account_id": one.account_id, "type": one.told.kind, "currency": one.told.currency}


def _transaction_record(one: gathering.OfAccount) -> dict[str, Any]:
    told = one.told
    return {
        "account_id": one.account_id,
        "currency": told.currency,
        "status": told.status,
        "category": told.category,
        "credit_debit_indicator": answers.sign(told.amount),
        "amount": abs(told.amount),
        "booked_at": told.booked_at,
    }


def endpoints(calls: Calls, prefix: str) -> tuple[Endpoint, ...]:
    """The table of what servers call."""
    server = Server(calls)

    def line(path: str, take: Any, summary: str, body: Any, answer: Any, *, hidden: bool = False) -> Endpoint:
        return Endpoint(
            "POST", prefix + path, calls.with_fields(take), summary, TAG if prefix == "/v1" else "Onboarding, signed",
            body=body, answers={200: answer}, refusals=REFUSALS, auth="none", body_limit=BODY_LIMIT, hidden=hidden,
        )  # fmt: skip

    exchange = (server.exchange, "Exchange a temporary token", requests.ExchangeToken, answers.TokenExchanged)
    return (
        line("/tokens", *exchange),
        line("/token", *exchange),
        line("/accounts/get", server.accounts, "List accounts", requests.ReadAccounts, list[answers.AccountShown]),
        line("/balances/get", server.balances, "List balances", requests.ReadFiltered, list[answers.BalanceShown]),
        line(
            "/transactions/get",
            server.transactions,
            "List transactions",
            requests.ReadFiltered,
            list[answers.TransactionShown],
        ),
        line("/payments/get", server.payment, "Read a payment", requests.ReadAccounts, answers.PaymentRead),
        line("/consents/get", server.consent, "Read a consent", requests.UseConsent, answers.ConsentRead),
        line("/consents/delete", server.delete, "End a consent", requests.DeleteConsent, answers.ConsentDeleted),
        line("/sessions/get", server.look, "Read a session", requests.NameSession, answers.SessionRead),
        line("/sessions/resume", server.resume, "Resume a session", requests.NameSession, answers.SessionResumed),
    )
