"""Pieces of speech: kept alone, read with all that was said before them, as the API tells them."""

from frontdesk.agents.store.events import Entry, entry
from frontdesk.kernel import events as log
from frontdesk.kernel.vault import Seal
from frontdesk.ports.db import Db

BEGIN = "output.message.started"
"""From here on a model call speaks anew, and thinks anew."""
DELTAS = ("output.message.delta", "reason.thinking.delta")
SELECT_BEGIN = """
SELECT e.number FROM events e WHERE e.session_id = $1 AND e.number < $2 AND e.type = 'output.message.started'
ORDER BY e.number DESC LIMIT 1
"""


class Reader:
    """Reads one session's log. Of pages that follow each other only the first may have to look back."""

    def __init__(self, db: Db, seal: Seal, session_id: str) -> None:
        self._db, self._seal, self._session_id = db, seal, session_id
        self._number = 0
        self._said: dict[str, str] | None = {}
        """By type of delta, what was said up to there; None when it must be looked up."""

    async def after(self, number: int, limit: int) -> list[Entry]:
        """Up to `limit` events that come after `number`, in order; each delta with its `accumulated`."""
        if number != self._number:
            self._said = None
        found = [entry(one, self._seal) for one in await log.after(self._db, self._session_id, number, limit)]
        for one in found:
            if one.type == BEGIN:
                self._said = {}
            elif one.type in DELTAS:
                if self._said is None:
                    self._said = await self._said_before(one.number)
                whole = self._said.get(one.type, "") + one.content["delta"]
                self._said[one.type] = one.content["accumulated"] = whole
        self._number = found[-1].number if found else number
        return found

    async def _said_before(self, number: int) -> dict[str, str]:
        row = await self._db.one(SELECT_BEGIN, self._session_id, number)
        begin = 0 if row is None else int(row[0])
        pieces: dict[str, list[str]] = {}
        for one in await log.after(self._db, self._session_id, begin, number - begin - 1):
            if one.type in DELTAS:
                pieces.setdefault(one.type, []).append(one.facts(self._seal)["data"]["delta"])
        return {kind: "".join(some) for kind, some in pieces.items()}
