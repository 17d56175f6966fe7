"""Findings about presence and faces: each status, its reason and its inputs."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.checks.faces import face_dedup, face_match, presence
from frontdesk.kyc.model.definition import Automation, Definition, ValidationConfig
from frontdesk.kyc.model.liveness import KeptImage
from frontdesk.kyc.model.session import Extraction
from frontdesk.kyc.rules.faces import FaceEvidence, PortraitLikeness, Resemblance, shown
from kyc.factories import NOW, at, attempt, definition, document_step, liveness_step, selfie_step, session, uploaded

REFERENCE = KeptImage("t/s/liv_1.jpg.ab", "cd" * 32, 9000)
LABEL = "challenge, not certified"
EMBEDDING = (1.0, 0.0)


def ready(*steps, dedup=None, threshold=0.85):
    """A session with a passport, and whatever else its steps ask for."""
    config = ValidationConfig(
        auto_face_match=True, face_match_threshold=threshold, automation_rules=Automation(face_dedup=dedup)
    )
    listed = definition(document_step(), *steps).steps
    return uploaded(session(Definition("Faces", listed, validation_config=config)))


def passed(progress, **changes):
    made = {"status": "passed", "reference": REFERENCE, "label": LABEL, "confidence": 98.0, **changes}
    return progress.with_attempt(attempt(**made))


def evidence(progress, *cosines, embedding=EMBEDDING, **more):
    pictures = shown(progress)
    portraits = tuple(PortraitLikeness(one.id, cosine) for one, cosine in zip(pictures.portraits, cosines, strict=True))
    return FaceEvidence(pictures.digest, None, embedding, portraits, **more)


class TestFaceMatch:
    @pytest.mark.parametrize(
        ("cosine", "status", "similarity"),
        [(0.30, "failed", 0.4768), (0.4, "review", 0.5692), (0.55, "passed", 0.85), (0.9, "passed", 0.9666)],
    )
    def test_the_likeness_lies_in_one_of_three_zones(self, cosine, status, similarity):
        progress = passed(ready(liveness_step()))
        found = face_match(progress, evidence(progress, cosine), NOW)
        assert (found.status, found.facts["similarity"], found.facts["threshold"]) == (status, similarity, 0.85)
        assert (found.facts["source"], found.facts["doc_id"]) == ("liveness", "doc_1")
        assert found.inputs == shown(progress).digest

    def test_the_least_alike_paper_decides(self):
        second = document_step("card", document_requirements=document_step().document_requirements)
        progress = uploaded(passed(ready(second, liveness_step())), "doc_2", "card")
        found = face_match(progress, evidence(progress, 0.8, 0.2), NOW)
        assert (found.status, found.facts["doc_id"]) == ("failed", "doc_2")
        # The back of a card shows no face: the front decides.
        assert face_match(progress, evidence(progress, None, 0.8), NOW).status == "passed"

    def test_a_selfie_stands_in_where_no_reference_is_kept(self):
        progress = uploaded(ready(selfie_step(), liveness_step()), "doc_2", "me", "selfie")
        assert shown(progress).person.kind == "selfie"
        assert shown(passed(progress, reference=None)).person.kind == "selfie"
        assert shown(passed(progress)).person.kind == "liveness"

    def test_what_is_not_to_be_used_is_not_used(self):
        progress = passed(ready(liveness_step(use_for_face_match=False), selfie_step(use_for_face_match=False)))
        progress = uploaded(progress, "doc_2", "me", "selfie")
        found = face_match(progress, None, NOW)
        assert (found.status, found.facts) == ("skipped", {"reason": "no_picture_of_the_person"})

    def test_without_a_picture_or_a_paper_it_is_skipped_and_says_why(self):
        unkept = passed(ready(liveness_step(save_reference_image=False)), reference=None)
        assert face_match(unkept, None, NOW).facts == {"reason": "reference_not_kept"}
        no_paper = passed(session(definition(liveness_step())))
        assert face_match(no_paper, None, NOW).facts == {"reason": "no_identity_document"}

    def test_where_nobody_could_look_it_is_an_error_and_no_match(self):
        progress = passed(ready(liveness_step()))
        for seen in (None, FaceEvidence(shown(progress).digest, "not_available")):
            found = face_match(progress, seen, NOW)
            assert (found.status, found.facts) == ("error", {"reason": "not_available"})

    def test_without_a_face_a_person_looks(self):
        progress = passed(ready(liveness_step()))
        assert face_match(progress, evidence(progress, None), NOW).facts["reason"] == "no_portrait"
        nobody = face_match(progress, evidence(progress, None, embedding=None), NOW)
        assert (nobody.status, nobody.facts["reason"]) == ("review", "no_face")

    def test_the_inputs_follow_the_pictures(self):
        progress = passed(ready(liveness_step()))
        other = progress.with_attempt(replace(progress.liveness[0], reference=replace(REFERENCE, sha256="ef" * 32)))
        assert shown(progress).digest != shown(other).digest

    def test_a_paper_is_looked_at_as_it_was_read(self):
        progress = passed(ready(liveness_step()))
        read = Extraction("id", {}, {}, "mrz", NOW, turned=(90, 0))
        turned = progress.with_document(replace(progress.documents[0], extractions=(read,)))
        assert shown(turned).portraits[0].turned == 90


class TestPresence:
    def test_a_pass_is_told_with_its_label(self):
        found = presence(passed(ready(liveness_step())), NOW)
        assert found.status == "passed"
        assert found.facts["checks"] == [
            {
                "step_id": "presence",
                "provider": "local",
                "label": LABEL,
                "status": "passed",
                "confidence": 98.0,
                "attempts": 1,
            }
        ]

    def test_what_is_open_needs_a_person_and_what_is_used_up_has_failed(self):
        progress = ready(liveness_step(max_retries=1))
        once = progress.with_attempt(attempt(status="failed"))
        assert presence(progress, NOW).facts == {"checks": [], "reason": "not_attempted"}
        assert presence(progress, NOW).status == "skipped"
        assert presence(once, NOW).status == "review"
        last = once.with_attempt(attempt("liv_2"))
        assert presence(last, NOW).status == "review"
        assert presence(last, at(4)).status == "failed"

    def test_without_such_a_step_it_is_skipped(self):
        assert presence(ready(), NOW).facts == {"reason": "no_liveness_step"}


DEDUP = {"enabled": True, "threshold": 0.9, "scope": "tenant", "retention_days": 30, "action": "manual_review"}


class TestFaceDedup:
    def test_it_is_off_unless_asked_for(self):
        for dedup in (None, {**DEDUP, "enabled": False}):
            found = face_dedup(passed(ready(liveness_step(), dedup=dedup)), None, NOW)
            assert (found.status, found.facts) == ("skipped", {"reason": "not_configured"})

    def test_the_most_alike_are_told_first(self):
        progress = passed(ready(liveness_step(), dedup=DEDUP))
        others = (Resemblance("s_1", 0.8), Resemblance("s_2", 0.9))
        found = face_dedup(progress, evidence(progress, 0.9, others=others), NOW)
        assert found.status == "match"
        assert [one["session_id"] for one in found.facts["duplicates"]] == ["s_2", "s_1"]
        clear = face_dedup(progress, evidence(progress, 0.9), NOW)
        assert (clear.status, clear.facts) == ("clear", {"threshold": 0.9, "duplicates": []})
        assert clear.inputs != found.inputs

    def test_nobody_looked_is_never_clear(self):
        progress = passed(ready(liveness_step(), dedup=DEDUP))
        assert face_dedup(progress, FaceEvidence("", "not_available"), NOW).status == "error"
        assert face_dedup(ready(liveness_step(), dedup=DEDUP), None, NOW).status == "skipped"
        assert face_dedup(progress, evidence(progress, None, embedding=None), NOW).status == "review"
