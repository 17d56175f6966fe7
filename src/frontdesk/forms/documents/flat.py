"""Fields of flat pages: rules propose, a learned ranking disposes, and tells where in its space a field lies."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from frontdesk.forms.documents.flat_amending import amended
from frontdesk.forms.documents.flat_candidates import propose
from frontdesk.forms.documents.flat_features import Features, features_of
from frontdesk.forms.documents.flat_page import Candidate, Detection, FlatPage
from frontdesk.forms.documents.ranking import Trees, chance

LEAST = 0.35
"""How likely a candidate must be to become a field: where right and wrong ones balance on the forms it learned from."""
_SHARED = 0.35
# An empty small square that touches no other was a box to tick in 479 cases of 482.
_MOSTLY, _SELDOM = 0.9, 0.05


def detect(pages: Sequence[FlatPage], trees: Mapping[str, Trees]) -> list[list[Detection]]:
    """The fields of a document, page by page."""
    proposed = [propose(page) for page in pages]
    rows = [features_of(page, found) for page, found in zip(pages, proposed, strict=True)]
    found = ranked(proposed, rows, trees)
    return [amended(page, each) for page, each in zip(pages, found, strict=True)]


def ranked(
    proposed: Sequence[Sequence[Candidate]], rows: Sequence[Features], trees: Mapping[str, Trees], least: float = LEAST
) -> list[list[Detection]]:
    """Those of the candidates of each page that are fields."""
    every = np.concatenate(list(rows))
    if not len(every):
        return [[] for _ in proposed]
    text, tick = likelihoods(proposed, every, trees)
    found, start = [], 0
    for candidates, own in zip(proposed, rows, strict=True):
        end = start + len(own)
        found.append(_chosen(candidates, own, text[start:end], tick[start:end], trees, least))
        start = end
    return found


def likelihoods(
    proposed: Sequence[Sequence[Candidate]], rows: Features, trees: Mapping[str, Trees]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How likely each candidate of a document is a text field, and a box to tick."""
    text, tick = chance(trees["text"].score(rows)), chance(trees["tick"].score(rows))
    cells = np.array([each.alone and each.source == "cells" for found in proposed for each in found])
    alone = np.array([each.alone and each.source != "cells" for found in proposed for each in found])
    text = np.where(cells, np.maximum(text, _MOSTLY), np.where(alone, np.minimum(text, _SELDOM), text))
    return text, np.where(alone, np.maximum(tick, _MOSTLY), tick)


def _chosen(
    candidates: Sequence[Candidate],
    rows: Features,
    text: NDArray[np.float64],
    tick: NDArray[np.float64],
    trees: Mapping[str, Trees],
    least: float,
) -> list[Detection]:
    likely = np.maximum(text, tick)
    order = np.argsort(-likely, kind="stable")
    order = order[likely[order] >= least]
    if not len(order):
        return []
    placed = _placed(candidates, order, rows[order], text[order] >= tick[order], trees)
    kept: list[Detection] = []
    taken = np.zeros((0, 4))
    for place, index in enumerate(order.tolist()):
        box = placed[place]
        if len(taken) and _clash(box, taken):
            continue
        taken = np.concatenate([taken, box[None, :]])
        kind: Literal["text", "checkbox"] = "text" if text[index] >= tick[index] else "checkbox"
        x0, y0, x1, y1 = (float(value) for value in box)
        kept.append(Detection((x0, y0, x1, y1), kind, float(likely[index]), candidates[index]))
    return kept


def _placed(
    candidates: Sequence[Candidate],
    order: NDArray[np.intp],
    rows: Features,
    is_text: NDArray[np.bool_],
    trees: Mapping[str, Trees],
) -> NDArray[np.float64]:
    """Where the authors of forms put the field within such a space."""
    boxes = np.array([candidates[index].box for index in order])
    placed = boxes.copy()
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    if is_text.any():
        some = rows[is_text]
        left, right, low = (trees[f"text_{side}"].score(some) for side in ("left", "right", "low"))
        high = height[is_text] * np.exp(trees["text_high"].score(some))
        placed[is_text, 0] = boxes[is_text, 0] + left
        placed[is_text, 2] = np.maximum(boxes[is_text, 2] + right, placed[is_text, 0] + 4)
        placed[is_text, 3] = boxes[is_text, 3] + low
        placed[is_text, 1] = placed[is_text, 3] - np.clip(high, 5.0, None)
    if not is_text.all():
        some = rows[~is_text]
        grown = np.exp(trees["tick_size"].score(some))
        across = (boxes[~is_text, 0] + boxes[~is_text, 2]) / 2 + trees["tick_across"].score(some)
        down = (boxes[~is_text, 1] + boxes[~is_text, 3]) / 2 + trees["tick_down"].score(some)
        wide, high = width[~is_text] * grown / 2, height[~is_text] * grown / 2
        placed[~is_text] = np.stack([across - wide, down - high, across + wide, down + high], axis=1)
    return placed


def _clash(box: NDArray[np.float64], taken: NDArray[np.float64]) -> bool:
    wide = np.minimum(taken[:, 2], box[2]) - np.maximum(taken[:, 0], box[0])
    high = np.minimum(taken[:, 3], box[3]) - np.maximum(taken[:, 1], box[1])
    shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
    least = np.minimum((taken[:, 2] - taken[:, 0]) * (taken[:, 3] - taken[:, 1]), (box[2] - box[0]) * (box[3] - box[1]))
    return bool((shared > _SHARED * least).any())
