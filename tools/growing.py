"""Growing a forest: gradient boosting over binned numbers, in numpy, the same forest for the same rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontdesk.forms.documents.ranking import Trees, chance

Rows = NDArray[np.float32]
Column = NDArray[np.float64]
_BINS = 48


def grow(
    rows: Rows,
    wanted: Column,
    weights: Column,
    *,
    classify: bool,
    count: int = 160,
    depth: int = 5,
    rate: float = 0.09,
    least: float = 6.0,
    seed: int = 7,
) -> Trees:
    """A forest that tells `wanted` (0 and 1 if it classifies, else any number); 0 if there are no rows."""
    if not len(rows):
        empty = np.zeros((1, 2**depth - 1))
        return Trees(empty.astype(np.int16), empty.astype(np.float32), np.zeros((1, 2**depth), np.float32), 0.0)
    edges = _edges(rows)
    binned = np.stack([np.searchsorted(cut, rows[:, i], side="left") for i, cut in enumerate(edges)], axis=1)
    random = np.random.default_rng(seed)
    mean = float((wanted * weights).sum() / weights.sum())
    start = float(np.log(max(mean, 1e-4) / max(1 - mean, 1e-4))) if classify else mean
    score = np.full(len(rows), start)
    numbers, thresholds, leaves = [], [], []
    for _ in range(count):
        if classify:
            likely = chance(score)
            slope, bend = (likely - wanted) * weights, np.maximum(likely * (1 - likely), 1e-4) * weights
        else:
            # Huber's loss: a widget that lies elsewhere must not pull the others.
            slope, bend = np.clip(score - wanted, -4.0, 4.0) * weights, weights.copy()
        used = np.sort(random.choice(rows.shape[1], max(8, round(rows.shape[1] * 0.5)), replace=False))
        kept = random.random(len(rows)) < 0.75
        tree = _tree(binned, edges, slope * kept, bend * kept, used, depth, rate, least)
        numbers.append(tree[0])
        thresholds.append(tree[1])
        leaves.append(tree[2])
        score += _apply(tree, rows, depth)
    return Trees(np.array(numbers, np.int16), np.array(thresholds, np.float32), np.array(leaves, np.float32), start)


def mean(forests: Sequence[Trees]) -> Trees:
    """One forest that says what these say on the average."""
    return Trees(
        np.concatenate([each.numbers for each in forests]),
        np.concatenate([each.thresholds for each in forests]),
        (np.concatenate([each.leaves for each in forests]) / len(forests)).astype(np.float32),
        sum(each.start for each in forests) / len(forests),
    )


def _edges(rows: Rows) -> list[NDArray[np.float32]]:
    found = []
    for column in rows.T:
        cuts = np.unique(np.quantile(column, np.linspace(0, 1, _BINS + 1)[1:-1], method="nearest"))
        values = np.unique(column)
        if len(values) <= _BINS:
            cuts = ((values[:-1] + values[1:]) / 2) if len(values) > 1 else values
        found.append(cuts.astype(np.float32))
    return found


_Tree = tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]


def _tree(
    binned: NDArray[np.intp],
    edges: list[NDArray[np.float32]],
    slope: Column,
    bend: Column,
    used: NDArray[np.intp],
    depth: int,
    rate: float,
    least: float,
) -> _Tree:
    inner = 2**depth - 1
    numbers = np.zeros(inner, np.int16)
    thresholds = np.full(inner, np.inf, np.float32)
    leaves = np.zeros(inner + 1, np.float32)
    node = np.zeros(len(binned), np.int64)
    for level in range(depth):
        first = 2**level - 1
        width = 2**level
        place = node - first
        choice: list[tuple[int, int] | None] = [None] * width
        cell = (np.arange(len(used)) * width + place[:, None]) * (_BINS + 1) + binned[:, used]
        flat = cell.ravel()
        shape = (len(used), width, _BINS + 1)
        slopes = np.bincount(flat, np.repeat(slope, len(used)), len(used) * width * (_BINS + 1)).reshape(shape)
        bends = np.bincount(flat, np.repeat(bend, len(used)), len(used) * width * (_BINS + 1)).reshape(shape)
        left_s, left_b = slopes.cumsum(2)[:, :, :-1], bends.cumsum(2)[:, :, :-1]
        all_s, all_b = slopes.sum(2)[:, :, None], bends.sum(2)[:, :, None]
        gain = _worth(left_s, left_b) + _worth(all_s - left_s, all_b - left_b) - _worth(all_s, all_b)
        gain[(left_b < least / 4) | (all_b - left_b < least / 4)] = 0
        gain[
            np.arange(_BINS) >= np.array([len(edges[feature]) for feature in used])[:, None, None].repeat(width, 1)
        ] = 0
        by_node = gain.transpose(1, 0, 2).reshape(width, -1)
        where = by_node.argmax(1)
        for each in np.flatnonzero(by_node[np.arange(width), where] > 1e-6).tolist():
            choice[each] = (int(used[where[each] // _BINS]), int(where[each] % _BINS))
        for each, chosen in enumerate(choice):
            if chosen is not None:
                numbers[first + each] = chosen[0]
                thresholds[first + each] = edges[chosen[0]][chosen[1]]
        right = np.zeros(len(node), bool)
        for each, chosen in enumerate(choice):
            if chosen is not None:
                inside = place == each
                right[inside] = binned[inside, chosen[0]] > chosen[1]
        node = 2 * node + 1 + right
    place = node - inner
    slopes, bends = np.bincount(place, slope, inner + 1), np.bincount(place, bend, inner + 1)
    leaves[:] = -rate * slopes / (bends + 2.0)
    return numbers, thresholds, leaves


def _worth(slope: Column, bend: Column) -> Column:
    return slope * slope / (bend + 2.0)


def _apply(tree: _Tree, rows: Rows, depth: int) -> Column:
    node = np.zeros(len(rows), np.int64)
    at = np.arange(len(rows))
    for _ in range(depth):
        node = 2 * node + 1 + (rows[at, tree[0][node]] > tree[1][node])
    return tree[2][node - len(tree[0])].astype(np.float64)
