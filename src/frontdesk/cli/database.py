"""The database's version: made right by itself when it is this machine's own, checked when many share it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from frontdesk import migrations, wiring
from frontdesk.basics.errors import Unavailable
from frontdesk.cli.options import AsJson, Data, settings_of
from frontdesk.cli.output import console, print_json
from frontdesk.config import Settings
from frontdesk.wiring import House

Result = TypeVar("Result")


def migrate(data: Data = None, as_json: AsJson = False) -> None:
    """Bring the database to this version."""
    settings = settings_of(data)
    url = wiring.database_url(settings)
    before = migrations.standing(url)
    with console.status("Migrating the database"):
        after = migrations.migrate(url)
    if as_json:
        print_json({"before": before or None, "version": after})
    elif before == after:
        console.print(f"The database is at version {after}; there was nothing to do")
    else:
        console.print(f"The database is at version {after}" + (f" (before: {before})" if before else ""))


def make_ready(settings: Settings) -> None:
    """Migrate the embedded database; refuse a shared one that is not of this version. Raises `Unavailable`."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is in it is nobody else's business
    url = wiring.database_url(settings)
    standing, newest = migrations.standing(url), migrations.newest()
    if standing == newest:
        return
    if settings.sqlite_path is not None:
        migrations.migrate(url)
    elif standing > newest:
        raise Unavailable("The database was made by a newer version of Frontdesk; install that one")
    else:
        found = f"at version {standing}" if standing else "empty"
        raise Unavailable(f"The database is {found}, this is version {newest}; run: frontdesk migrate")


def with_house(settings: Settings, work: Callable[[House], Awaitable[Result]]) -> Result:
    """Do `work` with everything but the engine connected, beside a running server or without one."""
    make_ready(settings)

    async def working() -> Result:
        async with _opened(settings) as house:
            return await work(house)

    return asyncio.run(working())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[House]:
    house = wiring.build(settings)
    async with wiring.opened(house):
        yield house
