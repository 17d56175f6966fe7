"""Birth, country, kind and numbers raise or lower what the name says, and every part is told in words and numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from frontdesk.kyc.checks.lists.indexing import Segment, index_words, keys, numbers, ranked, similar
from frontdesk.kyc.checks.lists.judging import MATCH_FROM, REVIEW_FROM, judge
from frontdesk.kyc.model.screening import Born, Listed, ListedName, Subject

DAY = Born("1964-10-07", "1964-10-07")
ENTRY = Listed("1", "person", (ListedName("Jamil Omar Tamari"),), (DAY,), ("SY",), ("MADEUP",), ("ZX4410297",))
SUBJECT = Subject("Jamil Tamari", "person")
NAMES = st.lists(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9), min_size=1, max_size=4).map(
    " ".join
)


def confidence(entry: Listed = ENTRY, **more: object) -> float:
    return judge(replace(SUBJECT, **more), entry).confidence


def test_what_fits_raises_and_what_differs_lowers() -> None:
    bare = confidence()
    assert confidence(born="1964-10-07") > bare > confidence(born="1990-01-01")
    assert confidence(countries=("SY",)) > bare > confidence(countries=("PT",))
    assert confidence(numbers=("zx 441-0297",)) > bare
    assert confidence(kind="entity") < bare
    assert confidence(born="1964-10-07") >= MATCH_FROM > bare >= REVIEW_FROM > confidence(born="1990-01-01")


@pytest.mark.parametrize(
    ("born", "listed", "effect"),
    [
        ("1964-10-07", DAY, 1),
        ("1964-07-10", DAY, 0),
        ("1964-10-08", DAY, 0),
        ("1963-10-07", DAY, 0),
        ("1960-10-07", DAY, 0),
        ("1960-11-07", DAY, -1),
        ("1966-06-01", Born("1965-01-01", "1967-12-31"), 1),
        ("1968-06-01", Born("1965-01-01", "1967-12-31"), 0),
        ("1970-06-01", Born("1965-01-01", "1967-12-31"), -1),
        ("1969-06-01", Born("1966-01-01", "1966-12-31", is_about=True), 1),
        ("1971-06-01", Born("1966-01-01", "1966-12-31", is_about=True), -1),
    ],
)
def test_a_day_of_birth_is_weighed_by_how_well_it_is_known(born: str, listed: Born, effect: int) -> None:
    entry = replace(ENTRY, born=(listed,))
    change = confidence(entry, born=born) - confidence(entry)
    assert (change > 0) - (change < 0) == effect


def test_a_listed_number_needs_a_person_whatever_the_name() -> None:
    found = judge(Subject("Somebody Else", "person", numbers=("ZX4410297",)), ENTRY)
    assert REVIEW_FROM <= found.confidence < MATCH_FROM
    assert found.explanation[-1]["says"] == "the number zx4410297 stands in the entry"


def test_a_weak_alias_counts_for_less() -> None:
    strong = replace(ENTRY, names=(ListedName("Jamil Tamari"),))
    weak = replace(ENTRY, names=(ListedName("Jamil Tamari", is_weak=True),))
    assert confidence(strong) == 1
    assert REVIEW_FROM < confidence(weak) < 1
    assert [one["part"] for one in judge(SUBJECT, weak).explanation] == ["name", "alias"]


def test_every_part_is_told_with_the_score_after_it() -> None:
    found = judge(replace(SUBJECT, text="Jamil Tamori", born="1964-10-07", countries=("PT", "SY")), ENTRY)
    assert [one["part"] for one in found.explanation] == ["name", "birth_date", "country"]
    name = found.explanation[0]["says"]
    assert "jamil is jamil" in name
    assert "tamori is like tamari (" in name
    assert "omar is in the listed name only" in name
    assert found.explanation[-1]["score"] == found.confidence
    assert found.explanation[2]["says"] == "SY is a country of both"


def test_a_wallet_is_its_address_and_nothing_else() -> None:
    entry = Listed("w", "wallet", (ListedName("Mixer Nine"),), numbers=("bc1qmadeup", "1MadeUpAddress"))
    assert judge(Subject("BC1QMADEUP", "wallet"), entry).confidence == 1
    assert judge(Subject("1MadeUpAddress", "wallet"), entry).confidence == 1
    assert judge(Subject("1madeupaddress", "wallet"), entry).confidence == 0
    assert judge(Subject("Mixer", "wallet"), entry).confidence == 0


@given(NAMES)
def test_a_listed_name_is_found_and_is_certain(name: str) -> None:
    entry = Listed("1", "unknown", (ListedName(name),))
    assert found_by(name, [entry]) == [1]
    assert judge(Subject(name, "person"), entry).confidence == 1


@given(NAMES, st.lists(NAMES, min_size=1, max_size=3), NAMES, st.booleans())
def test_an_alias_never_lowers(asked: str, listed: list[str], alias: str, is_weak: bool) -> None:
    names = tuple(ListedName(one) for one in listed)
    before = judge(Subject(asked, "person"), Listed("1", "person", names)).confidence
    after = judge(Subject(asked, "person"), Listed("1", "person", (*names, ListedName(alias, is_weak)))).confidence
    assert after >= before


@given(NAMES, st.integers(0, 200))
def test_a_slip_in_a_long_word_still_finds_the_entry(name: str, seed: int) -> None:
    first, *rest = sorted(name.split(), key=len, reverse=True)
    if len(first) < 5:
        return
    at = seed % len(first)
    slipped = " ".join([first[:at] + first[at + 1 :], *rest])
    others = [Listed(str(number), "person", (ListedName(f"other{number} person{number}"),)) for number in range(50)]
    assert found_by(slipped, [Listed("x", "person", (ListedName(name),)), *others])[:1] == [1]


def found_by(name: str, entries: list[Listed]) -> list[int]:
    """The numbers of the entries that the index proposes, the best first; the database's part is done by hand."""
    segment = Segment()
    for number, entry in enumerate(entries, 1):
        segment.add(number, entry)
    behind, places = dict(segment.keyed_words()), dict(segment.words())
    asked = []
    for word in index_words(name):
        listed = {one for key in keys(word) for one in behind.get(key, "").split()}
        asked.append(similar(word, sorted(listed)))
    return ranked(asked, places, len(entries))


def test_a_number_leads_to_its_entry() -> None:
    segment = Segment()
    segment.add(7, ENTRY)
    assert numbers(dict(segment.words())["#zx4410297"]) == [7]
