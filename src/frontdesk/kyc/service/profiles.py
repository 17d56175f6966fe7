"""Extraction profiles: written, listed and removed by the tenant's staff, and found for a paper that is read."""

from collections.abc import Mapping
from typing import Any

from frontdesk.kernel import change as changes
from frontdesk.kyc.model.profiles import Profile
from frontdesk.kyc.model.session import Document, Progress
from frontdesk.kyc.rules.profiles import MOST_PROFILES, ProfileExists, ProfileNotFound, parse_profile
from frontdesk.kyc.rules.requirements import profile_named
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.store import profiles as store
from frontdesk.kyc.store.profiles import Kept

__all__ = ["Kept"]


async def create(needs: Needs, tenant_id: str, body: Mapping[str, Any]) -> Kept:
    """Keep a new profile. Raises `InvalidProfile` with every fault at once, `ProfileExists`."""
    profile = parse_profile(body)

    async def turn() -> Kept:
        known = {one.profile.profile_id for one in await store.listed(needs.db, tenant_id)}
        if profile.profile_id in known:
            raise ProfileExists("There is an extraction profile of that name already")
        if len(known) >= MOST_PROFILES:
            raise ProfileExists(f"There are {MOST_PROFILES} extraction profiles already")
        now = needs.clock.now()
        await needs.db.commit([store.inserted(tenant_id, profile, now)])
        return Kept(profile, now, now)

    return await changes.again(turn)


async def replace(needs: Needs, tenant_id: str, profile_id: str, body: Mapping[str, Any]) -> Kept:
    """Put another one in its place: papers are read by it from now on. Raises `InvalidProfile`, `ProfileNotFound`."""

    async def turn() -> Kept:
        before = await load(needs, tenant_id, profile_id)
        now, profile = needs.clock.now(), parse_profile(body, profile_id)
        await needs.db.commit([store.replaced(tenant_id, profile, now)])
        return Kept(profile, before.created_at, now)

    return await changes.again(turn)


async def load(needs: Needs, tenant_id: str, profile_id: str) -> Kept:
    """The tenant's profile. Raises `ProfileNotFound`."""
    found = await store.load(needs.db, tenant_id, profile_id)
    if found is None:
        raise ProfileNotFound
    return found


async def listed(needs: Needs, tenant_id: str) -> list[Kept]:
    """All of the tenant's, by name."""
    return await store.listed(needs.db, tenant_id)


async def names(needs: Needs, tenant_id: str) -> frozenset[str]:
    """What workflows may name."""
    return frozenset(one.profile.profile_id for one in await store.listed(needs.db, tenant_id))


async def delete(needs: Needs, tenant_id: str, profile_id: str) -> None:
    """Remove it. Workflows that name it read as without one, and staff are told. Raises `ProfileNotFound`."""

    async def turn() -> None:
        await load(needs, tenant_id, profile_id)
        await needs.db.commit([store.deleted(tenant_id, profile_id)])

    await changes.again(turn)


async def found_for(
    needs: Needs, tenant_id: str, progress: Progress, document: Document
) -> tuple[Profile | None, bool]:
    """The profile that a paper is read by, and whether one is named that is gone."""
    name = profile_named(progress.definition, document)
    if name is None:
        return None, False
    kept = await store.load(needs.db, tenant_id, name)
    return (None, True) if kept is None else (kept.profile, False)
