"""What the bank shows to a person: sign in, agree or refuse, and go back to where one came from."""

import hmac
from decimal import Decimal
from importlib import resources
from urllib.parse import urlencode, urlsplit, urlunsplit

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from frontdesk.cli.sandbox import ledger, pages
from frontdesk.cli.sandbox.api import is_asked_for
from frontdesk.cli.sandbox.bank import Bank, Sitting
from frontdesk.cli.sandbox.reading import TooLarge, form_of
from frontdesk.cli.sandbox.visits import Visit
from frontdesk.ports.bank_accounts import Account
from frontdesk.ports.bank_records import ConsentRequest, PaymentRequest

COOKIE = "demobank"
LONGEST_NAME = 64
# Nothing but the style sheet, and no frame. Where forms may lead is not listed: Chromium applies it to every redirect
# that follows a form, here the one to the desk and the desk's to the app, whose scheme nobody can know.
POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"


def routes(bank: Bank) -> list[Route]:
    """The paths for people."""
    visiting = Visiting(bank)
    style = resources.files(__package__).joinpath("style.css").read_bytes()

    async def stylesheet(_: Request) -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "max-age=300"})

    return [
        Route("/", visiting.welcome, methods=["GET"]),
        Route("/style.css", stylesheet, methods=["GET"]),
        Route("/authorize", visiting.authorize, methods=["GET"]),
        Route("/sign-in", visiting.sign_in, methods=["POST"]),
        Route("/sign-out", visiting.sign_out, methods=["POST"]),
        Route("/take-back", visiting.take_back, methods=["POST"]),
        Route("/decide", visiting.decide, methods=["POST"]),
    ]


async def nothing_here(_: Request, error: Exception) -> Response:
    """Another path or method than the bank has."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _page(pages.notice("There is nothing here", "Go back to where you came from."), status)


async def broken(_: Request, error: Exception) -> Response:
    """A fault of the bank's own that nobody asked for."""
    structlog.get_logger().error("sandbox_bank_failed", error=type(error).__name__)
    return _page(pages.notice("Something broke", "This was not on purpose. Go back, and try again."), 500)


class Visiting:
    """One method for each thing that a person does."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def welcome(self, request: Request) -> Response:
        """Who one is, and what one has agreed to."""
        sitting = self._bank.sittings.get(request.cookies.get(COOKIE, ""))
        given = self._bank.visits.given_by(sitting.user, self._bank.clock.now()) if sitting and sitting.user else []
        return _page(pages.welcome(sitting, given))

    async def take_back(self, request: Request) -> Response:
        """No longer, please."""
        found = await self._posted(request)
        if isinstance(found, Response):
            return found
        visit, sitting, _ = found
        if sitting.user and visit.user == sitting.user:
            visit.is_revoked = True
        return _redirect("/")

    async def authorize(self, request: Request) -> Response:
        """Where the link of a step leads."""
        asked = request.query_params
        visit = self._bank.visits.find(asked.get("request", ""))
        if visit is None or visit.is_over(self._bank.clock.now()):
            return _gone()
        beginning = visit.request.beginning
        told = (asked.get("state", beginning.state), asked.get("redirect_uri", beginning.return_to))
        if told != (beginning.state, beginning.return_to):
            return _page(pages.notice("This link was changed", "Go back to where you came from, and try again."), 400)
        if visit.decision != "open":
            return _back(visit)
        name = request.cookies.get(COOKIE, "")
        sitting = self._bank.sittings.get(name)
        if sitting is None:
            name, sitting = self._bank.sit()
        return self._seated(self._question(visit, sitting), name)

    async def sign_in(self, request: Request) -> Response:
        """A name and the password."""
        found = await self._posted(request)
        if isinstance(found, Response):
            return found
        visit, sitting, form = found
        user, password = form.get("user", [""])[0].strip(), form.get("password", [""])[0]
        if not 1 <= len(user) <= LONGEST_NAME or not user.isprintable():
            return _page(pages.sign_in(visit, sitting.csrf, "", "Type a user name of 1 to 64 characters."), 422)
        if not hmac.compare_digest(password.encode("utf-8", "replace"), pages.PASSWORD.encode()):
            wrong = f"This is not the password: type the word {pages.PASSWORD}."
            return _page(pages.sign_in(visit, sitting.csrf, user, wrong), 422)
        # A new name for the sitting: one that somebody planted before must not become a signed-in one.
        self._bank.sittings.pop(request.cookies.get(COOKIE, ""), None)
        name, _ = self._bank.sit(user)
        return self._seated(_again(visit), name)

    async def sign_out(self, request: Request) -> Response:
        """Somebody else, please."""
        found = await self._posted(request)
        if isinstance(found, Response):
            return found
        self._bank.sittings.pop(request.cookies.get(COOKIE, ""), None)
        return _again(found[0])

    async def decide(self, request: Request) -> Response:
        """Yes or no; twice is the same as once."""
        found = await self._posted(request)
        if isinstance(found, Response):
            return found
        visit, sitting, form = found
        if visit.decision == "open":
            if form.get("decision") == ["refuse"]:
                visit.refuse(sitting.user, self._bank.clock.now())
            elif not sitting.user or not self._allowed(visit, sitting, form.get("account", [])):
                return _again(visit)
        return _back(visit)

    def _allowed(self, visit: Visit, sitting: Sitting, chosen: list[str]) -> bool:
        """Whether it was: not without an account."""
        offered = self._offered(visit, sitting.user)
        ids = tuple(account.id for account in offered if account.id in chosen)
        ids = ids[:1] if visit.is_payment else ids
        if not ids:
            return False
        if isinstance(visit.request, PaymentRequest):
            total = sum((each.amount for each in visit.request.transfers), Decimal(0))
            account = next(account for account in offered if account.id == ids[0])
            visit.shortfall = total > _there(account) or sitting.user.lower().startswith("rejected")
        self._bank.visits.allow(visit, sitting.user, ids, self._bank.clock.now())
        return True

    def _question(self, visit: Visit, sitting: Sitting) -> Response:
        if not sitting.user:
            return _page(pages.sign_in(visit, sitting.csrf))
        offered = self._offered(visit, sitting.user)
        if isinstance(visit.request, ConsentRequest):
            return _page(pages.consent(visit, visit.request, sitting.csrf, sitting.user, offered))
        return _page(pages.payment(visit, visit.request, sitting.csrf, sitting.user, offered))

    def _offered(self, visit: Visit, user: str) -> list[Account]:
        """The person's accounts that this request can be about, with what is on them."""
        return [self._bank.with_balances(held) for held in ledger.held_by(user) if _is_for(visit, held.account)]

    async def _posted(self, request: Request) -> tuple[Visit, Sitting, dict[str, list[str]]] | Response:
        """A form that this bank gave to this browser, for a visit that goes on."""
        try:
            form = await form_of(request)
        except TooLarge:
            return _page(pages.notice("Too much", "This form is larger than any of ours."), 413)
        sitting = self._bank.sittings.get(request.cookies.get(COOKIE, ""))
        csrf = form.get("csrf", [""])[0]
        if sitting is None or not hmac.compare_digest(csrf.encode("utf-8", "replace"), sitting.csrf.encode()):
            text = "Go back to where you came from, and follow the link again."
            return _page(pages.notice("This page is too old", text), 403)
        visit = self._bank.visits.find(form.get("request", [""])[0])
        if visit is None or visit.is_over(self._bank.clock.now()):
            return _gone()
        return visit, sitting, form

    def _seated(self, response: Response, name: str) -> Response:
        # Lax, not strict: the person comes from another site, and is still signed in at the second visit.
        response.set_cookie(COOKIE, name, path="/", httponly=True, samesite="lax", secure=self._bank.secure)
        return response


def back_to(return_to: str, **fields: str) -> str:
    """The address with these fields added to its query."""
    parts = urlsplit(return_to)
    query = "&".join(part for part in (parts.query, urlencode(fields)) if part)
    return urlunsplit(parts._replace(query=query))


def _is_for(visit: Visit, account: Account) -> bool:
    if isinstance(visit.request, ConsentRequest):
        return is_asked_for(account, visit.request.ibans)
    first = visit.request.transfers[0]
    numbers = [each.identification for each in account.numbers]
    debtor = first.debtor_account
    return account.currency == first.currency and (debtor is None or debtor.identification in numbers)


def _there(account: Account) -> Decimal:
    return next(each.amount for each in account.balances if each.kind == "InterimAvailable")


def _back(visit: Visit) -> Response:
    beginning = visit.request.beginning
    if visit.decision == "allowed":
        return _redirect(back_to(beginning.return_to, state=beginning.state, code=visit.code))
    refused = {"error": "access_denied", "error_description": "The person refused"}
    return _redirect(back_to(beginning.return_to, state=beginning.state, **refused))


def _again(visit: Visit) -> Response:
    return _redirect(f"/authorize?{urlencode({'request': visit.id})}")


def _redirect(url: str) -> Response:
    return _guarded(RedirectResponse(url, 303))


def _gone() -> Response:
    text = "It was used up, it is older than an hour, or this bank has been started anew. Go back, and begin again."
    return _page(pages.notice("This link is no longer good", text), 410)


def _page(html: str, status: int = 200) -> Response:
    return _guarded(HTMLResponse(html, status))


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    # Not `no-referrer`: browsers then send forms without their origin.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
