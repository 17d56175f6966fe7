"""Bodies: what is accepted, and that every hostile one gets a clean refusal that quotes nothing."""

import json
from contextlib import suppress

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from frontdesk.web.json_body import read_json
from frontdesk.web.problems import InvalidField, InvalidJson, MissingField
from web.sample import Person

HOSTILE = {
    "deep lists": b'{"name":"Ida","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deeper than we publish": b'{"name":"Ida","x":' + b"[" * 80 + b"]" * 80 + b"}",
    "unclosed": b"[" * 10_000,
    "not a number": b'{"name":"Ida","age":NaN}',
    "infinity": b'{"name":"Ida","x":Infinity}',
    "number beyond a double": b'{"name":"Ida","x":1e999}',
    "very long number": b'{"name":"Ida","x":' + b"9" * 5000 + b"}",
    "lone surrogate": b'{"name":"\\ud800"}',
    "bad UTF-8": b'{"name":"\xff"}',
    "bad UTF-8 in an unknown key": b'{"name":"Ida","x":"\xff"}',
    "the same key twice": b'{"name":"Ida","name":"Eva"}',
    "the same unknown key twice": b'{"name":"Ida","x":{"y":1,"y":2}}',
    "the same key twice, escaped": b'{"name":"Ida","nam\\u0065":"x:y\\u003a"}',
    "a byte order mark": b'\xef\xbb\xbf{"name":"Ida"}',
    "two values": b'{"name":"Ida"} {"name":"Eva"}',
    "a trailing comma": b'{"name":"Ida",}',
    "single quotes": b"{'name':'Ida'}",
    "blank": b"   ",
    "a NUL character": b'{"name":"a\\u0000b"}',
    "a NUL character behind a backslash": b'{"name":"a\\\\\\u0000b"}',
    "a raw control character": b'{"name":"a\nb"}',
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_is_refused_as_no_json(raw: bytes) -> None:
    with pytest.raises(InvalidJson):
        read_json(raw, Person)


def test_unknown_keys_are_ignored() -> None:
    assert read_json(b'{"name":"Ida","shoe":{"size":[39]}}', Person) == Person("Ida")


def test_colons_in_texts_are_no_duplicate_keys() -> None:
    raw = b'{"name":"a:b\\u003a","x":"\\\\u003a \\u003A ::"}'
    assert read_json(raw, Person).name == "a:b:"


def test_the_words_of_an_escape_are_no_escape() -> None:
    assert read_json(b'{"name":"\\\\u0000"}', Person).name == "\\u0000"


def test_as_much_nesting_as_allowed_passes() -> None:
    raw = b'{"name":"Ida","x":' + b"[" * 60 + b"]" * 60 + b"}"
    assert read_json(raw, Person).name == "Ida"


def test_many_brackets_side_by_side_are_not_deep() -> None:
    raw = b'{"name":"Ida","x":[' + b",".join([b"[{}]"] * 500) + b"]}"
    assert read_json(raw, Person).name == "Ida"


@pytest.mark.parametrize(
    ("raw", "field", "expected"),
    [
        (b'{"name":5}', "name", "text"),
        (b'{"name":"Ida","age":"secret"}', "age", "an integer"),
        (b'{"name":"Ida","friends":[{"name":"Eva"},{"name":null}]}', "friends[1].name", "text"),
        (b'{"name":"Ida","sort":"secret"}', "sort", "one of the published values"),
        (b'{"name":"secret secret secret secret"}', "name", "str of length <= 20"),
        (b"[]", None, "an object"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(raw: bytes, field: str | None, expected: str) -> None:
    with pytest.raises(InvalidField) as caught:
        read_json(raw, Person)
    assert (caught.value.field, caught.value.expected) == (field, expected)
    assert "secret" not in caught.value.message
    assert "secret" not in str(caught.value.details)


@pytest.mark.parametrize(("raw", "field"), [(b"{}", "name"), (b'{"name":"Ida","friends":[{}]}', "friends[0].name")])
def test_a_missing_field_is_named(raw: bytes, field: str) -> None:
    with pytest.raises(MissingField) as caught:
        read_json(raw, Person)
    assert caught.value.field == field


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with suppress(InvalidJson, InvalidField):
        assert isinstance(read_json(raw, dict), dict)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=12,
    ),
    st.booleans(),
)
def test_whatever_python_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assume("\\u0000" not in json.dumps(value))
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "strict")
    assert read_json(raw, object) == value


class TestPostGreetings:
    async def test_a_good_body_is_answered(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/greetings", json={"name": "Ida"})
        assert answer.status_code == 201
        assert answer.json() == {"text": "Hello, Ida", "request_id": answer.headers["x-request-id"]}

    @pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
    async def test_a_hostile_body_gets_a_clean_400(self, client: httpx.AsyncClient, raw: bytes) -> None:
        answer = await client.post("/greetings", content=raw, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "VALIDATION_ERROR"

    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""],
    )
    async def test_another_content_type_is_415(self, client: httpx.AsyncClient, content_type: str) -> None:
        answer = await client.post("/greetings", content=b'{"name":"Ida"}', headers={"Content-Type": content_type})
        assert answer.status_code == 415
        assert answer.json()["error"]["code"] == "UNSUPPORTED_MEDIA_TYPE"

    @pytest.mark.parametrize(
        "content_type",
        ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'],
    )
    async def test_json_may_be_spelt_as_usual(self, client: httpx.AsyncClient, content_type: str) -> None:
        answer = await client.post("/greetings", content=b'{"name":"Ida"}', headers={"Content-Type": content_type})
        assert answer.status_code == 201

    async def test_a_body_without_a_content_type_is_415(self, client: httpx.AsyncClient) -> None:
        assert (await client.post("/greetings", content=b'{"name":"Ida"}')).status_code == 415

    async def test_a_packed_body_is_415(self, client: httpx.AsyncClient) -> None:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        assert (await client.post("/greetings", content=b"\x1f\x8b", headers=headers)).status_code == 415

    async def test_no_body_is_400(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/greetings")
        assert answer.status_code == 400

    async def test_the_field_is_named_and_its_value_is_not(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/greetings", json={"name": "Ida", "age": "Grace Hopper"})
        assert answer.json()["error"]["details"] == {"field": "age", "expected": "an integer"}
        assert "Grace" not in answer.text


class TestPostRegenerate:
    async def test_no_body_and_no_content_type_are_read_as_an_empty_object(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/public/sessions/x/regenerate")
        assert (answer.status_code, answer.json()) == (200, {})
