"""When a document is read, how often, and what becomes of the result."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import DocumentRequirement
from frontdesk.kyc.model.session import Extraction
from frontdesk.kyc.rules.extraction import (
    MOST_RUNS,
    ExtractionLost,
    ExtractionUnderWay,
    ExtractionUsedUp,
    claim_extraction,
    record_extraction,
)
from frontdesk.kyc.rules.steps import StepNotEditable
from frontdesk.kyc.rules.upload import DocumentNotFound, DocumentTypeNotAllowed
from kyc.factories import at, definition, document_step, reserve, session, uploaded


def read(document_type="id"):
    return Extraction(document_type, {"surname": "RUIZ"}, {"overall": 0.9}, "mrz", at(2))


def test_a_run_is_claimed_first_and_its_result_is_kept():
    claimed = claim_extraction(uploaded(session()), "doc_1", None, at(1))
    assert (claimed.answer.document_type, claimed.answer.run) == ("id", 1)
    done = record_extraction(claimed.progress, "doc_1", 1, read())
    assert done.progress.document("doc_1").extraction_state == "done"
    again = claim_extraction(done.progress, "doc_1", "id", at(3))
    assert (again.answer, again.changed) == (read(), False)


def test_a_finer_type_is_no_further_run_since_one_reader_reads_all_identity_papers():
    claimed = claim_extraction(uploaded(session()), "doc_1", "passport", at(1))
    done = record_extraction(claimed.progress, "doc_1", 1, read("passport"))
    other = claim_extraction(done.progress, "doc_1", None, at(2))
    assert (other.answer, other.changed) == (read("passport"), False)


def test_another_type_is_not_read():
    with pytest.raises(DocumentTypeNotAllowed):
        claim_extraction(uploaded(session()), "doc_1", "bank_ownership", at(1))
    paper = document_step(document_requirements=(DocumentRequirement("other"),))
    anything = uploaded(session(definition(paper)), document_type="other")
    assert claim_extraction(anything, "doc_1", "bank_ownership", at(1)).answer


@pytest.mark.parametrize("doc_id", ["doc_9", "doc_2"])
def test_only_confirmed_documents_are_read(doc_id):
    progress = reserve(uploaded(session()), "doc_2").progress
    with pytest.raises(DocumentNotFound, match=r"^Document not found$"):
        claim_extraction(progress, doc_id, None, at(1))


def test_a_document_is_read_five_times_at_most():
    progress = uploaded(session())
    for run in range(1, MOST_RUNS + 1):
        claimed = claim_extraction(progress, "doc_1", None, at(run))
        progress = record_extraction(claimed.progress, "doc_1", run, None).progress
        assert progress.document("doc_1").extraction_state == "failed"
    with pytest.raises(ExtractionUsedUp):
        claim_extraction(progress, "doc_1", None, at(9))


def test_two_do_not_read_at_once_but_a_dead_run_is_replaced():
    first = claim_extraction(uploaded(session()), "doc_1", None, at(1)).progress
    with pytest.raises(ExtractionUnderWay):
        claim_extraction(first, "doc_1", None, at(2))
    second = claim_extraction(first, "doc_1", None, at(3)).progress
    with pytest.raises(ExtractionLost):
        record_extraction(second, "doc_1", 1, read())
    assert record_extraction(second, "doc_1", 2, read()).answer == read()


def test_a_closed_step_is_read_in_the_background_only():
    closed = replace(uploaded(session()), status="completed")
    with pytest.raises(StepNotEditable):
        claim_extraction(closed, "doc_1", None, at(1))
    assert claim_extraction(closed, "doc_1", None, at(1), in_background=True).answer.run == 1
