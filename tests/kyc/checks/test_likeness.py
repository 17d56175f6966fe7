"""From cosine to likeness: rising, cut, and the zones at the measured borders."""

from array import array
from operator import mul

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.checks.likeness import MATCH_FROM, NO_MATCH_BELOW, cosines, likeness, zone

COSINES = st.floats(-1, 1, allow_nan=False)


@given(COSINES, COSINES)
def test_the_more_alike_the_higher(one, other):
    low, high = sorted((one, other))
    assert 0 <= likeness(low) <= likeness(high) <= 1


@pytest.mark.parametrize(
    ("cosine", "shown"), [(-1, 0), (-3, 0), (NO_MATCH_BELOW, 0.5), (MATCH_FROM, 0.85), (1, 1), (2, 1)]
)
def test_the_measured_borders_lie_where_the_page_says(cosine, shown):
    assert likeness(cosine) == shown


@given(COSINES)
def test_the_default_threshold_is_the_border_of_a_match(cosine):
    expected = "failed" if cosine < NO_MATCH_BELOW else "passed" if likeness(cosine) >= 0.85 else "review"
    assert zone(cosine, 0.85) == expected
    assert (zone(cosine, 0.85) == "passed") is (likeness(cosine) >= 0.85)


@given(COSINES, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_lets_nobody_more_through(cosine, one, other):
    low, high = sorted((one, other))
    if zone(cosine, high) == "passed":
        assert zone(cosine, low) == "passed"


@given(st.floats(-1, NO_MATCH_BELOW, exclude_max=True), st.floats(0, 1))
def test_no_threshold_lets_different_persons_through(cosine, threshold):
    assert zone(cosine, threshold) == "failed"


UNIT = st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4)


@given(UNIT, st.lists(UNIT, max_size=5))
def test_all_at_once_are_compared_as_each_alone(one, others):
    packed = [array("f", other).tobytes() for other in others]
    found = cosines(one, packed)
    assert found == pytest.approx([sum(map(mul, one, other)) for other in others], abs=1e-6)
    assert found == [cosines(one, [each])[0] for each in packed]


def test_numbers_of_another_network_are_like_nothing():
    fitting = array("f", [1, 0]).tobytes()
    assert cosines([1, 0], [fitting, b"", fitting + fitting]) == [1.0, -1.0, -1.0]
