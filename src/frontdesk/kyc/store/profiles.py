"""Extraction profiles by tenant and name."""

import json
from datetime import datetime

import msgspec

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.kyc.model.profiles import Profile, ProfileField, profile_to_dict
from frontdesk.ports.db import Db, Row, Write

INSERT = """
INSERT INTO kyc_extraction_profiles (tenant_id, profile_id, recipe, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
"""
UPDATE = "UPDATE kyc_extraction_profiles SET recipe = $3, updated_at = $4 WHERE tenant_id = $1 AND profile_id = $2"
DELETE = "DELETE FROM kyc_extraction_profiles WHERE tenant_id = $1 AND profile_id = $2"
SELECT = """
SELECT recipe, created_at, updated_at FROM kyc_extraction_profiles WHERE tenant_id = $1 AND profile_id = $2
"""
SELECT_ALL = """
SELECT recipe, created_at, updated_at FROM kyc_extraction_profiles WHERE tenant_id = $1 ORDER BY profile_id
"""


class Kept(msgspec.Struct, frozen=True):
    """A profile with its times."""

    profile: Profile
    created_at: datetime
    updated_at: datetime


async def load(db: Db, tenant_id: str, profile_id: str) -> Kept | None:
    """The tenant's profile of that name."""
    row = await db.one(SELECT, tenant_id, profile_id)
    return None if row is None else _kept(row)


async def listed(db: Db, tenant_id: str) -> list[Kept]:
    """All of the tenant's, by name."""
    return [_kept(row) for row in await db.all(SELECT_ALL, tenant_id)]


def inserted(tenant_id: str, profile: Profile, now: datetime) -> Write:
    """Keep a new one."""
    return Write(INSERT, (tenant_id, profile.profile_id, _text(profile), to_micros(now)))


def replaced(tenant_id: str, profile: Profile, now: datetime) -> Write:
    """Put it in the place of the one of that name."""
    return Write(UPDATE, (tenant_id, profile.profile_id, _text(profile), to_micros(now)), expect=1)


def deleted(tenant_id: str, profile_id: str) -> Write:
    """Remove it."""
    return Write(DELETE, (tenant_id, profile_id), expect=1)


def _text(profile: Profile) -> str:
    return json.dumps(profile_to_dict(profile), separators=(",", ":"), ensure_ascii=False)


def _kept(row: Row) -> Kept:
    recipe = json.loads(row[0])
    fields = tuple(ProfileField(**one) for one in recipe["fields"])
    profile = Profile(**{**recipe, "fields": fields, "languages": tuple(recipe["languages"])})
    return Kept(profile, from_micros(row[1]), from_micros(row[2]))
