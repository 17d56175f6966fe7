"""The test servers: each test has a database and a prefix of its own, and PostgreSQL is durable."""

import os

import asyncpg
import httpx
import pytest

from servers.s3 import S3Settings


async def test_a_test_has_an_empty_database_of_its_own_that_is_durable(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_stat_user_tables") == 0
        assert await connection.fetchval("SHOW fsync") == "on"
        assert int(await connection.fetchval("SHOW server_version_num")) >= 150000
        await connection.execute("CREATE TABLE left_behind (id int)")
    finally:
        await connection.close()


async def test_nothing_is_left_of_another_tests_database(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        assert await connection.fetchval("SELECT to_regclass('left_behind')") is None
    finally:
        await connection.close()


async def test_the_object_store_refuses_who_does_not_sign(s3: S3Settings) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.put(f"{s3.endpoint}/{s3.bucket}/{s3.prefix}/x", content=b"x")
    assert answer.status_code == 403


@pytest.mark.xdist_group("together")
def test_a_group_of_tests_is_named_where_xdist_looks_for_it(request: pytest.FixtureRequest) -> None:
    """Otherwise its tests are dealt out one by one, and what they share is made on every worker."""
    deals = "PYTEST_XDIST_WORKER" in os.environ
    assert request.node.nodeid.endswith("looks_for_it@together" if deals else "looks_for_it")
