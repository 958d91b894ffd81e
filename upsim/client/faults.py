"""Faults that a test imposes."""

from urllib.parse import quote

from upsim.client.ask import Ask, Json, nothing, tenant_path, values


def list_all(tenant: str) -> Ask[list[Json]]:
    """The faults that stand, and how often they happened."""
    return Ask("GET", tenant_path(tenant, "/faults"), values)


def impose(tenant: str, fault: Json) -> Ask[Json]:
    """Impose a fault, spelled as docs/guides/faults-and-journal.md has it; the answer has its id."""
    return Ask("POST", tenant_path(tenant, "/faults"), dict, fault)


def get(tenant: str, fault: str) -> Ask[Json]:
    """One fault, by id or name."""
    return Ask("GET", _one(tenant, fault), dict)


def lift(tenant: str, fault: str) -> Ask[None]:
    """Take one away."""
    return Ask("DELETE", _one(tenant, fault), nothing)


def lift_all(tenant: str) -> Ask[None]:
    """Take all away; printers that were cut off may speak again."""
    return Ask("DELETE", tenant_path(tenant, "/faults"), nothing)


def _one(tenant: str, fault: str) -> str:
    return tenant_path(tenant, f"/faults/{quote(fault, safe='')}")
