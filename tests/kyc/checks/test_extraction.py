"""What is taken from a read paper, under the published keys and with its scores."""

from dataclasses import replace
from datetime import date

import pytest

from frontdesk.kyc.checks.extraction import Extraction, extract
from readings import ERIKSSON, reading

TODAY = date(2026, 1, 1)
PRINTED = (
    "UTOPIA",
    "Surname/ Nom",
    "ERIKSSON",
    "Given names",
    "ANNA MARIA",
    "L898902C3",
    "12 AUG/AOUT 74",
    "16 APR 07",
    "15 APR/AVR 12",
)


def read(*arguments: object, asked: str = "id", **parts: object) -> Extraction:
    return extract(reading(*arguments, **parts), asked, TODAY)  # type: ignore[arg-type]


def test_a_passport_gives_the_documented_keys() -> None:
    found = read(PRINTED, ERIKSSON)
    assert found.document_type == "passport"
    assert found.values == {
        "surname": "ERIKSSON",
        "given_names": "ANNA MARIA",
        "full_name": "ANNA MARIA ERIKSSON",
        "document_number": "L898902C3",
        "gender": "F",
        "document_subtype": "P",
        "mrz_valid": "true",
        "date_of_birth": "1974-08-12",
        "expiry_date": "2012-04-15",
        "issue_date": "2007-04-16",
    }
    assert set(found.scores) == {"overall", *found.values}
    assert all(score >= 0.9 for score in found.scores.values())
    assert found.engine == "mrz:test"


def test_the_other_page_of_a_card_is_a_witness_too() -> None:
    front, back = reading(PRINTED).pages[0], reading((), ERIKSSON).pages[0]
    both = extract(replace(reading(), page_count=2, pages=(front, back)), "id", TODAY)
    alone = extract(replace(reading(), pages=(back,)), "id", TODAY)
    assert both.scores["surname"] > alone.scores["surname"]
    assert both.values["issue_date"] == "2007-04-16"


def test_a_state_that_is_none_gives_no_country() -> None:
    found = read(PRINTED, ERIKSSON)
    assert "nationality" not in found.values
    assert "nationality_without_alpha2" in found.issues


def test_alpha3_becomes_alpha2() -> None:
    found = read((), [line.replace("UTO", "D<<") for line in ERIKSSON])
    assert (found.values["nationality"], found.values["issuing_country"]) == ("DE", "DE")


def test_a_name_that_one_reader_alone_saw_is_not_sure() -> None:
    found = read((), [(ERIKSSON[0].replace("SON", "SDN"), ERIKSSON[0]), ERIKSSON[1]])
    assert found.values["mrz_valid"] == "true"
    assert found.scores["surname"] < 0.9
    assert found.scores["full_name"] < 0.9
    assert found.scores["given_names"] >= 0.9


def test_the_printed_name_decides_between_two_readers() -> None:
    found = read(PRINTED, [(ERIKSSON[0].replace("SON", "SDN"), ERIKSSON[0]), ERIKSSON[1]])
    assert found.values["surname"] == "ERIKSSON"
    assert found.scores["surname"] >= 0.9


def test_a_printed_name_that_differs_takes_the_certainty_away() -> None:
    changed = ["ERIKSSEN" if line == "ERIKSSON" else line for line in PRINTED]
    found = read(changed, ERIKSSON)
    assert found.values["surname"] == "ERIKSSON"
    assert found.scores["surname"] < 0.9


def test_a_printed_expiry_that_differs_is_an_issue() -> None:
    changed = ["15 APR/AVR 22" if line.startswith("15") else line for line in PRINTED]
    found = read(changed, ERIKSSON)
    assert "expiry_date_differs" in found.issues
    assert found.scores["expiry_date"] < 0.9


def test_a_wrong_check_digit_is_told_and_not_hidden() -> None:
    found = read((), (ERIKSSON[0], ERIKSSON[1].replace("L898902C3", "L898902C4")))
    assert found.values["mrz_valid"] == "false"
    assert found.scores["document_number"] < 0.9
    assert "mrz_check_digits_wrong" in found.issues


def test_a_wrong_zone_that_only_one_reader_saw_may_be_a_misreading() -> None:
    spoilt = ERIKSSON[1].replace("<<<<<10", "<<<<<14")
    assert read((), (ERIKSSON[0], spoilt)).scores["mrz_valid"] >= 0.9
    assert read((), (ERIKSSON[0], (spoilt, spoilt.replace("740812", "740818")))).scores["mrz_valid"] < 0.9


def test_two_wrong_lines_are_no_zone() -> None:
    found = read((), ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C39UTO7408129F1204151ZE184226B<<<<<99"))
    assert found.document_type == "unknown"
    assert "document_number" not in found.values


def test_a_barcode_of_a_licence_is_believed() -> None:
    code = "@\n\x1e\rANSI 636014040002DL00410278ZC03190008DLDAQD1234562\nDCSSAMPLE\nDBB08311977\nDCGUSA\r"
    found = read(("DRIVER LICENSE",), barcodes=[code], asked="driver_license")
    assert (found.document_type, found.engine) == ("driver_license", "barcode:test")
    assert found.values["date_of_birth"] == "1977-08-31"


def test_a_european_licence_is_read_by_its_numbers() -> None:
    lines = (
        "FÜHRERSCHEIN",
        "1. MUSTER",
        "2. ERIKA",
        "3. 12.08.1964 BERLIN",
        "4a. 25.01.2013",
        "4b. 24.01.2028",
        "5. B072RRE2I55",
    )
    found = read(lines, asked="driver_license")
    assert found.document_type == "driver_license"
    assert found.values["full_name"] == "ERIKA MUSTER"
    assert (found.values["issue_date"], found.values["expiry_date"]) == ("2013-01-25", "2028-01-24")
    assert found.values["document_number"] == "B072RRE2I55"
    assert found.scores["surname"] < 0.9 <= found.scores["expiry_date"]


def test_a_date_that_the_readers_saw_differently_is_not_sure() -> None:
    lines = (
        "FÜHRERSCHEIN",
        "1. MUSTER",
        "2. ERIKA",
        "3. 12.08.1964",
        "4a. 25.01.2013",
        ("4b. 24.01.2028", "4b. 24.01.2023"),
    )
    assert read(lines, asked="driver_license").scores["expiry_date"] < 0.9


def test_a_bill_gives_name_address_issuer_and_date() -> None:
    lines = (
        "Northwind Energy Ltd",
        "Invoice date: 3 November 2025",
        "Ms Ana Ruiz",
        "12 Harbour Street",
        "SW1A 1AA London",
    )
    found = read(lines, asked="proof_of_address")
    assert found.values["issuer"] == "Northwind Energy Ltd"
    assert found.values["issue_date"] == "2025-11-03"
    assert found.values["full_name"] == "Ms Ana Ruiz"
    assert found.values["address"] == "12 Harbour Street, SW1A 1AA London"
    assert found.scores["full_name"] < 0.9


def test_an_account_number_is_believed_only_by_its_check_digits() -> None:
    right = read(("Account holder: Ana Ruiz", "IBAN: GB82 WEST 1234 5698 7654 32"), asked="bank_ownership")
    assert (right.values["iban"], right.values["country"]) == ("GB82WEST12345698765432", "GB")
    assert right.values["account_holder"] == "Ana Ruiz"
    assert right.scores["iban"] >= 0.9
    wrong = read(("IBAN: GB82 WEST 1234 5698 7654 33",), asked="bank_ownership")
    assert "iban" not in wrong.values


def test_a_founding_paper_gives_what_is_labelled() -> None:
    lines = (
        "CERTIFICATE OF INCORPORATION",
        "Company name: Harbour Trading Limited",
        "Company number: 01234567",
        "Date of incorporation: 4 May 2019",
    )
    found = read(lines, asked="company_charter")
    assert found.document_type == "company_charter"
    assert found.values["company_name"] == "Harbour Trading Limited"
    assert found.values["registration_number"] == "01234567"
    assert found.values["incorporation_date"] == "2019-05-04"


def test_an_unknown_kind_gives_its_lines() -> None:
    found = read(("Payslip", "Net pay 1,234.00"), asked="payslip")
    assert found.values == {"text": "Payslip\nNet pay 1,234.00"}
    assert found.scores["text"] < 0.9


@pytest.mark.parametrize("asked", ["id", "visa", "proof_of_address", "bank_ownership", "company_charter", "other"])
def test_nothing_readable_gives_nothing(asked: str) -> None:
    found = read(asked=asked)
    assert (found.values, found.scores) == ({}, {"overall": 0.0})
    assert "nothing_readable" in found.issues


@pytest.mark.parametrize(
    ("languages", "day", "sure"),
    [((), "2024-04-03", False), (("en-US",), "2024-03-04", True), (("de",), "2024-04-03", True)],
)
def test_the_languages_of_a_profile_decide_between_day_and_month(
    languages: tuple[str, ...], day: str, *, sure: bool
) -> None:
    seen = reading(("ACME POWER LTD", "Statement date", "03/04/2024"))
    found = extract(seen, "proof_of_address", TODAY, languages=languages)
    assert (found.values["issue_date"], found.scores["issue_date"] >= 0.9) == (day, sure)
