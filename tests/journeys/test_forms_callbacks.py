"""Callbacks: one letter when the work is done, signed over its raw bytes, tried again after 1, 5 and 25 seconds."""

import hmac
from collections.abc import Iterator
from typing import Any

import pytest

from journeys.applicants import Developer, good, pdf, refused
from journeys.receiving import Letter, Receiver
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-forms-callbacks")
TEXT = ("context.txt", b"Business name: Harbor Bakery Ltd\nEIN: 12-3456789", "text/plain")


@pytest.fixture(scope="module")
def developer(server: Running) -> Developer:
    return Developer(server)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


def one(receiver: Receiver) -> Letter:
    (letter,) = until(lambda: receiver.letters, 60)
    found: Letter = letter
    return found


def is_signed(letter: Letter, secret: str) -> bool:
    wanted = "sha256=" + hmac.new(secret.encode(), letter.body, "sha256").hexdigest()
    return hmac.compare_digest(letter.headers["x-emboss-signature"], wanted)


def test_a_form_that_is_ready_is_told(developer: Developer, receiver: Receiver) -> None:
    made = developer.upload(data={"callback_url": receiver.url})
    letter = one(receiver)
    assert letter.content == {"event": "form.ready", "status": "ready", "form_id": made["form_id"]}
    assert letter.headers["content-type"] == "application/json"
    assert is_signed(letter, developer.tenant.webhook_secret)


def test_a_form_that_failed_is_told_with_its_reason(developer: Developer, receiver: Receiver) -> None:
    made = developer.upload(pdf("special/xfa-dynamic"), data={"callback_url": receiver.url})
    told = one(receiver).content
    assert (told["event"], told["status"], told["form_id"]) == ("form.failed", "failed", made["form_id"])
    assert told["error"]["code"] == "form_processing_failed"
    assert told["error"]["message"]


def test_a_job_is_told_in_the_later_words_whatever_its_own_are(developer: Developer, receiver: Receiver) -> None:
    form_id = developer.form()
    for context in (TEXT, (None, '{"Business name": "Harbor Bakery Ltd"}')):
        receiver.letters.clear()
        files: Any = [("context", context)]
        path = f"/forms/{form_id}/with-context"
        begun = good(developer.http.post(path, files=files, data={"callback_url": receiver.url}), 202)
        told = one(receiver).content
        assert (told["event"], told["status"], told["job_id"]) == ("job.ready", "ready", begun["job_id"])
        assert set(told["report"]) == {"filled", "dropped"}
        assert developer.http.get(f"/sessions/{told['session_id']}/pdf").status_code == 200


def test_a_job_over_a_form_that_fails_is_told_once(developer: Developer, receiver: Receiver) -> None:
    files: Any = [("file", ("a.pdf", pdf("special/xfa-dynamic"), "application/pdf")), ("context", TEXT)]
    data = {"callback_url": receiver.url}
    begun = good(developer.http.post("/forms/with-context", files=files, data=data), 202)
    found = developer.job(begun["job_id"])
    assert (found["status"], found["error"]["code"]) == ("failed", "context_fill_failed")
    told = one(receiver).content
    assert (told["event"], told["error"]["code"]) == ("job.failed", "context_fill_failed")


def test_an_answer_of_5xx_is_tried_again_and_one_of_4xx_is_not(server: Running, receiver: Receiver) -> None:
    developer = Developer(server)
    receiver.statuses = [503, 500, 502]
    developer.upload(data={"callback_url": receiver.url})
    for number, seconds in ((1, 1), (2, 5), (3, 25), (4, 0)):
        until(lambda number=number: len(receiver.letters) == number, 60)
        if seconds:
            server.advance(seconds=seconds)
    assert len({letter.body for letter in receiver.letters}) == 1

    receiver.letters.clear()
    receiver.statuses = [410]
    developer.upload(data={"callback_url": receiver.url})
    until(lambda: receiver.letters, 60)
    server.advance(seconds=60)
    developer.upload(data={"callback_url": receiver.url + "/last"})
    until(lambda: len(receiver.letters) == 2, 60)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.net/hook",
        "https://10.0.0.7/hook",
        "https://localhost/hook",
        "https://[::1]/hook",
        "https://user:word@example.net/",
        "ftp://example.net/",
        "nonsense",
        "https://" + "x" * 3_000,
    ],
)
def test_an_address_that_must_not_be_called_is_refused_at_the_request(developer: Developer, url: str) -> None:
    file = {"file": ("a.pdf", pdf("acroform/comb-textfields"), "application/pdf")}
    told = refused(developer.http.post("/forms", files=file, data={"callback_url": url}), 400, "bad_request")
    assert "callback_url" in told
