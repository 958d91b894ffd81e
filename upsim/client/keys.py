"""Short keys for IPP clients that cannot send tokens, and the end of a printer's certificate."""

from upsim.client.ask import Ask, Json, nothing, segment, tenant_path


def of_device(tenant: str, printer: str) -> Ask[Json]:
    """`userName` and `key` of a printer's device."""
    return Ask("GET", tenant_path(tenant, f"/printers/{segment(printer)}/device-key"), dict)


def of_user(tenant: str, user: str) -> Ask[Json]:
    """`userName` and `key` of a user."""
    return Ask("GET", tenant_path(tenant, f"/users/{segment(user)}/key"), dict)


def revoke_certificate(tenant: str, printer: str) -> Ask[None]:
    """From now on the printer's certificate gets it no token."""
    return Ask("POST", tenant_path(tenant, f"/printers/{segment(printer)}/revoke-certificate"), nothing)
