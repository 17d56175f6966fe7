"""Announcing and confirming files: types, sizes, capacity."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import DocumentRequirement, Field
from frontdesk.kyc.rules.confirm import (
    FileRefused,
    UploadMismatch,
    UploadNotStored,
    confirm_upload,
    upload_at_once,
)
from frontdesk.kyc.rules.requirements import MEGABYTE
from frontdesk.kyc.rules.steps import StepNotEditable, StepNotFound
from frontdesk.kyc.rules.upload import (
    DocumentNotFound,
    DocumentTypeNotAllowed,
    FileNameInvalid,
    FileTooLarge,
    FileTypeNotAllowed,
    TooManyFiles,
    UploadLapsed,
    UploadRequest,
    UploadSpent,
    store_upload,
)
from kyc.factories import (
    TENANT,
    at,
    collection_step,
    confirmation,
    definition,
    document_step,
    form_step,
    inspection,
    reserve,
    session,
    uploaded,
)

MANY = document_step(document_requirements=(DocumentRequirement("other", "Papers", allow_multiple=True, max_files=2),))
FILES = form_step(custom_fields=(Field("licence", "Licence", "file"), Field("city", "City", "text")))


def names(outcome):
    return [name for name, _ in outcome.events]


def test_a_reserved_upload_has_a_key_and_a_quarter_of_an_hour():
    begun = reserve(session(), file_name="C:\\scans\\a/front.png")
    document = begun.answer.document
    assert document.blob_key == f"{TENANT}/5c1d7f0e/doc_1.png"
    assert (document.file_name, document.state, document.url_expires_at) == ("front.png", "initiated", at(15))
    assert begun.answer.max_size_bytes == 10 * MEGABYTE
    assert begun.progress.step("passport").status == "in_progress"
    assert names(begun) == ["kyc.step_started", "kyc.upload_started"]


@pytest.mark.parametrize("finer", ["passport", "national_id", "driver_license"])
def test_a_finer_paper_satisfies_a_wish_for_an_id(finer):
    assert reserve(session(), document_type=finer).answer.document.document_type == finer


def test_a_listed_type_without_a_requirement_is_welcome_too():
    step = document_step(document_types=("visa",))
    assert reserve(session(definition(step)), document_type="visa").answer


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"step_id": "nowhere"}, StepNotFound),
        ({"document_type": "visa"}, DocumentTypeNotAllowed),
        ({"document_type": None}, DocumentTypeNotAllowed),
        ({"field_id": "full_name"}, DocumentTypeNotAllowed),
        ({"step_id": "about_you", "document_type": "full_name"}, DocumentTypeNotAllowed),
        ({"file_name": "a/"}, FileNameInvalid),
        ({"file_name": "x" * 256}, FileNameInvalid),
        ({"file_name": ".."}, FileNameInvalid),
        ({"mime_type": "image/svg+xml"}, FileTypeNotAllowed),
        ({"mime_type": "image/webp"}, FileTypeNotAllowed),
        ({"file_size": 10 * MEGABYTE + 1}, FileTooLarge),
    ],
)
def test_an_announcement_that_does_not_fit_is_refused(changes, refusal):
    with pytest.raises(refusal):
        reserve(session(), **changes)


def test_the_published_message_says_that_the_type_is_not_allowed():
    with pytest.raises(DocumentTypeNotAllowed, match=r"^Document type not allowed for this step$"):
        reserve(session(), document_type="visa")
    with pytest.raises(DocumentTypeNotAllowed):
        reserve(session(definition(collection_step())), step_id="owners")


def test_a_requirement_may_narrow_the_types_and_the_size():
    asked = DocumentRequirement("id", accepted_mime_types=("application/pdf",), max_size_mb=1)
    narrow = session(definition(document_step(document_requirements=(asked,))))
    with pytest.raises(FileTypeNotAllowed, match="application/pdf"):
        reserve(narrow)
    with pytest.raises(FileTooLarge):
        reserve(narrow, mime_type="application/pdf", file_size=MEGABYTE + 1)


def test_nothing_is_uploaded_to_a_closed_session():
    with pytest.raises(StepNotEditable):
        reserve(session(status="completed"))


def test_a_file_field_is_named_by_its_id_or_in_place_of_the_type():
    opened = session(definition(FILES))
    for named in ({"field_id": "licence", "document_type": None}, {"document_type": "licence"}):
        document = reserve(opened, step_id="about_you", **named).answer.document
        assert (document.field_id, document.document_type) == ("licence", "licence")
    typed = reserve(opened, step_id="about_you", document_type="other", field_id="licence").answer.document
    assert (typed.field_id, typed.document_type) == ("licence", "other")


def test_a_confirmed_upload_is_part_of_the_session():
    begun = reserve(session())
    done = confirm_upload(begun.progress, confirmation(begun.answer.document), inspection(), at(1))
    assert done.answer.current
    assert (done.answer.size, done.answer.uploaded_at) == (4000, at(1))
    assert names(done) == ["kyc.document_added"]
    assert done.progress.document("doc_1") == done.answer


def test_confirming_twice_gives_the_same_answer_even_when_the_session_is_closed():
    begun = reserve(session())
    request = confirmation(begun.answer.document)
    done = confirm_upload(begun.progress, request, inspection(), at(1))
    closed = replace(done.progress, status="approved")
    again = confirm_upload(closed, request, None, at(2))
    assert (again.answer, again.changed, again.events) == (done.answer, False, ())


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"doc_id": "doc_9"}, DocumentNotFound),
        ({"step_id": "nowhere"}, StepNotFound),
        ({"step_id": "about_you"}, UploadMismatch),
        ({"s3_key": "t_other/1/doc_1.png"}, UploadMismatch),
        ({"mime_type": "image/jpeg"}, UploadMismatch),
        ({"document_type": "passport"}, UploadMismatch),
        ({"field_id": "full_name"}, UploadMismatch),
    ],
)
def test_a_confirmation_must_repeat_what_was_announced(changes, refusal):
    begun = reserve(session())
    with pytest.raises(refusal):
        confirm_upload(begun.progress, confirmation(begun.answer.document, **changes), inspection(), at(1))


def test_an_upload_that_has_not_arrived_can_be_confirmed_later():
    begun = reserve(session())
    with pytest.raises(UploadNotStored):
        confirm_upload(begun.progress, confirmation(begun.answer.document), None, at(1))


@pytest.mark.parametrize(
    "found",
    [
        inspection(size=0),
        inspection(size=10 * MEGABYTE + 1),
        inspection(size=100),
        inspection(mime_type="image/jpeg"),
        inspection(mime_type=None),
        inspection(fault="The document has expired"),
    ],
)
def test_bytes_that_are_not_acceptable_leave_a_trace_and_are_discarded(found):
    begun = reserve(session())
    done = confirm_upload(begun.progress, confirmation(begun.answer.document), found, at(1))
    assert isinstance(done.refusal, FileRefused)
    assert done.progress.document("doc_1").state == "rejected"
    assert names(done) == ["kyc.document_rejected"]
    assert done.jobs == (("discard_object", {"doc_id": "doc_1", "blob_key": f"{TENANT}/5c1d7f0e/doc_1.png"}),)
    with pytest.raises(UploadNotStored):
        confirm_upload(done.progress, confirmation(begun.answer.document), inspection(), at(2))


def test_a_second_file_of_a_single_kind_replaces_the_first():
    once = uploaded(session())
    twice = uploaded(once, "doc_2", document_type="passport", now=at(1))
    assert [one.state for one in twice.documents] == ["superseded", "confirmed"]


def test_front_and_back_are_kept_together():
    asked = DocumentRequirement("id", sides=2)
    both = session(definition(document_step(document_requirements=(asked,))))
    for number in (1, 2, 3):
        both = uploaded(both, f"doc_{number}", now=at(number))
    assert [one.superseded for one in both.documents] == [True, False, False]


def test_several_files_are_kept_up_to_their_number():
    full = session(definition(MANY))
    for number in (1, 2):
        full = uploaded(full, f"doc_{number}", document_type="other", now=at(number))
    assert all(one.current for one in full.documents)
    with pytest.raises(TooManyFiles):
        reserve(full, "doc_3", document_type="other")


def test_what_is_read_by_itself_is_read_after_confirmation():
    asked = DocumentRequirement("id", auto_extract=True)
    begun = reserve(session(definition(document_step(document_requirements=(asked,)))))
    done = confirm_upload(begun.progress, confirmation(begun.answer.document), inspection(), at(1))
    assert done.jobs == (("extract", {"session_id": "5c1d7f0e", "doc_id": "doc_1"}),)


def test_our_own_address_takes_one_file_in_time():
    begun = reserve(session()).progress
    stored = store_upload(begun, "doc_1", 4000, at(1))
    assert stored.answer.state == "stored"
    with pytest.raises(UploadSpent):
        store_upload(stored.progress, "doc_1", 4000, at(2))
    with pytest.raises(UploadLapsed):
        store_upload(begun, "doc_1", 4000, at(15))
    with pytest.raises(FileTooLarge):
        store_upload(begun, "doc_1", 11 * MEGABYTE, at(1))
    with pytest.raises(DocumentNotFound):
        store_upload(begun, "doc_9", 1, at(1))


def test_an_upload_that_is_under_way_may_finish_in_a_closed_session():
    begun = replace(reserve(session()).progress, status="completed")
    assert store_upload(begun, "doc_1", 4000, at(1)).answer
    with pytest.raises(StepNotEditable):
        confirm_upload(begun, confirmation(begun.documents[0]), inspection(), at(1))


def test_the_old_way_does_everything_at_once():
    request = UploadRequest("passport", "front.png", "image/png", "id")
    done = upload_at_once(session(), request, inspection(), doc_id="doc_1", tenant_id=TENANT, now=at(1))
    assert done.answer.current
    assert names(done) == ["kyc.step_started", "kyc.upload_started", "kyc.document_added"]
    huge = inspection(size=11 * MEGABYTE)
    with pytest.raises(FileTooLarge):
        upload_at_once(session(), request, huge, doc_id="doc_1", tenant_id=TENANT, now=at(1))


def test_what_was_never_confirmed_is_refused_after_a_day():
    waiting = reserve(uploaded(session()), "doc_2").progress
    request = confirmation(waiting.documents[1])
    assert confirm_upload(waiting, request, inspection(), at(24 * 60 - 1)).answer.current
    with pytest.raises(UploadNotStored):
        confirm_upload(waiting, request, inspection(), at(24 * 60))
