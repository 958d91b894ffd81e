"""Limits, and a tenant's other settings."""

from upsim.client.ask import Ask, Json, tenant_path


def get(tenant: str) -> Ask[Json]:
    """Every limit, and the headroom of the tenant, its printers, users and applications."""
    return Ask("GET", tenant_path(tenant, "/limits"), dict)


def settings(tenant: str) -> Ask[Json]:
    """What the tenant has chosen."""
    return Ask("GET", tenant_path(tenant, "/settings"), dict)


def choose(tenant: str, chosen: Json) -> Ask[Json]:
    """Choose anew: what is not named is as the service does it."""
    return Ask("PUT", tenant_path(tenant, "/settings"), dict, chosen)
