"""Names are the same whatever their order, case, accents, script and particles; other names are others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.checks.names.chinese import is_chinese
from frontdesk.kyc.checks.names.likeness import alike, compare
from frontdesk.kyc.checks.names.sounds import sounds
from frontdesk.kyc.checks.names.words import words

LETTERS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäéñøß", min_size=1, max_size=10)
NAMES = st.lists(LETTERS, min_size=1, max_size=5)


def said(name: str) -> list[str]:
    return [word.text for word in words(name)]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Dr. Abdulrahman Al-Hassan", ["abd", "rahman", "al", "hassan"]),
        ("Abd al-Rahman Hassan", ["abd", "al", "rahman", "hassan"]),
        ("O'Neill, Seán", ["oneill", "sean"]),
        ("王小明", ["wang", "xiao", "ming"]),
        ("김정은", ["gim", "jeong", "eun"]),
        ("Ωνάσης", ["onasis"]),
        ("Юлия Щербакова", ["yuliya", "shcherbakova"]),
        ("الحاشمي", ["al", "hashmy"]),
        ("Foo Bar S.A.", ["foo", "bar"]),
        ("Foo Bar Co. Ltd.", ["foo", "bar"]),
        ("Co Ltd", ["co", "ltd"]),
        ("Sheikh Hassan", ["sheikh", "hassan"]),
        ("Ben Smith", ["ben", "smith"]),
        ("", []),
        (" \t ", []),
        ("***", ["***"]),
    ],
)
def test_a_name_is_its_words(name: str, found: list[str]) -> None:
    assert said(name) == found


def test_particles_are_marked_only_beside_two_other_words() -> None:
    assert [word.is_particle for word in words("Ludwig van der Berg")] == [False, True, True, False]
    assert [word.is_particle for word in words("Van Berg")] == [False, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("muhammad", "mohamed"),
        ("mohammed", "mhmd"),
        ("chekhov", "tschechow"),
        ("chekhov", "čechov"),
        ("yusuf", "youssef"),
    ],
)
def test_spellings_of_one_sound_share_a_skeleton(one: str, other: str) -> None:
    assert sounds(said(one)[0]) & sounds(said(other)[0])


@pytest.mark.parametrize(("one", "other"), [("ahmed", "hamid"), ("smith", "schmidt-k"), ("rosa", "rita")])
def test_other_sounds_share_none(one: str, other: str) -> None:
    assert not sounds(one) & sounds(other)


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Jamil Tamari", "TAMARI, Jamil", 1, 1),
        ("Jamil Tamari", "Jamil al-Tamari", 0.99, 1),
        ("Wang Xiaoming", "王小明", 0.99, 1),
        ("Jürgen Groß", "Juergen Gross", 0.85, 1),
        ("Jamil Tamari", "Jamil Omar Tamari", 0.8, 0.95),
        ("J. Tamari", "Jamil Tamari", 0.8, 0.95),
        ("Jamil Tamori", "Jamil Tamari", 0.85, 0.99),
        ("Jamil Tamari", "Jamil Haddad", 0, 0.6),
        ("Jamil", "Jamil Omar Tamari", 0, 0.7),
        ("Otto Meier", "Jamil Tamari", 0, 0.2),
        ("Xu Hui", "Xu Hua", 0, 0.79),
        ("Zheng Bin", "Zhang Bin", 0, 0.79),
        ("Chen Quan", "Shen Quan", 0, 0.79),
        ("Huang Xinpeng", "Xingpeng Huang", 0.8, 0.99),
        ("Mohamed Ali", "Muhammad Ali", 0.8, 0.99),
        ("Omar Hadi", "Umar Hady", 0.8, 0.99),
        ("Saeed Khan", "Said Khan", 0.8, 0.99),
        ("Jung Ho", "Jeong Ho", 0.8, 0.99),
    ],
)
def test_likeness_is_where_a_person_would_put_it(one: str, other: str, least: float, most: float) -> None:
    assert least <= compare(one, other).score <= most


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Wang Xiaoming", True),
        ("Xiaoming, WANG", True),
        ("王小明", True),
        ("Lu Yi", True),
        ("Lee Wei", False),
        ("Mohamed Ali", False),
        ("Ali Hadi", False),
        ("Ana Ruiz", False),
        ("Song Soo-Eun", False),
        ("Wang", False),
        ("Wang Xiaomingli", False),
        ("", False),
    ],
)
def test_a_chinese_name_is_a_family_and_one_or_two_syllables(name: str, *, found: bool) -> None:
    assert is_chinese(said(name)) is found


@given(NAMES, st.randoms(use_true_random=False))
def test_a_name_is_itself_in_any_order_and_case(parts: list[str], random) -> None:
    turned = [part.swapcase() for part in parts]
    random.shuffle(turned)
    assert compare(" ".join(parts), " ".join(parts)).score == pytest.approx(1)
    if sorted(said(" ".join(parts))) == sorted(said(" ".join(turned))):
        assert compare(" ".join(turned), " ".join(parts)).score == pytest.approx(1)


@given(NAMES, st.randoms(use_true_random=False))
def test_neither_order_nor_case_changes_the_words(parts: list[str], random) -> None:
    turned = [part.upper() for part in parts]
    random.shuffle(turned)
    assert sorted(said(" ".join(parts))) == sorted(said(" ".join(turned)))


@given(NAMES, NAMES)
def test_likeness_is_a_share(one: list[str], other: list[str]) -> None:
    assert 0 <= compare(" ".join(one), " ".join(other)).score <= 1


@given(LETTERS, LETTERS)
def test_words_are_as_alike_one_way_as_the_other(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
