"""What a screening adapter promises: found, nothing, not now, never; over real connections."""

import json
from collections.abc import Iterator

import pytest

from frontdesk.adapters.screening_http import LARGEST_ANSWER, HttpScreening
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.config import Settings
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.ports.screening import Match, Subject
from frontdesk.wiring import screenings
from servers.child import free_ports
from servers.screening import Reply, ScreeningService, dribbled, hung_up, whole

KEY = "the key of the screening service"
ANA = Subject("1", "individual", "Ana Łukasz 李", "1991-11-02", ("PT", "BR"))
ACME = Subject("2", "company", "Acme Lda", None, ("PT",))
WALLET = Subject("1", "wallet", "0x52908400098527886E0F7030069857D2E4169EE7", network="ethereum")


@pytest.fixture
def service() -> Iterator[ScreeningService]:
    made = ScreeningService(KEY)
    yield made
    made.stop()


async def anywhere(url: str) -> str:
    return "127.0.0.1"


def asking(service: ScreeningService, timeout: float = 5) -> HttpScreening:
    return HttpScreening(service.url, KEY, anywhere, timeout)


def body(**changes: object) -> bytes:
    found = {"subject": "1", "source": "The Gazette", "confidence": 0.5, "title": "Convicted"}
    return json.dumps({"checked": ["1", "2"], "matches": [{**found, **changes}]}).encode()


async def test_the_question_is_whole_signed_and_says_who_is_meant(service: ScreeningService) -> None:
    assert await asking(service).screen("adverse_media", (ANA, ACME)) == ()
    [asked], [headers] = service.asked, service.headers
    assert asked.pop("request_id")
    assert asked == {
        "check": "adverse_media",
        "subjects": [
            {
                "id": "1",
                "kind": "individual",
                "name": ANA.name,
                "countries": ["PT", "BR"],
                "date_of_birth": "1991-11-02",
            },
            {"id": "2", "kind": "company", "name": "Acme Lda", "countries": ["PT"]},
        ],
    }
    assert headers["host"] == f"127.0.0.1:{service.port}"
    assert KEY not in str(headers)


async def test_a_wallet_is_asked_about_by_its_address_and_network(service: ScreeningService) -> None:
    service.known[WALLET.name] = "Mixer"
    [found] = await asking(service).screen("crypto", (WALLET,))
    [subject] = service.asked[0]["subjects"]
    assert subject == {"id": "1", "kind": "wallet", "address": WALLET.name, "network": "ethereum"}
    assert found == Match("1", "The Gazette", "crypto", 0.9, "Mixer", "https://x.example/1")


async def test_a_category_of_its_own_is_kept(service: ScreeningService) -> None:
    service.replies = [whole(200, body(category="pep"))]
    [found] = await asking(service).screen("adverse_media", (ANA, ACME))
    assert (found.category, found.confidence, found.url) == ("pep", 0.5, None)


LATER: list[Reply] = [
    whole(500, b""),
    whole(503, b""),
    whole(429, b""),
    whole(408, b""),
    hung_up,
    dribbled(body(), 0.2),
]
NEVER: list[Reply] = [
    whole(400, b""),
    whole(403, body()),
    whole(204, b""),
    whole(302, b"", Location="/elsewhere"),
    whole(200, b""),
    whole(200, b"null"),
    whole(200, b"{}"),
    whole(200, b'{"matches": []}'),
    whole(200, b'{"checked": ["1"], "matches": []}'),
    whole(200, body()[:-1]),
    whole(200, body(subject="3")),
    whole(200, body(confidence=1.1)),
    whole(200, body(confidence="high")),
    whole(200, body(title=None)),
    whole(200, b"\xff\xfe"),
    whole(200, b" " * (LARGEST_ANSWER + 1)),
    whole(200, json.dumps({"checked": ["1", "2"], "matches": [json.loads(body())["matches"][0]] * 201}).encode()),
]


@pytest.mark.parametrize("reply", LATER)
async def test_a_service_that_cannot_answer_now_is_unavailable(service: ScreeningService, reply: Reply) -> None:
    service.replies = [reply]
    with pytest.raises(Unavailable):
        await asking(service, 0.5).screen("adverse_media", (ANA, ACME))
    assert len(service.asked) == 1


@pytest.mark.parametrize("reply", NEVER)
async def test_what_is_no_answer_clears_nobody(service: ScreeningService, reply: Reply) -> None:
    service.replies = [reply]
    with pytest.raises(Rejected):
        await asking(service).screen("adverse_media", (ANA, ACME))
    assert len(service.asked) == 1


async def test_another_key_is_refused(service: ScreeningService) -> None:
    with pytest.raises(Rejected):
        await HttpScreening(service.url, "another", anywhere).screen("adverse_media", (ANA,))


async def test_nobody_at_the_address_is_unavailable() -> None:
    [port] = free_ports(1)
    with pytest.raises(Unavailable):
        await HttpScreening(f"http://127.0.0.1:{port}/", KEY, anywhere).screen("crypto", (WALLET,))


async def test_a_private_address_is_reached_only_if_it_is_allowed(service: ScreeningService) -> None:
    settings = Settings(crypto_url=service.url, crypto_key=KEY)
    refusing = screenings(settings, Allowed([]))["crypto"]
    with pytest.raises(Rejected):
        await refusing.screen("crypto", (WALLET,))
    assert service.asked == []
    assert await screenings(settings, Allowed(["127.0.0.1"]))["crypto"].screen("crypto", (WALLET,)) == ()


def test_without_an_address_there_is_no_service() -> None:
    assert screenings(Settings(), Allowed([])) == {}
