"""Completing a step: what is missing, what is refused, and what follows."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import DocumentRequirement, Field
from frontdesk.kyc.model.session import StepAnswer
from frontdesk.kyc.rules.completion import (
    FieldsInvalid,
    FieldsMissing,
    FormNotAnObject,
    SubsessionsUnfinished,
    complete_step,
)
from frontdesk.kyc.rules.steps import OutOfOrder, StepNotEditable, StepNotFound
from kyc.factories import (
    ANSWERS,
    at,
    collection_step,
    definition,
    document_step,
    form_step,
    related,
    reserve,
    session,
    uploaded,
    when,
)

FORM = definition(form_step())


def complete(progress, step_id="about_you", form=None, minute=1):
    return complete_step(progress, step_id, form, at(minute))


def names(outcome):
    return [name for name, _ in outcome.events]


def refusal(progress, step_id="about_you", form=None, kind=FieldsMissing):
    with pytest.raises(kind) as caught:
        complete(progress, step_id, form)
    return caught.value


def test_a_session_is_completed_by_its_last_step():
    first = complete(uploaded(session()), "passport")
    assert first.answer == StepAnswer("passport", "completed", "about_you", False)
    assert (first.verb, first.progress.status) == (None, "active")
    last = complete(first.progress, form=ANSWERS, minute=2)
    assert last.answer == StepAnswer("about_you", "completed", None, True)
    assert (last.verb, last.progress.status, last.progress.completed_at) == ("complete", "completed", at(2))
    assert names(last) == ["kyc.step_started", "kyc.step_completed", "kyc.session.completed"]
    assert last.progress.form_data["about_you"]["email"] == "ana@example.net"


def test_processing_is_asked_for_when_the_workflow_wants_it():
    last = complete(session(definition(form_step(), auto=True)), form=ANSWERS)
    assert (last.progress.status, names(last)[-1]) == ("completed", "kyc.processing_requested")


def test_missing_fields_are_named_in_the_published_words():
    found = refusal(session(FORM), form={"email": "ana@example.net"})
    assert found.message == "Campos requeridos: Full name, Date of birth"
    assert found.details == {"missing_fields": ["full_name", "date_of_birth"]}
    assert found.code == "VALIDATION_ERROR"


def test_what_is_wrong_is_told_beside_what_is_missing():
    found = refusal(session(FORM), form={"email": "?"})
    assert found.message == "Campos requeridos: Full name, Date of birth"
    assert [one["field_id"] for one in found.details["fields"]] == ["email"]


def test_all_wrong_fields_are_told_at_once_and_no_value_is_repeated():
    form = {"full_name": "Ana", "date_of_birth": "secret-day", "email": "secret-mail"}
    found = refusal(session(FORM), form=form, kind=FieldsInvalid)
    assert found.message == "Invalid value: Date of birth, Email"
    assert [one["field_id"] for one in found.details["fields"]] == ["date_of_birth", "email"]
    assert "secret" not in found.message + str(found.details)


def test_form_data_is_laid_over_what_is_there():
    done = complete(session(definition(form_step(), document_step())), form=ANSWERS).progress
    changed = complete(done, form={"full_name": "Ana R. Ruiz", "email": None, "odd": 1}, minute=2).progress
    assert changed.form_data["about_you"] == {"full_name": "Ana R. Ruiz", "date_of_birth": "1991-11-02"}
    assert changed.step("about_you").completed_at == at(2)


def test_form_data_is_an_object():
    refusal(session(FORM), form=["x"], kind=FormNotAnObject)


@pytest.mark.parametrize("sent", [None, {}])
def test_a_form_without_required_fields_needs_no_form_data(sent):
    nothing = session(definition(form_step(custom_fields=(Field("a", "A", "text"),))))
    assert complete(nothing, form=sent).answer.session_completed


def test_a_document_step_needs_its_required_documents():
    found = refusal(session(), "passport", {})
    assert found.message == "Campos requeridos: Government ID"
    assert found.details == {"missing_fields": ["id"]}
    refusal(reserve(session()).progress, "passport")
    assert complete(uploaded(session(), document_type="passport"), "passport").answer


def test_both_sides_are_needed_where_two_are_asked_for():
    step = document_step(document_requirements=(DocumentRequirement("id", sides=2),))
    front = uploaded(session(definition(step)))
    refusal(front, "passport")
    assert complete(uploaded(front, "doc_2"), "passport").answer


def test_form_data_is_ignored_where_there_is_no_form():
    done = complete(uploaded(session()), "passport", {"full_name": "x"})
    assert done.progress.form_data == {}


def test_a_step_waits_for_the_required_ones_before_it():
    found = refusal(session(), form=ANSWERS, kind=OutOfOrder)
    assert found.code == "FORBIDDEN"


def test_a_step_does_not_wait_for_optional_or_hidden_ones():
    optional = document_step(required=False)
    hidden = document_step("extra", conditional_logic=when("full_name", "equals", "x"))
    opened = session(definition(optional, form_step("name"), hidden, form_step("last", custom_fields=())))
    named = complete(opened, "name", ANSWERS).progress
    done = complete(named, "last")
    assert done.answer == StepAnswer("last", "completed", "passport", False)
    assert complete(done.progress, "passport").progress.status == "completed"


def test_an_optional_step_may_be_completed_empty_but_not_by_halves():
    opened = session(definition(form_step(required=False), document_step()))
    assert complete(opened).progress.form_data["about_you"] == {}
    refusal(opened, form={"full_name": "Ana"})


def test_a_condition_may_make_an_optional_step_required():
    logic = when("full_name", "is_not_empty", action="require")
    needed = document_step(required=False, conditional_logic=logic)
    named = complete(session(definition(form_step(), needed)), form=ANSWERS).progress
    refusal(named, "passport")


def test_unknown_hidden_and_closed_steps():
    hidden = definition(form_step(), document_step(conditional_logic=when("email", "is_empty")))
    answered = complete(session(hidden), form=ANSWERS).progress
    refusal(answered, "nowhere", kind=StepNotFound)
    refusal(session(hidden, form_data={"about_you": ANSWERS}), "passport", kind=StepNotEditable)
    refusal(session(status="approved"), "passport", kind=StepNotEditable)


def test_repeating_the_last_body_gives_the_same_answer_and_no_second_event():
    done = complete(session(FORM), form=ANSWERS)
    again = complete(done.progress, form=dict(reversed(ANSWERS.items())), minute=5)
    assert (again.answer, again.changed, again.events) == (done.answer, False, ())
    closed = replace(done.progress, status="approved")
    assert complete(closed, form=ANSWERS).answer == done.answer
    refusal(closed, form={"full_name": "Other"}, kind=StepNotEditable)


def test_only_the_last_body_is_replayed():
    opened = session(definition(form_step(), document_step()))
    first = complete(opened, form=ANSWERS)
    second = complete(first.progress, form={**ANSWERS, "full_name": "Other"}, minute=2)
    third = complete(second.progress, form=ANSWERS, minute=3)
    assert third.changed
    assert third.progress.form_data["about_you"]["full_name"] == "Ana Ruiz"


@pytest.mark.parametrize("sent", [None, {}])
def test_null_and_nothing_are_the_same_body(sent):
    done = complete(uploaded(session()), "passport")
    assert not complete(done.progress, "passport", sent).changed


def test_a_file_field_takes_a_confirmed_upload_of_this_field():
    fields = (Field("licence", "Licence", "file", required=True), Field("other", "Other", "file"))
    opened = session(definition(form_step(custom_fields=fields)))
    refusal(opened, form={"licence": "doc_1"}, kind=FieldsInvalid)
    sent = uploaded(opened, step_id="about_you", document_type="licence")
    refusal(sent, form={"licence": "doc_1", "other": "doc_1"}, kind=FieldsInvalid)
    assert complete(sent, form={"licence": "doc_1"}).answer.session_completed


def test_files_that_the_form_does_not_name_are_set_aside():
    licence = form_step(custom_fields=(Field("licence", "Licence", "file", required=True),))
    sent = uploaded(session(definition(licence)), step_id="about_you", document_type="licence")
    sent = uploaded(sent, "doc_2", step_id="about_you", document_type="licence", now=at(1))
    done = complete(sent, form={"licence": "doc_2"}).progress
    assert [one.superseded for one in done.documents] == [True, False]


def test_an_answer_that_uncovers_a_required_field_makes_its_step_due_again():
    kind = form_step("kind", custom_fields=(Field("company", "Company?", "boolean", required=True),))
    vat = Field("vat", "VAT", "text", required=True, conditional_logic=when("company", "equals", True))
    opened = session(definition(kind, form_step("more", custom_fields=(vat,)), document_step()))
    private = complete(complete(opened, "kind", {"company": False}).progress, "more").progress
    company = complete(private, "kind", {"company": True}, 3)
    assert company.answer.next_step_id == "more"
    assert company.progress.step("more").status == "in_progress"
    assert "kyc.step_reopened" in names(company)


@pytest.mark.parametrize(
    ("statuses", "strict", "message"),
    [
        ([], False, "At least 1 subsessions are required"),
        (["active"], False, None),
        (["active"], True, "All subsessions must be completed first"),
        (["completed", "active"], True, "All subsessions must be completed first"),
        (["completed"], True, None),
    ],
)
def test_a_collection_is_completed_when_it_can_proceed(statuses, strict, message):
    step = collection_step(min_required=1, require_completion_before_proceed=strict)
    parties = tuple(related(f"sub_{place}", status) for place, status in enumerate(statuses))
    opened = session(definition(step), related=parties)
    if message is None:
        assert complete(opened, "owners").answer.session_completed
    else:
        assert refusal(opened, "owners", kind=SubsessionsUnfinished).message == message


def test_an_optional_collection_may_stay_empty():
    step = replace(collection_step(min_required=1), required=False)
    assert complete(session(definition(step)), "owners").answer.session_completed


def test_a_required_step_with_mere_types_needs_one_document():
    step = document_step(document_requirements=(), document_types=("visa", "other"))
    assert refusal(session(definition(step)), "passport").message == "Campos requeridos: ID document"
    sent = uploaded(session(definition(step)), document_type="other")
    assert complete(sent, "passport").answer.session_completed
