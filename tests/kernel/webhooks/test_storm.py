"""A thousand random faults: every event arrives, signed right and logged, and nothing reaches a private address.

`bench/webhooks.py` does the same with ten thousand.
"""

from databases import Place, SettableClock
from frontdesk.kernel.vault import Vault
from frontdesk.ports.wakeup import Wakeup
from kernel.webhooks.storm import EXPECTED, Weather, storming

FAULTS = 1000


async def test_a_thousand_faults_lose_nothing_forge_nothing_and_lead_nowhere(
    sqlite_place: Place, wakeup: Wakeup, vault: Vault, clock: SettableClock
) -> None:
    db = sqlite_place.connect()
    await db.open()
    async with storming(20260409) as storm:
        weather = Weather(db, wakeup, vault, clock, storm, patience=0.5)
        await weather.keep(FAULTS)
        report = await weather.run()
        assert report.faults >= FAULTS
        assert set(EXPECTED) <= set(report.kinds)
        assert set(report.outcomes) == {"delivered", "refused", "timeout", "no_connection", "refused_destination"}
        assert report.resent > 0
        assert (storm.forged, storm.trapped) == (0, 0)
    await db.close()
