"""What the bank answers to programs: the records of the bank port as JSON, and its own errors."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from frontdesk.cli.sandbox import ledger
from frontdesk.cli.sandbox.bank import Bank
from frontdesk.cli.sandbox.faults import RETRY_AFTER_SECONDS, Call, Fault, FaultKind
from frontdesk.cli.sandbox.ledger import Held
from frontdesk.cli.sandbox.reading import TooLarge, body_of
from frontdesk.cli.sandbox.visits import CODE_FOR, Visit
from frontdesk.ports.bank_accounts import Account, Page
from frontdesk.ports.bank_records import Access, ConsentRequest, Granted, PaymentRequest, Return
from frontdesk.ports.bank_records import Visit as AtBank

PAGE_SIZE = 50
Answer = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """An answer with a status of 400 or more."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def routes(bank: Bank) -> list[Route]:
    """The paths for programs."""
    api = Api(bank)
    return [
        Route("/api/consents", _told(api.begin_consent), methods=["POST"]),
        Route("/api/consents", _told(api.delete_consent), methods=["DELETE"]),
        Route("/api/payments", _told(api.begin_payment), methods=["POST"]),
        Route("/api/payments", _told(api.payment), methods=["GET"]),
        Route("/api/grants", _told(api.finish), methods=["POST"]),
        Route("/api/accounts", _told(api.accounts), methods=["GET"]),
        Route("/api/accounts/{account_id}/balances", _told(api.balances), methods=["GET"]),
        Route("/api/accounts/{account_id}/transactions", _told(api.transactions), methods=["GET"]),
        Route("/api/faults", _told(api.set_fault), methods=["PUT"]),
        Route("/api/faults", _told(api.clear_fault), methods=["DELETE"]),
    ]


def _told(answer: Answer) -> Answer:
    async def tell(request: Request) -> Response:
        try:
            return await answer(request)
        except Refused as refused:
            body = {"code": refused.code, "message": refused.message}
            return _json(body, refused.status, refused.headers)
        except TooLarge:
            return _json({"code": "too_large", "message": "The body is over 64 KiB"}, 413)
        except msgspec.ValidationError as error:
            return _json({"code": "invalid", "message": str(error)}, 422)
        except msgspec.DecodeError:
            return _json({"code": "invalid", "message": "Expected JSON"}, 400)

    return tell


def _json(told: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(told), status, headers, "application/json")


class Api:
    """One method for each call."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def begin_consent(self, request: Request) -> Response:
        """A visit, or the grant at once."""
        asked = msgspec.json.decode(await body_of(request), type=ConsentRequest)
        await self._fault("begin", asked.beginning.user)
        visit = self._begun(asked)
        if not asked.implicit:
            return self._sent_to(visit)
        if visit.decision == "open":
            held = [each.account for each in ledger.held_by(asked.beginning.user)]
            chosen = tuple(each.id for each in held if is_asked_for(each, asked.ibans))
            if not chosen:
                raise Refused(403, "no_account", "The person has none of these accounts")
            self._bank.visits.allow(visit, asked.beginning.user, chosen, self._bank.clock.now())
        return _json(Granted(visit.grant, asked.until), 201)

    async def begin_payment(self, request: Request) -> Response:
        """A visit."""
        asked = msgspec.json.decode(await body_of(request), type=PaymentRequest)
        await self._fault("begin", asked.beginning.user)
        if not asked.transfers or any(each.amount <= 0 for each in asked.transfers):
            raise Refused(403, "no_payment", "A payment moves an amount above zero")
        if len({each.currency for each in asked.transfers}) > 1:
            raise Refused(403, "many_currencies", "All transfers of one payment have the same currency")
        return self._sent_to(self._begun(asked))

    async def finish(self, request: Request) -> Response:
        """The grant for a code. The same code again is answered alike for ten minutes."""
        came = msgspec.json.decode(await body_of(request), type=Return)
        visit, now = self._bank.visits.find(came.reference), self._bank.clock.now()
        if visit is not None:
            await self._fault("finish", visit.user)
        if visit is None or not came.code or visit.code != came.code or visit.decided_at is None:
            raise Refused(401, "unknown_code", "This code was never given")
        if now >= visit.decided_at + CODE_FOR or came.return_to != visit.request.beginning.return_to:
            raise Refused(401, "unknown_code", "This code is no longer good")
        return _json(Granted(visit.grant, visit.until))

    async def accounts(self, request: Request) -> Response:
        """The accounts that were agreed to."""
        visit = await self._reading(request, "accounts")
        with_balances = "balances" in visit.access
        return _json([self._bank.with_balances(held) if with_balances else held.account for held in _agreed(visit)])

    async def balances(self, request: Request) -> Response:
        """The balances of one account."""
        held = _one_of(await self._reading(request, "balances"), request)
        return _json(self._bank.with_balances(held).balances)

    async def transactions(self, request: Request) -> Response:
        """The newest first, fifty a page; a cursor is the transaction that the last page ended with."""
        held = _one_of(await self._reading(request, "transactions"), request)
        came = ledger.history(held, self._bank.clock.now(), self._bank.visits.paid_from(held.account.id))
        start, cursor = 0, request.query_params.get("cursor")
        if cursor:
            start = next((number for number, each in enumerate(came, 1) if each.id == cursor), -1)
            if start < 0:
                raise Refused(404, "unknown_cursor", "There is no such page")
        page = tuple(came[start : start + PAGE_SIZE])
        return _json(Page(page, page[-1].id if start + PAGE_SIZE < len(came) else None))

    async def delete_consent(self, request: Request) -> Response:
        """The end of a consent, whatever became of it before."""
        visit = self._bank.visits.by_grant(_bearer(request))
        if visit is not None:
            await self._fault("delete", visit.user)
            visit.is_revoked = True
        return Response(status_code=204)

    async def payment(self, request: Request) -> Response:
        """How far a payment is."""
        visit = self._granted(request)
        if not visit.is_payment:
            raise Refused(403, "no_payment", "This grant opens accounts")
        await self._fault("payment", visit.user)
        return _json(visit.payment_state(self._bank.clock.now(), self._bank.settles_for))

    async def set_fault(self, request: Request) -> Response:
        """From now on these calls fail, whoever they are for."""
        self._bank.faults.set = msgspec.json.decode(await body_of(request), type=Fault)
        return Response(status_code=204)

    async def clear_fault(self, _: Request) -> Response:
        """Nothing fails but for those who asked for it by name."""
        self._bank.faults.set = None
        return Response(status_code=204)

    def _begun(self, asked: ConsentRequest | PaymentRequest) -> Visit:
        if not asked.beginning.key:
            raise Refused(422, "invalid", "key: expected a text")
        visit = self._bank.visits.begin(asked, self._bank.clock.now())
        if visit is None:
            raise Refused(409, "key_reused", "This key has asked for something else before")
        return visit

    def _sent_to(self, visit: Visit) -> Response:
        beginning = visit.request.beginning
        parts = urlsplit(beginning.return_to)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment or not beginning.state:
            raise Refused(422, "invalid", "return_to and state: expected a web address, and what to come back with")
        asked = {
            "response_type": "code",
            "request": visit.id,
            "redirect_uri": beginning.return_to,
            "state": beginning.state,
        }
        return _json(AtBank(f"/authorize?{urlencode(asked)}", visit.id), 201)

    async def _reading(self, request: Request, access: Access) -> Visit:
        """The consent of this request, if it is good for this."""
        visit = self._granted(request)
        if visit.is_payment:
            raise Refused(403, "no_consent", "This grant is that of a payment")
        await self._fault("read", visit.user)
        if visit.is_revoked:
            raise Refused(403, "consent_revoked", "The consent was taken back")
        if visit.until is not None and self._bank.clock.now() >= visit.until:
            raise Refused(403, "consent_expired", "The consent has lapsed")
        if access not in visit.access:
            raise Refused(403, "not_granted", f"The consent is not for {access}")
        return visit

    def _granted(self, request: Request) -> Visit:
        visit = self._bank.visits.by_grant(_bearer(request))
        if visit is None:
            raise Refused(401, "unknown_grant", "This grant was never given, or the bank has been started anew")
        return visit

    async def _fault(self, call: Call, user: str) -> None:
        fault = self._bank.faults.of(call, user)
        if fault == "slow":
            await asyncio.sleep(self._bank.slow_for.total_seconds())
        elif fault is not None:
            raise _FAULTS[fault]()


_FAULTS: dict[FaultKind, Callable[[], Refused]] = {
    "throttled": lambda: Refused(
        429, "too_many_requests", "Too many requests", **{"Retry-After": str(RETRY_AFTER_SECONDS)}
    ),
    "refused": lambda: Refused(403, "refused", "The bank does not do this"),
    "down": lambda: Refused(503, "down", "The bank is not available"),
    "expired": lambda: Refused(403, "consent_expired", "The consent has lapsed"),
    "revoked": lambda: Refused(403, "consent_revoked", "The consent was taken back"),
}


def is_asked_for(account: Account, ibans: tuple[str, ...]) -> bool:
    """Whether a consent for these numbers, or for all when there are none, is for this account."""
    wanted = {iban.replace(" ", "").upper() for iban in ibans}
    return not wanted or any(each.identification in wanted for each in account.numbers)


def _agreed(visit: Visit) -> list[Held]:
    return [held for held in ledger.held_by(visit.user) if held.account.id in visit.account_ids]


def _one_of(visit: Visit, request: Request) -> Held:
    wanted = request.path_params["account_id"]
    for held in _agreed(visit):
        if held.account.id == wanted:
            return held
    raise Refused(404, "unknown_account", "The consent is for no such account")


def _bearer(request: Request) -> str:
    scheme, _, grant = request.headers.get("authorization", "").partition(" ")
    return grant.strip() if scheme.lower() == "bearer" else ""
