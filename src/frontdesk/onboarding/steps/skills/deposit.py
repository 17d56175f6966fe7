"""A deposit at the sandbox bank: an offer, personal data with an identity paper, and a one-time code."""

import calendar
import hmac
from datetime import date

from frontdesk.onboarding.steps import Accepted, Refused, Skill, Slot, Step, Visit

RATES = {"1": "3.90", "3": "4.60", "6": "5.10", "12": "5.40", "24": "5.15"}
"""Percent a year by the months of the deposit."""
OFFERED = ("EUR", "RON", "USD")
CODE_LENGTH = 6


def later_by(day: date, months: int) -> date:
    """The same day so many months on, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def offer(visit: Visit) -> Accepted | Refused:
    """What the bank pays for this money and time."""
    if visit.data["currency"] not in OFFERED:
        return Refused("currency", f"one of {', '.join(OFFERED)}")
    period = visit.data["period"]
    if period not in RATES:
        return Refused("period", f"months: one of {', '.join(RATES)}")
    maturity = later_by(visit.now.date(), int(period)).isoformat()
    return Accepted({"offer": {"rate": RATES[period], "maturity": maturity}})


def announce_code(visit: Visit) -> Accepted:
    """Say where the code goes. The sandbox sends none: its code is a setting of the server."""
    phone = visit.values["personal_data"]["phone"]
    return Accepted({"channel": "sms", "masked_phone": f"***{phone[-3:]}", "length": CODE_LENGTH})


def check_code(visit: Visit) -> Accepted | Refused:
    """Compare the code."""
    if not hmac.compare_digest(visit.data["code"].encode(), visit.code.encode()):
        return Refused("code", "the code that was sent")
    return Accepted()


def name(description: str) -> dict[str, object]:
    return {"type": "string", "minLength": 1, "maxLength": 100, "description": description}


SKILL = Skill(
    name="demobank_ro_depo_sbx_#1.0",
    family="marketplace",
    country="Romania",
    servicer_id="6f0b1c52-7d0e-4f3a-9a41-3f5d1b7c2e90",
    servicer_name="Demo Bank",
    steps=(
        Step(
            "product_form",
            fields={
                "value": {
                    "type": "string",
                    "pattern": r"^[1-9]\d{0,8}(\.\d{1,2})?$",
                    "description": "an amount as text",
                },
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "a 3-letter code"},
                "period": {"type": "string", "pattern": r"^\d{1,3}$", "description": "a number of months as text"},
            },
            act=offer,
        ),
        Step(
            "personal_data",
            fields={
                "first_name": name("a first name"),
                "last_name": name("a last name"),
                "email": {"type": "string", "format": "email", "maxLength": 254, "description": "an e-mail address"},
                "phone": {
                    "type": "string",
                    "pattern": r"^\+?[0-9][0-9 ()-]{5,20}[0-9]$",
                    "description": "a phone number",
                },
            },
            uploads=(Slot("id_front", required=True, prefills=True), Slot("selfie")),
        ),
        Step("sms_request", act=announce_code),
        Step("sms_code", kind="code", fields={"code": name("a code as text")}, act=check_code),
    ),
)
