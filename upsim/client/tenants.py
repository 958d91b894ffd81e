"""Tenants: one for each test."""

from datetime import datetime

from upsim.client.ask import Ask, Json, camel, camel_throughout, given, nothing, tenant_path, values


def create(
    *,
    like: str | None = None,
    tenant: Json | None = None,
    seed: str | None = None,
    tenant_id: str | None = None,
    domain: str | None = None,
    settings: Json | None = None,
    frozen_at: datetime | None = None,
) -> Ask[Json]:
    """A new tenant like another, or spelled as in a seed in JSON; the answer is its directory.

    With a `seed`, a `tenant_id` and a clock `frozen_at` an instant, ids and secrets are the same each time.
    """
    body = given(
        like=like,
        tenant=tenant,
        seed=seed,
        id=tenant_id,
        domain=domain,
        settings=settings and camel_throughout(settings),
        frozenAt=frozen_at and frozen_at.isoformat(),
    )
    return Ask("POST", "/_upsim/tenants", dict, body)


def plant(tenant: Json) -> Ask[Json]:
    """A new tenant, spelled as in a seed in JSON; the answer is its directory."""
    return Ask("POST", "/_upsim/tenants", dict, {"tenant": tenant})


def list_all() -> Ask[list[Json]]:
    """Every tenant with its users and applications."""
    return Ask("GET", "/_upsim/tenants", values)


def get(tenant: str) -> Ask[Json]:
    """One with its directory, its clock and its settings."""
    return Ask("GET", tenant_path(tenant), dict)


def reset(tenant: str) -> Ask[Json]:
    """Wipe a tenant and replay its seed."""
    return Ask("POST", tenant_path(tenant, "/reset"), dict)


def delete(tenant: str) -> Ask[None]:
    """Delete a tenant with all it has."""
    return Ask("DELETE", tenant_path(tenant), nothing)


def sign_in_policy(tenant: str) -> Ask[Json]:
    """How strictly it judges those who sign in."""
    return Ask("GET", tenant_path(tenant, "/sign-in-policy"), dict)


def judge_sign_ins(tenant: str, **changes: bool | int | str) -> Ask[Json]:
    """Change what is named of the sign-in policy, keep the rest."""
    return Ask("PATCH", tenant_path(tenant, "/sign-in-policy"), dict, camel(changes))
