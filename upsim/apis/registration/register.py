"""Start and poll a printer's registration (Universal Print OEM printer registration)."""

from typing import Annotated, Literal, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.domain.application import UNIVERSAL_PRINT_RESOURCE
from upsim.domain.clouds import Service
from upsim.domain.printer import Printer
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.registration import PrinterCreateOperation, PrintOperationState
from upsim.server.context import Call, json_response
from upsim.services import registration

B = TypeVar("B")

Text = Annotated[str, msgspec.Meta(min_length=1)]


class CertificateRequest(Struct, frozen=True, kw_only=True):
    """`certificate_request`: a base64 PKCS#10 and the base64 public key (any encoding)."""

    type: Literal["pkcs10"]
    data: Text
    transport_key: Text


class RegisterRequest(Struct, frozen=True, kw_only=True):
    """The body of `POST /api/v1.0/register`. Members that upsim does not know are ignored."""

    name: Text
    manufacturer: Text
    model: Text
    device_type: Literal["printer"]
    certificate_request: CertificateRequest
    device_id: str | None = None
    has_physical_device: bool = True
    cloud_device_id: str | None = None
    """A registered printer that renews its certificate (upsim's choice: the service's way is not known)."""


class RegisterConnectorRequest(Struct, frozen=True, kw_only=True):
    """The body of `POST /api/v1.0/registerConnector`, as a connector's script sends it."""

    name: Text
    hostname: Text
    os_version: Text
    app_version: Text
    device_type: Literal["connector"]
    certificate_request: CertificateRequest
    device_id: str | None = None


async def start(call: Call) -> web.Response:
    """`POST /api/v1.0/register`: 202 with what to poll."""
    body = await _read(call)
    request = registration.RegistrationRequest(
        display_name=body.name,
        manufacturer=body.manufacturer,
        model=body.model,
        certificate_request=body.certificate_request.data,
        has_physical_device=body.has_physical_device,
        physical_device_id=body.device_id,
        renews_printer_id=body.cloud_device_id,
    )
    operation = await call.write(registration.start, call.caller, request, call.site.certificates)
    interval = await call.read(lambda tx: tx.tenant.settings.registration.interval_seconds)
    return json_response({"registration_id": operation.id, "interval": interval}, 202)


async def poll(call: Call) -> web.Response:
    """`GET /api/v1.0/register?registration_id=`: 202 while it runs, 200 with the certificate when done."""
    operation, printer = await call.write(registration.poll, _registration_id(call), call.site.certificates)
    if operation.state is PrintOperationState.FAILED:
        raise Refusal(RefusalKind.NOT_POSSIBLE, operation.description, reason="registration-failed")
    if printer is None:
        interval = await call.read(lambda tx: tx.tenant.settings.registration.interval_seconds)
        return json_response({"interval": interval}, 202)
    return json_response(_represent(call, operation, printer))


async def start_connector(call: Call) -> web.Response:
    """`POST /api/v1.0/registerConnector`: 202 with what to poll."""
    body = await _read_as(call, RegisterConnectorRequest)
    request = registration.ConnectorRequest(
        display_name=body.name,
        host_name=body.hostname,
        operating_system=body.os_version,
        app_version=body.app_version,
        certificate_request=body.certificate_request.data,
    )
    started = await call.write(registration.start_connector, request, call.site.certificates)
    interval = await call.read(lambda tx: tx.tenant.settings.registration.interval_seconds)
    return json_response({"registration_id": started.id, "interval": interval}, 202)


async def poll_connector(call: Call) -> web.Response:
    """`GET /api/v1.0/registerConnector?registration_id=`: 202 while it runs, 200 with the certificate."""
    found = await call.write(registration.poll_connector, _registration_id(call), call.site.certificates)
    if found.connector_id is None:
        interval = await call.read(lambda tx: tx.tenant.settings.registration.interval_seconds)
        return json_response({"interval": interval}, 202)
    return json_response(
        {
            "cloud_device_id": found.connector_id,
            "certificate": found.certificate,
            "device_token_url": f"{call.url_of(Service.LOGIN)}/{call.tenant_id}/oauth2/token",
            "mcp_svc_resource_id": UNIVERSAL_PRINT_RESOURCE,
        }
    )


def _registration_id(call: Call) -> str:
    registration_id = call.request.query.get("registration_id", "")
    if not registration_id:
        raise Refusal(
            RefusalKind.INVALID, "registration_id is missing from the query.", reason="parameter-missing"
        )
    return registration_id


def _represent(call: Call, operation: PrinterCreateOperation, printer: Printer) -> dict[str, object]:
    """Return the finished registration. It must not carry `interval`: a client polls while it sees one."""
    return {
        "cloud_device_id": printer.id,
        "certificate": operation.certificate,
        "device_token_url": f"{call.url_of(Service.LOGIN)}/{call.tenant_id}/oauth2/token",
        "mcp_svc_resource_id": UNIVERSAL_PRINT_RESOURCE,
        "printer_client_id": operation.created_by_app_id,
        "printer_redirect_uri": "https://login.microsoftonline.com/common/oauth2/nativeclient",
        "ipp_service_url": f"{call.url_of(Service.PRINT)}/printers",
    }


async def _read(call: Call) -> RegisterRequest:
    request = await _read_as(call, RegisterRequest)
    if request.has_physical_device and not (request.device_id or request.cloud_device_id):
        raise Refusal(
            RefusalKind.INVALID,
            "device_id is needed; a printer without a physical device says has_physical_device false.",
            reason="body-invalid",
        )
    return request


async def _read_as(call: Call, kind: type[B]) -> B:
    if call.request.content_type != "application/json":
        raise Refusal(RefusalKind.FORMAT_UNSUPPORTED, "The body must be application/json.", reason="content-type")
    try:
        return msgspec.convert(await call.json(), kind)
    except msgspec.ValidationError as error:
        raise Refusal(
            RefusalKind.INVALID, f"The body is not a registration: {error}.", reason="body-invalid"
        ) from error
