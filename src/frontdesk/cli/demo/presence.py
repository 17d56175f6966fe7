"""A person proves to be there: a challenge of head turns, a selfie, and both compared with a paper's portrait."""

from collections.abc import Sequence
from pathlib import Path

from frontdesk.cli.demo.calling import Caller, Content, path_of
from frontdesk.cli.demo.telling import Teller

NAME = "Presence and faces"
HEADS = Path(__file__).resolve().parents[4] / "tests" / "fixtures" / "faces"
"""Made-up heads, rendered. They are part of a clone of the project and of no package."""
PERSON = "p1"
FRAME_MS = 250
_SIGNS = {"left": "+", "right": "-"}
"""Yaw above 0 turns to the right edge of the picture: the person's own left."""
_TURN = ("20", "40", "40", "20")


async def walk(caller: Caller, teller: Teller, models_fault: str | None) -> bool:
    """Walk the session, or say why it cannot be shown here; whether it ended as `approved`."""
    teller.chapter("A person proves to be there, and to be the one on the paper")
    if not HEADS.is_dir():
        teller.left_out(
            "the made-up heads are in a clone of the project only, not in its package: run `make demo` there"
        )
        return True
    if models_fault is not None:
        teller.left_out(f"{models_fault}; `frontdesk models fetch` brings the models")
        return True
    opened = await _open(caller)
    path, session_id = path_of(opened["access_link"]), opened["session_id"]
    portrait = (HEADS / "portraits" / f"{PERSON}.jpg").read_bytes()
    await _upload(caller, path, "paper", "national_id", portrait)
    await _complete(caller, path, "paper")
    await _prove(caller, teller, path)
    await _upload(caller, path, "selfie", "selfie", _head("+00"))
    await _complete(caller, path, "selfie")
    return await _decide(caller, teller, session_id)


async def _open(caller: Caller) -> Content:
    paper = {"document_type": "id", "display_name": "A paper with your portrait"}
    steps = [
        {"step_id": "paper", "name": "Paper", "type": "document_upload", "document_requirements": [paper]},
        {
            "step_id": "presence",
            "name": "Are you there?",
            "type": "liveness",
            "liveness_config": {"provider": "local", "use_for_face_match": False},
        },
        {"step_id": "selfie", "name": "A picture of you", "type": "selfie"},
    ]
    rules = {"auto_approve_when": {"liveness_passed": True, "face_match_passed": True}}
    body = {"name": NAME, "steps": steps, "validation_config": {"auto_face_match": True, "automation_rules": rules}}
    return await caller.open_session(body)


async def _upload(caller: Caller, path: str, step_id: str, document_type: str, content: bytes) -> None:
    file = {"step_id": step_id, "document_type": document_type, "file_name": "me.jpg", "mime_type": "image/jpeg"}
    slot = await caller.as_customer("POST", f"{path}/upload/init", lambda made: f"{made['doc_id'][:8]}…", file)
    await caller.put(slot["upload_url"], content, slot["required_headers"])
    confirm = {**file, "doc_id": slot["doc_id"], "s3_key": slot["s3_key"]}
    gist = "one face, large enough" if document_type == "selfie" else "the paper is sound"
    await caller.as_customer("POST", f"{path}/upload/confirm", lambda _: gist, confirm)


async def _complete(caller: Caller, path: str, step_id: str) -> None:
    await caller.as_customer("POST", f"{path}/step/{step_id}/complete", lambda made: str(made["status"]), {})


async def _prove(caller: Caller, teller: Teller, path: str) -> None:
    def asked(made: Content) -> str:
        return f"turn {', '.join(made['challenge']['moves'])} within {made['challenge']['seconds']:.0f} s"

    started = await caller.as_customer("POST", f"{path}/liveness/start", asked, {"step_id": "presence"})
    frames = _frames(started["challenge"]["moves"])
    await caller.film(path + started["challenge"]["frames_path"], frames, FRAME_MS)
    with teller.busy("Judging the head turns"):
        await caller.as_customer(
            "POST",
            f"{path}/liveness/complete",
            lambda found: (
                f"{found['message']} (sure to {found['confidence']} of 100; a challenge, not certified)"
                if found["passed"]
                else str(found["message"])
            ),
            {"liveness_session_id": started["liveness_session_id"]},
        )


def _frames(moves: Sequence[str]) -> list[bytes]:
    """What a camera sees of somebody who does as asked."""
    frames = [_head("+00")]
    for sign in (_SIGNS[move] for move in moves if move in _SIGNS):
        frames += [*(_head(sign + yaw) for yaw in _TURN), _head("+00")]
    return frames


def _head(yaw: str) -> bytes:
    return (HEADS / "turns" / PERSON / f"soft-front_y{yaw}_p+00.jpg").read_bytes()


async def _decide(caller: Caller, teller: Teller, session_id: str) -> bool:
    def gist(done: Content) -> str:
        found = done["validation_results"]
        match, present = found["face_match"], found["liveness"]
        return f"presence {present['status']}, faces {match['status']} (alike to {match.get('similarity', 0):.2f})"

    with teller.busy("Comparing the faces"):
        done = await caller.as_tenant("POST", f"/kyc/sessions/{session_id}/process", gist)
    finished = bool(done["status"] == "approved")
    teller.result("kyc", session_id, done["status"], finished=finished)
    return finished
