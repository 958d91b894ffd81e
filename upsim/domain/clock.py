"""A tenant's clock: the relation of its time to real time.

Four modes. Real: the same. Offset: as fast, moved by `offset_seconds`. Frozen: it stands at `frozen_at` until it
is moved. Scaled: `rate` tenant seconds pass in one real second, counted from `scaled_since`.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Mode = Literal["real", "offset", "frozen", "scaled"]

RATE_MAX = 1_000_000.0
"""A faster clock would skip over what a test waits for."""


class Clock(Struct, frozen=True, kw_only=True):
    """A value: reading it takes the real instant, moving it makes another one."""

    offset_seconds: float = 0.0
    frozen_at: datetime | None = None
    rate: float = 1.0
    scaled_since: datetime | None = None
    """The real instant from which on `rate` counts; before it, the clock ran by `offset_seconds`."""

    @property
    def mode(self) -> Mode:
        if self.frozen_at is not None:
            return "frozen"
        if self.scaled_since is not None:
            return "scaled"
        return "offset" if self.offset_seconds else "real"

    def read(self, real: datetime) -> datetime:
        """Return the tenant's instant at the real instant `real`."""
        if self.frozen_at is not None:
            return self.frozen_at
        if not self.offset_seconds and self.scaled_since is None:
            return real
        moved = real + timedelta(seconds=self.offset_seconds)
        if self.scaled_since is not None:
            moved += (real - self.scaled_since) * (self.rate - 1)
        return moved

    def seconds_until(self, instant: datetime, real: datetime) -> float | None:
        """Real seconds from `real` until the clock shows `instant`; None if it never will by itself."""
        left = (instant - self.read(real)).total_seconds()
        if left <= 0:
            return 0.0
        if self.frozen_at is not None:
            return None
        return left / self.rate if self.scaled_since is not None else left

    def advanced(self, by_seconds: float) -> "Clock":
        """Return the clock moved by `by_seconds`; a frozen one stays frozen, a scaled one scaled."""
        if self.frozen_at is not None:
            return replace(self, frozen_at=self.frozen_at + timedelta(seconds=by_seconds))
        return replace(self, offset_seconds=self.offset_seconds + by_seconds)

    def set(self, to: datetime, real: datetime) -> "Clock":
        """Return the clock showing `to` at the real instant `real`, in the same mode."""
        if self.frozen_at is not None:
            return replace(self, frozen_at=to)
        return self.advanced((to - self.read(real)).total_seconds())

    def frozen(self, real: datetime) -> "Clock":
        return Clock(frozen_at=self.read(real))

    def running(self, real: datetime, rate: float = 1.0) -> "Clock":
        """Return the clock going on from where it stands, `rate` times as fast as real time."""
        offset = (self.read(real) - real).total_seconds()
        if rate == 1.0:
            return Clock(offset_seconds=offset)
        return Clock(offset_seconds=offset, rate=rate, scaled_since=real)


REAL = Clock()
"""Real time itself."""
