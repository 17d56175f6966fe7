"""From the cosine of two faces to the published likeness of 0 to 1, and to its three zones."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

MATCH_FROM = 0.55
NO_MATCH_BELOW = 0.363
"""Cosines of SFace embeddings. Measured on specimens and rendered heads only, never on a selfie and a document."""
_POINTS = ((-1.0, 0.0), (NO_MATCH_BELOW, 0.5), (MATCH_FROM, 0.85), (1.0, 1.0))
"""Cosine and likeness, straight lines between: the published default threshold of 0.85 lies at `MATCH_FROM`."""


def likeness(cosine: float) -> float:
    """0 to 1, rising with the cosine, cut (not rounded) to four digits: what is shown never says more than was seen."""
    place = min(max(cosine, -1.0), 1.0)
    for (low, first), (high, last) in pairwise(_POINTS):
        if place <= high:
            found = first + (place - low) * (last - first) / (high - low)
            return math.floor(found * 10_000 + 1e-6) / 10_000
    return 1.0


def zone(cosine: float, threshold: float) -> str:
    """`passed` from the threshold on, `failed` where no two pictures of one person were seen, between them `review`.

    A threshold below the last zone lets nobody through that lies in it.
    """
    if cosine < NO_MATCH_BELOW:
        return "failed"
    return "passed" if likeness(cosine) >= threshold else "review"


def cosines(one: Sequence[float], others: Sequence[bytes]) -> list[float]:
    """How alike an embedding and each of the others is, -1 to 1; the others are packed, four bytes a number. One of
    another length was made by another network and is like nothing: -1."""
    size = 4 * len(one)
    fitting = [at for at, other in enumerate(others) if len(other) == size]
    found = [-1.0] * len(others)
    rows = np.frombuffer(b"".join(others[at] for at in fitting), np.float32).reshape(-1, len(one))
    # Rounded, because the last digits depend on how many are multiplied at once, and findings are compared by digest.
    values = (rows.astype(np.float64) @ np.asarray(one, np.float64)).round(9).tolist()
    for at, value in zip(fitting, values, strict=True):
        found[at] = value
    return found
