"""Browsers of other origins."""

import httpx

from web.sample import ORIGIN, TOKEN

PATH = f"/public/sessions/{TOKEN}"


async def test_a_configured_origin_may_read(client: httpx.AsyncClient) -> None:
    headers = (await client.get(PATH, headers={"Origin": ORIGIN})).headers
    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["vary"] == "Origin"
    assert "Retry-After" in headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in headers


async def test_a_refusal_can_be_read_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/public/sessions/x", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, ORIGIN)


async def test_a_file_sent_by_put_answers_the_origin_too(client: httpx.AsyncClient) -> None:
    answer = await client.put("/storage/u/s", content=b"x", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN


async def test_another_origin_gets_nothing(client: httpx.AsyncClient) -> None:
    headers = (await client.get(PATH, headers={"Origin": "https://evil.example"})).headers
    assert "access-control-allow-origin" not in headers
    assert headers["vary"] == "Origin"


async def test_an_endpoint_without_cors_sends_no_such_header(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/kyc/sessions", headers={"Origin": ORIGIN})).headers
    assert not [name for name in headers if name.startswith("access-control")]


async def test_a_surface_open_to_all_says_so(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/forms/x/contract", headers={"Origin": "https://any.example"})).headers
    assert headers["access-control-allow-origin"] == "*"


async def preflight(client: httpx.AsyncClient, path: str, method: str, origin: str = ORIGIN) -> httpx.Response:
    return await client.options(path, headers={"Origin": origin, "Access-Control-Request-Method": method})


async def test_a_preflight_is_answered_without_asking_the_endpoint(client: httpx.AsyncClient) -> None:
    answer = await preflight(client, f"{PATH}/step/x/complete", "POST")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert "Content-Type" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-max-age"] == "600"
    assert answer.headers["vary"] == "Origin"


async def test_a_preflight_for_what_may_not_be_called_allows_nothing(client: httpx.AsyncClient) -> None:
    for path, method, origin in [
        (PATH, "DELETE", ORIGIN),
        (PATH, "GET", "https://evil.example"),
        ("/kyc/sessions", "GET", ORIGIN),
    ]:
        answer = await preflight(client, path, method, origin)
        assert answer.status_code == 204
        assert "access-control-allow-origin" not in answer.headers


async def test_plain_options_tells_the_methods(client: httpx.AsyncClient) -> None:
    answer = await client.options(PATH)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
