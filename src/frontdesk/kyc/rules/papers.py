"""The papers of a session as checks and automation rules see them: what each is, and what was read from it."""

from collections.abc import Mapping
from datetime import date

import msgspec

from frontdesk.kyc.model.definition import IDENTITY_TYPES
from frontdesk.kyc.model.session import Document, Extraction, Progress
from frontdesk.kyc.rules.extraction import MOST_RUNS
from frontdesk.kyc.rules.fields.scalars import parse_date
from frontdesk.kyc.rules.requirements import SELFIE, documents_for, requirement_for, satisfies
from frontdesk.kyc.rules.steps import visible_steps

READABLE = frozenset({"id", *IDENTITY_TYPES, "visa", "proof_of_address", "company_charter", "bank_ownership"})
"""Types with a reader that finds keys, not only text."""


class Paper(msgspec.Struct, frozen=True):
    """A current document of a visible step. `role` says whose it is; `reading` is the newest, if there is one."""

    document: Document
    role: str
    reading: Extraction | None

    @property
    def values(self) -> Mapping[str, str]:
        """What was read, by key."""
        return {} if self.reading is None else self.reading.values

    @property
    def is_readable(self) -> bool:
        """Whether a reader of this type of paper is there."""
        return self.document.document_type in READABLE

    def is_a(self, wanted: str | None) -> bool:
        """Whether it was sent as that type, or turned out to be one; None asks for any paper."""
        types = {self.document.document_type} | ({self.reading.recognised_as} if self.reading else set())
        return wanted is None or any(satisfies(one, wanted) for one in types)

    def day(self, key: str) -> date | None:
        """A date that was read."""
        return parse_date(self.values.get(key, ""))


def papers(progress: Progress) -> tuple[Paper, ...]:
    """Every paper that counts, in the order of the steps; a selfie is none."""
    found = []
    for step in visible_steps(progress):
        if step.type == SELFIE:
            continue
        for one in progress.documents:
            if one.current and one.step_id == step.step_id and one.field_id is None:
                asked = requirement_for(step, one.document_type)
                role = "self" if asked is None else asked.entity_role
                found.append(Paper(one, role, one.extractions[-1] if one.extractions else None))
    return tuple(found)


def missing_types(progress: Progress) -> tuple[str, ...]:
    """The types of paper that visible, required steps ask for in vain."""
    found = [
        asked.document_type
        for step in visible_steps(progress)
        if step.required
        for asked in step.document_requirements
        if asked.required and len(documents_for(progress, step, asked)) < asked.sides
    ]
    return tuple(dict.fromkeys(found))


def unread(progress: Progress) -> tuple[Document, ...]:
    """Papers that have a reader and were never read to an end."""
    return tuple(
        one.document
        for one in papers(progress)
        if one.is_readable and one.document.extraction_state in ("none", "running")
        if one.document.extraction_runs < MOST_RUNS
    )
