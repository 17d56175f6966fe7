"""What happens at the same moment: one PDF, nothing lost, one job for each key."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from frontdesk.forms.rules.published import inner_id
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
    kept = "SELECT key FROM blobs WHERE session_id = $1"
    stored = developer.server.wait(developer.server.house.db.all(kept, inner_id(session_id, "sess")))
    assert len(stored) == 1, "of each session one PDF is kept"
    assert good(developer.http.get("/usage"))["total"]["straight_fill"] == 1


SAID = {
    "My name is Ada Wren": {"f_001": "Ada Wren"},
    "EIN 12-3456789": {"f_014": "12", "f_015": "3456789"},
    "I am an LLC": {"f_008": True},
    "The account numbers are 4711 and 0815": {"f_010": "4711 and 0815"},
}


def test_turns_and_direct_values_at_once_lose_nothing(developer: Developer, form_id: str) -> None:
    """Each message and each value is about other fields: all of them must be there afterwards, each in its state."""
    alone = developer.open(form_id)
    said = {message: developer.turn(alone, message) for message in SAID}
    proposed = {name: developer.state(alone)[name]["value"] for updated in said.values() for name in updated}
    assert all(said.values()), said
    texts = [field["id"] for field in developer.state(alone).values() if field["type"] == "text"]
    direct = {name: f"{number}" for number, name in enumerate(texts) if name not in proposed}
    chosen = dict(list(direct.items())[:4])
    for _ in range(3):
        session_id = developer.open(form_id)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            turns = [pool.submit(developer.turn, session_id, message) for message in SAID]
            puts = [pool.submit(developer.put, session_id, **{name: value}) for name, value in chosen.items()]
        assert {put.result().status_code for put in puts} == {200}
        assert [turn.result() for turn in turns] == list(said.values())
        state = developer.state(session_id)
        assert {name: (state[name]["value"], state[name]["state"]) for name in chosen} == {
            name: (value, "confirmed") for name, value in chosen.items()
        }
        assert {name: (state[name]["value"], state[name]["state"]) for name in proposed} == {
            name: (value, "proposed") for name, value in proposed.items()
        }


def test_a_turn_never_takes_back_the_direct_value_that_came_while_it_was_read(
    developer: Developer, form_id: str
) -> None:
    direct, told = ("Ada Finch", "confirmed", "direct"), ("Ada Wren", "proposed", "turn")
    for _ in range(6):
        session_id = developer.open(form_id)
        with ThreadPoolExecutor(2) as pool:
            turn = pool.submit(developer.turn, session_id, "My name is Ada Wren")
            put = pool.submit(developer.put, session_id, f_001="Ada Finch")
        assert put.result().status_code == 200
        field = developer.state(session_id)["f_001"]
        # What the turn says it changed is so, unless the value came after it; what it left alone is the value.
        assert (field["value"], field["state"], field["source"]) in ((direct, told) if turn.result() else (direct,))


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
