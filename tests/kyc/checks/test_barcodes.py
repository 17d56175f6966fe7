"""What the barcode of a North American licence says."""

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.checks.barcodes import is_licence, licence_fields

AMERICAN = "\n".join(
    (
        "@",
        "\x1e\rANSI 636014040002DL00410278ZC03190008DLDAQD1234562",
        *("DCSSAMPLE", "DDEN", "DACALEXANDER", "DDFN", "DADJOSEPH", "DDGN"),
        *("DBB08311977", "DBA08312029", "DBD01152024", "DBC1", "DCGUSA", "DAJCA\r"),
    )
)
CANADIAN = "\n".join(
    (
        "@",
        "\x1e\rANSI 636012030001DL00000359DLDCSPUBLIC",
        *("DCTJANE,ANNE", "DBB19770831", "DBA20290831", "DBD20240115", "DBC2", "DCGCAN", "DAQP1234\r"),
    )
)


def texts(content: str) -> dict[str, str]:
    return {key: value.text for key, value in licence_fields(content).items()}


def test_an_american_licence_gives_every_key() -> None:
    assert is_licence(AMERICAN)
    assert texts(AMERICAN) == {
        "surname": "SAMPLE",
        "given_names": "ALEXANDER JOSEPH",
        "full_name": "ALEXANDER JOSEPH SAMPLE",
        "document_number": "D1234562",
        "date_of_birth": "1977-08-31",
        "expiry_date": "2029-08-31",
        "issue_date": "2024-01-15",
        "gender": "M",
        "issuing_country": "US",
    }


def test_a_canadian_licence_writes_its_dates_the_other_way_round() -> None:
    found = texts(CANADIAN)
    assert (found["date_of_birth"], found["expiry_date"], found["issuing_country"]) == (
        "1977-08-31",
        "2029-08-31",
        "CA",
    )
    assert found["full_name"] == "JANE ANNE PUBLIC"


def test_an_impossible_day_is_left_out() -> None:
    assert "date_of_birth" not in licence_fields(AMERICAN.replace("08311977", "13311977"))


def test_another_barcode_is_no_licence() -> None:
    assert not is_licence("https://example.test/ticket/1")


@given(st.text(max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    licence_fields(AMERICAN + text)
