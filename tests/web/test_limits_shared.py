"""Counts that several processes share: the same numbers as one process would keep, in memory of fixed size."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.web.endpoint import Limit
from frontdesk.web.limits import Limiter, OwnCounts, Rules
from frontdesk.web.limits_shared import SharedCounts
from frontdesk.web.problems import RateLimited
from web.sample import TOKEN
from web.world import World

CALLS = st.lists(
    st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(["ida", "eva", "\0pause"]), st.integers(0, 3), st.booleans())
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "counts"
    SharedCounts.create(path)
    return path


@given(CALLS)
def test_processes_count_as_one_would(tmp_path_factory: pytest.TempPathFactory, calls: list[tuple]) -> None:  # type: ignore[type-arg]
    path = tmp_path_factory.mktemp("shared") / "counts"
    SharedCounts.create(path, most=64)
    processes, alone = (SharedCounts(path), SharedCounts(path)), OwnCounts()
    window = 0
    for rule, caller, later, which in calls:
        window += later  # time goes on, for all rules at once
        ends_at = (window + 1) * 60
        assert processes[which].add(rule, caller, ends_at) == alone.add(rule, caller, ends_at)


def test_a_pause_holds_in_every_process(table: Path) -> None:
    one, other = SharedCounts(table), SharedCounts(table)
    assert other.paused_until("ida") == 0
    one.pause("ida", 1_000.0)
    assert (other.paused_until("ida"), other.paused_until("eva")) == (1_000.0, 0)
    assert other.add("x", "ida", 60) == 1


def test_the_table_does_not_grow_and_forgets_whose_window_ends_first(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    SharedCounts.create(path, most=8)
    counts = SharedCounts(path)
    size = path.stat().st_size
    counts.add("x", "first", 60)
    for number in range(200):
        assert counts.add("x", f"caller{number}", 120 + number) == 1
    assert counts.add("x", "first", 60) == 1
    assert path.stat().st_size == size


def test_a_true_crowd_is_counted_to_the_call(table: Path) -> None:
    counts = SharedCounts(table)
    for turn in (1, 2, 3):
        assert {counts.add("x", f"192.0.2.{number}", 300) for number in range(20_000)} == {turn}


def test_nobody_can_foresee_where_a_caller_stands(tmp_path: Path) -> None:
    digests = set()
    for name in ("a", "b"):
        SharedCounts.create(tmp_path / name, most=8)
        digests.add(SharedCounts(tmp_path / name)._digest("x", "ida"))
    assert len(digests) == 2


def test_programs_that_count_at_once_see_each_other(table: Path) -> None:
    """Four programs of 5,000 calls each, and then one."""
    script = (
        "import sys; from pathlib import Path; from frontdesk.web.limits_shared import SharedCounts\n"
        "counts = SharedCounts(Path(sys.argv[1])); sys.stdin.readline()\n"
        "for _ in range(5000): counts.add('x', 'ida', 60)\n"
    )
    programs = [
        subprocess.Popen([sys.executable, "-c", script, str(table)], stdin=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for each in programs:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.close()
    assert [each.wait(60) for each in programs] == [0] * 4
    assert SharedCounts(table).add("x", "ida", 60) == 20_001


async def test_a_limit_is_as_wide_as_it_says_however_many_processes_answer(table: Path) -> None:
    rules = Rules(address=Limit("address", 4, 300, "address"))
    worlds = [World(limiter=Limiter(rules=rules, counts=SharedCounts(table))) for _ in range(2)]
    statuses = []
    for number in range(6):
        async with worlds[number % 2].client() as client:
            statuses.append((await client.get("/kyc/sessions")).status_code)
    assert statuses == [200] * 4 + [429] * 2


async def test_who_guesses_at_one_process_is_refused_by_the_other(table: Path) -> None:
    rules = Rules(guesses=Limit("token_guesses", 2, 300, "address"))
    worlds = [World(limiter=Limiter(rules=rules, counts=SharedCounts(table))) for _ in range(2)]
    async with worlds[0].client() as client:
        for _ in range(3):
            await client.get("/public/sessions/6ba7b810-9dad-41d1-80b4-00c04fd430c8")
    async with worlds[1].client() as client:
        assert (await client.get(f"/public/sessions/{TOKEN}")).status_code == 429


def test_a_refusal_says_when_the_window_ends(table: Path) -> None:
    limiter, limit = Limiter(counts=SharedCounts(table)), Limit("x", 1, 60)
    limiter.count(limit, "ida", 120.0)
    with pytest.raises(RateLimited) as caught:
        limiter.count(limit, "ida", 150.5)
    assert (caught.value.limit, caught.value.reset_at, caught.value.retry_after) == (1, 180, 30)
    limiter.count(limit, "ida", 180.0)
