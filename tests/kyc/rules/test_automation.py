"""Automation rules against a second, naive evaluation; and that no weaker action ever wins."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Automation, Definition, Field, Step, ValidationConfig
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.session import Extraction, StepState
from frontdesk.kyc.rules.automation import judge
from kyc.factories import NOW, document_step, form_step, session, uploaded

TODAY = NOW.date()
ORDER = ["auto_deny", "manual_review", "flag", "auto_approve"]
ACTIONS = st.sampled_from([*ORDER, "no_action"])
CODES = ("PT", "SY", "US")
FIELDS = (
    Field("nat", "Nationality", "country", options={"country_type": "nationality"}),
    Field("home", "Home", "country", options={"country_type": "residence"}),
    Field("age", "Age", "number", field_key="years"),
    Field("job", "Job", "text"),
)
STEPS = (document_step(), form_step(custom_fields=FIELDS))


def days(number: int) -> str:
    return (TODAY + timedelta(days=number)).isoformat()


def optional(**parts: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries({}, optional=parts)


FORMS = optional(
    nat=st.sampled_from(CODES),
    home=st.sampled_from(CODES),
    age=st.integers(15, 20),
    job=st.sampled_from(["clerk", "baker"]),
)
READ = st.none() | st.tuples(
    optional(
        nationality=st.sampled_from(CODES),
        issuing_country=st.sampled_from(CODES),
        expiry_date=st.integers(-2, 2).map(days),
        issue_date=st.integers(-4, 0).map(days),
        mrz_valid=st.sampled_from(["true", "false"]),
    ),
    st.sampled_from([0.4, 0.6, 0.9]),
)
MATCHES = st.lists(
    st.fixed_dictionaries(
        {
            "list_name": st.sampled_from(["ofac", "un"]),
            "category": st.sampled_from(["pep", "sanctions"]),
            "confidence": st.sampled_from([0.5, 0.8, 1.0]),
        }
    ),
    max_size=2,
)
FOUND = optional(
    lists=st.tuples(st.sampled_from(["clear", "match", "skipped", "error"]), MATCHES),
    documents=st.tuples(st.sampled_from(["passed", "failed", "review"]), st.booleans()),
    liveness=st.tuples(
        st.sampled_from(["passed", "failed", "skipped"]), st.sampled_from([None, "local", "aws_rekognition"])
    ),
    face_match=st.sampled_from(["passed", "passed", "review", "failed", "error"]),
    face_dedup=st.sampled_from(["clear", "match", "skipped"]),
    adverse_media=st.tuples(st.sampled_from(["clear", "match", "skipped", "error"]), MATCHES),
)
REVIEW = st.none() | st.tuples(
    st.sampled_from(["flag", "manual_review"]),
    st.lists(st.sampled_from(["lists", "face_match"]), min_size=1, unique=True),
)
"""A validation step: its `on_fail` and its checks."""
COUNTRY = st.fixed_dictionaries(
    {
        "country_code": st.sampled_from(CODES),
        "applies_to": st.lists(st.sampled_from(["all", "nationality", "residence"]), min_size=1, unique=True),
        "action": ACTIONS,
    }
)
LISTED = st.fixed_dictionaries(
    {
        "list_name": st.sampled_from(["any", "ofac"]),
        "category": st.sampled_from(["any", "pep"]),
        "min_confidence": st.sampled_from([0, 0.7]),
        "action": ACTIONS,
    }
)
PAPER = st.one_of(
    st.fixed_dictionaries(
        {"condition": st.sampled_from(["missing", "expired", "mrz_invalid", "data_mismatch"]), "action": ACTIONS},
        optional={"document_type": st.sampled_from(["id", "visa"])},
    ),
    *(
        st.fixed_dictionaries({"condition": st.just(condition), "value": values, "action": ACTIONS})
        for condition, values in {
            "expires_within_days": st.integers(0, 2),
            "issued_before_days": st.integers(0, 4),
            "low_confidence": st.sampled_from([0.5, 0.7]),
            "country_in": st.lists(st.sampled_from(CODES), max_size=2),
        }.items()
    ),
)
ENTERED = st.one_of(
    st.fixed_dictionaries(
        {
            "field_key": st.just("years"),
            "operator": st.sampled_from(["greater_than", "less_than", "equals", "not_equals"]),
            "value": st.integers(16, 19),
            "action": ACTIONS,
        }
    ),
    st.fixed_dictionaries(
        {
            "field_id": st.just("job"),
            "operator": st.sampled_from(["is_empty", "is_not_empty", "not_in", "in"]),
            "value": st.just(["clerk"]),
            "action": ACTIONS,
        }
    ),
    st.fixed_dictionaries(
        {
            "field_id": st.just("job"),
            "operator": st.sampled_from(["contains", "not_contains"]),
            "value": st.sampled_from(["CLERK", "ker", "x"]),
            "action": ACTIONS,
        }
    ),
)
RULES = st.fixed_dictionaries(
    {
        "country_rules": st.lists(COUNTRY, max_size=3),
        "list_match_rules": st.lists(LISTED, max_size=2),
        "document_rules": st.lists(PAPER, max_size=3),
        "form_field_rules": st.lists(ENTERED, max_size=2),
        "auto_approve_when": optional(
            no_list_matches=st.booleans(),
            documents_valid=st.booleans(),
            liveness_passed=st.booleans(),
            face_match_passed=st.booleans(),
        ),
        "face_dedup": st.none() | st.fixed_dictionaries({"enabled": st.booleans(), "action": ACTIONS}),
        "uncertified_liveness": st.none() | st.fixed_dictionaries({"action": ACTIONS}),
        "default_action": ACTIONS,
        "enabled": st.sampled_from([True, True, True, False]),
    }
)


def made(rules, form, read, found, review=None):
    """The session that these inputs make."""
    listed = {name: tuple(value) if isinstance(value, list) else value for name, value in rules.items()}
    config = ValidationConfig(automation_rules=Automation(**listed))
    asked = () if review is None else (Step("check", 9, "C", "validation", checks=tuple(review[1]), on_fail=review[0]),)
    steps = tuple(replace(step, order=place) for place, step in enumerate((*STEPS, *asked), 1))
    progress = session(Definition("Rules", steps, validation_config=config))
    if read is not None:
        values, overall = read
        progress = uploaded(progress)
        extraction = Extraction("id", values, {"overall": overall}, "mrz", NOW, "passport")
        progress = progress.with_document(replace(progress.documents[0], extractions=(extraction,)))
    findings = []
    if "lists" in found:
        findings.append(Finding("lists", found["lists"][0], NOW, "", {"matches": found["lists"][1]}))
    if "documents" in found:
        status, differs = found["documents"]
        line = {"field": "full_name", "agreement": "differs" if differs else "close", "values": [{"doc_id": "doc_1"}]}
        findings.append(Finding("documents", status, NOW, "", {"comparison": [line]}))
    if "liveness" in found:
        status, provider = found["liveness"]
        checks = [{"provider": provider}] if provider else []
        findings.append(Finding("liveness", status, NOW, "", {"checks": checks}))
    findings += [Finding(check, found[check], NOW, "") for check in ("face_match", "face_dedup") if check in found]
    if "adverse_media" in found:
        status, matches = found["adverse_media"]
        findings.append(Finding("adverse_media", status, NOW, "", {"matches": matches}))
    states = () if review is None else (StepState("check", "completed", NOW, NOW),)
    return replace(progress, form_data={"about_you": form}, findings=tuple(findings), steps=states)


def status_of(found, check):
    """The status of a check among the drawn findings."""
    return found[check] if isinstance(found[check], str) else found[check][0]


def naive(rules, form, read, found, review=None):
    """The same by brute force: a list of every action that is wanted, then the table of strengths read downwards."""
    bad = review is not None and any(
        status_of(found, key) not in ("clear", "passed") for key in review[1] if key in found
    )
    if not rules["enabled"]:
        return "manual_review" if bad and review[0] == "manual_review" else "no_action"
    values, overall = read if read is not None else ({}, None)
    wanted = []
    for rule in rules["country_rules"]:
        code = rule["country_code"]
        said = {"nationality": [form.get("nat"), values.get("nationality")], "residence": [form.get("home")]}
        everywhere = [*said["nationality"], *said["residence"], values.get("issuing_country")]
        for role in rule["applies_to"]:
            if code in (everywhere if role == "all" else said[role]):
                wanted.append(rule["action"])
    for rule in rules["list_match_rules"]:
        for match in [*found.get("lists", (None, []))[1], *found.get("adverse_media", (None, []))[1]]:
            named = rule["list_name"] == "any" or rule["list_name"] == match["list_name"]
            kind = rule["category"] == "any" or rule["category"] == match["category"]
            if named and kind and not match["confidence"] < rule["min_confidence"]:
                wanted.append(rule["action"])
    for rule in rules["document_rules"]:
        absent = read is None or rule.get("document_type") == "visa"
        if naive_paper(rule, absent, values, overall, found, read is None):
            wanted.append(rule["action"])
    for rule in rules["form_field_rules"]:
        if naive_field(rule, form):
            wanted.append(rule["action"])
    asked = [name for name, on in rules["auto_approve_when"].items() if on]
    holds = {
        "no_list_matches": found.get("lists", ("",))[0] == "clear",
        "documents_valid": found.get("documents", ("",))[0] == "passed",
        "liveness_passed": found.get("liveness", ("",))[0] == "passed",
        "face_match_passed": found.get("face_match") == "passed",
    }
    if rules["face_dedup"] and rules["face_dedup"]["enabled"] and found.get("face_dedup") == "match":
        wanted.append(rules["face_dedup"]["action"])
    if rules["uncertified_liveness"] and found.get("liveness", ("", ""))[1] == "local":
        wanted.append(rules["uncertified_liveness"]["action"])
    if asked and False not in [holds[name] for name in asked]:
        wanted.append("auto_approve")
    if bad and review[0] == "manual_review":
        wanted.append("manual_review")
    winner = rules["default_action"]
    for action in reversed(ORDER):
        if action in wanted:
            winner = action
    if bad and review[0] == "flag" and winner == "auto_approve":
        winner = "flag"
    undone = {status_of(found, key) for key in found} & {"skipped", "error"}
    return "manual_review" if undone and winner in ("flag", "auto_approve") else winner


def naive_paper(rule, absent, values, overall, found, none_at_all):
    if rule["condition"] == "missing":
        return absent if "document_type" in rule else none_at_all
    if absent:
        return False
    expiry, issue = (
        date.fromisoformat(values[key]) if key in values else None for key in ("expiry_date", "issue_date")
    )
    country = values.get("issuing_country", values.get("nationality"))
    return {
        "expired": lambda: expiry is not None and (expiry - TODAY).days < 0,
        "expires_within_days": lambda: expiry is not None and (expiry - TODAY).days <= rule["value"],
        "issued_before_days": lambda: issue is not None and (TODAY - issue).days > rule["value"],
        "low_confidence": lambda: overall < rule["value"],
        "mrz_invalid": lambda: values.get("mrz_valid") == "false",
        "country_in": lambda: country is not None and country in rule["value"],
        "data_mismatch": lambda: found.get("documents", ("", False))[1],
    }[rule["condition"]]()


def naive_field(rule, form):
    if "field_key" in rule:
        age, limit = form.get("age"), rule["value"]
        if age is None:
            return False
        return {
            "greater_than": age > limit,
            "less_than": age < limit,
            "equals": age == limit,
            "not_equals": age != limit,
        }[rule["operator"]]
    job = form.get("job")
    if job is None:
        return rule["operator"] == "is_empty"
    if "contains" in rule["operator"]:
        return (rule["value"].lower() in job) is (rule["operator"] == "contains")
    return {"is_empty": False, "is_not_empty": True, "in": job == "clerk", "not_in": job != "clerk"}[rule["operator"]]


@settings(max_examples=600, deadline=None)
@given(RULES, FORMS, READ, FOUND, REVIEW)
def test_rules_decide_as_a_naive_evaluation_does(rules, form, read, found, review):
    judged = judge(made(rules, form, read, found, review), TODAY)
    assert judged.action == naive(rules, form, read, found, review)


@settings(max_examples=300, deadline=None)
@given(RULES, FORMS, READ, FOUND, REVIEW)
def test_no_weaker_action_ever_wins(rules, form, read, found, review):
    judged = judge(made(rules, form, read, found, review), TODAY)
    marks = [one for one in judged.triggered if one.rule.startswith("steps.") and one.action == "flag"]
    spoken = [one.action for one in judged.triggered if one.action in ORDER and one not in marks]
    assert all(ORDER.index(judged.action) <= ORDER.index(action) for action in spoken)
    assert not marks or judged.action != "auto_approve"
    assert judged == judge(made(rules, form, read, found, review), TODAY)


@given(RULES, FORMS, READ, FOUND, st.sampled_from(["auto_deny", "manual_review"]))
def test_one_more_strong_rule_never_makes_the_outcome_weaker(rules, form, read, found, action):
    form = {**form, "nat": "PT"}
    more = {**rules, "enabled": True, "country_rules": [*rules["country_rules"], saying(action)]}
    judged = judge(made(more, form, read, found), TODAY).action
    before = judge(made({**rules, "enabled": True}, form, read, found), TODAY).action
    assert judged in ("auto_deny", action)
    assert before != "auto_deny" or judged == "auto_deny" or before == rules["default_action"]


def decided(form=None, found=None, read=None, **rules):
    listed = {"default_action": "no_action", "enabled": True, **rules}
    return judge(made(listed, form or {}, read, found or {}), TODAY)


def saying(action, country="PT"):
    return {"country_code": country, "applies_to": ["all"], "action": action}


@pytest.mark.parametrize(
    ("actions", "winner"),
    [
        (["auto_approve", "flag", "auto_deny"], "auto_deny"),
        (["auto_approve", "flag"], "flag"),
        (["flag", "manual_review"], "manual_review"),
        (["auto_approve", "no_action"], "auto_approve"),
        (["no_action"], "no_action"),
    ],
)
def test_the_strongest_action_wins(actions, winner):
    judged = decided({"nat": "PT"}, country_rules=[saying(action) for action in actions])
    assert judged.action == winner
    assert [one.action for one in judged.triggered][: len(actions)] == actions


def test_without_rules_nothing_is_decided():
    assert judge(session(), TODAY).action == "no_action"


def test_the_default_acts_when_no_rule_decides():
    assert decided({"nat": "PT"}, country_rules=[saying("auto_deny", "SY")], default_action="flag").action == "flag"
    assert decided({"nat": "PT"}, country_rules=[saying("no_action")], default_action="flag").action == "flag"


@pytest.mark.parametrize("status", ["skipped", "error"])
@pytest.mark.parametrize("action", ["auto_approve", "flag"])
def test_nobody_is_approved_on_a_check_that_did_not_run(status, action):
    judged = decided({"nat": "PT"}, {"lists": (status, [])}, country_rules=[saying(action)])
    assert judged.action == "manual_review"
    assert judged.triggered[-1].rule == "checks.lists"
    assert decided({"nat": "PT"}, {"lists": (status, [])}, country_rules=[saying("auto_deny")]).action == "auto_deny"


def test_conditions_that_are_all_off_approve_nobody():
    assert decided(auto_approve_when={"no_list_matches": False}).action == "no_action"
    assert decided(auto_approve_when={}).action == "no_action"


def test_a_country_inside_a_list_of_people_counts():
    owners = Field("owners", "Owners", "entity_array", fields=(FIELDS[0],))
    rules = Automation(country_rules=(saying("auto_deny", "SY"),), default_action="no_action")
    workflow = Definition(
        "Rules",
        (form_step(order=1, custom_fields=(owners,)),),
        validation_config=ValidationConfig(automation_rules=rules),
    )
    progress = session(workflow, form_data={"about_you": {"owners": [{"nat": "PT"}, {"nat": "SY"}]}})
    assert judge(progress, TODAY).action == "auto_deny"
