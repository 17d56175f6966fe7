"""Two onboarding sessions: a deposit up to its token, and account information by way of the sandbox bank."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from frontdesk.cli.demo.calling import Caller, Content, WentWrong
from frontdesk.cli.demo.telling import Teller
from frontdesk.cli.sandbox.person import LostAtTheBank, Person

DEPOSIT, ACCOUNTS = "demobank_ro_depo_sbx_#1.0", "demobank_ro_aisp_sbx_#1.0"
BACK = "sample-app://bank-done"
CODE = "123456"
"""The default of FRONTDESK_SANDBOX_CODE; the demo reads no settings of the server."""
PERSON = {
    "first_name": "Anna Maria",
    "last_name": "Eriksson",
    "email": "anna.eriksson@example.com",
    "phone": "+31 20 794 0221",
}


@dataclass(frozen=True, slots=True)
class App:
    """What the sample tenant's app and server hold."""

    client_id: str
    client_app_key: str
    client_secret: str


async def walk(caller: Caller, app: App, teller: Teller) -> bool:
    """Walk both; whether they ended as `SESSION_COMPLETED` and the consent was deleted."""
    teller.chapter("A user buys a deposit in the bank's app: an offer, personal data with a passport, a code")
    deposit, token = await _deposit(caller, app)
    await _exchanged(caller, app, token)
    teller.chapter("A user shares accounts: off to the bank, and back with a token that the server exchanges")
    session_id, token = await _shared(caller, app)
    holder = await _exchanged(caller, app, token)
    is_deleted = await _looked_at(caller, holder)
    ended = [await _ended(caller, app, teller, one) for one in (deposit, session_id)]
    return is_deleted and all(ended)


async def _deposit(caller: Caller, app: App) -> tuple[str, str]:
    """The session and its token."""
    session_id, nonce = await _begun(caller, app, DEPOSIT)
    form = {"value": "25000", "currency": "EUR", "period": "6"}
    taken = await _step(caller, app, DEPOSIT, session_id, nonce, "product_form", form)
    spent = taken["nonce"]
    taken = await _step(caller, app, DEPOSIT, session_id, spent, "personal_data", PERSON)
    content = files(__package__).joinpath("specimens/passport.jpg").read_bytes()
    fields = {"client_id": app.client_id, "nonce": spent, "name": "id_front"}
    await caller.send_form(f"/v1/steps/{taken['step_id']}/upload", _read, fields, "passport.jpg", content)
    taken = await _step(caller, app, DEPOSIT, session_id, taken["nonce"], "sms_request", {})
    taken = await _step(caller, app, DEPOSIT, session_id, taken["nonce"], "sms_code", {"code": CODE})
    return session_id, taken["temp_token"]


def _read(found: Content) -> str:
    ocr = found["data"].get("ocr", {})
    return f"read: {ocr.get('first_name')} {ocr.get('last_name')}" if ocr else "kept"


async def _shared(caller: Caller, app: App) -> tuple[str, str]:
    """The session and its token."""
    session_id, nonce = await _begun(caller, app, ACCOUNTS)
    taken = await _step(caller, app, ACCOUNTS, session_id, nonce, "sca", {"psu_redirect_link": BACK})
    async with Person("anna.eriksson") as person:
        try:
            back = await person.agree(taken["data"]["url"])
        except LostAtTheBank as error:
            raise WentWrong(str(error)) from error
    target = await caller.follow(back)
    found = parse_qs(urlsplit(target).query).get("temp_token")
    if not found:
        raise WentWrong("The user came back without a token")
    return session_id, found[0]


async def _begun(caller: Caller, app: App, skill: str) -> tuple[str, str]:
    body = {
        "tenant_user_id": "demo-user",
        "client_id": app.client_id,
        "client_app_key": app.client_app_key,
        "skill": skill,
    }
    started = await caller.as_client("/v1/sessions", lambda found: f"{found['status']}, {skill}", body)
    return started["session_id"], started["nonce"]


async def _step(caller: Caller, app: App, skill: str, session_id: str, nonce: str, step: str, data: Content) -> Content:
    body = {"client_id": app.client_id, "nonce": nonce, "skill": skill, "step": step, "data": data}
    taken: Content = await caller.as_client(
        f"/v1/sessions/{session_id}/steps", lambda found: f"{step}: {_said(found)}", body
    )
    return taken


def _said(found: Content) -> str:
    told = found["data"]
    if "offer" in told:
        return f"{told['offer']['rate']} % until {told['offer']['maturity']}"
    if "masked_phone" in told:
        return f"a code goes to {told['masked_phone']}"
    return "off to the bank" if "url" in told else str(found["status"])


async def _exchanged(caller: Caller, app: App, token: str) -> Content:
    body = {"client_id": app.client_id, "client_secret": app.client_secret}
    found = await caller.as_client(
        "/v1/tokens", lambda found: f"consent until {found['consent_exp'][:10]}", {**body, "temp_token": token}
    )
    return {**body, "credentials_id": found["credentials_id"], "access_token": found["access_token"]}


async def _looked_at(caller: Caller, holder: Content) -> bool:
    """Read what there is, end the consent; whether it is over."""
    reader = {**holder, "tenant_user_id": "demo-user"}
    for what in ("accounts", "balances", "transactions"):
        await caller.as_client(f"/v1/{what}/get", _counted(what), reader)
    gone: Content = await caller.as_client("/v1/consents/delete", lambda found: str(found["result"]["status"]), holder)
    return str(gone["result"]["status"]) == "DELETED"


def _counted(what: str) -> Any:
    return lambda found: f"{len(found)} {what}"


async def _ended(caller: Caller, app: App, teller: Teller, session_id: str) -> bool:
    body = {"client_id": app.client_id, "client_secret": app.client_secret, "session_id": session_id}
    found = await caller.as_client("/v1/sessions/get", lambda found: str(found["status"]), body)
    finished = str(found["status"]) == "SESSION_COMPLETED"
    teller.result("onboarding", session_id, found["status"], finished=finished)
    return finished
