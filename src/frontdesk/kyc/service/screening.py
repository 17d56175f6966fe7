"""Screening: the names, wallets and papers of a session against the lists that are loaded."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from frontdesk.basics.errors import Unavailable
from frontdesk.kyc.checks import subjects
from frontdesk.kyc.checks.lists import finding, indexing
from frontdesk.kyc.checks.lists.judging import REVIEW_FROM, judge, number_keys
from frontdesk.kyc.model.findings import UNDONE, Finding
from frontdesk.kyc.model.screening import Listed, Loaded, Subject, Verdict
from frontdesk.kyc.rules.screening import ScreeningUndone, Sought
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.store import lists as store
from frontdesk.kyc.store.sessions import Dossier

_TURNS = 5
_UNDONE = {
    "no_list_of_wallets": "None of these lists holds wallets",
    "name_not_readable": "Nothing in this name can be read",
}


async def screened(needs: Needs, dossier: Dossier, checks: Collection[str]) -> dict[str, Finding]:
    """The finding of the check `lists` by its name, if that is among the checks. Raises `Unavailable`."""
    if "lists" not in checks:
        return {}
    wanted = dossier.definition.validation_config.lists
    found = subjects.subjects(dossier.progress)
    report = await screen(needs, dossier.session.tenant_id, found, wanted)
    return {"lists": finding.finding(report, needs.clock.now())}


async def alone(needs: Needs, tenant_id: str, wish: Sought) -> Finding:
    """Look for somebody whom no session is about; nothing of it is kept. Raises `ScreeningUndone` unless every list
    could be looked through, `Unavailable`."""
    report = await screen(needs, tenant_id, (wish.subject,), wish.lists)
    found = finding.finding(report, needs.clock.now())
    if found.status in UNDONE:
        missing = found.facts.get("lists_missing")
        why = f"These lists are not loaded: {', '.join(missing)}" if missing else _UNDONE.get(found.facts["reason"])
        raise ScreeningUndone(why or "Nobody could look", details={"reason": found.facts["reason"]})
    return found


async def screen(
    needs: Needs, tenant_id: str, found: Sequence[Subject], wanted: Sequence[str] | None
) -> finding.Report:
    """Look for every subject in the lists of these names, or in all that are loaded. Raises `Unavailable`."""
    for _ in range(_TURNS):
        loaded = await store.in_scope(needs.db, tenant_id)
        chosen = [one for one in loaded if wanted is None or one.name in wanted]
        missing = [name for name in dict.fromkeys(wanted or ()) if all(one.name != name for one in loaded)]
        hits = [
            finding.Hit(subject, one, entry, verdict)
            for subject in found
            for one in chosen
            if subject.kind != "wallet" or one.category == "crypto"
            for entry, verdict in await look_up(needs, one, subject)
        ]
        # What is read of a generation is whole only if that was still a list's when the reading was over:
        # rows of the one before go while others read them.
        now = {one.generation for one in await store.in_scope(needs.db, tenant_id)}
        if all(one.generation in now for one in chosen):
            return finding.Report(tuple(found), tuple(chosen), tuple(missing), tuple(hits))
    raise Unavailable("The lists are being brought in anew; ask again in a moment")


async def look_up(
    needs: Needs, one: Loaded, subject: Subject, least: float = REVIEW_FROM
) -> list[tuple[Listed, Verdict]]:
    """The entries of a list that may be this subject, each with its verdict, from that confidence on."""
    numbers: dict[int, None] = {}
    keys = list(number_keys((*subject.numbers, *([subject.text] if subject.kind == "wallet" else []))))
    for packed in (await store.places_of(needs.db, one.generation, keys)).values():
        numbers.update(dict.fromkeys(indexing.numbers(packed)))
    if subject.kind != "wallet":
        numbers.update(dict.fromkeys(await _by_name(needs, one, subject.text)))
    entries = await store.entries(needs.db, one.generation, list(numbers))
    # Some milliseconds of arithmetic, which would hold up everybody else in the loop.
    return await asyncio.to_thread(_judged, subject, entries, least)


def _judged(subject: Subject, entries: Sequence[Listed], least: float) -> list[tuple[Listed, Verdict]]:
    judged = ((entry, judge(subject, entry)) for entry in entries)
    return [(entry, verdict) for entry, verdict in judged if verdict.confidence >= least]


async def _by_name(needs: Needs, one: Loaded, name: str) -> list[int]:
    found = indexing.index_words(name)
    keys = {word: indexing.keys(word) for word in found}
    every = dict.fromkeys(key for word in found for key in keys[word])
    behind = await store.words_behind(needs.db, one.generation, list(every))
    asked = await asyncio.to_thread(_similar, keys, behind)
    wanted = dict.fromkeys(word for each in asked for word in each.words)
    places = await store.places_of(needs.db, one.generation, list(wanted))
    return await asyncio.to_thread(indexing.ranked, asked, places, one.entries)


def _similar(keys: Mapping[str, Sequence[str]], behind: Mapping[str, Sequence[str]]) -> list[indexing.Asked]:
    return [
        indexing.similar(word, (listed for key in mine for listed in behind.get(key, ())))
        for word, mine in keys.items()
    ]
