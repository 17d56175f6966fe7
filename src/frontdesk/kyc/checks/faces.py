"""The checks of presence and faces, each from what was seen to a finding."""

import hashlib
import json
from datetime import datetime
from typing import Any

from frontdesk.kyc.checks.likeness import likeness, zone
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.liveness import LIVENESS_LIFECYCLE
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.faces import FaceEvidence, shown
from frontdesk.kyc.rules.liveness import attempts_left, counted, status_at
from frontdesk.kyc.rules.steps import visible_steps

MOST_SHOWN = 20
UNSEEN = "not_available"
_WORST = ("failed", "review", "skipped", "passed")


def presence(progress: Progress, now: datetime) -> Finding:
    """Whether every visible liveness step was passed. What is open still is for a person to look at."""
    steps = [step for step in visible_steps(progress) if step.type == "liveness"]
    found = [(step, counted(progress, step.step_id)) for step in steps]
    inputs = _digest(
        [[one.liveness_session_id, one.status, one.confidence, one.label] for _, tried in found for one in tried]
    )
    if not steps:
        return Finding("liveness", "skipped", now, inputs, {"reason": "no_liveness_step"})
    told: list[dict[str, Any]] = []
    words = []
    for step, tried in found:
        won = [one for one in tried if one.status == "passed"]
        if won:
            words.append("passed")
        elif not tried:
            words.append("skipped")
        else:
            waiting = any(status_at(one, now) == LIVENESS_LIFECYCLE.start for one in tried)
            words.append("failed" if not attempts_left(progress, step) and not waiting else "review")
        last = (won or list(tried))[-1:]
        told += [
            {
                "step_id": step.step_id,
                "provider": one.provider,
                "label": one.label,
                "status": status_at(one, now),
                "confidence": one.confidence,
                "attempts": len(tried),
            }
            for one in last
        ]
    status = next(word for word in _WORST if word in words)
    facts: dict[str, Any] = {"checks": told}
    if status == "skipped":
        facts["reason"] = "not_attempted"
    return Finding("liveness", status, now, inputs, facts)


def face_match(progress: Progress, seen: FaceEvidence | None, now: datetime) -> Finding:
    """The person against the portraits of the identity papers: the least alike decides."""
    pictures, threshold = shown(progress), progress.definition.validation_config.face_match_threshold
    lack = pictures.lack or (None if pictures.portraits else "no_identity_document")
    if lack is not None:
        return _unseen("face_match", "skipped", pictures.digest, lack, now)
    if seen is None or seen.fault is not None or pictures.person is None:
        return _unseen("face_match", "error", pictures.digest, UNSEEN if seen is None else seen.fault or UNSEEN, now)
    facts: dict[str, Any] = {"threshold": threshold, "source": pictures.person.kind}
    compared = [(one.cosine, one.doc_id) for one in seen.portraits if one.cosine is not None]
    if seen.embedding is None or not compared:
        reason = "no_face" if seen.embedding is None else "no_portrait"
        return Finding("face_match", "review", now, seen.digest, {**facts, "reason": reason})
    least, doc_id = min(compared)
    facts |= {"similarity": likeness(least), "doc_id": doc_id}
    return Finding("face_match", zone(least, threshold), now, seen.digest, facts)


def face_dedup(progress: Progress, seen: FaceEvidence | None, now: datetime) -> Finding:
    """Whether other sessions of the tenant show the same face."""
    pictures = shown(progress)
    rules = progress.definition.validation_config.automation_rules
    wanted = None if rules is None else rules.face_dedup
    if wanted is None or not wanted["enabled"]:
        return _unseen("face_dedup", "skipped", pictures.digest, "not_configured", now)
    if pictures.lack is not None:
        return _unseen("face_dedup", "skipped", pictures.digest, pictures.lack, now)
    if seen is None or seen.fault is not None:
        return _unseen("face_dedup", "error", pictures.digest, UNSEEN if seen is None else seen.fault or UNSEEN, now)
    facts: dict[str, Any] = {"threshold": wanted["threshold"]}
    if seen.embedding is None:
        return Finding("face_dedup", "review", now, seen.digest, {**facts, "reason": "no_face"})
    alike = sorted(seen.others, key=lambda one: (-one.cosine, one.session_id))
    inputs = _digest([seen.digest, [[one.session_id, one.cosine] for one in alike]])
    facts["duplicates"] = [
        {"session_id": one.session_id, "similarity": likeness(one.cosine)} for one in alike[:MOST_SHOWN]
    ]
    return Finding("face_dedup", "match" if alike else "clear", now, inputs, facts)


def _unseen(check: str, status: str, inputs: str, reason: str, now: datetime) -> Finding:
    return Finding(check, status, now, inputs, {"reason": reason})


def _digest(inputs: Any) -> str:
    return hashlib.sha256(json.dumps(inputs, separators=(",", ":")).encode()).hexdigest()
