"""Each published format is read to the last field, and what is damaged is told with its place."""

import io
from pathlib import Path

import pytest

from frontdesk.kyc.checks.lists import formats, values
from frontdesk.kyc.checks.lists.reading import LONGEST_LINE, MOST_OF_AN_ENTRY, ListDamaged, Opened, Passing
from frontdesk.kyc.model.screening import Born, Listed, ListedName

LISTS = Path(__file__).parents[2] / "fixtures" / "lists"
FILES = {"ofac-xml": "sdn.xml", "ofac-csv": "sdn.csv", "un-xml": "un.xml", "eu-xml": "eu.xml", "csv": "own.csv"}
XML = {sort: name for sort, name in FILES.items() if name.endswith(".xml")}
DAY = Born("1964-10-07", "1964-10-07")


def read(content: bytes, sort: str, path: Path = LISTS / "sdn.csv") -> tuple[list[Listed], Opened]:
    opened = Opened(sort)
    return list(formats.FORMATS[sort](Passing(io.BytesIO(content), lambda _: None), opened, path)), opened


def specimen(sort: str) -> bytes:
    return (LISTS / FILES[sort]).read_bytes()


def damage(content: bytes, sort: str, path: Path = LISTS / "sdn.csv") -> str:
    with pytest.raises(ListDamaged) as caught:
        read(content, sort, path)
    return caught.value.message


@pytest.mark.parametrize("sort", FILES)
def test_every_format_tells_the_same_person_whole(sort: str) -> None:
    [person, company, *_], opened = read(specimen(sort), sort)
    assert person.kind == "person"
    assert company.kind == "entity"
    assert {word.lower() for word in ("Jamil", "Omar", "Al-Tamari")} == {
        word.lower().strip(",") for word in person.names[0].text.split()
    }
    assert [name.text.lower() for name in person.names if name.is_weak] == ["the ledger"]
    assert DAY in person.born
    assert len(person.born) >= 2
    assert person.countries == ("SY",)
    assert person.numbers == ("ZX4410297",)
    assert person.programmes != ()
    assert company.countries == ("KP",)
    assert opened.source_date == (None if sort.endswith("csv") else "2026-04-02")


@pytest.mark.parametrize("sort", FILES)
def test_a_format_is_recognised_by_its_first_bytes(sort: str) -> None:
    assert formats.recognised(specimen(sort)[: formats.LOOKED_AT], FILES[sort]) == sort
    marked = b"\xef\xbb\xbf" + specimen(sort)
    if sort != "ofac-csv":
        assert formats.recognised(marked, FILES[sort]) == sort
        assert read(marked, sort)[0] == read(specimen(sort), sort)[0]


@pytest.mark.parametrize("content", [b"<html/>", b"a;b;c\n1;2;3", b"\x00\x01", b""])
def test_what_is_no_list_is_not_taken_for_one(content: bytes) -> None:
    with pytest.raises(ListDamaged):
        formats.recognised(content, "list.bin")


def test_kinds_aliases_and_programmes_of_the_us_list() -> None:
    for sort in ("ofac-xml", "ofac-csv"):
        person, company, vessel = read(specimen(sort), sort)[0]
        assert (person.entry_id, company.entry_id, vessel.entry_id) == ("90001", "90002", "90003")
        assert vessel.kind == "vessel"
        assert vessel.countries == ("PA",)
        assert person.programmes == ("MADEUP", "MADEUP-2")
        assert {"TAMARI", "Gamil"} == {word.strip(",") for word in person.names[1].text.split()}
        assert person.born == (DAY, Born("1966-01-01", "1966-12-31", is_about=True))


def test_days_of_birth_of_the_un_list() -> None:
    [person, _], _ = read(specimen("un-xml"), "un-xml")
    assert person.born == (
        DAY,
        Born("1965-01-01", "1967-12-31"),
        Born("1963-01-01", "1963-12-31", is_about=True),
    )
    assert ListedName("جميل عمر التماري") in person.names


def test_an_entry_of_the_eu_list_without_a_reference_has_its_logical_id() -> None:
    assert [one.entry_id for one in read(specimen("eu-xml"), "eu-xml")[0]] == ["EU.90.1", "902"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("07 Oct 1964", DAY),
        ("Oct 1964", Born("1964-10-01", "1964-10-31")),
        ("1964", Born("1964-01-01", "1964-12-31")),
        ("circa 1964", Born("1964-01-01", "1964-12-31", is_about=True)),
        ("1959 to 1960", Born("1959-01-01", "1960-12-31")),
        ("01 Jan 1961 to 31 Dec 1962", Born("1961-01-01", "1962-12-31")),
        ("1968..1972", Born("1968-01-01", "1972-12-31")),
        ("1960-2", Born("1960-02-01", "1960-02-29")),
    ],
)
def test_a_day_of_birth_is_read_as_lists_write_it(said: str, found: Born) -> None:
    assert values.births(said) == (found,)


@pytest.mark.parametrize("said", ["", "unknown", "31 Feb 1960", "1960-13-01", "07 Foo 1964", "1 to 2 to 3"])
def test_a_day_that_is_none_is_left_out(said: str) -> None:
    assert values.births(said) == ()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Korea, North", "KP"), ("Democratic People's Republic of Korea", "KP"), ("Iran (Islamic Republic of)", "IR"),
        ("Côte d'Ivoire", "CI"), ("sy", "SY"), ("Burma", "MM"), ("Russian Federation", "RU"), ("France", "FR"),
        ("Bosnia and Herzegovina", "BA"), ("Atlantis", None), ("00", None),
    ],
)  # fmt: skip
def test_countries_are_found_by_the_names_that_lists_use(said: str, code: str | None) -> None:
    assert values.country(said) == code


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
"""
OUTSIDE = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>\n'


TWICE = (
    (b"90002", b"90001"),
    (b"MUe.002", b"MUi.001"),
    (b'euReferenceNumber="" logicalId="902"', b'euReferenceNumber="EU.90.1" logicalId="902"'),
    (b"w-2", b"w-1"),
)
"""What makes the second entry of each file the first again."""


class TestDamage:
    @pytest.mark.parametrize("sort", XML)
    @pytest.mark.parametrize("head", [BOMB, OUTSIDE])
    def test_entities_are_refused_before_they_grow(self, sort: str, head: bytes) -> None:
        body = specimen(sort).split(b"?>", 1)[1].replace(b"TAMARI", b"&b;").replace(b"Tamari", b"&e;")
        assert damage(head + body, sort) == "line 2: a list has no document type"

    @pytest.mark.parametrize("sort", XML)
    def test_a_cut_file_is_told_with_its_last_line(self, sort: str) -> None:
        content = specimen(sort)
        cut = content[: content.index(b"reywater" if sort == "eu-xml" else b"REYWATER")]
        line = cut.count(b"\n") + 1
        assert damage(cut, sort).startswith(f"line {line}, ")

    @pytest.mark.parametrize("sort", XML)
    def test_bytes_of_another_encoding_are_told_with_their_line(self, sort: str) -> None:
        content = specimen(sort)
        at = content.index(b"edger") if sort == "eu-xml" else content.upper().index(b"LEDGER")
        line = content[:at].count(b"\n") + 1
        broken = content[:at] + "Ü".encode("latin-1") + content[at:]
        assert damage(broken, sort).startswith(f"line {line}, ")

    @pytest.mark.parametrize("sort", XML)
    def test_another_root_is_another_file(self, sort: str) -> None:
        assert damage(b"<a><b/></a>", sort).startswith("line 1: the file begins with <a>")

    @pytest.mark.parametrize("sort", FILES)
    def test_an_entry_that_comes_twice_is_refused(self, sort: str) -> None:
        content = specimen(sort)
        for old, new in TWICE:
            content = content.replace(old, new)
        assert "comes a second time" in damage(content, sort)

    def test_an_entry_without_measure_is_refused_as_it_passes(self) -> None:
        head = b"<sdnList><sdnEntry><uid>1</uid><lastName>"
        assert "an entry is longer than" in damage(head + b"x " * MOST_OF_AN_ENTRY, "ofac-xml")

    def test_elements_nested_without_end_are_refused(self) -> None:
        assert "nested deeper" in damage(b"<sdnList><sdnEntry>" + b"<a>" * 100_000, "ofac-xml")

    def test_an_unknown_encoding_is_no_traceback(self) -> None:
        assert damage(b'<?xml version="1.0" encoding="klingon"?><sdnList/>', "ofac-xml").startswith("line 1")

    def test_an_entry_without_a_name_is_told_with_its_line(self) -> None:
        content = b"<sdnList>\n<sdnEntry>\n<uid>1</uid></sdnEntry></sdnList>"
        assert damage(content, "ofac-xml") == "line 2: <sdnEntry> has no <lastName>"

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            (b"w-4", "line 5: 9 values are expected, and there are 1"),
            (b",Somebody,,,,,,,", "line 5: id is empty"),
            (b"w-4,,,,,,,,", "line 5: name is empty"),
            (b"w-4,Somebody,,,ghost,,,,", "line 5: type is one of"),
            (b"w-4,Somebody,,,,some day,,,", "line 5: birth_date is like"),
            (b"w-4,Somebody,,,,,Atlantis,,", "line 5: country is two letters"),
            (b"w-4,Some\xfcbody,,,,,,,", "line 5: this is not UTF-8"),
            (b'w-4,"Somebody,,,,,,,', "line 5: unexpected end of data"),
        ],
    )
    def test_a_line_of_an_own_list_is_told_with_its_fault(self, line: bytes, told: str) -> None:
        assert damage(specimen("csv") + line, "csv").startswith(told)

    def test_an_unknown_column_is_refused(self) -> None:
        assert damage(b"id,name,shoe\n1,A B,42\n", "csv").startswith("line 1: the columns are")

    def test_a_line_without_end_is_refused(self) -> None:
        assert "is longer than" in damage(b"id,name\n1," + b"x" * (LONGEST_LINE + 1), "csv")

    @pytest.mark.parametrize("gone", ["alt.csv", "add.csv"])
    def test_of_the_three_files_none_may_be_missing(self, tmp_path: Path, gone: str) -> None:
        for name in {"alt.csv", "add.csv"} - {gone}:
            (tmp_path / name).write_bytes((LISTS / name).read_bytes())
        assert gone in damage(specimen("ofac-csv"), "ofac-csv", tmp_path / "sdn.csv")

    def test_files_of_different_days_are_seen(self) -> None:
        first = specimen("ofac-csv").split(b"\r\n")[0]
        assert damage(first, "ofac-csv") == "add.csv names the entry 90002, which sdn.csv does not have"
