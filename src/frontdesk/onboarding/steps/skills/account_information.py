"""Account information of the sandbox bank: by redirect, or at once where no browser is at hand."""

from frontdesk.onboarding.steps import Accepted, Outside, Redirected, Skill, Step, Visit
from frontdesk.onboarding.steps.banking import LINK, finish, outcome
from frontdesk.ports.bank_records import Access, Beginning, ConsentRequest

ACCESS: tuple[Access, ...] = ("accounts", "balances", "transactions")
IBANS = {
    "type": "array",
    "maxItems": 20,
    "items": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", "description": "an IBAN"},
    "description": "an array of IBANs",
}


async def ask(visit: Visit, outside: Outside) -> Redirected | Accepted:
    """Ask the bank for a consent."""
    beginning = Beginning(visit.step_id, visit.user_id, outside.return_to, outside.state)
    request = ConsentRequest(beginning, ACCESS, outside.until, tuple(visit.data.get("ibans", ())))
    return outcome(visit, await outside.bank.begin_consent(request))


async def ask_implicitly(visit: Visit, outside: Outside) -> Redirected | Accepted:
    """Ask the bank for a consent that needs nobody's visit."""
    request = ConsentRequest(Beginning(visit.step_id, visit.user_id), ACCESS, outside.until, implicit=True)
    return outcome(visit, await outside.bank.begin_consent(request))


SKILL = Skill(
    name="demobank_ro_aisp_sbx_#1.0",
    family="account_information",
    country="Romania",
    servicer_id="6f0b1c52-7d0e-4f3a-9a41-3f5d1b7c2e90",
    servicer_name="Demo Bank",
    grants="accounts",
    steps=(
        Step(
            "sca",
            kind="redirect",
            fields={"psu_redirect_link": LINK, "ibans": IBANS},
            optional=("ibans",),
            ask=ask,
            finish=finish,
        ),
        Step("sca_implicit", kind="implicit", ask=ask_implicitly, instead_of="sca"),
    ),
)
