"""What a screening without a session may ask for."""

import pytest

from frontdesk.kyc.model.screening import Subject
from frontdesk.kyc.rules.screening import Described, ScreeningInvalid, sought

ANA = Described("Ana Ruiz", date_of_birth="1991-11-02", nationality="PT", document_number="XK4410297")


def test_a_person_is_looked_for_with_all_that_is_said() -> None:
    wish = sought(ANA, "ofac", None)
    assert wish.subject == Subject("Ana Ruiz", "person", "1991-11-02", ("PT",), ("XK4410297",))
    assert (wish.lists, wish.one) == (("ofac",), True)


def test_several_lists_count_once_each() -> None:
    wish = sought(Described(" Acme Lda ", "company", "1991-11-02"), None, ("un", "eu", "un"))
    assert (wish.subject.text, wish.subject.kind, wish.subject.born) == ("Acme Lda", "entity", None)
    assert (wish.lists, wish.one) == (("un", "eu"), False)


def test_a_wallet_has_only_its_address() -> None:
    assert sought(Described("bc1q", "wallet", nationality="PT"), "mixers", None).subject == Subject("bc1q", "wallet")


@pytest.mark.parametrize(
    ("described", "list_name", "lists", "words"),
    [
        (Described("  "), "ofac", None, "subject.name"),
        (Described("x" * 501), "ofac", None, "subject.name"),
        (Described("Ana", "ship"), "ofac", None, "subject.type"),
        (Described("Ana", date_of_birth="02.11.1991"), "ofac", None, "subject.date_of_birth"),
        (Described("Ana", nationality="Portugal"), "ofac", None, "subject.nationality"),
        (Described("Ana"), None, None, "list_name or lists"),
        (Described("Ana"), "ofac", ("un",), "list_name or lists"),
        (Described("Ana"), None, (), "1 to 50"),
        (Described("Ana"), "", None, "1 to 50"),
        (Described("Ana"), None, tuple(map(str, range(51))), "1 to 50"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(
    described: Described, list_name: str | None, lists: tuple[str, ...] | None, words: str
) -> None:
    with pytest.raises(ScreeningInvalid, match=words):
        sought(described, list_name, lists)
