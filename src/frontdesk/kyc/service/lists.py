"""Lists as the operator keeps them: bringing one in beside a running server, showing what is loaded, removing one."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import msgspec

from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Conflict, Missing, Rejected
from frontdesk.basics.ids import uuid7
from frontdesk.kyc.checks.lists.indexing import Segment
from frontdesk.kyc.model.screening import Listed, Loaded
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.store import lists as store
from frontdesk.ports.db import Write

GIVEN_UP_AFTER = timedelta(minutes=10)
"""An import that has written nothing for so long is dead: its rows go with the next import."""
_AT_ONCE = 2_000


class ListRefused(Rejected):
    """The list cannot be brought in like this; nothing was changed."""


class Source(msgspec.Struct, frozen=True):
    """What a file is brought in as, and, once it was read to its end, what it says of itself."""

    scope: str
    name: str
    category: str
    format: str
    source_date: Callable[[], str | None]
    digest: Callable[[], str]


async def bring_in(needs: Needs, source: Source, found: Iterable[Listed]) -> Loaded:
    """Write the entries beside what is loaded, and put them in its place at the end, all at once.

    `found` is read as it is written; whatever it raises leaves everything as it was. Raises `ListRefused`, and
    `Conflict` when somebody else brought in or removed the same list meanwhile.
    """
    before = await _before(needs, source)
    await _clean(needs)
    generation = uuid7()
    await needs.db.commit([store.begun(generation, to_micros(needs.clock.now()))])
    try:
        after = await _written(needs, source, generation, found)
        await needs.db.commit(store.switched(before, after))
    except BaseException:
        await store.remove(needs.db, generation, _AT_ONCE)
        raise
    if before is not None:
        await store.remove(needs.db, before.generation, _AT_ONCE)
    return after


async def loaded(needs: Needs, tenant_id: str | None = None) -> list[Loaded]:
    """What is loaded: for everybody, or whatever a tenant is screened against."""
    return await (store.every(needs.db) if tenant_id is None else store.in_scope(needs.db, tenant_id))


async def remove(needs: Needs, scope: str, name: str) -> Loaded:
    """Remove a list. Raises `Missing`."""
    found = next((one for one in await store.named(needs.db, name) if one.scope == scope), None)
    if found is None:
        raise Missing(f"There is no list {name} here; frontdesk lists shows all")
    await needs.db.commit(store.switched(found, None))
    await store.remove(needs.db, found.generation, _AT_ONCE)
    return found


async def _before(needs: Needs, source: Source) -> Loaded | None:
    """What the list is now. A tenant's list must not hide everybody's, nor everybody's a tenant's."""
    known = await store.named(needs.db, source.name)
    others = [one for one in known if one.scope != source.scope]
    if source.scope != store.EVERYBODY and any(one.scope == store.EVERYBODY for one in others):
        raise ListRefused(f"{source.name} is a list for all tenants; take another name")
    if source.scope == store.EVERYBODY and others:
        raise ListRefused(f"{source.name} is the list of a tenant; take another name")
    return next((one for one in known if one.scope == source.scope), None)


async def _written(needs: Needs, source: Source, generation: str, found: Iterable[Listed]) -> Loaded:
    segment, part, count, names = Segment(), 0, 0, 0
    writes: list[Write] = []
    for count, entry in enumerate(found, 1):
        writes.append(store.entry_inserted(generation, count, entry))
        segment.add(count, entry)
        names += len(entry.names)
        if len(writes) >= _AT_ONCE:
            await _keep(needs, generation, writes)
            writes = []
        if segment.is_full:
            await _index(needs, generation, part, segment)
            segment, part = Segment(), part + 1
    if not count:
        raise ListRefused("The file holds no entry")
    await _keep(needs, generation, writes)
    await _index(needs, generation, part, segment)
    now = to_micros(needs.clock.now())
    about = (source.scope, source.name, source.category, source.format, source.source_date(), source.digest())
    return Loaded(*about, count, names, generation, now)


async def _index(needs: Needs, generation: str, part: int, segment: Segment) -> None:
    for rows in (
        (store.key_inserted(generation, part, key, words) for key, words in segment.keyed_words()),
        (store.word_inserted(generation, part, word, names) for word, names in segment.words()),
    ):
        writes: list[Write] = []
        for row in rows:
            writes.append(row)
            if len(writes) >= _AT_ONCE:
                await _keep(needs, generation, writes)
                writes = []
        await _keep(needs, generation, writes)


async def _keep(needs: Needs, generation: str, writes: list[Write]) -> None:
    try:
        await needs.db.commit([store.touched(generation, to_micros(needs.clock.now())), *writes])
    except Conflict as error:
        raise Conflict("The import stood still for too long, and was given up") from error


async def _clean(needs: Needs) -> None:
    for generation in await store.leftovers(needs.db, to_micros(needs.clock.now() - GIVEN_UP_AFTER)):
        await store.remove(needs.db, generation, _AT_ONCE)
