"""States of jobs and printers: held, stepped and forced."""

from collections.abc import Sequence
from typing import Literal

from upsim.client.ask import Ask, Json, given, tenant_path

UpTo = Literal["fetchable", "completed"]


def hold(tenant: str, job: str) -> Ask[Json]:
    """Keep a job where it is, until it is stepped, forced or let go."""
    return _pace(_job(tenant, job), mode="manual")


def timed(tenant: str, job: str, seconds: float, up_to: UpTo = "completed") -> Ask[Json]:
    """Move a job so long after each move, on the tenant's clock."""
    return _pace(_job(tenant, job), mode="timed", seconds=seconds, upTo=up_to)


def on_reads(tenant: str, job: str, reads: int, up_to: UpTo = "completed") -> Ask[Json]:
    """Move a job with every so manieth look of a client."""
    return _pace(_job(tenant, job), mode="reads", reads=reads, upTo=up_to)


def go(tenant: str, job: str) -> Ask[Json]:
    """Let a job go on by itself."""
    return Ask("DELETE", _job(tenant, job) + "/pace", dict)


def step(tenant: str, job: str) -> Ask[Json]:
    """Make a job's next move."""
    return Ask("POST", _job(tenant, job) + "/step", dict)


def force(
    tenant: str,
    job: str,
    state: str,
    *,
    reasons: Sequence[str] | None = None,
    message: str | None = None,
    allow_illegal: bool | None = None,
) -> Ask[Json]:
    """Put a job into a state; one that no legal moves lead to must be asked for by name."""
    body = given(state=state, reasons=reasons, message=message, allowIllegal=allow_illegal)
    return Ask("PUT", _job(tenant, job) + "/state", dict, body)


def pace_printer(
    tenant: str,
    printer: str,
    mode: Literal["automatic", "timed", "reads", "manual"],
    *,
    seconds: float | None = None,
    reads: int | None = None,
    up_to: UpTo | None = None,
) -> Ask[Json]:
    """The pace of all jobs of a printer, those to come as well."""
    return _pace(_printer(tenant, printer), mode=mode, seconds=seconds, reads=reads, upTo=up_to)


def let_printer_go_on(tenant: str, printer: str) -> Ask[Json]:
    """Let the jobs of a printer go on by themselves."""
    return Ask("DELETE", _printer(tenant, printer) + "/pace", dict)


def step_printer(tenant: str, printer: str) -> Ask[Json]:
    """A printer's simulated device does its next thing now."""
    return Ask("POST", _printer(tenant, printer) + "/step", dict)


def force_printer(
    tenant: str,
    printer: str,
    state: str,
    *,
    reasons: Sequence[str] | None = None,
    message: str | None = None,
    hold: bool | None = None,
    allow_illegal: bool | None = None,
) -> Ask[Json]:
    """Put a printer into a state, and hold it there if wanted."""
    body = given(state=state, reasons=reasons, message=message, hold=hold, allowIllegal=allow_illegal)
    return Ask("PUT", _printer(tenant, printer) + "/state", dict, body)


def free_printer(tenant: str, printer: str) -> Ask[Json]:
    """What a printer's device reported last holds again."""
    return Ask("DELETE", _printer(tenant, printer) + "/state", dict)


def _pace(path: str, **members: object) -> Ask[Json]:
    return Ask("PUT", path + "/pace", dict, given(**members))


def _job(tenant: str, job: str) -> str:
    return tenant_path(tenant, f"/jobs/{job}")


def _printer(tenant: str, printer: str) -> str:
    return tenant_path(tenant, f"/printers/{printer}")
