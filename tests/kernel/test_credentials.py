"""API keys and access tokens: what opens, what no longer does, and what is stored of them."""

import asyncio
import re

import pytest

from databases import SettableClock
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import credentials
from frontdesk.kernel.credentials import PERMISSIONS, UnknownPermission, identify, new_key, switched
from frontdesk.kernel.vault import BrokenSeal, Vault, digest
from frontdesk.ports.db import Db
from kernel.sample import stored, value

SELECT_SESSION = "SELECT session_id FROM access_tokens WHERE digest = $1"


async def test_a_key_says_who_calls_and_what_it_may_do(db: Db, clock: SettableClock) -> None:
    key_id, key, write = new_key("t1", "ci", ("kyc:read",), clock.now())
    await db.commit([write])
    identity = await identify(db, key)
    assert identity is not None
    assert (identity.tenant_id, identity.key_id, identity.permissions) == ("t1", key_id, {"kyc:read"})
    assert re.fullmatch(r"sk_live_[0-9A-Za-z]{40}", key)


async def test_what_is_no_key_opens_nothing(db: Db, clock: SettableClock) -> None:
    _, key, write = new_key("t1", "ci", (), clock.now())
    await db.commit([write])
    for wrong in ("", key[:-1], key + "x", key.lower(), digest(key).hex(), "é" * 40):
        assert await identify(db, wrong) is None
    opened = await identify(db, key)
    assert opened is not None
    assert opened.permissions == frozenset()


async def test_only_the_digest_of_a_key_is_stored(db: Db, clock: SettableClock) -> None:
    _, key, write = new_key("t1", "ci", PERMISSIONS, clock.now())
    await db.commit([write])
    row = await db.one("SELECT * FROM api_keys")
    assert not any(key[8:-4] in str(part) for part in row or ())


async def test_an_unknown_permission_is_refused_by_name() -> None:
    with pytest.raises(UnknownPermission, match="kyc:fly"):
        new_key("t1", "ci", ("kyc:read", "kyc:fly"), SettableClock().now())


async def test_a_disabled_key_opens_again_when_it_is_enabled(db: Db, clock: SettableClock) -> None:
    key_id, key, write = new_key("t1", "ci", PERMISSIONS, clock.now())
    await db.commit([write])
    await db.commit([switched("disable", "t1", key_id, clock.now())])
    assert await identify(db, key) is None
    await db.commit([switched("enable", "t1", key_id, clock.now())])
    assert await identify(db, key) is not None


async def test_a_revoked_key_stays_revoked(db: Db, clock: SettableClock) -> None:
    key_id, key, write = new_key("t1", "ci", PERMISSIONS, clock.now())
    await db.commit([write])
    await db.commit([switched("revoke", "t1", key_id, clock.now())])
    for action in ("enable", "disable", "revoke"):
        with pytest.raises(Conflict):
            await db.commit([switched(action, "t1", key_id, clock.now())])
    assert await identify(db, key) is None
    [line] = await credentials.keys_of(db, "t1")
    assert line.revoked_at == clock.now()


async def test_a_tenant_cannot_switch_anothers_key(db: Db, clock: SettableClock) -> None:
    key_id, key, write = new_key("t1", "ci", PERMISSIONS, clock.now())
    await db.commit([write])
    for action in ("enable", "disable", "revoke"):
        with pytest.raises(Conflict):
            await db.commit([switched(action, "t2", key_id, clock.now())])
    assert await identify(db, key) is not None


async def test_keys_are_listed_for_their_tenant_the_oldest_first(db: Db, clock: SettableClock) -> None:
    keys = []
    for name in ("one", "two", "three"):
        key_id, key, write = new_key("t1", name, ("kyc:read", "kyc:create"), clock.advance(seconds=1))
        keys.append((key_id, key[-4:]))
        await db.commit([write, new_key("t2", name, (), clock.now())[2]])
    await db.commit([switched("disable", "t1", keys[1][0], clock.now())])
    lines = await credentials.keys_of(db, "t1")
    assert [(line.id, line.hint) for line in lines] == keys
    assert [line.disabled_at is None for line in lines] == [True, False, True]
    assert lines[0].permissions == ("kyc:read", "kyc:create")


async def test_a_token_opens_its_session_and_can_be_shown_again(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    await db.commit(credentials.granted(vault, read.id, "token-1", clock.now()))
    assert await value(db, SELECT_SESSION, digest("token-1")) == read.id
    assert await credentials.token_of(db, vault, read.id) == "token-1"
    assert await credentials.token_of(db, vault, "another") is None


async def test_a_new_token_kills_the_earlier_one(db: Db, vault: Vault, clock: SettableClock) -> None:
    read, other = await stored(db, vault, clock.now()), await stored(db, vault, clock.now())
    await db.commit(credentials.granted(vault, other.id, "of-another", clock.now()))
    for token in ("token-1", "token-2", "token-3"):
        await db.commit(credentials.granted(vault, read.id, token, clock.now()))
    assert await db.one(SELECT_SESSION, digest("token-1")) is None
    assert await db.one(SELECT_SESSION, digest("token-2")) is None
    assert await credentials.token_of(db, vault, read.id) == "token-3"
    assert await credentials.token_of(db, vault, other.id) == "of-another"


async def test_a_stored_token_is_unreadable_without_the_key_and_of_no_use_elsewhere(
    db: Db, vault: Vault, clock: SettableClock
) -> None:
    read = await stored(db, vault, clock.now())
    await db.commit(credentials.granted(vault, read.id, "token-1", clock.now()))
    row = await db.one("SELECT digest, sealed FROM access_tokens")
    assert row is not None
    assert not any(b"token-1" in bytes(part) for part in row)
    with pytest.raises(BrokenSeal):
        credentials.open_token(vault, "another session", bytes(row[1]))


async def test_of_racing_grants_each_leaves_a_token_that_opens(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    grants = [db.commit(credentials.granted(vault, read.id, f"token-{n}", clock.now())) for n in range(8)]
    await asyncio.gather(*grants)
    assert await value(db, "SELECT count(*) FROM access_tokens") == 1
