"""Limits, and a tenant's other settings."""

from collections.abc import Mapping
from typing import Literal

from upsim.client.ask import Ask, Json, camel_throughout, given, tenant_path


def get(tenant: str) -> Ask[Json]:
    """Every limit, and the headroom of the tenant, its printers, users and applications."""
    return Ask("GET", tenant_path(tenant, "/limits"), dict)


def of_every_tenant() -> Ask[dict[str, Json]]:
    """The same of every tenant, by id."""
    return Ask("GET", "/_upsim/limits", lambda answer: dict(answer["tenants"]))


def settings(tenant: str) -> Ask[Json]:
    """What the tenant has chosen."""
    return Ask("GET", tenant_path(tenant, "/settings"), dict)


def choose(tenant: str, settings: Json) -> Ask[Json]:
    """Choose settings, spelled as in Python or in JSON: what is not named is as the service does it."""
    return Ask("PUT", tenant_path(tenant, "/settings"), dict, camel_throughout(settings))


def chosen(
    *,
    profile: Literal["service", "off"] | None = None,
    scale: float | None = None,
    own: Mapping[str, float] | None = None,
) -> Json:
    """Limits as settings, for `choose` and `tenants.create`; `own` by names such as `jobs-per-user`."""
    return {"limits": given(profile=profile, scale=scale, own=own and dict(own))}
