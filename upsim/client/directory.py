"""Users, groups, administrative units and applications."""

from typing import Literal
from urllib.parse import quote

from upsim.client.ask import Ask, Json, nothing, tenant_path, values

Kind = Literal["users", "groups", "administrative-units", "applications"]


def list_all(tenant: str, kind: Kind) -> Ask[list[Json]]:
    """All of a kind, spelled as in a seed in JSON."""
    return Ask("GET", tenant_path(tenant, f"/{kind}"), values)


def get(tenant: str, kind: Kind, name: str) -> Ask[Json]:
    """One, by id or name."""
    return Ask("GET", _one(tenant, kind, name), dict)


def add(tenant: str, kind: Kind, members: Json) -> Ask[Json]:
    """Add one."""
    return Ask("POST", tenant_path(tenant, f"/{kind}"), dict, members)


def change(tenant: str, kind: Kind, name: str, members: Json) -> Ask[Json]:
    """Change what is named."""
    return Ask("PATCH", _one(tenant, kind, name), dict, members)


def remove(tenant: str, kind: Kind, name: str) -> Ask[None]:
    """Remove one."""
    return Ask("DELETE", _one(tenant, kind, name), nothing)


def revoke_sessions(tenant: str, user: str) -> Ask[None]:
    """End what a user signed in to; clients that can are asked for a fresh token."""
    return Ask("POST", _one(tenant, "users", user) + "/revoke-sessions", nothing)


def _one(tenant: str, kind: Kind, name: str) -> str:
    return tenant_path(tenant, f"/{kind}/{quote(name, safe='')}")
