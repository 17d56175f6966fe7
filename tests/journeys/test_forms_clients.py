"""What the two published clients send and read, step by step, and what they do that nobody would expect."""

import json
from collections.abc import Iterator

import httpx
import pytest

from journeys.applicants import Body, Developer, good, refused, w9
from journeys.running import Running, until

pytestmark = pytest.mark.xdist_group("journeys-forms-clients")
TEXT = b"Name: Ada Wren\nBusiness name: Harbor Bakery Ltd\nEIN: 12-3456789\nE-mail: ada@example.net"
BOUNDARY = "----node7f3b"


@pytest.fixture(scope="module")
def developer(server: Running) -> Developer:
    return Developer(server)


@pytest.fixture(scope="module")
def form_id(developer: Developer) -> str:
    return developer.form()


def multipart(*parts: tuple[str, str | None, bytes]) -> bytes:
    """A body as clients write it: name, file name, content."""
    body = b""
    for name, file_name, content in parts:
        named = f'; filename="{file_name}"' if file_name is not None else ""
        kind = "\r\nContent-Type: application/octet-stream" if file_name is not None else ""
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}{kind}\r\n\r\n'.encode()
        body += content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def chunked(body: bytes, size: int = 7_001) -> Iterator[bytes]:
    """The body in pieces: without a length, it is sent chunked."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


def sent(developer: Developer, path: str, *parts: tuple[str, str | None, bytes], **more: str) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Accept": "application/json,text/*;q=0.99"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return developer.http.post(path, content=chunked(multipart(*parts)), headers=headers)


class TestTheNodeOfTheAutomationPlatform:
    def test_its_credential_test_is_a_list_that_may_be_empty(self, server: Running) -> None:
        assert good(Developer(server).http.get("/forms"))["forms"] == []

    def test_its_form_picker_has_an_id_and_a_title_or_none(self, developer: Developer, form_id: str) -> None:
        rows = good(developer.http.get("/forms", headers={"User-Agent": "n8n"}))["forms"]
        assert form_id in [row["id"] for row in rows]
        assert all(row["title"] is None or isinstance(row["title"], str) for row in rows)

    def test_it_makes_a_form_fillable(self, developer: Developer) -> None:
        made = good(sent(developer, "/forms", ("file", "form.pdf", w9())), 202)
        assert made["status"] not in ("ready", "failed")
        found = until(lambda: self._ended(developer, f"/forms/{made['form_id']}"), 60)
        assert found["status"] == "ready"
        assert found["title"] != "form"
        copy = developer.http.get(f"/forms/{made['form_id']}/fillable", headers={"Accept": "application/json"})
        assert copy.content.startswith(b"%PDF-")

    def test_it_fills_a_new_form_from_text_and_a_file(self, developer: Developer) -> None:
        csv = b"first,last\nAda,Wren\n"
        parts = (("file", "form.pdf", w9()), ("context", "context.txt", TEXT), ("context", "people.csv", csv))
        begun = good(sent(developer, "/forms/with-context", *parts), 202)
        assert begun["status"] == "processing"
        self._finished(developer, begun["job_id"])

    def test_it_fills_an_existing_form(self, developer: Developer, form_id: str) -> None:
        begun = good(sent(developer, f"/forms/{form_id}/with-context", ("context", "context", TEXT)), 202)
        found = self._finished(developer, begun["job_id"])
        assert found["form_id"] == form_id
        assert {one["confidence"] for one in found["report"]["filled"]} <= {"high", "medium"}

    def test_with_neither_text_nor_file_its_body_has_no_part_at_all(self, developer: Developer, form_id: str) -> None:
        for path in (f"/forms/{form_id}/with-context", "/forms/with-context", "/forms"):
            refused(sent(developer, path), 400, "bad_request")

    def _ended(self, developer: Developer, path: str) -> Body | None:
        found = good(developer.http.get(path))
        return found if found["status"] in ("ready", "failed") else None

    def _finished(self, developer: Developer, job_id: str) -> Body:
        found: Body = until(lambda: self._ended(developer, f"/forms/with-context/{job_id}"), 60)
        assert found["status"] == "ready", found
        assert found["error"] is None
        assert set(found["report"]) >= {"filled", "dropped", "left_blank"}
        assert len(found["report"]["filled"]) >= 2, found["report"]
        content = developer.http.get(f"/sessions/{found['session_id']}/pdf").content
        assert content.startswith(b"%PDF-")
        session = good(developer.http.get(f"/sessions/{found['session_id']}"))
        assert session["status"] == "completed"
        written = {field["id"] for field in session["fields"] if field["source"] == "context"}
        assert written >= {one["id"] for one in found["report"]["filled"]}
        answer = developer.http.post(f"/sessions/{found['session_id']}/fill")
        refused(answer, 409, "session_completed")
        return found


class TestTheComponentOfTheWorkflowPlatform:
    def test_its_list_ignores_a_page_that_is_not_described(self, developer: Developer, form_id: str) -> None:
        found = good(developer.http.get("/forms", params={"page": 2}, headers={"User-Agent": "axios/1.7"}))
        assert form_id in [row["id"] for row in found["forms"]]

    def test_its_three_actions_go_through_step_by_step(self, developer: Developer) -> None:
        more = {"User_Agent": "axios/1.7", "Idempotency_Key": "steps"}
        made = good(sent(developer, "/forms", ("file", "Stall 9.pdf", w9()), **more), 202)
        assert made["status"] not in ("ready", "failed")  # it looks here first
        found = self._polled(developer, f"/forms/{made['form_id']}")
        assert found["status"] == "ready", found["error"]
        assert developer.http.get(f"/forms/{made['form_id']}/fillable").content.startswith(b"%PDF-")
        material = ("context", "context.txt", TEXT)
        for path, parts in (
            ("/forms/with-context", (("file", "Stall 9.pdf", w9()), material)),
            (f"/forms/{made['form_id']}/with-context", (material, ("context", "more.json", b'{"Phone": "555"}'))),
        ):
            begun = good(sent(developer, path, *parts, **more), 202)
            assert begun["status"] == "processing"
            assert good(sent(developer, path, *parts, **more), 202) == begun
            found = self._polled(developer, f"/forms/with-context/{begun['job_id']}")
            assert (found["status"], found["error"]) == ("ready", None)
            assert isinstance(found["report"], dict)
            answer = developer.http.get(f"/sessions/{found['session_id']}/pdf")
            assert answer.headers["content-type"] == "application/pdf"
            assert answer.content.startswith(b"%PDF-")

    def _polled(self, developer: Developer, path: str) -> Body:
        def look() -> Body | None:
            found = good(developer.http.get(path))
            return found if found["status"] in ("ready", "failed") else None

        ended: Body = until(look, 60)
        return ended

    def test_it_sends_an_idempotency_key_and_gets_the_same_form(self, developer: Developer) -> None:
        headers = {"Idempotency-Key": "run-1", "User-Agent": "axios/1.7"}
        first = developer.upload(name="W 9 – 2024.pdf", headers=headers)
        again = developer.upload(b"%PDF-1.4 something else", headers=headers)
        assert again == first
        assert Developer(developer.server).upload(headers=headers)["form_id"] != first["form_id"]

    def test_a_refused_request_does_not_use_the_key_up(self, developer: Developer) -> None:
        headers = {"Idempotency-Key": "run-2"}
        bad = developer.http.post("/forms", files={"file": ("a.pdf", b"no pdf", "application/pdf")}, headers=headers)
        refused(bad, 400, "unsupported_file")
        assert developer.upload(headers=headers)["status"] == "detecting"

    def test_a_context_job_is_begun_once_for_each_key(self, developer: Developer, form_id: str) -> None:
        headers = {"Idempotency-Key": "run-3"}
        files = [("context", ("context.txt", TEXT, "text/plain"))]
        answers = [
            good(developer.http.post(f"/forms/{form_id}/with-context", files=files, headers=headers), 202)
            for _ in range(2)
        ]
        assert answers[0] == answers[1]
        other = good(developer.http.post(f"/forms/{form_id}/with-context", files=files), 202)
        assert other["job_id"] != answers[0]["job_id"]


class TestTheOlderEdition:
    def test_context_as_a_json_value_is_answered_in_its_words(self, developer: Developer, form_id: str) -> None:
        told = json.dumps({"Business name": "Harbor Bakery Ltd", "Employer identification number": "12-3456789"})
        begun = good(developer.http.post(f"/forms/{form_id}/with-context", files=[("context", (None, told))]), 202)
        assert begun["status"] == "queued"
        found = developer.job(begun["job_id"])
        assert found["status"] == "done"
        assert found["report"].startswith("Filled ")
        assert found["error"] is None
        assert developer.http.get(f"/sessions/{found['session_id']}/pdf").status_code == 200

    @pytest.mark.parametrize("told", ["just words", "[1]", '"x"', "{"])
    def test_a_value_that_is_no_json_object_is_400(self, developer: Developer, form_id: str, told: str) -> None:
        answer = developer.http.post(f"/forms/{form_id}/with-context", files=[("context", (None, told))])
        refused(answer, 400, "bad_request")

    def test_a_value_beside_a_file_is_taken_too_and_the_words_are_the_later_ones(
        self, developer: Developer, form_id: str
    ) -> None:
        files = [
            ("context", (None, json.dumps({"Business name": "Harbor Bakery Ltd"}))),
            ("context", ("context.txt", b"EIN: 12-3456789", "text/plain")),
        ]
        begun = good(developer.http.post(f"/forms/{form_id}/with-context", files=files), 202)
        assert developer.job(begun["job_id"])["status"] == "ready"


class TestLimits:
    def test_six_pieces_of_context_are_too_many(self, developer: Developer, form_id: str) -> None:
        files = [("context", (f"{number}.txt", TEXT, "text/plain")) for number in range(6)]
        refused(developer.http.post(f"/forms/{form_id}/with-context", files=files), 413, "too_large")

    def test_eleven_megabytes_are_refused_while_they_arrive(self, developer: Developer) -> None:
        content = b"%PDF-1.7\n" + b" " * (11 * 1024 * 1024)
        refused(sent(developer, "/forms", ("file", "big.pdf", content)), 413, "too_large")

    def test_thirty_megabytes_are_the_most_of_a_request(self, developer: Developer) -> None:
        parts = [("spare", f"{number}.bin", b" " * (8 * 1024 * 1024)) for number in range(4)]
        refused(sent(developer, "/forms", *parts), 413, "too_large")

    def test_other_policies_and_retentions_are_refused(self, developer: Developer, form_id: str) -> None:
        files = [("context", ("context.txt", TEXT, "text/plain"))]
        for more in ({"policy": "bold"}, {"retention": "for ever"}, {"callback_url": "ftp://example.net/"}):
            answer = developer.http.post(f"/forms/{form_id}/with-context", files=files, data=more)
            refused(answer, 400, "bad_request")

    @pytest.mark.parametrize(
        "body",
        [b"", b"--", b"nonsense", f"--{BOUNDARY}\r\n\r\n".encode(), multipart(("file", "a.pdf", b"x"))[:-20]],
        ids=["nothing", "dashes", "nonsense", "half a part", "cut off"],
    )
    def test_a_malformed_body_is_400(self, developer: Developer, body: bytes) -> None:
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        refused(developer.http.post("/forms", content=body, headers=headers), 400, "bad_request")

    def test_repeated_and_strange_parts_do_no_harm(self, developer: Developer) -> None:
        parts = (("file", "", b""), ("file", 'a"b;c=/../x.pdf', w9()), ("file", "b.pdf", b"GIF"), ("spare", None, b"x"))
        made = good(sent(developer, "/forms?spare=1&spare=2", *parts), 202)
        assert developer.read(made["form_id"])["status"] == "ready"
