"""Printers whose jobs complete by themselves on the tenant's clock. A persona is a name or one of its own."""

from upsim.client.ask import Ask, Json, given, nothing, segment, tenant_path, values

Persona = str | Json


def personas() -> Ask[list[Json]]:
    """The personas that come with upsim."""
    return Ask("GET", "/_upsim/personas", values)


def list_all(tenant: str) -> Ask[list[Json]]:
    """Every printer with a simulated device."""
    return Ask("GET", tenant_path(tenant, "/simulated-printers"), values)


def create(tenant: str, display_name: str, *, persona: Persona = "ideal", share: str | None = None) -> Ask[Json]:
    """A printer with a simulated device, without registration; `share` names a share for everybody."""
    body = given(displayName=display_name, persona=persona, share=share)
    return Ask("POST", tenant_path(tenant, "/simulated-printers"), dict, body)


def switch_on(tenant: str, printer: str, persona: Persona = "ideal") -> Ask[Json]:
    """Give a printer that is there a simulated device, or another persona."""
    return Ask("PUT", _path(tenant, printer), dict, {"persona": persona})


def switch_off(tenant: str, printer: str) -> Ask[None]:
    """Leave a printer to its own device again."""
    return Ask("DELETE", _path(tenant, printer), nothing)


def _path(tenant: str, printer: str) -> str:
    return tenant_path(tenant, f"/printers/{segment(printer)}/simulation")
