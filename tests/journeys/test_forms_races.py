"""What happens at the same moment: one PDF, nothing lost, one job for each key."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from journeys.applicants import Developer, good, pdf, refused
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-forms-races")
AT_ONCE = 8


@pytest.fixture(scope="module")
def developer(server: Running) -> Developer:
    return Developer(server)


@pytest.fixture(scope="module")
def form_id(developer: Developer) -> str:
    return developer.form()


def test_of_eight_fills_one_completes_the_session_and_there_is_one_pdf(developer: Developer, form_id: str) -> None:
    session_id = developer.open(form_id)
    good(developer.put(session_id, f_001="Analytical Engines LLC"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: developer.http.post(f"/sessions/{session_id}/fill"), range(AT_ONCE)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (AT_ONCE - 1)
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] in ("in_use", "session_completed")
    one, two = (developer.http.get(f"/sessions/{session_id}/pdf").content for _ in range(2))
    assert one == two
    assert good(developer.http.get("/usage"))["total"]["straight_fill"] == 1


def test_turns_and_direct_values_at_once_lose_nothing(developer: Developer, form_id: str) -> None:
    session_id = developer.open(form_id)
    texts = [field["id"] for field in developer.state(session_id).values() if field["type"] == "text"][:AT_ONCE]
    message = {"message": "My EIN is 12-3456789 and I am an LLC."}

    def act(number: int) -> int:
        if number % 2:
            return developer.put(session_id, **{texts[number]: f"Value {number}"}).status_code
        return developer.http.post(f"/sessions/{session_id}/turns", json=message).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(act, range(AT_ONCE))) == {200}
    state = developer.state(session_id)
    for number in range(1, AT_ONCE, 2):
        assert (state[texts[number]]["value"], state[texts[number]]["state"]) == (f"Value {number}", "confirmed")
    assert [field for field in state.values() if field["source"] == "turn"]


def test_two_uploads_with_one_key_at_once_make_one_form(developer: Developer) -> None:
    def upload(_: int) -> str:
        made: str = developer.upload(headers={"Idempotency-Key": "at once"})["form_id"]
        return made

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(set(pool.map(upload, range(AT_ONCE)))) == 1


def test_a_form_is_not_deleted_while_it_is_read_and_no_session_outlives_it(developer: Developer) -> None:
    made = developer.upload(pdf("acroform/f1040-2025"))
    answer = developer.http.delete(f"/forms/{made['form_id']}")
    assert answer.status_code in (200, 409)
    if answer.status_code == 409:
        refused(answer, 409, "in_use")
        developer.read(made["form_id"])

    form_id = developer.form()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        opening = [pool.submit(developer.http.post, "/sessions", json={"form_id": form_id}) for _ in range(AT_ONCE)]
        gone = pool.submit(developer.http.delete, f"/forms/{form_id}")
    assert gone.result().status_code == 200
    for answer in (one.result() for one in opening):
        assert answer.status_code in (201, 404), answer.text
        if answer.status_code == 201:
            refused(developer.http.get(f"/sessions/{answer.json()['session_id']}"), 404, "not_found")
