"""The paths that belong to no kind."""

import re

import httpx
import pytest

from web.world import World


class TestGetHealth:
    async def test_all_is_well(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/health")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ok",
            "checks": {"database": "ok", "blobs": "ok"},
            "version": "0.1.0",
            "auth_mode": "api_key",
        }

    async def test_one_thing_away_is_503_and_named_without_its_reason(self, world: World) -> None:
        world.away.add("blobs")
        async with world.client() as client:
            answer = await client.get("/health")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {"database": "ok", "blobs": "unavailable"}
        assert "10.0.0.7" not in answer.text


class TestGetDocs:
    async def test_the_page_loads_only_our_own_files(self, client: httpx.AsyncClient) -> None:
        page = await client.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        loaded = re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.text)
        assert loaded == ["/docs/explorer.css", "/docs/explorer.js"]
        assert "://" not in page.text
        assert "<style" not in page.text
        assert not re.search(r"<script(?![^>]*src=)", page.text)
        assert not re.search(r"\son\w+=|\sstyle=", page.text)

    async def test_the_policy_forbids_everything_else(self, client: httpx.AsyncClient) -> None:
        policy = (await client.get("/docs")).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("explorer.js", "text/javascript"), ("schema.js", "text/javascript"), ("explorer.css", "text/css")],
    )
    async def test_its_files_are_served(self, client: httpx.AsyncClient, name: str, kind: str) -> None:
        answer = await client.get(f"/docs/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert "innerHTML" not in answer.text

    async def test_no_other_file_is(self, client: httpx.AsyncClient) -> None:
        for path in ("/docs/index.html", "/docs/../builtin.py", "/docs/%2e%2e%2fbuiltin.py"):
            assert (await client.get(path)).status_code == 404
