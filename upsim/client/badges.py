"""Badges: which card belongs to whom."""

from urllib.parse import quote

from upsim.client.ask import Ask, Json, nothing, tenant_path, values


def list_all(tenant: str) -> Ask[list[Json]]:
    """Every badge, oldest first."""
    return Ask("GET", tenant_path(tenant, "/badges"), values)


def add(tenant: str, badge: str, user: str) -> Ask[Json]:
    """Give a user, by user principal name or id, a badge. The collection is there at once."""
    return Ask("POST", tenant_path(tenant, "/badges"), dict, {"id": badge, "user": user})


def remove(tenant: str, badge: str) -> Ask[None]:
    """Take a badge away."""
    return Ask("DELETE", tenant_path(tenant, f"/badges/{quote(badge, safe='')}"), nothing)


def tap(tenant: str, badge: str, printer: str) -> Ask[list[Json]]:
    """Hold a badge to the reader of a printer that upsim simulates; the jobs that were released there."""
    path = tenant_path(tenant, f"/printers/{quote(printer, safe='')}/tap")
    return Ask("POST", path, values, {"badge": badge})
