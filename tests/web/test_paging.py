"""Pages of lists."""

from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.web.paging import Page, cursor_of, page_in
from frontdesk.web.problems import InvalidQuery


@given(st.lists(st.text(max_size=20) | st.integers(-(2**60), 2**60) | st.none(), min_size=1, max_size=4))
def test_a_cursor_gives_its_key_back(key: list[str | int | None]) -> None:
    assert page_in({"cursor": cursor_of(*key)}, keys=len(key)).after == tuple(key)


@given(st.text(max_size=80))
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    with suppress(InvalidQuery):
        assert page_in({"cursor": cursor}).limit == 20


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "-1"}, {"limit": "ten"}, {"limit": "1.5"}, {"limit": "٣"},
     {"limit": "9" * 400},
     {"sort": "up"}, {"cursor": "!"}, {"cursor": "W10"}, {"cursor": "x" * 600}, {"cursor": "é"}],
)  # fmt: skip
def test_bad_values_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidQuery):
        page_in(query, keys=2)


def test_a_list_that_cuts_a_large_limit_may_say_so() -> None:
    assert page_in({"limit": "5000"}, capped=True) == Page(100)


class TestGetSessions:
    async def test_twenty_of_the_newest_are_the_default(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/kyc/sessions")
        assert answer.json() == {"limit": 20, "after": None, "descending": True}

    async def test_limit_cursor_and_sort_are_read(self, client: httpx.AsyncClient) -> None:
        query = {"limit": "5", "cursor": cursor_of(17, "s_1"), "sort": "asc", "page": "3"}
        answer = await client.get("/kyc/sessions", params=query)
        assert answer.json() == {"limit": 5, "after": [17, "s_1"], "descending": False}

    async def test_a_bad_value_is_400_and_not_echoed(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/kyc/sessions", params={"sort": "ida@example.net"})
        assert answer.status_code == 400
        assert answer.json()["error"]["details"] == {"field": "sort", "expected": "desc or asc"}
        assert "ida" not in answer.text

    async def test_a_query_that_is_no_utf8_is_400(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/kyc/sessions?limit=%FF")).status_code == 400

    async def test_a_nul_is_400(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/kyc/sessions?cursor=%00")).status_code == 400

    async def test_a_flood_of_parameters_is_400(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/kyc/sessions?" + "a=1&" * 200)).status_code == 400
