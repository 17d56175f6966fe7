"""How far a session has come: its lifecycle, its records, and what a decision returns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from frontdesk.basics.errors import Problem
from frontdesk.kernel.lifecycle import Lifecycle

CREATED, IN_PROGRESS = "SESSION_CREATED", "SESSION_IN_PROGRESS"
COMPLETED, FAILED, EXPIRED = "SESSION_COMPLETED", "SESSION_FAILED", "SESSION_EXPIRED"
OPEN = frozenset({CREATED, IN_PROGRESS})

LIFECYCLE = Lifecycle(
    CREATED,
    {
        (CREATED, "advance"): IN_PROGRESS,
        (IN_PROGRESS, "advance"): IN_PROGRESS,
        **{(status, "complete"): COMPLETED for status in (CREATED, IN_PROGRESS)},
        **{(status, "fail"): FAILED for status in (CREATED, IN_PROGRESS)},
        **{(status, "expire"): EXPIRED for status in (CREATED, IN_PROGRESS)},
        (COMPLETED, "exchange"): COMPLETED,
    },
)

CONSENT_LIFECYCLE = Lifecycle(
    "ACTIVE",
    {("ACTIVE", "expire"): "EXPIRED", ("ACTIVE", "delete"): "DELETED", ("EXPIRED", "delete"): "DELETED"},
)


class Upload(msgspec.Struct, frozen=True):
    """A file in a slot of a step. `key` is where the sealed bytes are."""

    upload_id: str
    name: str
    key: str
    size: int
    sha256: str
    mime_type: str
    at: datetime


class Taken(msgspec.Struct, frozen=True):
    """A step that was accepted. `serial` and `nonce_until` are of the nonce that it was submitted with."""

    step_id: str
    step: str
    at: datetime
    serial: int
    nonce_until: datetime
    uploads: tuple[Upload, ...] = ()


class Claim(msgspec.Struct, frozen=True):
    """The nonce is held for a submission that asks a bank: until its answer, or until this instant at the latest."""

    key: str
    until: datetime


class Journey(msgspec.Struct, frozen=True):
    """The user is at a bank. `state` is the digest of what comes back, empty once it did; `target` is where the user
    goes in the end."""

    state: bytes
    until: datetime
    target: str
    reference: str
    step_id: str


class Offline(msgspec.Struct, frozen=True):
    """A step that is being worked on. Once it has `ended`: what is answered, what is kept, or field and expectation."""

    step_id: str
    run: int
    data: Mapping[str, Any]
    ended: bool = False
    outcome: Mapping[str, Any] = msgspec.field(default_factory=dict)
    kept: Mapping[str, Any] = msgspec.field(default_factory=dict)
    refused: tuple[str, ...] = ()


class Pass(msgspec.Struct, frozen=True):
    """The temporary token at the end of a session, and what became of it; `tried_again` after its exchange."""

    until: datetime
    exchanged_at: datetime | None = None
    credentials_id: str = ""
    tried_again: bool = False


class Progress(msgspec.Struct, frozen=True):
    """All that rules need of a session. `place` counts the steps taken; `serial` is the number of the good nonce."""

    session_id: str
    tenant_id: str
    client_id: str
    skill: str
    user_id: str
    status: str
    created_at: datetime
    expires_at: datetime
    place: int
    serial: int
    nonce_until: datetime
    rejections: int = 0
    taken: tuple[Taken, ...] = ()
    values: Mapping[str, Mapping[str, Any]] = msgspec.field(default_factory=dict)
    kept: Mapping[str, Any] = msgspec.field(default_factory=dict)
    claim: Claim | None = None
    journey: Journey | None = None
    offline: Offline | None = None
    runs: int = 0
    token: Pass | None = None

    def step_taken(self, step_id: str) -> Taken | None:
        """The accepted step with this id."""
        return next((one for one in self.taken if one.step_id == step_id), None)


Note = tuple[str, dict[str, Any]]
"""The name of an event or job, and what it says: ids, names, codes and counts only."""


class Outcome(msgspec.Struct, frozen=True):
    """What a decision makes of a session; with a `refusal`, what is kept of a try that was turned down."""

    progress: Progress
    verb: str | None = None
    events: tuple[Note, ...] = ()
    jobs: tuple[Note, ...] = ()
    refusal: Problem | None = None


class Consent(msgspec.Struct, frozen=True):
    """What a session was exchanged for. `user_mark` stands for the user's name, which is erased with the session."""

    credentials_id: str
    tenant_id: str
    session_id: str
    skill: str
    access_digest: bytes
    user_mark: bytes
    status: str
    version: int
    created_at: datetime
    updated_at: datetime
    ends_at: datetime
    retained_until: datetime
