"""The ranking that is shipped, and the order in which fields are numbered."""

import numpy as np

from frontdesk.forms.documents.flat_features import WIDTH
from frontdesk.forms.documents.order import reading_order
from frontdesk.forms.documents.ranking import FOREST, Trees, chance, forests


def test_a_tree_goes_right_where_a_number_is_larger() -> None:
    numbers = np.array([[0, 1, 1]], np.int16)
    thresholds = np.array([[0.5, 2.0, 3.0]], np.float32)
    tree = Trees(numbers, thresholds, np.array([[1.0, 2.0, 3.0, 4.0]], np.float32), 10.0)
    rows = np.array([[0.0, 2.0], [0.0, 2.1], [1.0, 3.0], [0.6, 9.0]], np.float32)
    assert tree.score(rows).tolist() == [11.0, 12.0, 13.0, 14.0]


def test_a_score_is_a_likelihood() -> None:
    assert chance(np.array([0.0])).tolist() == [0.5]
    assert chance(np.array([-1e9, 1e9])).round(6).tolist() == [0.0, 1.0]


def test_the_shipped_forests_look_at_what_the_features_have() -> None:
    assert FOREST.stat().st_size < 200_000
    assert max(int(trees.numbers.max()) for trees in forests().values()) < WIDTH


def test_rows_are_read_from_top_to_bottom_and_left_to_right() -> None:
    places = [
        (0, (300.0, 101.0, 400.0, 113.0)),
        (1, (50.0, 50.0, 60.0, 60.0)),
        (0, (50.0, 100.0, 150.0, 112.0)),
        (0, (50.0, 130.0, 150.0, 142.0)),
        (0, (200.0, 99.0, 250.0, 180.0)),
    ]
    assert reading_order(places) == [2, 4, 0, 3, 1]
