"""Rate limits: who is counted, when the window ends, what the refusal says, and whose address it is."""

from dataclasses import replace

import httpx
import pytest

from frontdesk.web.endpoint import Answer, Call, Endpoint, Limit, Lockout
from frontdesk.web.floor import FloorSettings
from frontdesk.web.limits import Addresses, Limiter, OwnCounts, Rules, counted_as
from frontdesk.web.problems import InvalidQuery, RateLimited
from web.sample import DETAIL, KEY, TOKEN, create
from web.world import World

STEP = f"/public/sessions/{TOKEN}/step/passport/complete"


def test_a_window_lets_its_count_pass_and_no_more() -> None:
    limiter, limit = Limiter(), Limit("x", 3, 60)
    for _ in range(3):
        limiter.count(limit, "ida", 120.0)
    with pytest.raises(RateLimited) as caught:
        limiter.count(limit, "ida", 150.5)
    assert (caught.value.limit, caught.value.reset_at, caught.value.retry_after) == (3, 180, 30)
    limiter.count(limit, "eva", 150.5)
    limiter.count(limit, "ida", 180.0)


def test_memory_stays_bounded_whoever_comes() -> None:
    counts, limit = OwnCounts(most=100), Limit("x", 3, 60)
    limiter = Limiter(counts=counts)
    for number in range(10_000):
        limiter.count(limit, f"caller{number}", 0.0)
    assert counts.remembered("x") == 100


def test_a_limiter_that_is_off_counts_nobody() -> None:
    limiter = Limiter(on=False)
    for _ in range(10):
        limiter.count(Limit("x", 1, 60), "ida", 0.0)


def test_a_count_of_nought_switches_one_limit_off() -> None:
    limiter = Limiter()
    for _ in range(10):
        limiter.count(Limit("x", 0, 60), "ida", 0.0)


def test_one_name_for_two_limits_is_refused() -> None:
    endpoints = tuple(Endpoint("GET", f"/{count}", create, "", "", limit=Limit("x", count, 60)) for count in (1, 2))
    with pytest.raises(ValueError, match="two ways"):
        World(surfaces=(replace(DETAIL, endpoints=endpoints),))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_address_is_the_last_hop_that_is_no_proxy_of_ours(peer: str, forwarded: str, expected: str) -> None:
    assert Addresses(["10.0.0.0/8"]).of(peer, [(b"x-forwarded-for", forwarded.encode())]) == expected


def test_without_trusted_proxies_the_header_is_not_read() -> None:
    assert Addresses().of("10.0.0.1", [(b"x-forwarded-for", b"198.51.100.1")]) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("x:", "x:"),
    ],
)
def test_an_ipv6_customer_is_counted_as_one(address: str, expected: str) -> None:
    assert counted_as(address) == expected


class TestAddressLimit:
    async def test_one_too_many_gets_the_flat_429_with_its_headers(self) -> None:
        world = World(limiter=Limiter(rules=Rules(address=Limit("address", 3, 300, "address"))))
        async with world.client() as client:
            for _ in range(3):
                assert (await client.get("/kyc/sessions")).status_code == 200
            answer = await client.get("/kyc/sessions")
        assert answer.status_code == 429
        wait = int(answer.headers["retry-after"])
        assert answer.json() == {
            "error": "Rate limit exceeded",
            "message": f"Too many requests; try again in {wait} seconds",
            "retry_after": wait,
        }
        assert answer.headers["x-ratelimit-limit"] == "3"
        assert answer.headers["x-ratelimit-remaining"] == "0"
        assert int(answer.headers["x-ratelimit-reset"]) == int(world.clock.now().timestamp()) + wait
        async with world.client("192.0.2.2") as other:
            assert (await other.get("/kyc/sessions")).status_code == 200
        world.clock.move(seconds=wait)
        async with world.client() as client:
            assert (await client.get("/kyc/sessions")).status_code == 200

    async def test_unknown_paths_count_too(self) -> None:
        world = World(limiter=Limiter(rules=Rules(address=Limit("address", 1, 300, "address"))))
        async with world.client() as client:
            assert (await client.get("/forms/x")).status_code == 404
            assert (await client.get("/forms/x")).status_code == 429

    async def test_behind_a_trusted_proxy_each_client_is_counted(self) -> None:
        world = World(
            limiter=Limiter(rules=Rules(address=Limit("address", 1, 300, "address"))),
            settings=FloorSettings(trusted_proxies=("192.0.2.1",)),
        )
        async with world.client() as client:
            for last in range(3):
                headers = {"X-Forwarded-For": f"198.51.100.{last}", "Authorization": KEY}
                answer = await client.get("/kyc/me", headers=headers)
                assert answer.json()["address"] == f"198.51.100.{last}"


class TestTokenLimits:
    async def test_an_endpoints_own_limit_counts_each_token(self, client: httpx.AsyncClient) -> None:
        statuses = [(await client.post(STEP, json={})).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert (await client.get(f"/public/sessions/{TOKEN}")).status_code == 200

    async def test_writes_of_a_token_are_limited_and_reads_are_not(self) -> None:
        world = World(limiter=Limiter(rules=Rules(token_writes=Limit("token_writes", 2, 300))))
        async with world.client() as client:
            writes = [(await client.post(f"/public/sessions/{TOKEN}/regenerate")).status_code for _ in range(3)]
            reads = [(await client.get(f"/public/sessions/{TOKEN}")).status_code for _ in range(3)]
        assert (writes, reads) == ([200, 200, 429], [200, 200, 200])


class TestGuessing:
    async def test_a_guesser_is_paused_and_others_are_not(self, world: World) -> None:
        async with world.client() as client, world.client("192.0.2.2") as other:
            for number in range(31):
                assert (await client.get(f"/public/sessions/{number}")).status_code == 404
            refused = await client.get(f"/public/sessions/{TOKEN}")
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "900"
            assert (await client.get("/kyc/sessions")).status_code == 200
            assert (await other.get(f"/public/sessions/{TOKEN}")).status_code == 200
            world.clock.move(minutes=15)
            assert (await client.get(f"/public/sessions/{TOKEN}")).status_code == 200

    async def test_with_limits_off_nobody_is_paused(self) -> None:
        world = World(limiter=Limiter(on=False))
        async with world.client() as client:
            for number in range(40):
                assert (await client.get(f"/public/sessions/{number}")).status_code == 404


class TestLockout:
    LOCKOUT = Lockout("tries", 3, 180, 1800)

    def test_the_last_failure_that_is_allowed_starts_the_pause(self) -> None:
        limiter = Limiter()
        for second in range(3):
            limiter.refuse_locked_out(self.LOCKOUT, "one", second)
            limiter.count_failure(self.LOCKOUT, "one", second)
        limiter.refuse_locked_out(self.LOCKOUT, "two", 3)
        for second in (3, 1801):
            with pytest.raises(RateLimited) as caught:
                limiter.refuse_locked_out(self.LOCKOUT, "one", second)
        assert caught.value.retry_after == 1
        limiter.refuse_locked_out(self.LOCKOUT, "one", 1802)

    def test_failures_of_an_earlier_window_are_forgotten(self) -> None:
        limiter = Limiter()
        for second in (0, 1, 180, 181):
            limiter.count_failure(self.LOCKOUT, "one", second)
        limiter.refuse_locked_out(self.LOCKOUT, "one", 182)

    def test_with_limits_off_nobody_is_locked_out(self) -> None:
        limiter = Limiter(on=False)
        for second in range(9):
            limiter.count_failure(self.LOCKOUT, "one", second)
        limiter.refuse_locked_out(self.LOCKOUT, "one", 9)

    async def test_refusals_and_answers_that_say_so_are_failures(self) -> None:
        async def run(call: Call) -> Answer:
            said = call.query.get("say")
            if said == "no":
                raise InvalidQuery("say", "yes")
            return Answer(struct={}, failed=said == "failed")

        line = Endpoint("POST", "/try/{access_token}", run, "", "", auth="access_token", lockout=self.LOCKOUT)
        world = World(surfaces=(replace(DETAIL, prefixes=("/try",), endpoints=(line,)),))
        async with world.client() as client:
            statuses = [
                (await client.post(f"/try/{TOKEN}?say={said}")).status_code
                for said in ("yes", "no", "failed", "yes", "failed", "yes")
            ]
            other = await client.post("/try/another?say=yes")
            world.clock.move(minutes=30)
            later = await client.post(f"/try/{TOKEN}?say=yes")
        assert statuses == [200, 400, 200, 200, 200, 429]
        assert (other.status_code, later.status_code) == (200, 200)

    async def test_a_call_with_a_limit_of_its_own_is_no_write_of_its_token(self) -> None:
        async def run(call: Call) -> Answer:
            return Answer(struct={})

        line = Endpoint("POST", "/try/{access_token}", run, "", "", auth="access_token", own_limit_only=True)
        limiter = Limiter(rules=Rules(token_writes=Limit("token_writes", 1, 300)))
        world = World(limiter=limiter, surfaces=(replace(DETAIL, prefixes=("/try",), endpoints=(line,)),))
        async with world.client() as client:
            assert [(await client.post(f"/try/{TOKEN}")).status_code for _ in range(5)] == [200] * 5


class TestKeyLimits:
    async def test_an_endpoints_limit_may_count_each_key(self, client: httpx.AsyncClient) -> None:
        statuses = [(await client.post("/kyc/sessions", headers={"Authorization": KEY})).status_code for _ in range(5)]
        assert statuses == [204] * 4 + [429]
