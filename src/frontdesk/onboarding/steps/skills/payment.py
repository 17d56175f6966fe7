"""Payment initiation at the sandbox bank: one or more credit transfers, allowed on the bank's page."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from frontdesk.onboarding.steps import Accepted, Outside, Redirected, Skill, Step, Visit
from frontdesk.onboarding.steps.banking import LINK, finish, outcome
from frontdesk.ports.bank_records import AccountNumber, Beginning, PaymentRequest, Transfer

Schema = Mapping[str, Any]


def text(longest: int, description: str) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": description}


def whole(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        "description": "an object",
    }


def listed(items: Schema, description: str) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": 100, "items": items, "description": description}


AMOUNT = {
    "type": "string",
    "pattern": r"^(?!0+(\.0+)?$)\d{1,12}(\.\d{1,2})?$",
    "description": "a decimal above zero with at most 2 places, as text",
}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$", "description": "a 3-letter code"}
ACCOUNT = whole(
    ("scheme_name", "identification"),
    scheme_name={"enum": ["IBAN", "BICFI"], "description": "IBAN or BICFI"},
    identification={"type": "string", "pattern": "^[A-Z0-9]{8,34}$", "description": "an account number"},
)
NAMED = whole((), name=text(140, "a name"))
TRANSFER = whole(
    ("instructed_amount", "creditor", "creditor_account"),
    end_to_end_id=text(35, "at most 35 characters"),
    instructed_amount=whole(("amount", "currency"), amount=AMOUNT, currency=CURRENCY),
    creditor=whole(("name",), name=text(140, "a name")),
    creditor_account=ACCOUNT,
    remittance_information=text(140, "at most 140 characters"),
)
BLOCK = whole(
    ("credit_transfers",),
    payment_info_id=text(35, "at most 35 characters"),
    requested_execution_date={"type": "string", "format": "date", "description": "a date, as 2031-01-05"},
    debtor=NAMED,
    debtor_account=ACCOUNT,
    credit_transfers=listed(TRANSFER, "an array of 1 to 100 transfers"),
)
HEADER = whole((), message_id=text(35, "at most 35 characters"), txs_no={"type": "number", "description": "a number"})


def transfers(blocks: list[dict[str, Any]]) -> Iterator[Transfer]:
    """The transfers of all blocks, each with what its block shares."""
    for block in blocks:
        debtor, on = block.get("debtor_account"), block.get("requested_execution_date")
        for one in block["credit_transfers"]:
            yield Transfer(
                amount=Decimal(one["instructed_amount"]["amount"]),
                currency=one["instructed_amount"]["currency"],
                creditor_name=one["creditor"]["name"],
                creditor_account=number(one["creditor_account"]),
                end_to_end_id=one.get("end_to_end_id", ""),
                remittance=one.get("remittance_information", ""),
                block=block.get("payment_info_id", ""),
                debtor_name=block.get("debtor", {}).get("name", ""),
                debtor_account=number(debtor) if debtor else None,
                execute_on=date.fromisoformat(on) if on else None,
            )


def number(told: Mapping[str, str]) -> AccountNumber:
    return AccountNumber(told["scheme_name"], told["identification"])


async def ask(visit: Visit, outside: Outside) -> Redirected | Accepted:
    """Lay the payment before the bank. The key is the step's, so that one nonce never pays twice."""
    user = visit.data.get("psu_id") or visit.user_id
    beginning = Beginning(visit.step_id, user, outside.return_to, outside.state)
    request = PaymentRequest(beginning, tuple(transfers(visit.data["payment_info"])))
    return outcome(visit, await outside.bank.begin_payment(request))


SKILL = Skill(
    name="demobank_ro_pisp_sbx_#1.0",
    family="payment_initiation",
    country="Romania",
    servicer_id="6f0b1c52-7d0e-4f3a-9a41-3f5d1b7c2e90",
    servicer_name="Demo Bank",
    grants="payment",
    steps=(
        Step(
            "payment_intent",
            kind="redirect",
            fields={
                "psu_redirect_link": LINK,
                "psu_id": text(255, "the user's name at the bank"),
                "group_header": HEADER,
                "payment_info": listed(BLOCK, "an array of 1 to 100 payment blocks"),
            },
            optional=("psu_id", "group_header"),
            ask=ask,
            finish=finish,
        ),
    ),
)
