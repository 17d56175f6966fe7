"""A circuit breaker: who failed several times in a row is left alone for a while, longer each time."""

from dataclasses import dataclass

FAILURES = 6
FIRST_REST_SECONDS = 10.0
LONGEST_REST_SECONDS = 300.0


@dataclass(slots=True)
class Breaker:
    """Instants are seconds of a monotonic clock that the caller reads."""

    failures: int = 0
    rest_for: float = 0.0
    rests_until: float = 0.0
    is_probed: bool = False

    def wait(self, now: float) -> float:
        """Seconds to leave it alone; 0 lets this call through. After a rest one call goes first, alone."""
        if self.failures < FAILURES:
            return 0.0
        if now < self.rests_until or self.is_probed:
            return max(self.rests_until - now, 1.0)
        self.is_probed = True
        return 0.0

    def succeeded(self) -> None:
        """All is well again."""
        self.failures, self.rest_for, self.is_probed = 0, 0.0, False

    def failed(self, now: float) -> None:
        """One more failure; from the sixth on each is followed by a rest."""
        self.failures += 1
        self.is_probed = False
        if self.failures >= FAILURES:
            self.rest_for = min(max(self.rest_for * 2, FIRST_REST_SECONDS), LONGEST_REST_SECONDS)
            self.rests_until = now + self.rest_for

    def abandoned(self) -> None:
        """The call ended without saying anything about the other side: it was cancelled, or was at fault itself."""
        self.is_probed = False
