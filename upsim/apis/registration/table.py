"""The rows of the registration service."""

from upsim.apis.registration import register
from upsim.apis.registration.errors import refuse
from upsim.domain.application import UNIVERSAL_PRINT_AUDIENCES
from upsim.domain.clouds import Service
from upsim.server.operation import Api, Evidence, Operation, Scopes, Support

_REGISTRATION = Evidence("documented", "learn.microsoft.com universal-print-oem-printer-registration")
_CONNECTOR_SCRIPT = Evidence("observed", "a public script that registers a Universal Print connector")
_CONNECTOR = Scopes(delegated=("Connectors.Create",), administrator=True)
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
    Operation(
        id="registration.register-connector.start",
        method="POST",
        path="/api/v1.0/registerConnector",
        handler=register.start_connector,
        access=_CONNECTOR,
        success=(202,),
        evidence=_CONNECTOR_SCRIPT,
        summary="Start a connector's registration from its certificate signing request.",
        support=Support.PARTIAL,
        note="that the connector's own device token opens IPP for the printers registered through it, and for no "
        "others, is chosen",
    ),
    Operation(
        id="registration.register-connector.poll",
        method="GET",
        path="/api/v1.0/registerConnector",
        handler=register.poll_connector,
        access=_CONNECTOR,
        success=(200, 202),
        evidence=_CONNECTOR_SCRIPT,
        summary="Poll a connector's registration; when done, its id and certificate.",
    ),
)

API = Api(
    name="registration",
    table=TABLE,
    prefixes=("/api",),
    services=frozenset({Service.REGISTRATION}),
    audiences=UNIVERSAL_PRINT_AUDIENCES,
    refuse=refuse,
)
