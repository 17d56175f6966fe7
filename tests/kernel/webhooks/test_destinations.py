"""Where deliveries may go: never to a private address, however it is written and whatever name leads there."""

import pytest

from frontdesk.kernel.webhooks.destinations import Allowed, RefusedDestination, check_url, resolve

NOBODY = Allowed([])
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[2001:1ff::1]",
    "[100::1]",
    "[4000::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:c0a8:101::1]",
    "[2001:0:7f00:1::]",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "[64:ff9b::8.8.8.8]"]
DISGUISED = [
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "017700000001",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "0",
    "0x0",
    "3232235777",
    "0xa9fea9fe",
    "2852039166",
    "localhost",
    "LOCALHOST",
    "１２７.0.0.1",
    "127。0。0。1",
]
NO_URLS = [
    "",
    "example.org",
    "//example.org/",
    "https://",
    "https:///path",
    "https://?x",
    "ftp://example.org/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "gopher://example.org/",
    "https://[::1",
    "https://[nonsense]/",
    "https://example.org:99999/",
    "https://example.org:0/",
    "https://example.org:port/",
    "https://example.org:-1/",
    "https://user@example.org/",
    "https://user:secret@example.org/",
    "https://:secret@example.org/",
    "https://@example.org/",
    "https://example.org\\@127.0.0.1/",
    "http://example.org/",
    "http://8.8.8.8/",
    "HTTP://example.org/",
]


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("port", ["", ":8443"])
async def test_a_private_address_is_refused_at_once_and_when_sending(host: str, port: str) -> None:
    with pytest.raises(RefusedDestination):
        check_url(f"https://{host}{port}/hook", NOBODY)
    with pytest.raises(RefusedDestination):
        await resolve(f"https://{host}{port}/hook", NOBODY)


@pytest.mark.parametrize("host", DISGUISED)
async def test_a_private_address_in_another_spelling_is_refused_when_sending(host: str) -> None:
    with pytest.raises(RefusedDestination):
        await resolve(f"https://{host}/hook", NOBODY)


@pytest.mark.parametrize("host", PUBLIC)
async def test_a_public_address_is_accepted(host: str) -> None:
    check_url(f"https://{host}/hook?x=1", NOBODY)
    destination = await resolve(f"https://{host}:8443/hook?x=1", NOBODY)
    assert destination.address == host.strip("[]") or ":" in host
    assert (destination.port, destination.scheme) == (8443, "https")


@pytest.mark.parametrize("url", NO_URLS)
async def test_what_is_no_absolute_https_address_is_refused(url: str) -> None:
    with pytest.raises(RefusedDestination):
        check_url(url, NOBODY)
    with pytest.raises(RefusedDestination):
        await resolve(url, NOBODY)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "x" * 64 + ".example", ".", "-.invalid", "ex ample.org"])
async def test_a_name_that_leads_nowhere_is_refused(host: str) -> None:
    with pytest.raises(RefusedDestination):
        await resolve(f"https://{host}/", NOBODY)


def test_a_name_is_accepted_without_asking_anybody() -> None:
    check_url("https://hooks.example.org:8443/a/b?c=d", NOBODY)
    check_url("https://xn--bcher-kva.example/", NOBODY)
    check_url("https://bücher.example/", NOBODY)


async def test_a_name_is_refused_as_soon_as_one_of_its_addresses_is_private() -> None:
    # `localhost` leads to 127.0.0.1, on many machines to ::1 too: allowing one of both is not enough.
    with pytest.raises(RefusedDestination):
        await resolve("https://localhost/", Allowed(["::1"]))


async def test_an_allowed_network_may_be_reached_over_plain_http() -> None:
    allowed = Allowed(["127.0.0.0/8"])
    destination = await resolve("http://127.0.0.1:8080/hook", allowed)
    assert (destination.address, destination.port, destination.host) == ("127.0.0.1", 8080, "127.0.0.1")
    with pytest.raises(RefusedDestination):
        await resolve("http://10.0.0.1/", allowed)
    with pytest.raises(RefusedDestination):
        await resolve("http://[::1]/", allowed)


async def test_an_allowed_name_may_lead_to_a_private_address() -> None:
    allowed = Allowed(["Localhost"])
    destination = await resolve("http://LOCALHOST/", allowed)
    assert destination.host == "localhost"
    assert destination.address in ("127.0.0.1", "::1")
    with pytest.raises(RefusedDestination):
        await resolve("http://127.0.0.1/", allowed)


def test_an_allowed_address_of_one_family_says_nothing_of_the_other() -> None:
    with pytest.raises(RefusedDestination):
        check_url("https://[::1]/", Allowed(["0.0.0.0/0"]))


@pytest.mark.parametrize(("url", "port"), [("https://8.8.8.8/", 443), ("https://8.8.8.8:444/", 444)])
async def test_the_port_is_the_usual_one_unless_the_address_says_another(url: str, port: int) -> None:
    assert (await resolve(url, NOBODY)).port == port
