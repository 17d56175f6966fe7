"""Where a user may be sent, and how the result is put into that address."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.onboarding.rules.redirects import check_target, with_query
from frontdesk.onboarding.rules.refusals import InvalidField


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/done",
        "https://shop.example:8443/done?cart=7#top",
        "http://localhost:3000/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:9/cb",
        "myapp://done",
        "com.example.app:/oauth/done",
        "HTTPS://SHOP.example/x",
    ],
)
def test_these_targets_are_safe(url: str) -> None:
    check_target(url, ())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,hi", "file:///etc/passwd", "vbscript:x", "blob:x",
        "http://shop.example/", "//shop.example", "/done", "done", "", "https:", "https://", "https:shop.example",
        "myapp:", "myapp://", "https://a b/", "https://shop.example/\n", "https://shop.example\\@evil.example",
        "https://user:pw@shop.example/", "https://shop.example:port/", "https://[::1", "http://localhost.evil.example/",
        "https://shop.example/<script>", "https://ščop.example/", "x" * 2049,
    ],
)  # fmt: skip
def test_these_targets_are_not(url: str) -> None:
    with pytest.raises(InvalidField):
        check_target(url, ())


def test_a_tenant_may_name_the_only_targets() -> None:
    allowed = ("shop.example", "myapp:")
    check_target("https://shop.example/x", allowed)
    check_target("myapp://x", allowed)
    for url in ("https://other.example/x", "other://x"):
        with pytest.raises(InvalidField):
            check_target(url, allowed)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("myapp://done", "myapp://done?t=a%2Fb"),
        ("https://s.example/?a=1", "https://s.example/?a=1&t=a%2Fb"),
        ("https://s.example/?", "https://s.example/?t=a%2Fb"),
        ("https://s.example/x#top?no", "https://s.example/x?t=a%2Fb#top?no"),
    ],
)
def test_what_stands_in_the_address_stays(url: str, expected: str) -> None:
    assert with_query(url, t="a/b") == expected


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_value_comes_out_as_it_went_in(value: str) -> None:
    found = parse_qs(urlsplit(with_query("https://s.example/x?a=1#f", v=value)).query, keep_blank_values=True)
    assert found == {"a": ["1"], "v": [value]}
