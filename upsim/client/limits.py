"""Limits and their headroom."""

from collections.abc import Mapping
from typing import Literal

from upsim.client.ask import Ask, Json, given, tenant_path


def get(tenant: str) -> Ask[Json]:
    """Every limit, and the headroom of the tenant, its printers, users and applications."""
    return Ask("GET", tenant_path(tenant, "/limits"), dict)


def of_every_tenant() -> Ask[dict[str, Json]]:
    """The same of every tenant, by id."""
    return Ask("GET", "/_upsim/limits", lambda answer: dict(answer["tenants"]))


def chosen(
    *,
    profile: Literal["service", "off"] | None = None,
    scale: float | None = None,
    own: Mapping[str, float] | None = None,
) -> Json:
    """Limits as settings, for `settings.choose` and `tenants.create`; `own` by names such as `jobs-per-user`."""
    return {"limits": given(profile=profile, scale=scale, own=own and dict(own))}
