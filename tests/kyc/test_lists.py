"""Bringing lists in and screening against them, on both databases: whole or not at all, also while others look."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from databases import SECRET, Place, SettableClock
from frontdesk import wiring
from frontdesk.basics.errors import Conflict, Missing
from frontdesk.config import Settings
from frontdesk.kyc.checks.lists import finding
from frontdesk.kyc.checks.lists.reading import ListDamaged
from frontdesk.kyc.model.screening import Listed, ListedName, Loaded, Subject
from frontdesk.kyc.service import lists, screening
from frontdesk.kyc.service.lists import ListRefused, Source
from frontdesk.kyc.service.needs import Needs
from frontdesk.ports.db import Db

TABLES = ("entries", "keys", "words")


@pytest.fixture
def needs(place: Place, db: Db, clock: SettableClock, tmp_path: Path) -> Needs:
    house = wiring.build(Settings(data=tmp_path, database_url=place.url, secret_key=SECRET.decode()), clock=clock)
    return replace(house.kyc, db=db)


@pytest.fixture
async def second(place: Place, needs: Needs) -> AsyncIterator[Needs]:
    """What another process has: its own connections to the same database."""
    other = place.connect()
    await other.open()
    yield replace(needs, db=other)
    await other.close()


def source(name: str = "ofac", scope: str = "", category: str = "sanctions") -> Source:
    return Source(scope, name, category, "csv", lambda: "2026-04-02", lambda: "ab" * 32)


def people(*names: str) -> list[Listed]:
    return [Listed(f"e-{number}", "person", (ListedName(name),)) for number, name in enumerate(names, 1)]


async def rows(needs: Needs) -> list[int]:
    counted = [await needs.db.one(f"SELECT count(*) FROM kyc_list_{table}") for table in (*TABLES, "leftovers")]
    return [int(row[0]) for row in counted if row is not None]


async def found(needs: Needs, name: str, wanted: Sequence[str] | None = None, tenant: str = "t") -> finding.Finding:
    report = await screening.screen(needs, tenant, [Subject(name, "person")], wanted)
    return finding.finding(report, needs.clock.now())


async def test_a_listed_name_is_a_match_with_its_reasons(needs: Needs) -> None:
    loaded = await lists.bring_in(needs, source(), people("Jamil Tamari", "Otto Meier"))
    assert (loaded.entries, loaded.names, loaded.category) == (2, 2, "sanctions")
    told = await found(needs, "TAMARI Jamil")
    assert told.status == "match"
    [match] = told.facts["matches"]
    assert (match["list_name"], match["category"], match["entry_id"]) == ("ofac", "sanctions", "e-1")
    assert (match["matched_name"], match["confidence"]) == ("Jamil Tamari", 1.0)
    assert match["explanation"] == [{"part": "name", "score": 1.0, "says": "tamari is tamari; jamil is jamil"}]
    assert told.facts["lists_checked"] == ["ofac"]
    assert told.facts["lists"][0]["generation"] == loaded.generation
    assert told.facts["thresholds"] == {"review": 0.8, "match": 0.93}


async def test_another_name_is_clear_and_a_near_one_is_for_a_person(needs: Needs) -> None:
    await lists.bring_in(needs, source(), people("Jamil Omar Tamari"))
    assert (await found(needs, "Rosa Luz")).status == "clear"
    assert (await found(needs, "Jamil Tamari")).status == "review"


async def test_nothing_that_could_not_be_looked_for_is_clear(needs: Needs) -> None:
    assert (await found(needs, "Rosa Luz")).facts["reason"] == "not_configured"
    await lists.bring_in(needs, source(), people("Jamil Tamari"))
    for name, wanted, status, reason in (
        ("Rosa Luz", ["ofac", "un"], "error", "list_not_loaded"),
        ("Rosa Luz", [], "skipped", "not_configured"),
        (" ", None, "error", "name_not_readable"),
    ):
        told = await found(needs, name, wanted)
        assert (told.status, told.facts["reason"]) == (status, reason)
    nobody = await screening.screen(needs, "t", [], None)
    assert finding.finding(nobody, needs.clock.now()).facts["reason"] == "no_names"
    wallet = await screening.screen(needs, "t", [Subject("bc1q", "wallet")], None)
    told = finding.finding(wallet, needs.clock.now())
    assert (told.status, told.facts["reason"]) == ("error", "no_list_of_wallets")


async def test_a_missing_list_does_not_hide_what_others_found(needs: Needs) -> None:
    await lists.bring_in(needs, source(), people("Jamil Tamari"))
    told = await found(needs, "Jamil Tamari", ["ofac", "un"])
    assert (told.status, told.facts["lists_missing"]) == ("error", ["un"])
    assert [one["entry_id"] for one in told.facts["matches"]] == ["e-1"]


async def test_wallets_are_looked_for_in_lists_of_wallets_only(needs: Needs) -> None:
    entry = Listed("w-1", "wallet", (ListedName("Mixer"),), numbers=("bc1qmadeup0address",))
    await lists.bring_in(needs, source("other", category="sanctions"), [entry])
    await lists.bring_in(needs, source("wallets", category="crypto"), [entry])
    report = await screening.screen(needs, "t", [Subject("bc1qMADEUP0address", "wallet")], None)
    told = finding.finding(report, needs.clock.now())
    assert told.status == "match"
    assert [one["list_name"] for one in told.facts["matches"]] == ["wallets"]


async def test_a_paper_number_finds_its_entry_under_any_name(needs: Needs) -> None:
    await lists.bring_in(needs, source(), [replace(people("Jamil Tamari")[0], numbers=("ZX-4410297",))])
    report = await screening.screen(needs, "t", [Subject("Rosa Luz", "person", numbers=("zx4410297",))], None)
    told = finding.finding(report, needs.clock.now())
    assert told.status == "review"
    assert told.facts["matches"][0]["explanation"][-1]["part"] == "number"


async def test_a_tenant_sees_everybodys_lists_and_its_own(needs: Needs) -> None:
    await lists.bring_in(needs, source("ofac"), people("Jamil Tamari"))
    await lists.bring_in(needs, source("house", "t", "watchlist"), people("Rosa Luz"))
    assert (await found(needs, "Rosa Luz")).status == "match"
    assert (await found(needs, "Rosa Luz", tenant="other")).status == "clear"
    assert (await found(needs, "Jamil Tamari", tenant="other")).status == "match"
    with pytest.raises(ListRefused):
        await lists.bring_in(needs, source("ofac", "t"), people("X Y"))
    with pytest.raises(ListRefused):
        await lists.bring_in(needs, source("house"), people("X Y"))


async def test_an_import_replaces_the_list_and_leaves_nothing_behind(needs: Needs) -> None:
    await lists.bring_in(needs, source(), people("Jamil Tamari"))
    before = await rows(needs)
    after = await lists.bring_in(needs, source(), people("Rosa Luz"))
    assert [one.generation for one in await lists.loaded(needs)] == [after.generation]
    assert (await found(needs, "Jamil Tamari")).status == "clear"
    assert (await found(needs, "Rosa Luz")).status == "match"
    assert (await rows(needs))[0] == before[0] == 1
    removed = await lists.remove(needs, "", "ofac")
    assert removed.generation == after.generation
    assert await rows(needs) == [0, 0, 0, 0]
    with pytest.raises(Missing):
        await lists.remove(needs, "", "ofac")


async def test_damage_at_the_end_of_a_file_changes_nothing(needs: Needs) -> None:
    await lists.bring_in(needs, source(), people("Jamil Tamari"))
    before = await rows(needs)

    def damaged() -> Iterator[Listed]:
        yield from people(*(f"person{number} family{number}" for number in range(3_000)))
        raise ListDamaged("line 3001: broken")

    with pytest.raises(ListDamaged):
        await lists.bring_in(needs, source(), damaged())
    assert await rows(needs) == before
    assert (await found(needs, "Jamil Tamari")).status == "match"
    with pytest.raises(ListRefused):
        await lists.bring_in(needs, source(), [])
    assert await rows(needs) == before


async def test_what_a_dead_import_left_goes_with_the_next(needs: Needs, clock: SettableClock) -> None:
    await lists.bring_in(needs, source("un"), people("Rosa Luz"))
    clean = await rows(needs)
    # As if the process had been killed: nobody tidies up after its rows.
    await needs.db.commit(dead_rows("gone"))
    assert (await rows(needs))[0] == clean[0] + 1
    await lists.bring_in(needs, source("un"), people("Rosa Luz"))
    assert (await rows(needs))[0] == clean[0] + 1
    clock.advance(minutes=11)
    await lists.bring_in(needs, source("un"), people("Rosa Luz"))
    assert await rows(needs) == clean


def dead_rows(generation: str) -> list[lists.Write]:
    now = 1_775_722_530_000_000
    return [lists.store.begun(generation, now), lists.store.entry_inserted(generation, 1, people("A B")[0])]


async def test_of_two_imports_at_once_one_is_kept_whole(needs: Needs, second: Needs) -> None:
    await lists.bring_in(needs, source(), people("Jamil Tamari"))
    outcomes = await asyncio.gather(
        lists.bring_in(needs, source(), people(*(f"one{number} alpha" for number in range(2_500)))),
        lists.bring_in(second, source(), people(*(f"two{number} beta" for number in range(2_500)))),
        return_exceptions=True,
    )
    kept = [one for one in outcomes if isinstance(one, Loaded)]
    assert all(isinstance(one, Loaded | Conflict) for one in outcomes)
    assert [one.generation for one in await lists.loaded(needs)] == [kept[-1].generation]
    assert (await rows(needs))[0] == 2_500
    assert (await rows(needs))[3] == 0


async def test_who_looks_while_a_list_is_replaced_never_finds_it_empty(needs: Needs, second: Needs) -> None:
    crowd = people(*(f"person{number} family{number}" for number in range(1_500)), "Jamil Tamari")
    await lists.bring_in(needs, source(), crowd)
    is_over = False
    statuses = []

    async def looking() -> None:
        while not is_over:
            statuses.append((await found(second, "Jamil Tamari")).status)
            await asyncio.sleep(0)

    watching = asyncio.create_task(looking())
    for _ in range(3):
        await lists.bring_in(needs, source(), crowd)
    is_over = True
    await watching
    assert len(statuses) > 3
    assert set(statuses) == {"match"}


async def test_a_long_list_is_indexed_in_parts_that_are_found_alike(needs: Needs) -> None:
    names = [f"person{number} family{number % 7}" for number in range(4_100)]
    loaded = await lists.bring_in(needs, source(), people(*names))
    assert loaded.entries == 4_100
    for at in (0, 1_999, 2_000, 4_099):
        told = await found(needs, names[at])
        assert told.facts["matches"][0]["entry_id"] == f"e-{at + 1}"
