"""The rows of the control API."""

from upsim.faces.control import addresses, clock, directory, health, keys, limits, operations, universes, welcome
from upsim.faces.control.errors import refuse
from upsim.server.operation import Access, Evidence, Face, Handler, Open, Operation

_OURS = Evidence("chosen", "upsim's own control API")


def _row(
    identifier: str,
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    access: Access = Open.OPERATOR,
    success: tuple[int, ...] = (200,),
) -> Operation:
    return Operation(
        id=f"control.{identifier}",
        method=method,
        path=path,
        handler=handler,
        access=access,
        success=success,
        evidence=_OURS,
        summary=summary,
    )


TABLE = (
    _row("welcome", "GET", "/", welcome.welcome, "The addresses of every face.", Open.ANYONE),
    _row("livez", "GET", "/_upsim/livez", health.livez, "Whether the process answers.", Open.ANYONE),
    _row("readyz", "GET", "/_upsim/readyz", health.readyz, "Whether it is ready.", Open.ANYONE, (200, 503)),
    _row("operations", "GET", "/_upsim/operations", operations.list_operations, "The table of operations."),
    _row("addresses", "GET", "/_upsim/addresses", addresses.show, "Where the listeners are.", Open.ANYONE),
    _row("ca", "GET", "/_upsim/ca.pem", welcome.ca, "The CA certificate to trust.", Open.ANYONE),
    _row("tenants", "GET", "/_upsim/tenants", directory.list_tenants, "Tenants, users and applications."),
    _row("clock.get", "GET", "/_upsim/tenants/{tenant}/clock", clock.get, "A tenant's clock."),
    _row(
        "tenants.create", "POST", "/_upsim/tenants", universes.create, "A new tenant from a seed.", success=(201,)
    ),
    _row(
        "tenants.delete",
        "DELETE",
        "/_upsim/tenants/{tenant}",
        universes.delete,
        "Delete a tenant with all it has.",
        success=(204,),
    ),
    _row("tenants.reset", "POST", "/_upsim/tenants/{tenant}/reset", universes.reset, "Wipe and replay the seed."),
    _row(
        "settings.get", "GET", "/_upsim/tenants/{tenant}/settings", universes.get_settings, "A tenant's settings."
    ),
    _row("settings.put", "PUT", "/_upsim/tenants/{tenant}/settings", universes.put_settings, "Choose settings."),
    _row("limits", "GET", "/_upsim/tenants/{tenant}/limits", limits.headroom, "The limits and their headroom."),
    _row(
        "clock.advance",
        "POST",
        "/_upsim/tenants/{tenant}/clock/advance",
        clock.advance,
        "Move the clock and do what falls due.",
    ),
    _row("clock.patch", "PATCH", "/_upsim/tenants/{tenant}/clock", clock.patch, "Move, stop or start it."),
    _row(
        "device-key",
        "GET",
        "/_upsim/tenants/{tenant}/printers/{printer}/device-key",
        keys.device_key,
        "A short key for the printer's device, for IPP clients without tokens.",
    ),
    _row(
        "revoke-certificate",
        "POST",
        "/_upsim/tenants/{tenant}/printers/{printer}/revoke-certificate",
        keys.revoke_certificate,
        "Revoke a printer's certificate.",
        success=(204,),
    ),
    _row(
        "user-key",
        "GET",
        "/_upsim/tenants/{tenant}/users/{user}/key",
        keys.user_key,
        "A short key for a user, for IPP clients without tokens.",
    ),
)

FACE = Face(name="control", table=TABLE, prefixes=("/_upsim",), refuse=refuse)
