"""Proofs of presence in a report: each attempt with what was asked, what came of it, and its pictures side by side."""

import re
from collections.abc import Iterator, Mapping

from frontdesk.kyc.documents.report_blocks import Block, Heading, Pairs, Paragraph, Pictures
from frontdesk.kyc.documents.report_papers import Picture
from frontdesk.kyc.documents.report_words import instant, shown, words
from frontdesk.kyc.model.liveness import LivenessAttempt
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.liveness import pictures

_ACROSS = 4
_PICTURE = re.compile(r"(.+)\.jpg\.([0-9a-f]{12})[0-9a-f]{20}")


def kept_name(session_id: str, key: str) -> str:
    """What a stored file that is no document is called in the archive; a picture ends as pictures do."""
    name = key.partition(f"{session_id}/")[2] or key
    found = _PICTURE.fullmatch(name)
    return f"kept/{name}" if found is None else f"kept/{found[1]}.{found[2]}.jpg"


def attempts(progress: Progress, others: Mapping[str, Picture]) -> Iterator[Block]:
    """Every attempt, the first one first. `others` are the pictures by their names in the archive."""
    if not progress.liveness:
        return
    yield Heading("Proofs of presence")
    for number, one in enumerate(progress.liveness, 1):
        step = progress.definition.find_step(one.step_id)
        yield Heading(f"{number}. {one.step_id if step is None else step.name}: {words(one.status)}", is_part=True)
        yield Pairs(_facts(one))
        found = [
            (picture.shown[0], f"{words(name.replace('-', ' '))}\n{archived}")
            for name, kept in pictures(one).items()
            for archived in (kept_name(progress.session_id, kept.key),)
            if (picture := others.get(archived)) is not None and picture.shown
        ]
        if found:
            yield Pictures(tuple(found), _ACROSS)
        else:
            yield Paragraph("No picture of it is kept.", "quiet")


def named(progress: Progress) -> frozenset[str]:
    """The names in the archive of all pictures that `attempts` shows."""
    return frozenset(
        kept_name(progress.session_id, kept.key) for one in progress.liveness for kept in pictures(one).values()
    )


def _facts(one: LivenessAttempt) -> tuple[tuple[str, str], ...]:
    rows = [
        ("Attempt", one.liveness_session_id),
        ("Judged by", words(one.provider) + (f": {one.label}" if one.label else "")),
        ("Opened", instant(one.created_at)),
        ("Open until", instant(one.expires_at)),
        ("Ended", instant(one.finished_at)),
    ]
    if one.moves:
        rows.append(("Asked for", f"{', '.join(one.moves)}, within {shown(one.seconds)} s"))
    if one.confidence is not None:
        rows.append(("Confidence", f"{shown(one.confidence)} of 100"))
    if one.reason is not None:
        rows.append(("Reason", words(one.reason)))
    rows += [(f"SHA-256 of {words(name.replace('-', ' '))}", kept.sha256) for name, kept in pictures(one).items()]
    return tuple(rows)
