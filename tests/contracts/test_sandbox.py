"""The contract of the sandbox, on every adapter."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from contracts import works
from forms.factories import fields
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.forms.rules.refusals import PdfCorrupt
from frontdesk.ports.sandbox import Died, RanOutOfMemory, Sandbox, TookTooLong

pytestmark = pytest.mark.asyncio(loop_scope="module")
MEBIBYTE = 1024 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local"])
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[LocalSandbox]:
    made = {"local": LocalSandbox}[request.param](children=2, seconds=5.0, memory_bytes=256 * MEBIBYTE)
    await made.start()
    yield made
    await made.stop()


async def still_works(sandbox: Sandbox) -> None:
    assert await sandbox.run(works.double, b"ab") == b"abab"


async def test_values_and_records_go_in_and_come_out(sandbox: Sandbox) -> None:
    await still_works(sandbox)
    assert await sandbox.run(works.shown) == fields()
    assert await sandbox.run(works.double, b"x" * (4 * MEBIBYTE)) == b"x" * (8 * MEBIBYTE)
    assert await sandbox.run(works.print_something) == "said"
    await sandbox.check()


async def test_a_refusal_of_the_work_is_raised_here(sandbox: Sandbox) -> None:
    with pytest.raises(PdfCorrupt, match="it is broken") as caught:
        await sandbox.run(works.refuse, "it is broken")
    assert (caught.value.code, caught.value.details) == ("pdf_corrupt", {"page": 3})
    await still_works(sandbox)


async def test_endless_work_is_ended(sandbox: Sandbox) -> None:
    with pytest.raises(TookTooLong):
        await sandbox.run(works.wait, 60.0)
    await still_works(sandbox)


async def test_long_work_may_be_given_its_time_and_leaves_room_for_the_rest(sandbox: Sandbox) -> None:
    long = [asyncio.create_task(sandbox.run(works.wait, 0.5, seconds=60.0)) for _ in range(4)]
    await still_works(sandbox)
    assert not all(task.done() for task in long)
    await asyncio.gather(*long)
    with pytest.raises(TookTooLong):
        await sandbox.run(works.wait, 60.0, seconds=0.2)


async def test_greedy_work_gets_no_more_memory(sandbox: Sandbox) -> None:
    with pytest.raises(RanOutOfMemory):
        await sandbox.run(works.grow, 2048)
    await still_works(sandbox)


@pytest.mark.parametrize("work", [works.crash, works.leave, works.stumble, works.sink])
async def test_deadly_work_costs_its_own_call_and_nothing_else(sandbox: Sandbox, work: object) -> None:
    with pytest.raises((Died, Unavailable)) as caught:
        await sandbox.run(work)  # type: ignore[arg-type]
    assert "nobody shall read" not in str(caught.value)
    await still_works(sandbox)


async def test_a_module_that_is_not_there_is_not_the_inputs_fault(sandbox: Sandbox) -> None:
    with pytest.raises(Unavailable, match="a_module_that_is_not_there"):
        await sandbox.run(works.need)
    await still_works(sandbox)


@pytest.mark.parametrize("work", [works.connect, works.launch])
async def test_there_is_no_network_and_no_other_program(sandbox: Sandbox, work: object) -> None:
    with pytest.raises(Died, match="PermissionError"):
        await sandbox.run(work)  # type: ignore[arg-type]


async def test_no_file_is_written(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises((Died, Unavailable)):
        await sandbox.run(works.write, str(tmp_path / "written"))
    written = tmp_path / "written"
    assert not written.exists() or written.stat().st_size == 0
    await still_works(sandbox)


async def test_a_child_may_send_nothing_but_records_of_ours(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected):
        await sandbox.run(works.smuggle)
    await still_works(sandbox)


async def test_work_at_once_is_shared_by_the_children(sandbox: LocalSandbox) -> None:
    assert await asyncio.gather(*[sandbox.run(works.double, b"%d" % number) for number in range(8)]) == [
        b"%d%d" % (number, number) for number in range(8)
    ]
    assert 1 <= len(sandbox.pids()) <= 2


async def test_a_child_that_is_killed_from_outside_is_replaced(sandbox: LocalSandbox) -> None:
    await still_works(sandbox)
    for pid in sandbox.pids():
        os.kill(pid, signal.SIGKILL)
    try:
        await sandbox.run(works.double, b"ab")
    except Unavailable:
        await still_works(sandbox)
    await still_works(sandbox)


async def test_stopping_ends_what_is_under_way() -> None:
    made = LocalSandbox(children=1, seconds=30.0)
    await made.start()
    under_way = asyncio.create_task(made.run(works.wait, 30.0))
    while not made.pids():
        await asyncio.sleep(0.01)
    await made.stop()
    with pytest.raises(Unavailable):
        await under_way
    await made.stop()
    with pytest.raises(Unavailable):
        await made.run(works.double, b"x")
