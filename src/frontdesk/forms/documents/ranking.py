"""A small forest of decision trees: how likely a candidate is a field, and where in it the field lies."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontdesk.forms.documents.flat_features import Features

FOREST = Path(__file__).parent / "ranking.npz"
"""Written by tools/forms_ranking.py."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Complete binary trees of one depth: rows of the numbers and thresholds of inner nodes, and values of leaves."""

    numbers: NDArray[np.int16]
    thresholds: NDArray[np.float32]
    leaves: NDArray[np.float32]
    start: float

    def score(self, rows: Features) -> NDArray[np.float64]:
        """The sum of what the trees say of each row."""
        trees = np.arange(len(self.numbers))
        node = np.zeros((len(rows), len(trees)), np.int64)
        inner = self.numbers.shape[1]
        at = np.arange(len(rows))[:, None]
        for _ in range((inner + 1).bit_length() - 1):
            right = rows[at, self.numbers[trees, node]] > self.thresholds[trees, node]
            node = 2 * node + 1 + right
        total: NDArray[np.float64] = self.leaves[trees, node - inner].sum(axis=1, dtype=np.float64)
        return total + self.start


def chance(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """A score of a classifying forest as a likelihood from 0 to 1."""
    return 1.0 / (1.0 + np.exp(-np.clip(score, -30, 30)))


@cache
def forests() -> dict[str, Trees]:
    """The forests that are shipped, by name."""
    with np.load(FOREST, allow_pickle=False) as held:
        names = sorted({key.partition(".")[0] for key in held.files})
        return {
            name: Trees(
                held[f"{name}.numbers"],
                held[f"{name}.thresholds"],
                held[f"{name}.leaves"],
                float(held[f"{name}.start"]),
            )
            for name in names
        }
