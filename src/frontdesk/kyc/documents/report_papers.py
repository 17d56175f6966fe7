"""The papers in a report: each file with its pictures, and what was read from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from frontdesk.kyc.documents.report_blocks import Block, Grid, Heading, Pairs, Paragraph, Pictures
from frontdesk.kyc.documents.report_words import NONE, instant, words
from frontdesk.kyc.model.definition import Step
from frontdesk.kyc.model.session import Document, Progress
from frontdesk.kyc.rules.requirements import SELFIE


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file looks like: how many pages it has, and the first of them as JPEG; `why` there are none."""

    pages: int = 0
    shown: tuple[bytes, ...] = ()
    why: str | None = None


def papers(progress: Progress, pictures: Mapping[str, Picture]) -> Iterator[Block]:
    """Every file that was kept, the present ones first; then those that never arrived or were refused."""
    kept = [one for one in progress.documents if one.current] + [one for one in progress.documents if one.superseded]
    if not progress.documents:
        return
    yield Heading("Files")
    for one in kept:
        yield from _paper(progress, one, pictures.get(one.doc_id, Picture()))
    left = [one for one in progress.documents if not (one.current or one.superseded)]
    if left:
        yield Heading("Announced, and not kept", is_part=True)
        rows = [(one.file_name, words(one.document_type), words(one.state), instant(one.created_at)) for one in left]
        yield Grid(("File", "As", "State", "Announced"), tuple(rows), (6, 3, 3, 4))


def _paper(progress: Progress, one: Document, picture: Picture) -> Iterator[Block]:
    step = progress.definition.find_step(one.step_id)
    replaced = " (replaced by a newer file)" if one.superseded else ""
    yield Heading(f"{_asked_as(step, one)}: {one.file_name}{replaced}", is_part=True)
    rows = [
        ("Step", step.name if step else one.step_id),
        ("Id", one.doc_id),
        ("Kind and size", f"{one.mime_type}, {one.size or 0:,} bytes"),
        ("SHA-256", one.sha256 or NONE),
        ("Sent", instant(one.uploaded_at)),
    ]
    if one.flags:
        rows.append(("Noticed", ", ".join(words(flag) for flag in one.flags)))
    yield Pairs(tuple(rows))
    yield from _shown(picture)
    if one.document_type != SELFIE:
        yield from _read(one)


def _asked_as(step: Step | None, one: Document) -> str:
    """What the workflow calls this kind of file."""
    asked = step.document_requirements if step is not None and one.field_id is None else ()
    names = (each.label for each in asked if each.document_type == one.document_type)
    return next(names, words(one.document_type).capitalize())


def _shown(picture: Picture) -> Iterator[Block]:
    if not picture.shown:
        yield Paragraph(
            picture.why or "This file cannot be shown as a picture; it is in the archive as it came.", "quiet"
        )
        return
    captions = [
        f"page {number} of {picture.pages}" if picture.pages > 1 else "" for number in range(1, picture.pages + 1)
    ]
    yield Pictures(tuple(zip(picture.shown, captions, strict=True)))
    left = picture.pages - len(picture.shown)
    if left > 0:
        yield Paragraph(f"{left} more pages are in the file itself.", "quiet")


def _read(one: Document) -> Iterator[Block]:
    if not one.extractions:
        reasons = {"running": "It is being read just now.", "failed": "It could not be read by machine."}
        yield Paragraph(reasons.get(one.extraction_state, "It was not read by machine."), "quiet")
        return
    for found in one.extractions:
        overall = found.scores.get("overall")
        sure = "" if overall is None else f", sure to {overall:.0%}"
        yield Paragraph(
            f"Read as {words(found.document_type)} on {instant(found.extracted_at)} by {found.engine}{sure}; "
            f"it looks like {words(found.recognised_as)}."
        )
        rows = [
            (words(key), value, _score(found.scores.get(key)), found.printed.get(key, NONE))
            for key, value in found.values.items()
        ]
        rows += [(words(key), NONE, NONE, value) for key, value in found.printed.items() if key not in found.values]
        if rows:
            yield Grid(("Field", "Read", "Sure to", "In print beside its label"), tuple(rows), (4, 6, 2, 6))
        if found.issues:
            yield Paragraph("Noticed: " + ", ".join(words(issue) for issue in found.issues) + ".", "bad")


def _score(score: float | None) -> str:
    return NONE if score is None else f"{score:.0%}"


def other_pictures(others: Iterable[tuple[str, Picture]]) -> Iterator[Block]:
    """Files that belong to no document, by their names in the archive."""
    listed = list(others)
    if not listed:
        return
    yield Heading("Other files of the session")
    for name, picture in listed:
        if picture.shown:
            yield Pictures(((picture.shown[0], name),))
        else:
            yield Paragraph(name, "quiet")
