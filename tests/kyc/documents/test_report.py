"""The report can be read: everything that is recorded is in it, in every script, on pages that hold it."""

import dataclasses
import io
from typing import Any

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from frontdesk.kyc.documents.previews import MOST_PAGES, previews
from frontdesk.kyc.documents.report import composed, person
from frontdesk.kyc.documents.report_blocks import Grid, Heading, Pairs, Paragraph, Pictures
from frontdesk.kyc.documents.report_fonts import legible, needed
from frontdesk.kyc.documents.report_layout import drawn
from frontdesk.kyc.documents.report_papers import Picture
from frontdesk.kyc.documents.report_presence import kept_name
from frontdesk.kyc.documents.report_words import shown
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.liveness import KeptImage, LivenessAttempt
from frontdesk.kyc.model.session import Progress
from hostile_files import document, picture, saved
from kyc.documents.sessions import NAMES, SESSION, bare, full, log, material, paper, pictures
from kyc.factories import at


def pages_of(progress: Progress, **more: Any) -> list[str]:
    content = drawn(composed(material(progress, **more)))
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def text_of(progress: Progress, **more: Any) -> str:
    return " ".join(" ".join(pages_of(progress, **more)).split())


@pytest.fixture(scope="module")
def whole() -> str:
    return text_of(full(), pictures=pictures(), metadata={"reference": "case 77"}, customer=("cust_1", "client 881"))


@pytest.mark.parametrize(
    "wanted",
    [
        *(SESSION, "Sample Bank", "case 77", "client 881", "Anna Maria Erikson", "approved"),
        *("passport-2.jpg", "replaced by a newer file", "blurred.jpg", "rejected", "L898902C3", "97%"),
        *("ERIKSSON ANNA MARIA", "Where it stands", "close", "Together they"),
        *("Sanctions, watch and other lists", "not configured", "country_rules[0]", "Resident abroad"),
        *("Please write your name as it stands in your passport.", "one s is missing", "All papers agree."),
        *("Seen by two of us.", "Partner", "kyc.session.created", "What was not checked", "9f" * 32),
    ],
)
def test_what_is_recorded_is_told(whole: str, wanted: str) -> None:
    assert wanted in whole


def test_a_bare_session_says_that_nothing_was_decided_or_checked() -> None:
    text = text_of(bare())
    for wanted in ("Nothing has been decided yet.", "No check was run.", "was never run in this session", "not known"):
        assert wanted in text
    assert "Step “ID document” not completed (pending)" in text


def test_every_page_names_the_session_and_its_number() -> None:
    pages = pages_of(full(), log=log(80))
    assert len(pages) > 5
    for number, page in enumerate(pages, 1):
        assert f"Session {SESSION}" in page
        assert f"page {number} of {len(pages)}" in page


@pytest.mark.parametrize("script", NAMES)
def test_a_name_in_any_script_has_its_letters(script: str) -> None:
    name = NAMES[script]
    assert legible(name, needed(name)) == name
    content = drawn(composed(material(full(name))))
    fonts = {str(font) for page in PdfReader(io.BytesIO(content)).pages for font in fonts_of(page)}
    wanted = {"Arabic": "Arabic", "Hebrew": "Heebo", "Devanagari": "Devanagari", "Thai": "Thai"}
    wanted |= dict.fromkeys(("Chinese", "Japanese", "Korean"), "CJK")
    assert any(wanted.get(script, "NotoSans") in font for font in fonts), fonts


def fonts_of(page: Any) -> list[str]:
    return [font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb", "a<U+202E>b"),
        ("smile \U0001f600", "smile <U+1F600>"),
        ("null\x07", "null<U+0007>"),
        ("தமிழ்"[0], "<U+0BA4>"),
        ("e\u0301", "é"),
    ],
)
def test_what_cannot_or_must_not_be_drawn_is_named(text: str, seen: str) -> None:
    assert legible(text, needed(text)) == seen


def test_a_long_answer_is_cut_and_says_where_the_rest_is() -> None:
    text = text_of(full("x" * 5_000))
    assert "(whole in session.json)" in text


def test_hundreds_of_answers_and_files_go_on_over_pages() -> None:
    many = replace(full(), documents=tuple(paper(number) for number in range(12)))
    assert len(pages_of(many)) > 6


def test_what_a_session_may_hold_one_day_shows_by_itself() -> None:
    assert shown({"attempts": [{"liveness_session_id": "liv_1", "status": "passed"}]}) == (
        "attempts: liveness session id liv_1, status passed"
    )


def test_an_attempt_to_prove_presence_is_told_with_what_it_is_worth() -> None:
    attempt = LivenessAttempt(
        "liv_1", "presence", "local", "p_1", "t/s/image", at(1), at(4), "passed", confidence=93.0,
        label="challenge, not certified",
    )  # fmt: skip
    text = text_of(replace(full(), liveness=(attempt,)))
    assert "challenge, not certified" in text
    assert "liv_1" in text
    assert "t/s/image" not in text


def test_pictures_of_an_attempt_stand_with_it_and_nowhere_else() -> None:
    digests = "ab" * 32, "cd" * 32
    kept = [
        KeptImage(f"t/{SESSION}/liv_1{part}.jpg.{sha[:32]}", sha, 900)
        for part, sha in zip(("", ".audit-1"), digests, strict=True)
    ]
    attempt = LivenessAttempt(
        "liv_1", "presence", "local", "p_1", "t/s/image", at(1), at(4), "failed", ("left", "front"), 24,
        reason="no_turn", label="challenge, not certified", reference=kept[0], audit=(kept[1],),
    )  # fmt: skip
    names = [kept_name(SESSION, one.key) for one in kept]
    assert names == ["kept/liv_1.abababababab.jpg", "kept/liv_1.audit-1.cdcdcdcdcdcd.jpg"]
    seen = Picture(1, (picture(400, 300),))
    others = (*((name, seen) for name in names), ("kept/another", Picture()))
    made = composed(material(replace(full(), liveness=(attempt,)), others=others))
    shown = [block for block in made.blocks if isinstance(block, Pictures) and block.across > 2]
    assert [words for _, words in shown[0].pictures] == [f"reference\n{names[0]}", f"audit 1\n{names[1]}"]
    text = text_of(replace(full(), liveness=(attempt,)), others=others)
    for wanted in ("left, front, within 24 s", "Reason no turn", *digests, "Other files of the session kept/another"):
        assert wanted in text
    assert text.count("audit 1 kept/") == 1


def test_a_match_on_a_list_is_a_line_that_says_why() -> None:
    match = {
        "list_name": "watch", "category": "sanctions", "entry_id": "w-1", "kind": "person", "confidence": 0.934,
        "matched_name": "Erikson, Ana", "programmes": ["Programme 1"], "name": "Anna Maria Erikson",
        "source": {"source": "form", "step_id": "about_you", "field_id": "full_name"},
        "explanation": [{"part": "name", "score": 0.9, "says": "ana is like anna (0.75)"}],
    }  # fmt: skip
    generation = {"list_name": "watch", "entries": 3, "digest": "ef" * 32, "source_date": None}
    found = Finding("lists", "match", at(32), "ab" * 32, {"matches": [match], "lists": [generation]})
    made = composed(material(replace(full(), findings=(found,))))
    grids = {block.columns: block.rows for block in made.blocks if isinstance(block, Grid)}
    assert grids[("Listed", "In this session", "List", "Sure to", "Because")] == (
        (
            "Erikson, Ana",
            "Anna Maria Erikson\nform “About you”",
            "watch (sanctions)\nentry w-1, person\nProgramme 1",
            "0.934",
            "name: ana is like anna (0.75)",
        ),
    )
    assert grids[("List", "Entries", "Digest")] == (("watch", "3", "ef" * 32),)


def test_a_heading_never_stands_alone_at_the_foot_of_a_page() -> None:
    parts = (Heading("Section"), Heading("Part", is_part=True), Pairs((("Name", "value"),)))
    for lines in range(26, 40):
        before = (Paragraph("before"),) * lines
        made = dataclasses.replace(composed(material(bare())), blocks=(*before, *parts))
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(drawn(made))).pages]
        [page] = [page for page in pages if "Section" in page]
        assert "value" in page, lines


def test_the_person_is_named_as_entered_else_as_read() -> None:
    assert person(full()) == "Anna Maria Erikson"
    assert person(replace(full(), form_data={})) == "ANNA MARIA ERIKSSON"
    assert person(bare()) is None


class TestPreviews:
    def test_a_picture_is_made_small(self) -> None:
        pages, shown = previews(picture(3000, 2000), "image/jpeg", ())
        assert (pages, size_of(shown[0])) == (1, (1100, 733))

    @pytest.mark.parametrize(("turned", "upright"), [(0.0, (1100, 733)), (90.0, (733, 1100)), (181.5, (1100, 733))])
    def test_it_stands_as_it_was_read(self, turned: float, upright: tuple[int, int]) -> None:
        _, shown = previews(picture(3000, 2000), "image/jpeg", (turned,))
        assert size_of(shown[0]) == upright

    def test_a_pdf_shows_its_first_pages_and_tells_how_many_there_are(self) -> None:
        pages, shown = previews(saved(document(pages=7)), "application/pdf", ())
        assert (pages, len(shown)) == (7, MOST_PAGES)

    @pytest.mark.parametrize("mime_type", ["image/jpeg", "application/pdf", "text/plain"])
    def test_what_cannot_be_shown_has_no_picture(self, mime_type: str) -> None:
        assert previews(b"no such thing", mime_type, ())[1] == []


def size_of(content: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as opened:
        return opened.size
