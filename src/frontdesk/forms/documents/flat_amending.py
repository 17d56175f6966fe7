"""A second look at what was detected on a page: combs become whole, and what print explains is no field."""

import re
from collections.abc import Sequence
from dataclasses import replace

from frontdesk.forms.documents.flat_combs import combs_of
from frontdesk.forms.documents.flat_page import Candidate, Detection, FlatPage
from frontdesk.forms.documents.frame import Box
from frontdesk.forms.documents.page_text import BOX_SIGNS

_LINE_NUMBER = re.compile(r"^\(?(?:\d{1,3}[a-z]?|[a-z])[.)]?$")
_POINTS_DOWN = re.compile(r"\bbelow\b|^(?:check|mark|tick|circle)\b|cochez|ankreuzen", re.IGNORECASE)
# In points.
_LEADS = 26.0
_FEWEST_TICKS = 3
_SURE = 0.9
_PART = 1.6


def amended(page: FlatPage, found: Sequence[Detection]) -> list[Detection]:
    """The same without what print explains, and with every comb as one field."""
    kept = [each for each in found if not _explained(page, each)]
    ticks = [each.box for each in kept if each.kind == "checkbox"]
    kept = [each for each in kept if each.kind == "checkbox" or not _runs_across(each.box, ticks)]
    return _with_combs(page, kept)


def _explained(page: FlatPage, found: Detection) -> bool:
    if found.candidate.source == "dots":
        return _leads_to_a_number(page, found.candidate.region)
    if found.candidate.source == "colon":
        return _points_to_ticks(page, found.box)
    return found.kind == "checkbox" and _is_printed_in(page, found)


def _leads_to_a_number(page: FlatPage, run: Box) -> bool:
    """`Total additions ........ 8.`: dots that lead the eye to the number of a line."""
    after = page.words_in((run[2] - 1, run[3] - 7, run[2] + _LEADS, run[3] + 3), 0.5)
    return any(_LINE_NUMBER.match(page.words[index].text) is not None for index in after)


def _points_to_ticks(page: FlatPage, box: Box) -> bool:
    """`Check the filing status below:`: what is asked for are boxes, not text behind the colon."""
    before = page.pieces_in((box[0] - 300, box[1], box[0], box[3]), 1.0)
    return any(_POINTS_DOWN.search(page.pieces[index].text) is not None for index in before)


def _is_printed_in(page: FlatPage, found: Detection) -> bool:
    """A small box around a number of the office is no box to tick."""
    if found.candidate.source != "shape":
        return False
    x0, y0, x1, y1 = found.box
    words = [page.words[index] for index in page.words_in(found.box, 1.5)]
    return any(
        word.text not in BOX_SIGNS
        and word.text.isalnum()
        and x0 < (word.box[0] + word.box[2]) / 2 < x1
        and y0 < (word.box[1] + word.box[3]) / 2 < y1
        for word in words
    )


def _runs_across(box: Box, ticks: Sequence[Box]) -> bool:
    """Whether a text would be written over a row of boxes to tick."""
    over = [tick for tick in ticks if min(tick[3], box[3]) - max(tick[1], box[1]) > 1.0]
    return sum(box[0] < (tick[0] + tick[2]) / 2 < box[2] for tick in over) >= _FEWEST_TICKS


def _with_combs(page: FlatPage, found: Sequence[Detection]) -> list[Detection]:
    kept = list(found)
    for comb in combs_of(page):
        longer = [_is_longer(each, comb) for each in kept]
        if any(longer):
            kept = [_recounted(each, comb) if is_longer else each for each, is_longer in zip(kept, longer, strict=True)]
            continue
        kept = [each for each in kept if not _within(each.box, comb.box) and not _is_same(each.box, comb.box)]
        if not any(_meets(each.box, comb.box) for each in kept):
            kept.append(Detection(comb.box, "text", _SURE, comb))
    return kept


def _shared(first: Box, second: Box) -> float:
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    return max(wide, 0.0) * max(high, 0.0)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_longer(found: Detection, comb: Candidate) -> bool:
    """Whether a comb was found that this is only a part of: one number with dashes in it."""
    if found.kind != "text" or found.candidate.cells < 2 or _shared(found.box, comb.box) < 0.6 * _area(comb.box):
        return False
    cell = (comb.box[2] - comb.box[0]) / comb.cells
    return comb.box[0] - found.box[0] > _PART * cell or found.box[2] - comb.box[2] > _PART * cell


def _recounted(found: Detection, part: Candidate) -> Detection:
    """The same with a cell for every dash: characters stand as far apart as the cells of its parts."""
    pitch = (part.box[2] - part.box[0]) / part.cells
    whole = found.candidate
    return replace(found, candidate=replace(whole, cells=round((whole.box[2] - whole.box[0]) / pitch)))


def _within(box: Box, comb: Box) -> bool:
    return _shared(box, comb) > 0.6 * _area(box)


def _is_same(box: Box, comb: Box) -> bool:
    return _shared(box, comb) > 0.6 * max(_area(box), _area(comb))


def _meets(box: Box, comb: Box) -> bool:
    return _shared(box, comb) > 0.35 * min(_area(box), _area(comb))
