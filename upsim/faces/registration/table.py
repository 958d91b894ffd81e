"""The rows of the registration service."""

from upsim.domain.application import UNIVERSAL_PRINT_AUDIENCES
from upsim.faces.registration import register
from upsim.faces.registration.errors import refuse
from upsim.server.operation import Evidence, Face, Operation, Scopes

_REGISTRATION = Evidence("documented", "learn.microsoft.com universal-print-oem-printer-registration")
_ADMINISTRATOR = Scopes(delegated=("Printers.Create",), administrator=True)

TABLE = (
    Operation(
        id="registration.register.start",
        method="POST",
        path="/api/v1.0/register",
        handler=register.start,
        access=_ADMINISTRATOR,
        success=(202,),
        evidence=_REGISTRATION,
        summary="Start a printer's registration from its certificate signing request.",
    ),
    Operation(
        id="registration.register.poll",
        method="GET",
        path="/api/v1.0/register",
        handler=register.poll,
        access=_ADMINISTRATOR,
        success=(200, 202),
        evidence=_REGISTRATION,
        summary="Poll a registration; when done, the printer's id and certificate.",
    ),
)

FACE = Face(
    name="registration",
    table=TABLE,
    prefixes=("/api",),
    audiences=UNIVERSAL_PRINT_AUDIENCES,
    refuse=refuse,
)
