"""Tenants: a universe for each test."""

from datetime import datetime

from upsim.client.ask import Ask, Json, given, nothing, tenant_path


def create(
    *,
    like: str | None = None,
    seed: str | None = None,
    settings: Json | None = None,
    frozen_at: datetime | None = None,
) -> Ask[Json]:
    """A new tenant like another; the answer is its directory."""
    frozen = frozen_at and frozen_at.isoformat()
    body = given(like=like, seed=seed, settings=settings) | given(frozenAt=frozen)
    return Ask("POST", "/_upsim/tenants", dict, body)


def plant(tenant: Json) -> Ask[Json]:
    """A new tenant, spelled as in a seed file; the answer is its directory."""
    return Ask("POST", "/_upsim/tenants", dict, {"tenant": tenant})


def list_all() -> Ask[list[Json]]:
    """Every tenant with its users and applications."""
    return Ask("GET", "/_upsim/tenants", lambda answer: list(answer["value"]))


def reset(tenant: str) -> Ask[Json]:
    """Wipe a tenant and replay its seed."""
    return Ask("POST", tenant_path(tenant, "/reset"), dict)


def delete(tenant: str) -> Ask[None]:
    """Delete a tenant with all it has."""
    return Ask("DELETE", tenant_path(tenant), nothing)
