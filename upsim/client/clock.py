"""A tenant's clock."""

from datetime import datetime, timedelta

from upsim.client.ask import Ask, Json, given, tenant_path


def get(tenant: str) -> Ask[Json]:
    """Where it stands, and when something is due next."""
    return Ask("GET", tenant_path(tenant, "/clock"), dict)


def advance(
    tenant: str,
    by: timedelta | None = None,
    *,
    by_seconds: float | None = None,
    to: datetime | None = None,
    until: str | None = None,
    subject: str | None = None,
) -> Ask[Json]:
    """Move it and learn what happened, in order; by nothing: to what is due next.

    `until` names an event, `*` allowed, and stops there: `job.completed`, of the `subject` with this id if given.
    """
    condition = until and given(event=until, subject=subject)
    seconds = by_seconds if by is None else by.total_seconds()
    body = given(bySeconds=seconds, to=to and to.isoformat(), until=condition)
    return Ask("POST", tenant_path(tenant, "/clock/advance"), dict, body)


def run(tenant: str, rate: float = 1.0) -> Ask[Json]:
    """Let it run, so many times as fast as real time."""
    return Ask("PATCH", tenant_path(tenant, "/clock"), dict, {"frozen": False, "rate": rate})


def freeze(tenant: str, *, is_frozen: bool = True) -> Ask[Json]:
    """Stop it, or let it run."""
    return Ask("PATCH", tenant_path(tenant, "/clock"), dict, {"frozen": is_frozen})
