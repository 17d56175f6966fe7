"""Whom a session is about, and what an answer of a screening service makes of a check."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.checks import subjects
from frontdesk.kyc.checks.screening import InputsMovedError, Screened, digest
from frontdesk.kyc.checks.validation import Known, findings
from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.session import Extraction
from frontdesk.ports.screening import Match, Subject
from kyc.factories import NOW, definition, document_step, form_step, session, uploaded

LISTED = {"validate_lists": True}
OWNER = (
    Field("owner", "Owner", "name", options=LISTED),
    Field("born", "Born", "date", field_key="dob"),
    Field("nat", "Nationality", "country", options={"country_type": "nationality"}),
)
FIELDS = (
    Field("full_name", "Name", "name", options=LISTED),
    Field("mother", "Mother", "name"),
    Field("date_of_birth", "Born", "date"),
    Field("home", "Home", "country"),
    Field("firm", "Firm", "name", options={**LISTED, "name_type": "company"}),
    Field("owners", "Owners", "entity_array", fields=OWNER),
    Field("wallet", "Wallet", "wallet", options={"network": "bitcoin"}),
)
FORM = {
    "full_name": "Ana Ruiz",
    "mother": "Eva Ruiz",
    "date_of_birth": "1991-11-02",
    "home": "PT",
    "firm": "Acme Lda",
    "owners": [{"owner": "Rui Costa", "born": "1970-01-01", "nat": "BR"}, {"owner": "Ana Ruiz", "nat": "SY"}],
    "wallet": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
}


def filled(form=None, read=None):
    workflow = definition(document_step(), form_step(custom_fields=FIELDS))
    progress = session(workflow, form_data={"about_you": FORM if form is None else form})
    if read is None:
        return progress
    found = Extraction("id", read, {"overall": 0.95}, "mrz", NOW, "passport")
    progress = uploaded(progress)
    return progress.with_document(replace(progress.documents[0], extractions=(found,)))


def test_names_that_are_to_be_screened_are_asked_about_with_what_stands_beside_them():
    assert subjects.asked(filled(), "adverse_media") == (
        Subject("1", "individual", "Ana Ruiz", "1991-11-02", ("PT", "SY")),
        Subject("2", "company", "Acme Lda", None, ("PT",)),
        Subject("3", "individual", "Rui Costa", "1970-01-01", ("BR",)),
    )


def test_the_name_on_the_customers_paper_is_asked_about():
    read = {"full_name": "ANA RUIZ DIAZ", "date_of_birth": "1991-11-02", "nationality": "PT", "country": "BR"}
    assert subjects.asked(filled({}, read), "adverse_media") == (
        Subject("1", "individual", "ANA RUIZ DIAZ", "1991-11-02", ("PT", "BR")),
    )
    same = subjects.asked(filled(None, {**read, "full_name": "ANA RUIZ"}), "adverse_media")
    assert [one.name for one in same] == ["Ana Ruiz", "Acme Lda", "Rui Costa"]
    [other, *_] = subjects.asked(
        filled(None, {**read, "full_name": "ANA RUIZ", "date_of_birth": "1950-05-05"}), "adverse_media"
    )
    assert other.date_of_birth is None


def test_lists_and_services_are_asked_about_the_same_people():
    read = {"full_name": "ANA RUIZ DIAZ", "date_of_birth": "1950-05-05"}
    progress = filled(None, read)
    named = {one.text for one in subjects.subjects(progress) if one.kind != "wallet"}
    assert named == {one.name for one in subjects.asked(progress, "adverse_media")}
    assert {"Ana Ruiz", "ANA RUIZ DIAZ", "Rui Costa", "Acme Lda"} == named


def test_wallets_are_asked_about_by_address():
    [wallet] = subjects.asked(filled(), "crypto")
    assert (wallet.kind, wallet.name, wallet.network) == ("wallet", FORM["wallet"], "bitcoin")
    assert subjects.asked(filled({}), "crypto") == ()


def found(progress, *matches, failure=None, check="adverse_media", asked=None):
    about = subjects.asked(progress, check) if asked is None else asked
    [one] = findings(progress, [check], NOW, Known({check: Screened(digest(about), matches, failure)}))
    return one


def test_only_an_answer_without_matches_is_clear():
    assert (found(filled()).status, found(filled()).facts) == ("clear", {"matches": []})
    one = found(filled(), Match("2", "The Gazette", "pep", 0.8, "Convicted", "https://x.example"))
    assert one.status == "match"
    assert one.facts["matches"] == [
        {
            "list_name": "The Gazette",
            "category": "pep",
            "confidence": 0.8,
            "name": "Acme Lda",
            "entry": "Convicted",
            "url": "https://x.example",
        }
    ]


@pytest.mark.parametrize("failure", ["unavailable", "refused"])
def test_a_service_that_failed_clears_nobody(failure):
    one = found(filled(), failure=failure)
    assert (one.status, one.facts) == ("error", {"reason": failure})


@pytest.mark.parametrize("check", ["adverse_media", "crypto"])
def test_without_a_service_or_anybody_to_ask_about_it_is_skipped(check):
    [none] = findings(filled(), [check], NOW)
    assert (none.status, none.facts["reason"]) == ("skipped", "not_configured")
    nobody = found(filled({}), check=check)
    assert (nobody.status, nobody.facts["reason"]) == ("skipped", "nobody_to_screen")


def test_an_answer_about_others_is_no_answer():
    with pytest.raises(InputsMovedError):
        found(filled(), asked=subjects.asked(filled({**FORM, "full_name": "Otto"}), "adverse_media"))


def test_the_digest_is_of_what_was_asked_about():
    assert found(filled()).inputs == digest(subjects.asked(filled(), "adverse_media"))
    assert found(filled()).inputs != found(filled({**FORM, "home": "BR"})).inputs
