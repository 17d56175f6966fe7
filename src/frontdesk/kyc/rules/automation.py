"""Automation rules: what a workflow's rules make of a session. All are evaluated, and the strongest action wins."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from frontdesk.kyc.model.definition import Automation, Field
from frontdesk.kyc.model.findings import UNDONE, Finding, Triggered
from frontdesk.kyc.model.liveness import OWN_PROVIDER
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.conditions import compares, is_empty
from frontdesk.kyc.rules.papers import Paper, missing_types, papers
from frontdesk.kyc.rules.steps import view
from frontdesk.kyc.rules.validation_steps import verdicts

STRENGTH = ("auto_deny", "manual_review", "flag", "auto_approve")
"""The strongest first. `no_action` is weaker than all: a rule that wants it is told of, and decides nothing."""
APPROVING = frozenset({"auto_approve", "flag"})


class Judgement(msgspec.Struct, frozen=True):
    """What is to be done, and every rule that spoke, in the workflow's order."""

    action: str
    triggered: tuple[Triggered, ...]


def judge(progress: Progress, today: date) -> Judgement:
    """Evaluate the rules over the answers, the papers and the findings. Without rules, or with rules that are off,
    nothing is decided (`no_action`), unless a validation step leaves it to a person.

    The flag of a validation step marks what something else approves; by itself it approves nobody.
    """
    rules = progress.definition.validation_config.automation_rules
    said = verdicts(progress)
    reviews = [one.action for one in said if one.action == "manual_review"]
    if rules is None or not rules.enabled:
        return Judgement(strongest(reviews) or "no_action", said)
    triggered = [*_spoken(rules, progress, today), *said]
    action = strongest([*(one.action for one in triggered if one not in said), *reviews])
    if action is None:
        action = rules.default_action
        triggered.append(Triggered("default_action", action))
    if action == "auto_approve" and any(one.action == "flag" for one in said):
        action = "flag"
    if action in APPROVING:
        # Nobody is approved by rule on the strength of a check that never ran.
        undone = [one for one in progress.findings if one.status in UNDONE]
        triggered += [Triggered(f"checks.{one.check}", "manual_review", one.status) for one in undone]
        action = "manual_review" if undone else action
    return Judgement(action, tuple(triggered))


def strongest(actions: Iterable[str]) -> str | None:
    """The action that wins; None when no rule decides."""
    wanted = set(actions)
    return next((action for action in STRENGTH if action in wanted), None)


def _spoken(rules: Automation, progress: Progress, today: date) -> Iterator[Triggered]:
    found = papers(progress)
    lists: tuple[tuple[str, Iterable[dict[str, Any]], Callable[[dict[str, Any]], bool]], ...] = (
        ("country_rules", rules.country_rules, _country_of(progress, found)),
        ("list_match_rules", rules.list_match_rules, _match_of(progress.findings)),
        ("document_rules", rules.document_rules, _paper_of(progress, found, today)),
        ("form_field_rules", rules.form_field_rules, _field_of(progress)),
    )
    for name, listed, speaks in lists:
        for place, rule in enumerate(listed):
            if speaks(rule):
                yield Triggered(f"{name}[{place}]", rule["action"], rule.get("reason"))
    yield from _presence_and_faces(rules, progress)
    asked = [key for key, wanted in rules.auto_approve_when.items() if wanted]
    if asked and all(_APPROVALS[key](progress) for key in asked):
        yield Triggered("auto_approve_when", "auto_approve")


def _presence_and_faces(rules: Automation, progress: Progress) -> Iterator[Triggered]:
    alike, present = progress.finding("face_dedup"), progress.finding("liveness")
    dedup, own = rules.face_dedup, rules.uncertified_liveness
    if dedup is not None and dedup["enabled"] and alike is not None and alike.status == "match":
        yield Triggered("face_dedup", dedup["action"], dedup.get("reason"))
    checked = () if present is None else present.facts.get("checks", ())
    if own is not None and any(one["provider"] == OWN_PROVIDER for one in checked):
        yield Triggered("uncertified_liveness", own["action"], own.get("reason"))


def _country_of(progress: Progress, found: Iterable[Paper]) -> Callable[[dict[str, Any]], bool]:
    roles = countries(progress, found)

    def speaks(rule: dict[str, Any]) -> bool:
        asked = roles if "all" in rule["applies_to"] else rule["applies_to"]
        return any(rule["country_code"] in roles.get(role, ()) for role in asked)

    return speaks


def countries(progress: Progress, found: Iterable[Paper]) -> dict[str, set[str]]:
    """The countries that answers and papers name, by what they are to the customer."""
    roles: dict[str, set[str]] = {}
    seen = view(progress)
    for step_id, fields in seen.fields.items():
        for field in fields:
            for role, code in _countries_in(field, seen.answers.get((step_id, field.field_id))):
                roles.setdefault(role, set()).add(code)
    for paper in found:
        values = paper.values
        home = {"proof_of_address": "residence", "company_charter": "incorporation"}.get(paper.document.document_type)
        for role, key in (("nationality", "nationality"), ("other", "issuing_country"), (home or "other", "country")):
            if key in values:
                roles.setdefault(role, set()).add(values[key])
    return roles


def _countries_in(field: Field, value: Any) -> Iterator[tuple[str, str]]:
    """A country's role is its `country_type`; an address is where somebody lives."""
    if isinstance(value, list):
        for one in value:
            yield from _countries_in(field, one)
    elif isinstance(value, dict) and field.type == "address":
        if isinstance(value.get("country"), str):
            yield "residence", value["country"]
    elif isinstance(value, dict):
        for inner in field.fields:
            yield from _countries_in(inner, value.get(inner.field_id))
    elif field.type == "country" and isinstance(value, str):
        yield field.options.get("country_type") or "other", value


def _match_of(findings: Iterable[Finding]) -> Callable[[dict[str, Any]], bool]:
    matches = [match for one in findings for match in one.facts.get("matches", ())]

    def speaks(rule: dict[str, Any]) -> bool:
        return any(
            rule["list_name"] in ("any", match["list_name"])
            and rule["category"] in ("any", match["category"])
            and match["confidence"] >= rule["min_confidence"]
            for match in matches
        )

    return speaks


def _paper_of(progress: Progress, found: tuple[Paper, ...], today: date) -> Callable[[dict[str, Any]], bool]:
    differing = mismatched(progress.finding("documents"))

    def speaks(rule: dict[str, Any]) -> bool:
        wanted, condition, value = rule.get("document_type"), rule["condition"], rule.get("value")
        mine = [one for one in found if one.is_a(wanted)]
        if condition == "missing":
            return not mine if wanted else bool(missing_types(progress))
        if condition == "data_mismatch":
            return any(one.document.doc_id in differing for one in mine)
        return any(_PAPERS[condition](one, value, today) for one in mine)

    return speaks


def mismatched(finding: Finding | None) -> set[str]:
    """The documents that say something else than the form, or than they say themselves elsewhere."""
    lines = () if finding is None else finding.facts.get("comparison", ())
    return {
        one["doc_id"] for line in lines if line["agreement"] == "differs" for one in line["values"] if "doc_id" in one
    }


def _expires_within(paper: Paper, days: Any, today: date) -> bool:
    """A paper that has expired already is no better."""
    end = paper.day("expiry_date")
    return end is not None and end <= today + timedelta(days=days)


def _expired(paper: Paper, value: Any, today: date) -> bool:
    end = paper.day("expiry_date")
    return end is not None and end < today


def _issued_before(paper: Paper, days: Any, today: date) -> bool:
    issued = paper.day("issue_date")
    return issued is not None and issued < today - timedelta(days=days)


def _low_confidence(paper: Paper, least: Any, today: date) -> bool:
    return paper.reading is not None and paper.reading.scores.get("overall", 0) < least


def _zone_invalid(paper: Paper, value: Any, today: date) -> bool:
    return paper.values.get("mrz_valid") == "false"


def _country_in(paper: Paper, listed: Any, today: date) -> bool:
    keys = ("issuing_country", "country", "nationality")
    return next((paper.values[key] for key in keys if paper.values.get(key)), None) in listed


_PAPERS: Mapping[str, Callable[[Paper, Any, date], bool]] = {
    "expired": _expired,
    "expires_within_days": _expires_within,
    "issued_before_days": _issued_before,
    "low_confidence": _low_confidence,
    "mrz_invalid": _zone_invalid,
    "country_in": _country_in,
}


def _field_of(progress: Progress) -> Callable[[dict[str, Any]], bool]:
    seen = view(progress)

    def speaks(rule: dict[str, Any]) -> bool:
        key, field_id = rule.get("field_key"), rule.get("field_id")
        values = [
            seen.answers.get((step_id, field.field_id))
            for step_id, fields in seen.fields.items()
            for field in fields
            if (field.key == key if key else field.field_id == field_id)
        ]
        if rule["operator"] == "is_empty":
            return all(is_empty(one) for one in values)
        # Unlike a condition's, a rule's negation needs an answer: silence proves nothing.
        return any(not is_empty(one) and compares(one, rule["operator"], rule.get("value")) for one in values)

    return speaks


def _status_is(check: str, status: str) -> Callable[[Progress], bool]:
    def holds(progress: Progress) -> bool:
        found = progress.finding(check)
        return found is not None and found.status == status

    return holds


_APPROVALS: Mapping[str, Callable[[Progress], bool]] = {
    "no_list_matches": _status_is("lists", "clear"),
    "face_match_passed": _status_is("face_match", "passed"),
    "liveness_passed": _status_is("liveness", "passed"),
    "documents_valid": _status_is("documents", "passed"),
}
