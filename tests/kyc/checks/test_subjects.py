"""Whom a session has looked for: names that ask for it, names on papers, wallets; each with what is known of it."""

from msgspec.structs import replace

from frontdesk.kyc.checks.subjects import subjects
from frontdesk.kyc.model.definition import DocumentRequirement, Field
from frontdesk.kyc.model.session import Extraction, Progress
from kyc.factories import NOW, definition, document_step, form_step, session, uploaded

SCREENED = {"validate_lists": True}
PASSPORT = {
    "full_name": "ANA RUIZ", "given_names": "ANA", "surname": "RUIZ", "date_of_birth": "1991-11-02",
    "nationality": "PT", "document_number": "XK4410297",
}  # fmt: skip


def asked(form: dict[str, object], *fields: Field) -> Progress:
    step = form_step(custom_fields=fields)
    return session(definition(document_step(), step), form_data={"about_you": form})


def read(progress: Progress, values: dict[str, str]) -> Progress:
    seen = uploaded(progress)
    reading = Extraction("id", values, {"overall": 0.95}, "mrz", NOW, "passport")
    return seen.with_document(replace(seen.documents[0], extractions=(reading,)))


def test_only_fields_that_ask_for_it_are_looked_for() -> None:
    progress = asked(
        {"one": "Ana Ruiz", "two": "Otto Meier"},
        Field("one", "One", "name", options=SCREENED),
        Field("two", "Two", "name"),
    )
    [only] = subjects(progress)
    assert (only.text, only.kind) == ("Ana Ruiz", "person")
    assert only.source == {"source": "form", "step_id": "about_you", "field_id": "one"}


def test_a_person_comes_with_birth_country_and_paper() -> None:
    progress = asked(
        {"one": "Ana Ruiz", "date_of_birth": "1991-11-02", "home": "ES"},
        Field("one", "One", "name", options=SCREENED),
        Field("date_of_birth", "Born", "date"),
        Field("home", "Home", "country"),
    )
    [only] = subjects(read(progress, PASSPORT))
    assert (only.born, only.countries, only.numbers) == ("1991-11-02", ("ES", "PT"), ("XK4410297",))


def test_what_is_typed_does_not_hide_what_the_passport_says() -> None:
    progress = asked(
        {"one": "Ana Ruiz", "date_of_birth": "2000-01-01"},
        Field("one", "One", "name", options=SCREENED),
        Field("date_of_birth", "Born", "date"),
    )
    assert sorted(one.born or "" for one in subjects(read(progress, PASSPORT))) == ["1991-11-02", "2000-01-01"]


def test_names_on_papers_are_looked_for_without_a_field() -> None:
    found = subjects(read(asked({}), {**PASSPORT, "full_name": "ANA MARIA RUIZ"}))
    assert [one.text for one in found] == ["ANA MARIA RUIZ", "ANA RUIZ"]
    assert found[0].source == {"source": "read", "doc_id": "doc_1"}


def test_a_company_has_no_birth_and_a_wallet_only_its_address() -> None:
    progress = asked(
        {"firm": "Greywater Ltd", "date_of_birth": "1991-11-02", "purse": "bc1q"},
        Field("firm", "Firm", "name", options={**SCREENED, "name_type": "company"}),
        Field("date_of_birth", "Born", "date"),
        Field("purse", "Purse", "wallet", options=SCREENED),
    )
    firm, purse = subjects(progress)
    assert (firm.kind, firm.born, purse.kind, purse.born) == ("entity", None, "wallet", None)


def test_people_inside_a_group_have_nothing_of_the_customer() -> None:
    owners = Field("owners", "Owners", "entity_array", fields=(Field("who", "Who", "name", options=SCREENED),))
    progress = asked(
        {"date_of_birth": "1991-11-02", "owners": [{"who": "Rosa Luz"}, {"who": "Otto Meier"}, {}]},
        Field("date_of_birth", "Born", "date"),
        owners,
    )
    found = subjects(progress)
    assert [(one.text, one.born, one.countries) for one in found] == [("Rosa Luz", None, ()), ("Otto Meier", None, ())]


def test_what_stands_beside_a_name_in_a_group_goes_with_it() -> None:
    owner = (
        Field("who", "Who", "name", options=SCREENED),
        Field("dob", "Born", "date"),
        Field("home", "Home", "country"),
        Field("firm", "Firm", "name", options={**SCREENED, "name_type": "company"}),
    )
    owners = Field("owners", "Owners", "entity_array", fields=owner)
    listed = [{"who": "Rosa Luz", "dob": "1970-01-01", "home": "BR"}, {"firm": "Acme Ltd", "home": "SY"}]
    found = subjects(asked({"owners": listed}, owners))
    assert [(one.text, one.kind, one.born, one.countries) for one in found] == [
        ("Rosa Luz", "person", "1970-01-01", ("BR",)),
        ("Acme Ltd", "entity", None, ("SY",)),
    ]


def test_a_paper_of_somebody_else_is_looked_for_by_itself() -> None:
    step = document_step(document_requirements=(DocumentRequirement("id", "ID", entity_role="ubo"),))
    form = form_step(custom_fields=(Field("date_of_birth", "Born", "date"),))
    progress = session(definition(step, form), form_data={"about_you": {"date_of_birth": "1950-01-01"}})
    values = {key: value for key, value in PASSPORT.items() if key != "date_of_birth"}
    [only] = subjects(read(progress, values))
    assert only.born is None
