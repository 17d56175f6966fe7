"""Proof of presence over HTTP: a challenge answered by heads, prints and others, faces compared, and what staff see."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from journeys import heads
from journeys.heads import LABEL, ask, film, liveness_step, portrait, prove, selfie_step, send, start, turning
from journeys.people import PERSON, Body, Office, document_step, form_step, photo, refused, success, workflow
from journeys.running import Running, until

CLIENTS = Path(__file__).with_name("clients")
pytestmark = pytest.mark.xdist_group("journeys-presence")


@pytest.fixture(scope="module")
def office(server: Running) -> Iterator[Office]:
    staff = Office(server)
    yield staff
    staff.close()


@pytest.fixture(scope="module")
def alone(office: Office) -> str:
    """A workflow of one liveness step with two attempts."""
    return office.save(workflow(liveness_step(max_retries=1)))


def shown_face(person: str = "p1") -> bytes:
    """A paper with that person's portrait on it."""
    return portrait(person)


def attempts(office: Office, session_id: str, step: int = 0) -> list[Body]:
    found: list[Body] = office.detail(session_id)["steps_data"][step]["liveness_sessions"]
    return found


def keys(server: Running) -> set[str]:
    return set(server.wait(server.house.blobs.keys("")))


class TestChallenge:
    def test_who_turns_as_asked_passes_and_completes_the_step(self, office: Office) -> None:
        session_id, customer = office.open(office.save(workflow(document_step(), liveness_step(), form_step())))
        customer.upload(content=shown_face())
        customer.complete("step_1")
        started = start(customer)
        film(customer, started, turning(started["challenge"]["moves"]))
        before = keys(office.server)
        done = success(ask(customer, started))
        assert (done["passed"], done["step_completed"], done["session_completed"]) == (True, True, False)
        assert (done["next_step_id"], done["message"]) == ("step_3", "Liveness check passed")
        assert 90 <= done["confidence"] <= 100
        assert customer.step("step_2")["status"] == "completed"
        assert success(ask(customer, started)) == done
        mine = started["liveness_session_id"]
        kept = attempts(office, session_id, 1)
        [shown] = kept
        assert (shown["status"], shown["label"], shown["provider"]) == ("passed", LABEL, "local")
        assert shown["confidence"] == done["confidence"]
        assert shown["frames"] == 0
        left = keys(office.server)
        assert len([key for key in before - left if session_id in key]) >= 10
        names = [one["image"] for one in shown["images"]]
        assert names[0] == "reference"
        assert "audit-1" in names
        for name in names:
            path = f"/kyc/sessions/{session_id}/liveness/{mine}/url"
            found = success(office.http.get(path, params={"image": name}))
            served = office.outside.get(found["url"])
            assert served.content[:3] == b"\xff\xd8\xff"
            assert served.headers["content-disposition"].startswith("attachment")
        events = [one["type"] for one in office.detail(session_id)["events"]]
        assert events.count("kyc.liveness_passed") == 1
        assert "kyc.liveness_picture_viewed" in events

    @pytest.mark.parametrize(
        ("frames", "reason"),
        [
            (lambda moves: turning(moves, shown="print"), "no_turn"),
            (heads.still, "no_turn"),
            (lambda moves: turning(moves, then="p6"), "person_changed"),
            (lambda moves: turning(heads.mirrored(moves)), "wrong_order"),
        ],
        ids=["flat print", "still", "changed person", "wrong order"],
    )
    def test_an_attack_is_refused(
        self, office: Office, alone: str, frames: Callable[[list[str]], heads.Frames], reason: str
    ) -> None:
        session_id, customer = office.open(alone)
        started = start(customer)
        film(customer, started, frames(started["challenge"]["moves"]))
        done = success(ask(customer, started))
        assert done == {
            "passed": False,
            "confidence": None,
            "reference_image_s3_key": None,
            "step_completed": False,
            "session_completed": False,
            "next_step_id": "step_2",
            "message": "Liveness check failed: please try again",
        }
        [shown] = attempts(office, session_id)
        assert (shown["status"], shown["reason"], shown["label"]) == ("failed", reason, LABEL)

    def test_somebody_else_than_the_paper_shows_does_not_pass(self, office: Office) -> None:
        session_id, customer = office.open(office.save(workflow(document_step(), liveness_step())))
        customer.upload(content=shown_face("p2"))
        customer.complete("step_1")
        assert prove(customer, "p1")["passed"] is False
        assert attempts(office, session_id, 1)[0]["reason"] == "not_the_portrait"

    def test_without_attempts_left_a_person_takes_over_and_may_give_new_ones(self, office: Office, alone: str) -> None:
        session_id, customer = office.open(alone)
        for number in range(2):
            started = start(customer)
            assert started["attempts_remaining"] == 1 - number
            film(customer, started, heads.still(started["challenge"]["moves"]))
            success(ask(customer, started))
        assert customer.state()["status"] == "manual_review"
        refused(customer.call("POST", "/liveness/start", {"step_id": "step_2"}), 403, "FORBIDDEN")
        events = [one["type"] for one in office.detail(session_id)["events"]]
        assert events.count("kyc.session.manual_review") == events.count("kyc.liveness_exhausted") == 1
        office.correct(session_id, {"step_id": "step_2"})
        assert prove(customer)["session_completed"] is True
        assert customer.state()["status"] == "manual_review"

    def test_eight_completes_at_once_have_one_result(self, office: Office, alone: str) -> None:
        session_id, customer = office.open(alone)
        started = start(customer)
        film(customer, started, turning(started["challenge"]["moves"]))
        with ThreadPoolExecutor(8) as pool:
            results = [success(one) for one in pool.map(lambda _: ask(customer, started), range(8))]
        assert all(one == results[0] for one in results)
        assert results[0]["passed"] is True
        events = [one["type"] for one in office.detail(session_id)["events"]]
        assert events.count("kyc.liveness_passed") == events.count("kyc.session.completed") == 1


class TestFrames:
    def test_frames_are_judged_by_their_bytes_and_by_what_comes_with_them(self, office: Office, alone: str) -> None:
        _, customer = office.open(alone)
        started, good = start(customer), heads.head("p1")
        for content, at_ms, kind, status in (
            (good, 0, "image/png", 415),
            (good, "", "image/jpeg", 400),
            (good, -1, "image/jpeg", 400),
            (good, 180_001, "image/jpeg", 400),
            (b"\xff\xd8\xff" + bytes(2000), 0, "image/jpeg", 400),
            (good[:900], 0, "image/jpeg", 400),
            (b"<svg>" + bytes(2000), 0, "image/jpeg", 400),
            (bytes(1024 * 1024 + 1), 0, "image/jpeg", 413),
        ):
            answer = send(customer, started, content, at_ms, kind)
            assert answer.status_code == status, (kind, at_ms, answer.text)
        assert success(send(customer, started, good))["frames"] == 1
        assert success(send(customer, started, good))["frames"] == 1
        refused(send(customer, started, heads.head("p2")), 400, "VALIDATION_ERROR")
        assert success(send(customer, started, good, 250))["frames"] == 2

    def test_an_attempt_of_another_session_is_unknown(self, office: Office, alone: str) -> None:
        mine, theirs = office.open(alone)[1], office.open(alone)[1]
        started = start(theirs)
        start(mine)
        refused(ask(mine, started), 400, "VALIDATION_ERROR", "Liveness session not found")
        refused(send(mine, started, heads.head("p1")), 400, "VALIDATION_ERROR", "Liveness session not found")

    def test_without_frames_there_is_no_result_yet(self, office: Office, alone: str) -> None:
        _, customer = office.open(alone)
        started = start(customer)
        refused(ask(customer, started), 400, "VALIDATION_ERROR", "The liveness check is not finished yet")
        film(customer, started, turning(started["challenge"]["moves"]))
        assert success(ask(customer, started))["passed"] is True
        refused(send(customer, started, heads.head("p1"), 99_000), 403, "FORBIDDEN")

    def test_after_three_minutes_an_attempt_is_over(self, office: Office, alone: str) -> None:
        _, customer = office.open(alone)
        started = start(customer)
        success(send(customer, started, heads.head("p1")))
        office.server.advance(minutes=3)
        assert customer.step("step_2")["liveness_sessions"][0]["status"] == "expired"
        refused(send(customer, started, heads.head("p1"), 250), 403, "FORBIDDEN")
        done = success(ask(customer, started))
        assert (done["passed"], done["step_completed"]) == (False, False)
        office.server.advance(minutes=10)
        office.server.sweep()
        assert [key for key in keys(office.server) if started["liveness_session_id"] in key] == []

    def test_unknown_and_wrong_steps_are_refused(self, office: Office, alone: str) -> None:
        _, customer = office.open(office.save(workflow(form_step(), liveness_step())))
        for step_id, status, message in (
            ("nowhere", 400, "Step not found"),
            ("step_3", 400, "This is not a liveness step"),
            ("step_2", 403, "Complete the earlier steps first"),
        ):
            found = customer.call("POST", "/liveness/start", {"step_id": step_id})
            refused(found, status, "VALIDATION_ERROR" if status == 400 else "FORBIDDEN", message)
        customer.complete("step_3", PERSON)
        refused(customer.call("POST", "/step/step_2/complete", {}), 400, "VALIDATION_ERROR")


class TestFaces:
    def compared(self, office: Office, steps: list[Body], person: str, shown: str, **config: object) -> Body:
        """What face match finds for a selfie of one person and a paper of another."""
        body = workflow(*steps, validation_config={"auto_face_match": True, **config})
        session_id, customer = office.open(office.save(body))
        customer.upload(content=shown_face(shown))
        customer.complete("step_1")
        customer.upload("step_selfie", "selfie", heads.head(person))
        customer.complete("step_selfie")
        found: Body = success(office.http.post(f"/kyc/sessions/{session_id}/validate"))["validation_results"]
        assert "similarity" not in str(customer.state())
        match: Body = found["face_match"]
        return match

    def test_a_selfie_is_compared_with_the_paper(self, office: Office) -> None:
        steps = [document_step(), selfie_step()]
        same = self.compared(office, steps, "p1", "p1")
        assert (same["status"], same["source"], same["threshold"]) == ("passed", "selfie", 0.85)
        assert same["similarity"] >= 0.85
        other = self.compared(office, steps, "p1", "p2")
        assert (other["status"], other["inputs_sha256"]) != ("passed", same["inputs_sha256"])
        assert other["similarity"] < 0.51
        strict = self.compared(office, steps, "p1", "p1", face_match_threshold=0.999)
        assert strict["status"] == "review"

    @pytest.mark.parametrize(
        ("content", "words"), [(photo, "No face can be seen"), (lambda: portrait("p1"), "come closer")]
    )
    def test_a_selfie_must_show_one_face_near_enough(
        self, office: Office, content: Callable[[], bytes], words: str
    ) -> None:
        _, customer = office.open(office.save(workflow(selfie_step(min_face_size_px=250))))
        slot = customer.begin("step_selfie", "selfie")
        assert customer.send(slot, content()).status_code == 200
        error = refused(customer.confirm(slot, "step_selfie", "selfie"), 400, "VALIDATION_ERROR")
        assert words in error["message"]
        refused(customer.call("POST", "/step/step_selfie/complete", {}), 400, "VALIDATION_ERROR")

    def test_a_paper_that_must_show_a_face_is_refused_without_one(self, office: Office) -> None:
        check = {"type": "face_present", "on_fail": "reject"}
        _, customer = office.open(office.save(workflow(document_step(post_upload_validations=[check]))))
        slot = customer.begin()
        customer.send(slot, photo())
        error = refused(customer.confirm(slot), 400, "VALIDATION_ERROR")
        assert "No face can be seen on the document" in error["message"]
        customer.upload(content=shown_face())

    def test_presence_and_faces_approve_a_session_by_rule(self, office: Office) -> None:
        rules = {"auto_approve_when": {"liveness_passed": True, "face_match_passed": True}}
        config = {"auto_face_match": True, "automation_rules": rules}
        body = workflow(document_step(entity_role="self"), liveness_step(), validation_config=config)
        session_id, customer = office.open(office.save(body))
        customer.upload(content=shown_face())
        customer.complete("step_1")
        assert prove(customer)["passed"] is True
        done = success(office.http.post(f"/kyc/sessions/{session_id}/process"))
        assert (done["status"], done["final_decision"]) == ("approved", "approved")
        found = done["validation_results"]
        assert found["liveness"]["checks"][0]["label"] == LABEL
        assert (found["face_match"]["status"], found["face_match"]["source"]) == ("passed", "liveness")

    def test_a_workflow_may_send_every_uncertified_check_to_a_person(self, office: Office) -> None:
        rules = {
            "auto_approve_when": {"liveness_passed": True},
            "uncertified_liveness": {"action": "manual_review", "reason": "Look at it"},
        }
        session_id, customer = office.open(
            office.save(workflow(liveness_step(), validation_config={"automation_rules": rules}))
        )
        prove(customer)
        done = success(office.http.post(f"/kyc/sessions/{session_id}/process"))
        assert done["final_decision"] == "manual_review"
        assert done["triggered_rules"][0] == {
            "rule": "uncertified_liveness",
            "action": "manual_review",
            "reason": "Look at it",
        }


class TestSameFace:
    def test_the_same_face_in_another_session_is_noticed_and_forgotten_in_time(self, server: Running) -> None:
        office = Office(server)
        dedup = {"enabled": True, "retention_days": 30, "reason": "Seen before"}
        rules = {"face_dedup": dedup, "default_action": "auto_approve"}
        workflow_id = office.save(workflow(selfie_step(), validation_config={"automation_rules": rules}))

        def decided(person: str, **more: object) -> tuple[str, Body]:
            session_id, customer = office.open(workflow_id, ttl_days=90, **more)
            customer.upload("step_selfie", "selfie", heads.head(person))
            customer.complete("step_selfie")
            return session_id, success(office.http.post(f"/kyc/sessions/{session_id}/process"))

        first, found = decided("p1", client_id="c-1")
        assert (found["final_decision"], found["validation_results"]["face_dedup"]["duplicates"]) == ("approved", [])
        second, found = decided("p1")
        assert found["final_decision"] == "manual_review"
        assert found["triggered_rules"] == [{"rule": "face_dedup", "action": "manual_review", "reason": "Seen before"}]
        [alike] = found["validation_results"]["face_dedup"]["duplicates"]
        assert (alike["session_id"], alike["similarity"] >= 0.9) == (first, True)
        assert decided("p2")[1]["final_decision"] == "approved"
        assert decided("p1", client_id="c-1")[1]["validation_results"]["face_dedup"]["duplicates"] == [
            {"session_id": second, "similarity": alike["similarity"]}
        ]
        success(office.http.delete(f"/kyc/sessions/{second}"))
        again = success(office.http.post(f"/kyc/sessions/{first}/validate", json={"checks": ["face_dedup"]}))
        assert again["validation_results"]["face_dedup"]["status"] == "clear"
        stranger = Office(server)
        other = stranger.save(workflow(selfie_step(), validation_config={"automation_rules": rules}))
        session_id, customer = stranger.open(other)
        customer.upload("step_selfie", "selfie", heads.head("p1"))
        customer.complete("step_selfie")
        assert success(stranger.http.post(f"/kyc/sessions/{session_id}/process"))["final_decision"] == "approved"
        server.advance(days=31)
        assert decided("p1")[1]["final_decision"] == "approved"
        stranger.close()
        office.close()


def test_an_erased_session_leaves_no_picture(office: Office, alone: str) -> None:
    session_id, customer = office.open(alone)
    prove(customer)
    assert [key for key in keys(office.server) if session_id in key]
    success(office.http.delete(f"/kyc/sessions/{session_id}"))
    assert until(lambda: not [key for key in keys(office.server) if session_id in key])


def test_the_module_of_the_manual_proves_presence(office: Office, alone: str, tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "howto" / "prove-presence.md").read_text()
    module = tmp_path / "presence.mjs"
    module.write_text(page.partition("```js\n// presence.js\n")[2].partition("```")[0])
    node = shutil.which("node")
    assert node is not None, "node is needed for this test"
    _, customer = office.open(alone)
    link = f"{office.server.url}/public/sessions/{customer.token}"
    command = [node, str(CLIENTS / "presence.mjs"), str(module), link, "step_2", str(heads.FACES / "turns" / "p1")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["passed"] is True
    assert customer.state()["steps_data"][0]["status"] == "completed"
