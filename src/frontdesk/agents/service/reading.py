"""Events as JSON: filters, and where in the log a reader stands."""

from dataclasses import dataclass

from frontdesk.agents.rules.refusals import MalformedId
from frontdesk.agents.service.needs import Needs, owned
from frontdesk.agents.store import events as log
from frontdesk.agents.store.deltas import Reader
from frontdesk.agents.store.events import Entry as Entry
from frontdesk.agents.store.sessions import Dossier

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """Which types are shown: those of `types` (all if there are none) but those of `exclude`."""

    types: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

    def passes(self, kind: str) -> bool:
        """Whether events of this type are shown."""
        return (not self.types or kind in self.types) and kind not in self.exclude


async def place(needs: Needs, read: Dossier, since_id: str | None, after_sequence: int) -> int:
    """The number after which a reader wants events; an id wins over a number. Raises `MalformedId`."""
    if since_id is None:
        return after_sequence
    found = await log.number_of(needs.db, read.session.id, since_id, read.session.last_number)
    if found is None:
        raise MalformedId("event")
    return found


async def events(
    needs: Needs,
    tenant_id: str,
    session_id: str,
    wanted: Filter,
    *,
    since_id: str | None = None,
    after_sequence: int = 0,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[Entry]:
    """The events of a session that the filter lets through."""
    read = await owned(needs, tenant_id, session_id)
    number = await place(needs, read, since_id, after_sequence)
    found: list[Entry] = []
    reader = Reader(needs.db, read.seal, read.session.id)
    while newest_first or limit is None or len(found) < limit:
        some = await reader.after(number, _AT_ONCE)
        found += [one for one in some if wanted.passes(one.type)]
        if len(some) < _AT_ONCE:
            break
        number = some[-1].number
    if newest_first:
        found.reverse()
    return found if limit is None else found[:limit]
