"""Selfies: one face, large enough, sent as one picture."""

import pytest

from frontdesk.kyc.rules.completion import FieldsMissing, complete_step
from frontdesk.kyc.rules.papers import papers
from frontdesk.kyc.rules.selfies import selfie_fault
from frontdesk.kyc.rules.upload import DocumentTypeNotAllowed, FileTypeNotAllowed
from kyc.factories import NOW, at, definition, reserve, selfie_step, session, uploaded

STEP = selfie_step()


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        ([], "No face"),
        ([(200, 200), (40, 40)], "More than one"),
        ([(111, 300)], "at least 112 pixels"),
        ([(300, 111)], "at least 112 pixels"),
        ([(112, 112)], None),
    ],
)
def test_a_selfie_shows_one_face_that_is_large_enough(faces, words):
    found = selfie_fault(STEP, faces)
    assert (found is None) if words is None else (words in found)


def opened():
    return session(definition(STEP))


def test_a_selfie_is_sent_as_selfie_and_as_a_picture():
    assert reserve(opened(), step_id="me", document_type="selfie").answer.document.document_type == "selfie"
    for kind in ("id", None, "passport"):
        with pytest.raises(DocumentTypeNotAllowed):
            reserve(opened(), step_id="me", document_type=kind)
    with pytest.raises(FileTypeNotAllowed):
        reserve(opened(), step_id="me", document_type="selfie", mime_type="application/pdf")


def test_a_step_needs_its_selfie_and_the_newest_one_counts():
    with pytest.raises(FieldsMissing) as caught:
        complete_step(opened(), "me", None, NOW)
    assert caught.value.message == "Campos requeridos: Selfie"
    once = uploaded(opened(), "doc_1", "me", "selfie")
    twice = uploaded(once, "doc_2", "me", "selfie", at(1))
    assert [one.doc_id for one in twice.documents if one.current] == ["doc_2"]
    assert complete_step(twice, "me", None, at(2)).answer.session_completed


def test_a_selfie_is_no_paper():
    assert papers(uploaded(opened(), "doc_1", "me", "selfie")) == ()
