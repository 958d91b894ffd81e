"""The limits of the service, as data: each limit with its value, its window and where it is written.

Values of 2026 from Microsoft's page "Universal Print limits"; where it says "estimated", the estimate is the
limit. What the page leaves open is noted at the limit.
"""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

MINUTE, DAY = 60, 86_400
GIGABYTE = 1 << 30

_PAGE = "learn.microsoft.com/universal-print/fundamentals/universal-print-limits"
_JOB_PAGE = "learn.microsoft.com/graph/api/printershare-post-jobs"


class LimitName(StrEnum):
    """The limits, by the names under which a seed and the control API set them."""

    JOBS_PER_PRINTER = "jobs-per-printer"
    JOBS_PER_USER = "jobs-per-user"
    JOBS_PER_USER_LONG = "jobs-per-user-long"
    SUBMISSIONS_PER_PRINTER = "submissions-per-printer"
    SUBMISSIONS_PER_USER = "submissions-per-user"
    BYTES_PER_USER = "bytes-per-user"
    BYTES_PER_USER_LONG = "bytes-per-user-long"
    PRINTERS = "printers"
    CONNECTORS = "connectors"
    GRAPH_REQUESTS = "graph-requests"


class Limit(Struct, frozen=True, kw_only=True):
    """One limit. `value` None: the service publishes none, so it is off unless a tenant sets it."""

    name: LimitName
    value: int | None
    window_seconds: int | None = None
    """Counted over this long, rolling; None: at any one time."""
    what: str
    source: str


LIMITS: tuple[Limit, ...] = (
    Limit(
        name=LimitName.JOBS_PER_PRINTER,
        value=100,
        window_seconds=10 * MINUTE,
        what="jobs created on one printer",
        source=_PAGE,
    ),
    Limit(
        name=LimitName.JOBS_PER_USER,
        value=200,
        window_seconds=10 * MINUTE,
        what="jobs created by one user",
        source=_PAGE,
    ),
    Limit(
        name=LimitName.JOBS_PER_USER_LONG,
        value=10_000,
        window_seconds=12 * DAY,  # an older edition of the page says 10 days
        what="jobs created by one user",
        source=_JOB_PAGE,
    ),
    Limit(
        name=LimitName.SUBMISSIONS_PER_PRINTER,
        value=50,
        what="jobs created on one printer and not yet started",
        source=_PAGE,
    ),
    Limit(
        name=LimitName.SUBMISSIONS_PER_USER,
        value=4,
        what="jobs created by one user on one printer and not yet started",
        source=_PAGE,
    ),
    Limit(
        name=LimitName.BYTES_PER_USER,
        value=GIGABYTE,
        window_seconds=15 * MINUTE,
        what="bytes of documents sent by one user",
        source=_PAGE,
    ),
    Limit(
        name=LimitName.BYTES_PER_USER_LONG,
        value=50 * GIGABYTE,
        window_seconds=10 * DAY,
        what="bytes of documents sent by one user",
        source=_PAGE,
    ),
    Limit(name=LimitName.PRINTERS, value=1_000_000, what="registered printers", source=_PAGE),
    Limit(name=LimitName.CONNECTORS, value=1_000_000, what="registered connectors", source=_PAGE),
    Limit(
        name=LimitName.GRAPH_REQUESTS,
        value=None,
        window_seconds=10,
        what="Graph requests of one application",
        source="chosen: Microsoft's throttling page has no row for print",
    ),
)

BY_NAME = {limit.name: limit for limit in LIMITS}

Own = Annotated[int, Meta(ge=0)] | Literal["off"]


class LimitSettings(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which limits a tenant has."""

    profile: Annotated[
        Literal["service", "off"], Meta(description="`service`: as published; `off`: none but those in `own`.")
    ] = "service"
    scale: Annotated[
        float,
        Meta(
            gt=0,
            description="Published values are multiplied by this, never below 1, to meet a limit in few calls.",
        ),
    ] = 1.0
    own: Annotated[
        dict[LimitName, Own], Meta(description="Values in place of the published ones; they are not scaled.")
    ] = {}
    exempt_printers: Annotated[
        tuple[str, ...],
        Meta(
            description="Ids of printers without limits of their own, such as Anywhere queues of a whole tenant."
        ),
    ] = ()
    ipp_answer: Annotated[
        Literal["http-429", "server-error-busy", "server-error-too-many-jobs"],
        Meta(description="How IPP answers that a limit is met (not documented). IPP statuses ride on 200."),
    ] = "http-429"

    def value(self, name: LimitName) -> int | None:
        """Return the value that holds, or None where there is no such limit."""
        own = self.own.get(name)
        if own is not None:
            return None if own == "off" else own
        published = BY_NAME[name].value
        if self.profile == "off" or published is None:
            return None
        return max(1, round(published * self.scale))
