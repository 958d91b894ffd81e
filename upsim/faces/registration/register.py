"""Start and poll a printer's registration (Universal Print OEM printer registration)."""

from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.domain.application import UNIVERSAL_PRINT_RESOURCE
from upsim.domain.faults import Fault, Refused
from upsim.domain.printer import Printer
from upsim.domain.registration import PrinterCreateOperation, PrintOperationState
from upsim.server.context import Call, json_response
from upsim.services import registration

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
    )
    operation = await call.write(registration.start, call.caller, request, call.site.certificates)
    interval = await call.read(lambda tx: tx.tenant.settings.registration_interval_seconds)
    return json_response({"registration_id": operation.id, "interval": interval}, 202)


async def poll(call: Call) -> web.Response:
    """`GET /api/v1.0/register?registration_id=`: 202 while it runs, 200 with the certificate when done."""
    registration_id = call.request.query.get("registration_id", "")
    if not registration_id:
        raise Refused(Fault.INVALID, "registration_id is missing from the query.", reason="parameter-missing")
    operation, printer = await call.write(registration.poll, registration_id, call.site.certificates)
    if operation.state is PrintOperationState.FAILED:
        raise Refused(Fault.NOT_POSSIBLE, operation.description, reason="registration-failed")
    if printer is None:
        interval = await call.read(lambda tx: tx.tenant.settings.registration_interval_seconds)
        return json_response({"interval": interval}, 202)
    return json_response(_represent(call, operation, printer))


def _represent(call: Call, operation: PrinterCreateOperation, printer: Printer) -> dict[str, object]:
    """The finished registration. It must not carry `interval`: a client polls while it sees one."""
    return {
        "cloud_device_id": printer.id,
        "certificate": operation.certificate,
        "device_token_url": f"{call.base_url}/{call.tenant_id}/oauth2/token",
        "mcp_svc_resource_id": UNIVERSAL_PRINT_RESOURCE,
        "printer_client_id": operation.created_by_app_id,
        "printer_redirect_uri": "https://login.microsoftonline.com/common/oauth2/nativeclient",
        "ipp_service_url": f"{call.base_url}/printers",
    }


async def _read(call: Call) -> RegisterRequest:
    if call.request.content_type != "application/json":
        raise Refused(Fault.FORMAT_UNSUPPORTED, "The body must be application/json.", reason="content-type")
    try:
        request = msgspec.convert(await call.json(), RegisterRequest)
    except msgspec.ValidationError as error:
        raise Refused(Fault.INVALID, f"The body is not a registration: {error}.", reason="body-invalid") from error
    if request.has_physical_device and not request.device_id:
        raise Refused(
            Fault.INVALID,
            "device_id is needed; a printer without a physical device says has_physical_device false.",
            reason="body-invalid",
        )
    return request
