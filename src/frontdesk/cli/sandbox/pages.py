"""The bank's pages as HTML. Everything that comes from outside is escaped here, and nothing here decides."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from urllib.parse import urlsplit

from frontdesk.cli.sandbox.bank import Sitting
from frontdesk.cli.sandbox.visits import Visit
from frontdesk.ports.bank_accounts import Account
from frontdesk.ports.bank_records import ConsentRequest, PaymentRequest, Transfer

PASSWORD = "sandbox"
"""Of everybody; it stands on the page, so that nobody types a real one."""
_READS = {
    "accounts": "Your accounts: number, name and currency",
    "balances": "Their balances",
    "transactions": "Their transactions of the last months",
}
_NAMES = (
    ("ana.pop", "has a few accounts, and nothing goes wrong"),
    ("slow", "reading takes half a minute"),
    ("throttled", "reading is refused for a minute, always"),
    ("refused", "reading is refused for good"),
    ("down", "the bank does not answer when it is read"),
    ("expired", "the consent lapses at once"),
    ("revoked", "the consent is taken back at once"),
)


def page(title: str, content: str) -> str:
    """A whole page."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Demo Bank</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a class="brand" href="/"><span class="mark" aria-hidden="true"></span>Demo Bank</a>
<p class="tag">Sandbox: made-up money</p></header>
<main>
{content}
</main>
<footer><p>This bank is made up. It keeps everything in memory and forgets it when it is stopped.
Do not type a password of yours.</p></footer>
</body>
</html>
"""


def welcome(sitting: Sitting | None, given: Sequence[Visit]) -> str:
    """What one finds who comes without a request: one's consents, and the names that have something to them."""
    names = "".join(f"<dt><code>{name}</code></dt><dd>{what}</dd>" for name, what in _NAMES)
    return page(
        "Sandbox bank",
        f"""<section class="card">
<h1>A bank to try things with</h1>
{_given(sitting, given)}
<p>To give somebody a look at your accounts, start an onboarding session, and follow the link that its step answers
with.</p>
<h2>Names to sign in with</h2>
<p>Every name has accounts of its own, the same every time. These have something to them:</p>
<dl class="names">{names}</dl>
</section>""",
    )


def _given(sitting: Sitting | None, given: Sequence[Visit]) -> str:
    if sitting is None or not sitting.user:
        return ""
    rows = "".join(
        f"""<form class="given" method="post" action="/take-back">{_hidden(visit, sitting.csrf)}
<p><strong>{escape(_asker(visit) or "No visit")}</strong> may read {len(visit.account_ids)} of your accounts</p>
<button class="quiet">Take back</button></form>"""
        for visit in given
    )
    return f"""<h2>What you have agreed to, {escape(sitting.user)}</h2>{rows or "<p>Nothing that goes on.</p>"}"""


def notice(title: str, text: str) -> str:
    """A dead end, told politely."""
    return page(title, f'<section class="card"><h1>{escape(title)}</h1><p>{escape(text)}</p></section>')


def sign_in(visit: Visit, csrf: str, user: str = "", wrong: str = "") -> str:
    """Who are you?"""
    alert = f'<p class="alert" role="alert" id="wrong">{escape(wrong)}</p>' if wrong else ""
    described = ' aria-describedby="wrong"' if wrong else ""
    return page(
        "Sign in",
        f"""<section class="card narrow">
<h1>Sign in</h1>
<p><strong>{escape(_asker(visit))}</strong> has sent you here to {_purpose(visit)}.</p>
{alert}
<form method="post" action="/sign-in">
{_hidden(visit, csrf)}
<label for="user">User name</label>
<input id="user" name="user" value="{escape(user)}" autocomplete="off" autocapitalize="none" spellcheck="false"
 maxlength="64" required{"" if wrong else " autofocus"}{described}>
<p class="hint">Any name will do: <code>ana.pop</code>, <code>slow</code>, <code>down</code> …</p>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="off" maxlength="64"
 required{" autofocus" if wrong else ""}{described}>
<p class="hint">It is <code>{PASSWORD}</code> for everybody.</p>
<div class="actions"><button class="primary">Sign in</button></div>
</form>
{_refusal(visit, csrf, "Cancel and go back")}
</section>""",
    )


def consent(visit: Visit, asked: ConsentRequest, csrf: str, user: str, accounts: list[Account]) -> str:
    """May they read this?"""
    reads = "".join(f"<li>{escape(_READS[each])}</li>" for each in _READS if each in asked.access)
    boxes = "".join(_box(account, "checkbox", "checked") for account in accounts)
    choice = (
        f"<fieldset><legend>Which accounts?</legend>{boxes}</fieldset>"
        if accounts
        else '<p class="alert">You have none of the accounts that were asked for.</p>'
    )
    return page(
        "Share your accounts",
        f"""<section class="card">
<h1>Share your accounts?</h1>
<p><strong>{escape(_asker(visit))}</strong> asks to read, until <strong>{asked.until:%d %B %Y}</strong>:</p>
<ul class="reads">{reads}</ul>
<p>It cannot move money. You can take this back at any time, here or there.</p>
<form method="post" action="/decide" id="allow">
{_hidden(visit, csrf)}<input type="hidden" name="decision" value="allow">
{choice}
</form>
{_decisions(visit, csrf, "Share", "Do not share", bool(accounts))}
</section>
{_signed_in(visit, csrf, user)}""",
    )


def payment(visit: Visit, asked: PaymentRequest, csrf: str, user: str, accounts: list[Account]) -> str:
    """Shall this be paid?"""
    total = sum((each.amount for each in asked.transfers), Decimal(0))
    lines = "".join(_transfer(each) for each in asked.transfers)
    boxes = "".join(_box(account, "radio", "" if number else "checked") for number, account in enumerate(accounts))
    choice = (
        f"<fieldset><legend>From which account?</legend>{boxes}</fieldset>"
        if accounts
        else '<p class="alert">You have no account that this can be paid from.</p>'
    )
    return page(
        "Allow a payment",
        f"""<section class="card">
<h1>Pay {money(total, asked.transfers[0].currency)}?</h1>
<p><strong>{escape(_asker(visit))}</strong> asks you to allow this payment.</p>
<ul class="transfers">{lines}</ul>
<form method="post" action="/decide" id="allow">
{_hidden(visit, csrf)}<input type="hidden" name="decision" value="allow">
{choice}
</form>
{_decisions(visit, csrf, "Pay", "Do not pay", bool(accounts))}
</section>
{_signed_in(visit, csrf, user)}""",
    )


def money(amount: Decimal, currency: str) -> str:
    """`1 234.50 RON`, with spaces that do not break."""
    return f"{amount:,}".replace(",", "\u202f").replace("-", "\u2212") + f"\u00a0{escape(currency)}"


def _transfer(transfer: Transfer) -> str:
    number = escape(_spaced(transfer.creditor_account.identification))
    remark = f'<span class="remark">{escape(transfer.remittance)}</span>' if transfer.remittance else ""
    return (
        f'<li><span class="to">{escape(transfer.creditor_name)}</span><span class="number">{number}</span>{remark}'
        f'<span class="amount">{money(transfer.amount, transfer.currency)}</span></li>'
    )


def _box(account: Account, kind: str, checked: str) -> str:
    number = next((each.identification for each in account.numbers if each.scheme == "IBAN"), "")
    balance = next((each for each in account.balances if each.kind == "InterimAvailable"), None)
    there = f'<span class="amount">{money(balance.amount, balance.currency)}</span>' if balance else ""
    return (
        f'<label class="account"><input type="{kind}" name="account" value="{escape(account.id)}" {checked}>'
        f'<span class="what"><span class="name">{escape(account.nickname)}</span>'
        f'<span class="sort">{escape(account.name)}</span>'
        f'<span class="number">{escape(_spaced(number))}</span></span>{there}</label>'
    )


def _decisions(visit: Visit, csrf: str, yes: str, no: str, possible: bool) -> str:
    allow = f'<button class="primary" form="allow">{yes}</button>' if possible else ""
    return f'<div class="actions">{allow}{_refusal(visit, csrf, no)}</div>'


def _refusal(visit: Visit, csrf: str, label: str) -> str:
    return f"""<form method="post" action="/decide">{_hidden(visit, csrf)}
<input type="hidden" name="decision" value="refuse"><button class="quiet">{label}</button></form>"""


def _signed_in(visit: Visit, csrf: str, user: str) -> str:
    return f"""<form class="who" method="post" action="/sign-out">{_hidden(visit, csrf)}
<p>Signed in as <strong>{escape(user)}</strong> <button class="link">Sign in as somebody else</button></p></form>"""


def _hidden(visit: Visit, csrf: str) -> str:
    return (
        f'<input type="hidden" name="request" value="{escape(visit.id)}">'
        f'<input type="hidden" name="csrf" value="{escape(csrf)}">'
    )


def _purpose(visit: Visit) -> str:
    return "allow a payment" if visit.is_payment else "choose which of your accounts it may read"


def _asker(visit: Visit) -> str:
    return urlsplit(visit.request.beginning.return_to).netloc


def _spaced(number: str) -> str:
    """An IBAN in groups of four, as it is printed."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
