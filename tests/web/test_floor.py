"""The floor as a whole: refusals in the right shape, headers, request ids, credentials, the log."""

import re
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from frontdesk.web.floor import Floor, FloorSettings, Lifespan
from web.sample import KEY, READING_KEY, TOKEN
from web.world import World


class TestUnknownPaths:
    @pytest.mark.parametrize(("path", "shape"), [("/kyc/nothing", "kyc"), ("/forms/x", "forms"), ("/formsy", "forms")])
    async def test_the_owner_of_the_prefix_words_the_refusal(
        self, client: httpx.AsyncClient, path: str, shape: str
    ) -> None:
        answer = await client.get(path)
        assert answer.status_code == 404
        if shape == "kyc":
            assert answer.json()["error"]["code"] == "NOT_FOUND"
            assert answer.json()["meta"] == {
                "request_id": answer.headers["x-request-id"],
                "timestamp": "2026-04-09T08:15:00Z",
            }
        else:
            assert answer.json() == {"detail": "There is nothing at this path", "code": "not_found"}

    async def test_a_trailing_slash_is_another_path(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/kyc/me/")).status_code == 404

    async def test_an_empty_segment_is_no_parameter(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/forms//contract")).status_code == 404


class TestMethods:
    async def test_a_wrong_method_gets_405_with_allow(self, client: httpx.AsyncClient) -> None:
        answer = await client.delete("/kyc/sessions")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
        assert answer.json()["status"] == "error"

    async def test_head_answers_as_get_without_a_body(self, client: httpx.AsyncClient) -> None:
        full = await client.get("/kyc/sessions")
        head = await client.head("/kyc/sessions")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == full.headers["content-length"] == str(len(full.content))

    async def test_a_made_up_method_is_405_and_counted_as_other(self, world: World) -> None:
        async with world.client() as client:
            assert (await client.request("BREW", "/kyc/sessions")).status_code == 405
        assert world.lines()[-1]["method"] == "OTHER"


class TestHeaders:
    @pytest.mark.parametrize("path", ["/kyc/sessions", "/kyc/nothing", "/kyc/stream", "/metrics"])
    async def test_every_answer_is_private_and_inert(self, client: httpx.AsyncClient, path: str) -> None:
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"] == "noindex"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert re.fullmatch(r"req_[a-z2-7]{10}", headers["x-request-id"])
        assert "strict-transport-security" not in headers

    async def test_no_header_is_sent_twice(self, client: httpx.AsyncClient) -> None:
        for path in ("/docs", "/kyc/stream", "/openapi.json", "/kyc/nothing"):
            names = [name for name, _ in (await client.get(path)).headers.multi_items()]
            assert len(names) == len(set(names)), path

    async def test_https_is_insisted_on_where_it_is_served(self) -> None:
        async with World(settings=FloorSettings(https=True)).client() as client:
            assert "max-age" in (await client.get("/kyc/sessions")).headers["strict-transport-security"]

    async def test_a_client_cannot_choose_the_request_id(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/kyc/sessions", headers={"X-Request-Id": "req_aaaaaaaaaa"})
        assert answer.headers["x-request-id"] != "req_aaaaaaaaaa"

    async def test_request_ids_do_not_repeat(self, client: httpx.AsyncClient) -> None:
        ids = [(await client.get("/kyc/sessions")).headers["x-request-id"] for _ in range(400)]
        assert len(set(ids)) == 400


class TestGetMe:
    @pytest.mark.parametrize("value", [f"Bearer {KEY}", KEY, f"ApiKey {KEY}", f"bearer  {KEY} "])
    async def test_a_key_is_taken_in_each_published_form(self, client: httpx.AsyncClient, value: str) -> None:
        answer = await client.get("/kyc/me", headers={"Authorization": value})
        assert (answer.status_code, answer.json()["tenant_id"]) == (200, "t_1")

    @pytest.mark.parametrize(
        "value", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic " + KEY, KEY + " " + KEY, "x" * 5000]
    )
    async def test_anything_else_is_the_same_401(self, client: httpx.AsyncClient, value: str | None) -> None:
        answer = await client.get("/kyc/me", headers={} if value is None else {"Authorization": value})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"] == {"code": "UNAUTHORIZED", "message": "Unauthorized"}

    async def test_a_key_without_the_permission_is_403(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/kyc/sessions", headers={"Authorization": READING_KEY})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "FORBIDDEN"

    async def test_an_answer_without_content_has_no_body_and_no_length(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/kyc/sessions", headers={"Authorization": KEY})
        assert (answer.status_code, answer.content) == (204, b"")
        assert "content-length" not in answer.headers


class TestFailures:
    async def test_a_dependency_that_is_away_is_503_with_a_time_to_retry(self, world: World) -> None:
        async with world.client() as client:
            answer = await client.get("/kyc/sessions/s/fail/unavailable")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
        assert "disk" not in answer.text

    async def test_a_conflict_that_was_left_over_is_409(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/kyc/sessions/s/fail/conflict")).status_code == 409

    async def test_a_fault_is_500_and_logged_under_the_same_id_without_its_message(self, world: World) -> None:
        async with world.client() as client:
            answer = await client.get("/kyc/sessions/s/fail/fault")
        assert answer.status_code == 500
        assert answer.json()["error"] == {"code": "INTERNAL_ERROR", "message": "Internal server error"}
        fault, request = world.lines()
        assert fault["event"] == "unexpected_failure"
        assert fault["request_id"] == request["request_id"] == answer.headers["x-request-id"]
        assert any("sample.py" in frame for frame in fault["frames"])
        assert b"Lovelace" not in world.log.getvalue()

    async def test_a_refusal_that_no_table_knows_is_a_fault_of_ours(self, world: World) -> None:
        async with world.client() as client:
            assert (await client.get("/kyc/sessions/s/fail/forgotten")).status_code == 500
        assert world.lines()[0]["event"] == "refusal_without_status"

    async def test_a_shared_path_is_refused_in_the_shape_chosen(self, client: httpx.AsyncClient) -> None:
        one = await client.post("/v1/shared", json={"skill": "x"})
        other = await client.post("/v1/shared", json={"agent_id": "x"})
        assert one.json() == {"detail": "No", "code": "forbidden"}
        assert other.json()["error"]["code"] == "FORBIDDEN"


class TestLog:
    async def test_one_line_tells_of_each_request_and_nothing_personal(self, world: World) -> None:
        async with world.client() as client:
            await client.get(f"/public/sessions/{TOKEN}?name=Ida")
            await client.get("/kyc/ida@example.net")
        known, unknown = world.lines()
        assert known["route"] == "/public/sessions/{access_token}"
        assert (known["status"], known["surface"], known["method"], known["level"]) == (
            200,
            "kyc",
            "GET",
            "info",
        )
        assert known["bytes"] == len(b'{"status":"active"}')
        assert re.fullmatch("[0-9a-f]{12}", known["token"])
        assert known["ms"] >= 0
        assert unknown["route"] == "unmatched"
        written = world.log.getvalue().decode()
        assert TOKEN not in written
        assert "ida" not in written.lower()
        assert "192.0.2.1" not in written

    async def test_the_line_can_be_switched_off(self) -> None:
        world = World(settings=FloorSettings(log_requests=False))
        async with world.client() as client:
            await client.get("/kyc/sessions")
        assert world.lines() == []

    async def test_a_stream_is_logged_at_its_end_with_its_size(self, world: World) -> None:
        async with world.client() as client:
            answer = await client.get("/kyc/stream")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert world.lines()[-1]["bytes"] == len(answer.content) == 27


class TestLifespan:
    """What is opened at the start and closed at the end."""

    async def said(self, lifespan: Lifespan) -> list[str]:
        world, told = World(), []
        world.floor = Floor(
            world.all, world.all[-1], world.settings, world.clock, world.limiter, world.journal,
            world.identify, lifespan=lifespan,
        )  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "lifespan.startup"}

        async def send(message: MutableMapping[str, Any]) -> None:
            told.append(message["type"])

        with suppress(RuntimeError):
            await world.floor({"type": "lifespan"}, receive, send)
        return told

    async def test_it_is_entered_before_and_left_after(self) -> None:
        steps: list[str] = []

        @asynccontextmanager
        async def lifespan() -> AsyncIterator[None]:
            steps.append("opened")
            yield
            steps.append("closed")

        assert await self.said(lifespan) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        assert steps == ["opened", "closed"]

    async def test_a_start_that_fails_is_told_to_the_server(self) -> None:
        @asynccontextmanager
        async def lifespan() -> AsyncIterator[None]:
            raise RuntimeError("no database")
            yield

        assert await self.said(lifespan) == ["lifespan.startup.failed"]
