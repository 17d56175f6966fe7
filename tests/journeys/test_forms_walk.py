"""Somebody who calls everything at any time, over HTTP: the server does what a small model says, on each storage."""

import io
import random
from dataclasses import dataclass, field
from typing import Any

import httpx
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from journeys.applicants import Body, Developer, good, refused
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-forms-walk")
SEEDS = range(6)
STEPS = 60
TEXTS = {"f_001": "Trading name", "f_002": "Postcode", "f_003": "Number of stalls"}
BOXES = {"f_004": "Hot food: yes", "f_005": "Hot food: no"}
WORDS = ("Harbor Bakery", "Mill Lane", "12", "é ü 市")
TURNS = (
    ("Trading name: Harbor Bakery", {"f_001"}),
    ("The postcode is 90210", {"f_002"}),
    ("Hmm.", set()),
    ("skip the postcode", {"f_002"}),
    ("Hot food: yes", {"f_004", "f_005"}),
    ("Hot food: no", {"f_004", "f_005"}),
)
"""What may be said, and the fields that it may be about."""


def stall() -> bytes:
    """A form with three texts and a question of two boxes."""
    document = pikepdf.new()
    document.add_blank_page()
    places = []
    for row, label in enumerate((*TEXTS.values(), *BOXES.values())):
        widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, F=4, TU=String(label))
        widget.Rect = Array([72, 700 - 40 * row, 72 + (12 if label in BOXES.values() else 300), 712 - 40 * row])
        if label in BOXES.values():
            state = Name(f"/{row}")
            look = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 12, 12]))
            widget.FT, widget.T = Name.Btn, String(f"hot[{row}]")
            widget.AP = Dictionary(N=Dictionary({str(state): look, "/Off": look}))
        else:
            widget.FT, widget.T = Name.Tx, String(f"text{row}")
        places.append(document.make_indirect(widget))
    document.pages[0].Annots = Array(places)
    document.Root.AcroForm = Dictionary(Fields=Array(places))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@dataclass
class Model:
    """What a session must be: the state and value of each field, and whether it is completed."""

    id: str
    marks: dict[str, tuple[str, Any]] = field(default_factory=lambda: dict.fromkeys([*TEXTS, *BOXES], ("empty", None)))
    pdf: bytes | None = None

    def put(self, values: dict[str, Any]) -> set[str]:
        """Direct values, all of them good; the fields that change by it."""
        changed = set(values)
        for name, value in values.items():
            self.marks[name] = ("skipped", None) if value is None else ("confirmed", value)
        chosen = next((name for name in BOXES if values.get(name) is True), None)
        for other in BOXES if chosen else ():
            if other not in values and self.marks[other][1] is True:
                self.marks[other] = (self.marks[other][0], False)
                changed.add(other)
        return changed


class Walk:
    """One developer, one form, some sessions."""

    def __init__(self, developer: Developer, seed: int) -> None:
        self.http = developer.http
        self.form_id = developer.form(stall())
        self.chance = random.Random(seed)
        self.sessions: list[Model] = []

    def step(self) -> None:
        """Do one thing, and look at what became of it."""
        if not self.sessions or self.chance.random() < 0.06:
            found = good(self.http.post("/sessions", json={"form_id": self.form_id}), 201)
            self.sessions.append(Model(found["session_id"]))
        model = self.chance.choice(self.sessions)
        weights = {self.act: 5, self.put: 5, self.bad_put: 2, self.turn: 4, self.fill: 1, self.download: 2}
        (done,) = self.chance.choices(list(weights), list(weights.values()))
        done(model)
        for each in self.sessions:
            self.compare(each)

    def call(self, model: Model, method: str, call: str, body: Body) -> httpx.Response | None:
        """The answer; None where the session is completed and said so."""
        answer = self.http.request(method, f"/sessions/{model.id}/{call}", json=body)
        if model.pdf is None:
            return answer
        assert model.id in refused(answer, 409, "session_completed")
        return None

    def act(self, model: Model) -> None:
        verb = self.chance.choice(("confirm", "skip", "decline"))
        name = self.chance.choice([*model.marks, "f_099"])
        answer = self.call(model, "POST", verb, {"field_id": name})
        if answer is None:
            return
        if name not in model.marks:
            refused(answer, 404, "unknown_field")
            return
        state, value = model.marks[name]
        if verb == "confirm" and state not in ("proposed", "confirmed"):
            refused(answer, 409, "nothing_to_confirm")
            return
        after = {"confirm": ("confirmed", value), "skip": ("skipped", None), "decline": ("declined", None)}[verb]
        model.marks[name] = after
        found = good(answer)
        assert (found["updated"], found["field"]["state"], found["field"]["value"]) == ([name], *after)

    def put(self, model: Model) -> None:
        values: dict[str, Any] = {}
        for name in self.chance.sample(list(TEXTS), self.chance.randrange(3)):
            values[name] = self.chance.choice((*WORDS, None))
        if self.chance.random() < 0.5:
            values[self.chance.choice(list(BOXES))] = self.chance.choice((True, False, None))
        if self.chance.random() < 0.5:
            body: Body = {"fields": [{"id": name, "value": value} for name, value in values.items()]}
        else:
            updates = [{"field_id": int(name[2:]), "value": _word(value)} for name, value in values.items()]
            body = {"updates": updates}
        answer = self.call(model, "PUT", "fields", body)
        if answer is not None:
            assert set(good(answer)["updated"]) == model.put(values)

    def bad_put(self, model: Model) -> None:
        """One bad entry beside a good one: nothing changes."""
        good_one = {"id": "f_001", "value": "never kept"}
        bad, code = self.chance.choice(
            [
                ([{"id": "f_099", "value": "x"}], "unknown_field"),
                ([{"id": "f_004", "value": "perhaps"}], "invalid_value"),
                ([{"id": "f_004", "value": True}, {"id": "f_005", "value": True}], "conflicting_values"),
            ]
        )
        answer = self.call(model, "PUT", "fields", {"fields": [good_one, *bad]})
        if answer is not None:
            refused(answer, 400, code)

    def turn(self, model: Model) -> None:
        message, about = self.chance.choice(TURNS)
        answer = self.call(model, "POST", "turns", {"message": message})
        if answer is None:
            return
        found = good(answer)
        assert found["reply"]
        assert set(found["updated"]) <= about, message
        state = self.read(model)
        for name in found["updated"]:
            wanted = "skipped" if message.startswith("skip") else "proposed"
            assert state[name]["state"] == wanted
            assert (state[name]["value"] is None) == (wanted == "skipped")
            model.marks[name] = (state[name]["state"], state[name]["value"])

    def fill(self, model: Model) -> None:
        answer = self.call(model, "POST", "fill", {})
        if answer is None:
            return
        found = good(answer)
        held = {name: value for name, (state, value) in model.marks.items() if state == "confirmed"}
        shown = [name for name, value in held.items() if value is not False]
        assert found["filled"] == shown
        assert found["unconfirmed"] == [name for name, (state, _) in model.marks.items() if state == "proposed"]
        model.pdf = self.http.get(f"/sessions/{model.id}/pdf").content
        file = {"file": ("filled.pdf", model.pdf, "application/pdf")}
        told = good(self.http.post("/forms/read", files=file, data={"form_id": self.form_id}))
        assert {one["id"]: one["value"] for one in told["fields"] if one["filled"]} == {
            name: model.marks[name][1] for name in shown
        }

    def download(self, model: Model) -> None:
        answer = self.http.get(f"/sessions/{model.id}/pdf")
        if model.pdf is None:
            refused(answer, 409, "not_filled")
        else:
            assert answer.content == model.pdf

    def read(self, model: Model) -> dict[str, Body]:
        found = good(self.http.get(f"/sessions/{model.id}"))
        assert found["status"] == ("open" if model.pdf is None else "completed")
        return {one["id"]: one for one in found["fields"]}

    def compare(self, model: Model) -> None:
        assert {name: (one["state"], one["value"]) for name, one in self.read(model).items()} == model.marks
        assert [model.marks[name][1] for name in BOXES].count(True) <= 1

    def delete(self) -> None:
        """In the end the form goes, and everything over it."""
        assert good(self.http.delete(f"/forms/{self.form_id}")) == {"id": self.form_id, "deleted": True}
        for model in self.sessions:
            refused(self.http.get(f"/sessions/{model.id}"), 404, "not_found")
            refused(self.http.get(f"/sessions/{model.id}/pdf"), 404, "not_found")
            refused(self.http.post(f"/sessions/{model.id}/fill"), 404, "not_found")
        refused(self.http.delete(f"/forms/{self.form_id}"), 404, "not_found")


def _word(value: Any) -> str | None:
    """A value as the later edition's body has it: text or nothing."""
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


@pytest.fixture(scope="module")
def developer(server: Running) -> Developer:
    return Developer(server)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_called_the_server_does_what_the_model_says(developer: Developer, seed: int) -> None:
    walk = Walk(developer, seed)
    for _ in range(STEPS):
        walk.step()
    walk.delete()
