"""Printers, shares and jobs as whoever runs the server sees them."""

from urllib.parse import urlencode

from upsim.client.ask import Ask, Json, given, tenant_path, values


def printers(tenant: str) -> Ask[list[Json]]:
    """Every printer."""
    return Ask("GET", tenant_path(tenant, "/printers"), values)


def printer(tenant: str, printer_id: str) -> Ask[Json]:
    """One printer with its state."""
    return Ask("GET", tenant_path(tenant, f"/printers/{printer_id}"), dict)


def shares(tenant: str) -> Ask[list[Json]]:
    """Every share."""
    return Ask("GET", tenant_path(tenant, "/shares"), values)


def share(tenant: str, share_id: str) -> Ask[Json]:
    """One share."""
    return Ask("GET", tenant_path(tenant, f"/shares/{share_id}"), dict)


def jobs(tenant: str, *, printer_id: str | None = None, state: str | None = None) -> Ask[list[Json]]:
    """Jobs, oldest first."""
    chosen = urlencode(given(printer=printer_id, state=state))
    return Ask("GET", tenant_path(tenant, "/jobs" + (f"?{chosen}" if chosen else "")), values)


def why(tenant: str, job_id: str) -> Ask[Json]:
    """Ask why a job is where it is: its `paragraph`, what it waits for, whose turn it is, what moves it."""
    return Ask("GET", tenant_path(tenant, f"/jobs/{job_id}/why"), dict)


def job(tenant: str, job_id: str) -> Ask[Json]:
    """One job. This counts as no read of a client."""
    return Ask("GET", tenant_path(tenant, f"/jobs/{job_id}"), dict)
