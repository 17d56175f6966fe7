"""Lifecycle tables: what they allow, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.lifecycle import IllegalMove, Lifecycle
from kernel.sample import LIFECYCLE

NAMES = st.sampled_from("abcd")
TABLES = st.dictionaries(st.tuples(NAMES, st.sampled_from("xyz")), NAMES)


def test_a_verb_leads_where_the_table_says() -> None:
    assert LIFECYCLE.move("open", "advance") == "open"
    assert LIFECYCLE.move("open", "complete") == "completed"


def test_a_verb_that_is_not_in_the_table_is_refused_by_both_names() -> None:
    with pytest.raises(IllegalMove, match="advance is not possible while the status is completed"):
        LIFECYCLE.move("completed", "advance")
    assert not LIFECYCLE.allows("completed", "advance")


def test_final_are_the_statuses_that_nothing_leads_out_of() -> None:
    assert LIFECYCLE.final == {"completed", "expired"}
    assert LIFECYCLE.statuses == {"open", "completed", "expired"}


def test_a_table_without_moves_has_one_final_status() -> None:
    assert Lifecycle("only", {}).final == {"only"}


@given(TABLES, st.lists(st.sampled_from("xyz")))
def test_a_walk_stays_in_the_table_and_final_means_final(table: dict[tuple[str, str], str], verbs: list[str]) -> None:
    lifecycle, status = Lifecycle("a", table), "a"
    for verb in verbs:
        if lifecycle.allows(status, verb):
            assert status not in lifecycle.final
            status = lifecycle.move(status, verb)
        else:
            with pytest.raises(IllegalMove):
                lifecycle.move(status, verb)
        assert status in lifecycle.statuses
