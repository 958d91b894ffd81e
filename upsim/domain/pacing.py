"""The pace at which upsim moves a job along its course, where a test sets one."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Pace(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The trigger of a job's next move.

    A job without a pace is moved at once by the service, and then by its device, as always.
    """

    mode: Literal["automatic", "timed", "reads", "manual"]
    """`timed`: `seconds` after the move before. `reads`: the `reads`-th read of the job. `manual`: nothing.

    `automatic`: as without a pace, also where the tenant has one.
    """
    seconds: Seconds = 1.0
    """On the tenant's clock."""
    reads: Count = 1
    up_to: Literal["fetchable", "completed"] = "completed"
    """`fetchable`: what follows is the device's own to do."""

    def next_at(self, now: datetime) -> datetime | None:
        """Return when the next move is due by itself, after one that was made now."""
        return now + timedelta(seconds=self.seconds) if self.mode == "timed" else None


def of_job(*chosen: Pace | None) -> Pace | None:
    """Return the pace of a job, from the nearest choice to the farthest; None where it goes on by itself."""
    pace = next((each for each in chosen if each is not None), None)
    return None if pace is None or pace.mode == "automatic" else pace
