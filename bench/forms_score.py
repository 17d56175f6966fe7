"""How right detected fields are: one-to-one matches by overlap and by centre, and labels by their words."""

import re
from collections.abc import Sequence
from typing import Any

KINDS = {"text": "text", "choice": "text", "signature": "text", "checkbox": "tick", "radio": "tick"}
MEASURES = ("centre", "overlap")
STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and any as at be by for from if in is it its of on or our see that the this to was were which with you"
        " your please enter check box field",
    )
)
Field = dict[str, Any]


class Tally:
    """Counts of hits, true fields and detections by measure and kind; labels that were hit and compared."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], list[int]] = {}
        self.labels = [0, 0]

    def add(self, truth: Sequence[Field], found: Sequence[Field]) -> None:
        """Count one document. Fields that nobody is asked for are neither right nor wrong."""
        asked = [field for field in truth if field["kind"] != "button" and field.get("detectable", True)]
        spare = [field for field in truth if field["kind"] == "button" or not field.get("detectable", True)]
        for measure in MEASURES:
            for kind in ("text", "tick", "all"):
                mine = [field for field in asked if kind in ("all", KINDS[field["kind"]])]
                theirs = [field for field in found if kind in ("all", KINDS[field["kind"]])]
                pairs = _match(mine, theirs, measure, same=True)
                hit = {index for _, index in pairs}
                rest = [field for index, field in enumerate(theirs) if index not in hit]
                forgiven = len(_match(spare, rest, "centre", same=False))
                counts = self.counts.setdefault((measure, kind), [0, 0, 0])
                for place, more in enumerate((len(pairs), len(mine), len(theirs) - forgiven)):
                    counts[place] += more
                if (measure, kind) == ("centre", "all"):
                    told = [(mine[i]["label"], theirs[j]["label"]) for i, j in pairs if mine[i]["label"]]
                    self.labels[0] += sum(same_label(true, guess) for true, guess in told)
                    self.labels[1] += len(told)

    def merge(self, other: "Tally") -> None:
        """Add what another one counted."""
        for key, counts in other.counts.items():
            mine = self.counts.setdefault(key, [0, 0, 0])
            self.counts[key] = [a + b for a, b in zip(mine, counts, strict=True)]
        self.labels = [a + b for a, b in zip(self.labels, other.labels, strict=True)]

    def f1(self, measure: str, kind: str) -> float:
        """Twice the hits in true fields and detections together."""
        hits, true, found = self.counts.get((measure, kind), (0, 0, 0))
        return 2 * hits / (true + found) if true + found else 1.0

    @property
    def label(self) -> float | None:
        """Share of compared labels that say the same."""
        return self.labels[0] / self.labels[1] if self.labels[1] else None


def same_label(true: str, guess: str | None) -> bool:
    """Whether two labels share most words; one word does not stand for a sentence."""
    left, right = _words(true), _words(guess or "")
    if not left or not right:
        return False
    common = len(left & right)
    if len(right) == 1 and len(left) > 4:
        return 2 * common / (len(left) + 1) >= 0.6
    return common / min(len(left), len(right)) >= 0.6


def _words(text: str) -> set[str]:
    found = set(re.findall(r"[^\W_]+", text.lower()))
    return found - STOP or found


def _match(truth: Sequence[Field], found: Sequence[Field], measure: str, *, same: bool) -> list[tuple[int, int]]:
    """Pairs of indexes, the best first, each field once."""
    pairs = []
    for i, true in enumerate(truth):
        for j, guess in enumerate(found):
            if true["page"] != guess["page"] or (same and KINDS[true["kind"]] != KINDS[guess["kind"]]):
                continue
            worth = (
                _overlap(true["rect"], guess["rect"]) if measure == "overlap" else _near(true["rect"], guess["rect"])
            )
            if worth is not None:
                pairs.append((-worth, i, j))
    used: tuple[set[int], set[int]] = (set(), set())
    chosen = []
    for _, i, j in sorted(pairs):
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            chosen.append((i, j))
    return chosen


def _overlap(true: Sequence[float], guess: Sequence[float]) -> float | None:
    wide, high = min(true[2], guess[2]) - max(true[0], guess[0]), min(true[3], guess[3]) - max(true[1], guess[1])
    if wide <= 0 or high <= 0:
        return None
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (true, guess)]
    share = wide * high / (sum(areas) - wide * high)
    return share if share >= 0.5 else None


def _near(true: Sequence[float], guess: Sequence[float]) -> float | None:
    x, y = (guess[0] + guess[2]) / 2, (guess[1] + guess[3]) / 2
    if not (true[0] - 2 <= x <= true[2] + 2 and true[1] - 2 <= y <= true[3] + 2):
        return None
    return -(abs(x - (true[0] + true[2]) / 2) + abs(y - (true[1] + true[3]) / 2))
