"""What every route of onboarding does alike: prove a signature, count, read a body, tell who may repeat."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec.structs import replace

from frontdesk.basics.errors import Problem
from frontdesk.onboarding.rules.refusals import Invalid, InvalidClient, Unauthorized, UnknownSession, UnusableReturn
from frontdesk.onboarding.rules.signing import UntrustedSignature
from frontdesk.onboarding.service import signing
from frontdesk.onboarding.service.needs import Needs, Repeat
from frontdesk.onboarding.wire import requests
from frontdesk.web.endpoint import Answer, Call, Limit
from frontdesk.web.limits import Limiter, counted_as

CREATES = Limit("onboarding_creates", 60, 60)
STEPS = Limit("onboarding_steps", 300, 60)
FAILURES = Limit("onboarding_failures", 20, 60, "address")
LONGEST_KEY = 100
GUESSES: tuple[type[Problem], ...] = (Unauthorized, InvalidClient, UnknownSession, UnusableReturn, UntrustedSignature)
"""What somebody gets who tries keys, ids and tokens."""
Body = TypeVar("Body", bound=msgspec.Struct)
Done = TypeVar("Done")
Fields = dict[str, Any]
Take = Callable[[Call, Fields], Awaitable[Answer]]


class BadRepeatKey(Invalid):
    """The Idempotency-Key is empty or too long."""

    code: ClassVar[str] = "invalid_headers"

    def __init__(self) -> None:
        super().__init__(f"Idempotency-Key: expected 1 to {LONGEST_KEY} characters")


class Calls(msgspec.Struct, frozen=True):
    """What the routes share. `must_be_signed` is for the paths under `/v1s`."""

    needs: Needs
    limiter: Limiter
    must_be_signed: bool = False

    def signed(self) -> "Calls":
        """The same for signed requests."""
        return replace(self, must_be_signed=True)

    def with_fields(self, take: Take) -> Callable[[Call], Awaitable[Answer]]:
        """An endpoint's function: the body as an object, then what `take` makes of it."""

        async def run(call: Call) -> Answer:
            return await self.counted(call, lambda: self._taken(call, take))

        return run

    async def _taken(self, call: Call, take: Take) -> Answer:
        tenants = await self.proved(call)
        fields = await call.json(Fields)
        await self.owned(tenants, fields)
        return await take(call, fields)

    async def proved(self, call: Call) -> list[str] | None:
        """The tenants for which a signed request speaks; None where none need be signed."""
        if not self.must_be_signed:
            return None
        key = call.header("idempotency-key") or ""
        return await signing.prove(self.needs, call.header("authorization"), await call.body(), key)

    async def owned(self, tenants: list[str] | None, fields: Fields) -> None:
        """A signed request must speak for its `client_id`."""
        if tenants is not None:
            await signing.check_owner(self.needs, tenants, fields)

    async def counted(self, call: Call, run: Callable[[], Awaitable[Done]]) -> Done:
        """Run it; whoever fails too often by guessing is told so instead of what was wrong."""
        try:
            return await run()
        except GUESSES:
            self.limiter.count(FAILURES, counted_as(call.address), self._now())
            raise

    def count(self, limit: Limit, client_id: str) -> None:
        """One call more of this client. Raises `RateLimited`."""
        self.limiter.count(limit, client_id, self._now())

    def _now(self) -> float:
        return self.needs.clock.now().timestamp()

    def read(self, fields: Fields, kind: type[Body]) -> Body:
        """The body as `kind`."""
        lenient: Collection[str] = ("tenant_user_id",) if self.needs.allows_nobody else ()
        return requests.read(fields, kind, lenient)


async def repeat_of(call: Call) -> Repeat | None:
    """What makes a repeated request known, if it has an Idempotency-Key. Raises `BadRepeatKey`."""
    key = call.header("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        raise BadRepeatKey
    return Repeat(f"{call.method} {call.scope['path']}", key, await call.body())
