"""`web_fetch`: where it may go, how much it takes, and how pages come out."""

import gzip
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.capabilities.desk import Desk, context
from frontdesk.agents.capabilities.contract import ToolFailed
from frontdesk.agents.capabilities.fetching import SafeFetcher
from frontdesk.agents.capabilities.markdown import from_html
from frontdesk.agents.capabilities.web_fetch import MAX_BYTES
from frontdesk.kernel.webhooks.destinations import Allowed
from servers.web import WebServer, answering, dripping, redirecting, silence, web_server

PAGE = b"""<!doctype html><html><head><title>Opening hours</title><style>p {color: red}</style></head><body>
<nav><a href="/">Home</a></nav><h2>Desk</h2><p>Open <b>daily</b>,\n see <a href="/map">the map</a>.</p>
<ul><li>Mon &amp; Tue</li><li>Wed<ul><li>am</li></ul></li></ul><ol><li>one</li><li>two</li></ol>
<pre>a  b
c</pre><table><tr><td>x</td><td>y</td></tr></table><script>alert(1)</script><img alt="A desk"><br>end</body></html>"""


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as served:
        yield served


@pytest.fixture
def desk() -> Desk:
    return Desk("web_fetch", context(allowed=("127.0.0.1",)), {"timeout_ms": 3000})


class TestWhereItGoes:
    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://localhost/",
            "http://10.1.2.3/",
            "http://192.168.0.1/",
            "http://172.16.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fd00::1]/",
            "http://0.0.0.0/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://100.64.0.1/",
            "https://user:pw@example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "http://",
            "nonsense",
            "http://[::1",
            "http://no-such-host.invalid/",
        ],
    )
    async def test_an_address_inside_or_none_at_all_is_refused(self, url: str) -> None:
        assert await Desk("web_fetch").error("web_fetch", url=url)

    async def test_a_redirect_to_the_inside_is_refused(self, web: WebServer) -> None:
        # The server itself is allowed by its port-less name; what it points to is not.
        url = web.page("/out", redirecting("http://10.0.0.1/secrets"))
        desk = Desk("web_fetch", context(allowed=("127.0.0.1",)))
        assert "private" in await desk.error("web_fetch", url=url)

    async def test_a_redirect_to_another_scheme_is_refused(self, web: WebServer, desk: Desk) -> None:
        assert await desk.error("web_fetch", url=web.page("/file", redirecting("file:///etc/passwd")))

    async def test_redirects_are_followed_and_the_last_address_told(self, web: WebServer, desk: Desk) -> None:
        web.page("/c", b"<p>there")
        web.page("/b", redirecting("/c", 307))
        told = await desk.value("web_fetch", url=web.page("/a", redirecting(f"{web.url}/b", 301)))
        assert (told["url"], told["content"]) == (f"{web.url}/c", "<p>there")

    async def test_redirects_in_a_circle_end(self, web: WebServer, desk: Desk) -> None:
        assert "redirects more than 5 times" in await desk.error("web_fetch", url=web.page("/a", redirecting("/a")))

    async def test_keys_are_not_carried_to_another_host(self, web: WebServer) -> None:
        fetcher = SafeFetcher(Allowed(("127.0.0.1", "localhost")))
        port = web.url.rsplit(":", 1)[1]
        web.page("/b", b"x")
        url = web.page("/a", redirecting(f"http://localhost:{port}/b"))
        await fetcher.fetch("GET", url, headers={"Authorization": "secret"})
        assert ["authorization" in asked.headers for asked in web.asked] == [True, False]

    async def test_a_post_becomes_a_get_when_it_is_sent_elsewhere(self, web: WebServer) -> None:
        web.page("/b", b"x")
        url = web.page("/a", redirecting("/b", 303))
        await SafeFetcher(Allowed(("127.0.0.1",))).fetch("POST", url, body=b"text")
        assert [(asked.method, asked.body) for asked in web.asked] == [("POST", b"text"), ("GET", b"")]


class TestHowMuch:
    async def test_a_large_page_is_cut(self, web: WebServer, desk: Desk) -> None:
        told = await desk.value("web_fetch", url=web.page("/large", b"x" * (MAX_BYTES + 5)))
        assert (told["size"], told["truncated"], len(told["content"])) == (MAX_BYTES, True, MAX_BYTES)

    @pytest.mark.parametrize("packing", ["gzip", "deflate"])
    async def test_a_small_answer_that_unpacks_to_a_gigabyte_is_cut(
        self, web: WebServer, desk: Desk, packing: str
    ) -> None:
        packed = gzip.compress(b"x" * 50_000_000) if packing == "gzip" else zlib.compress(b"x" * 50_000_000)
        told = await desk.value("web_fetch", url=web.page("/bomb", answering(packed, content_encoding=packing)))
        assert (told["size"], told["truncated"]) == (MAX_BYTES, True)

    async def test_a_packed_answer_is_unpacked(self, web: WebServer, desk: Desk) -> None:
        page = answering(gzip.compress(PAGE), content_encoding="gzip")
        assert "Opening hours" in (await desk.value("web_fetch", url=web.page("/gz", page)))["content"]

    @pytest.mark.parametrize("packing", ["gzip", "br"])
    async def test_a_broken_packing_is_an_error(self, web: WebServer, desk: Desk, packing: str) -> None:
        url = web.page("/broken", answering(b"no such thing", content_encoding=packing))
        assert "compress" in await desk.error("web_fetch", url=url)

    async def test_who_never_answers_is_given_up(self, web: WebServer) -> None:
        desk = Desk("web_fetch", context(allowed=("127.0.0.1",)), {"timeout_ms": 200})
        assert "in time" in await desk.error("web_fetch", url=web.page("/silent", silence))

    async def test_who_falls_silent_leaves_what_came(self, web: WebServer) -> None:
        desk = Desk("web_fetch", context(allowed=("127.0.0.1",)), {"timeout_ms": 400})
        told = await desk.value("web_fetch", url=web.page("/slow", dripping(b"first ", b"second")))
        assert (told["content"], told["truncated"]) == ("first second", True)

    async def test_who_hangs_up_in_the_middle_leaves_what_came(self, web: WebServer, desk: Desk) -> None:
        page = dripping(b"first", then_waits=False, content_length="100")
        told = await desk.value("web_fetch", url=web.page("/cut", page))
        assert (told["content"], told["truncated"]) == ("first", True)

    async def test_who_speaks_no_http_is_an_error(self, web: WebServer, desk: Desk) -> None:
        async def page(asked: Any, send: Any) -> None:
            await send(b"SSH-2.0-OpenSSH\r\n")

        assert "HTTP" in await desk.error("web_fetch", url=web.page("/ssh", page))

    async def test_where_nobody_listens_is_an_error(self, web: WebServer, desk: Desk) -> None:
        async with web_server() as gone:
            url = gone.url
        assert "could not be reached" in await desk.error("web_fetch", url=url)

    @pytest.mark.parametrize("config", [{"timeout_ms": 1}, {"timeout_ms": "9"}, {"timeout_ms": 10**9}])
    def test_a_config_beyond_reason_does_not_fit(self, config: dict[str, Any]) -> None:
        from frontdesk.agents.capabilities.schemas import fault
        from frontdesk.agents.capabilities.web_fetch import CAPABILITY

        assert "timeout_ms" in str(fault(CAPABILITY.config_schema, config))
        assert fault(CAPABILITY.config_schema, {"timeout_ms": 8000, "unknown": True}) is None


class TestWhatComesOut:
    async def test_a_page_comes_raw_as_markdown_or_as_text(self, web: WebServer, desk: Desk) -> None:
        url = web.page("/page", answering(PAGE, last_modified="Sat, 14 Mar 2026 09:00:00 GMT"))
        raw = await desk.value("web_fetch", url=url)
        assert (raw["format"], raw["status_code"], raw["truncated"]) == ("raw", 200, False)
        assert raw["content"] == PAGE.decode()
        assert raw["last_modified"] == "Sat, 14 Mar 2026 09:00:00 GMT"
        marked = await desk.value("web_fetch", url=url, as_markdown=True)
        assert marked["format"] == "markdown"
        assert marked["content"].startswith("# Opening hours\n\n## Desk\n\nOpen **daily**, see [the map](")
        assert f"[the map]({web.url}/map)" in marked["content"]
        plain = await desk.value("web_fetch", url=url, as_text=True)
        assert plain["format"] == "text"
        assert "Open daily, see the map." in plain["content"]

    async def test_an_error_page_is_an_answer_too(self, web: WebServer, desk: Desk) -> None:
        told = await desk.value("web_fetch", url=web.url + "/none")
        assert (told["status_code"], told["content"]) == (404, "nothing here")

    async def test_only_the_head_can_be_asked_for(self, web: WebServer, desk: Desk) -> None:
        told = await desk.value("web_fetch", url=web.page("/p", answering(b"x", content_length="1")), method="HEAD")
        assert (told["status_code"], told["size"], "content" in told) == (200, 1, False)
        assert web.asked[0].method == "HEAD"

    @pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/octet-stream", "video/mp4"])
    async def test_what_is_binary_is_described_and_not_shown(self, web: WebServer, desk: Desk, kind: str) -> None:
        told = await desk.value("web_fetch", url=web.page("/b", answering(b"\x89PNG\x00\xff", kind=kind)))
        assert (told["size"], told["content_type"], "content" in told) == (6, kind, False)
        assert "binary" in told["error"]

    @pytest.mark.parametrize("kind", ["application/json", "text/csv", "application/ld+json", "", "application/xml"])
    async def test_text_of_any_kind_is_shown_as_it_is(self, web: WebServer, desk: Desk, kind: str) -> None:
        told = await desk.value("web_fetch", url=web.page("/t", answering(b'{"a": 1}', kind=kind)), as_markdown=True)
        assert (told["format"], told["content"]) == ("raw", '{"a": 1}')

    @pytest.mark.parametrize(
        ("kind", "content", "text"),
        [
            ("text/plain; charset=iso-8859-1", b"caf\xe9", "café"),
            ("text/plain; charset=no-such", "café".encode(), "café"),
            ("text/plain; charset=utf-8", b"caf\xe9", "caf\ufffd"),
            ("text/plain; charset=hex", b"zz", "zz"),
            ("text/plain", b"a\x00b\x1bc", "a b c"),
        ],
    )
    async def test_characters_are_read_as_declared_or_as_well_as_can_be(
        self, web: WebServer, desk: Desk, kind: str, content: bytes, text: str
    ) -> None:
        assert (await desk.value("web_fetch", url=web.page("/t", answering(content, kind=kind))))["content"] == text


class TestMarkdown:
    def test_a_page_becomes_what_is_to_be_read(self) -> None:
        assert from_html(PAGE.decode(), "https://example.com/a/") == (
            "# Opening hours\n\n## Desk\n\nOpen **daily**, see [the map](https://example.com/map).\n\n"
            "- Mon & Tue\n- Wed\n  - am\n\n1. one\n2. two\n\n```\na  b\nc\n```\n\n| x | y\n\n![A desk]\nend"
        )

    @given(st.text(alphabet=st.sampled_from("<>/abp liuo=\"'&;!-script\n"), max_size=200))
    def test_any_text_is_some_page(self, text: str) -> None:
        assert isinstance(from_html(text, "https://example.com/"), str)
        assert isinstance(from_html(text, "https://example.com/", is_marked=False), str)

    def test_depth_costs_nothing(self) -> None:
        deep = from_html("<ul><li>" * 20_000 + "x", "https://example.com/")
        assert "x" in deep
        assert len(deep) < 1_000_000

    def test_scripts_and_styles_that_never_end_show_nothing(self) -> None:
        assert from_html("<p>a</p><script>let b", "https://example.com/") == "a"


async def test_a_refusal_of_the_fetcher_is_a_problem_with_a_sentence() -> None:
    with pytest.raises(ToolFailed, match="private"):
        await SafeFetcher(Allowed(())).fetch("GET", "http://127.0.0.1/")
