"""Printer registration: a request that is checked at once and an operation that succeeds a little later."""

import base64
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.printer import Printer, PrinterCertificate
from upsim.domain.registration import CertificateAuthority, PrinterCreateOperation, PrintOperationState
from upsim.services import limits
from upsim.services.ports import Certificates, Transaction

AUTHORITY_ID = "devices"
SERIAL_COUNTER = "certificate"


class RegistrationRequest(Struct, frozen=True, kw_only=True):
    """What a registering printer, or an administrator for it, says about it."""

    display_name: str
    manufacturer: str
    model: str
    certificate_request: str
    has_physical_device: bool = True
    physical_device_id: str | None = None
    connector_id: str | None = None


def start(
    tx: Transaction, caller: Caller, request: RegistrationRequest, certificates: Certificates
) -> PrinterCreateOperation:
    """Begin a registration. A bad certificate request is refused here, before anything exists."""
    for name in ("display_name", "manufacturer", "model"):
        if not getattr(request, name).strip():
            raise Refused(Fault.INVALID, f"{name} must not be empty.", reason="name-empty", target=name)
    certificates.read_request(request.certificate_request)
    limits.admit_printer(tx)
    operation = PrinterCreateOperation(
        id=tx.new_id(),
        created_at=tx.now,
        ready_at=tx.now + timedelta(seconds=tx.tenant.settings.registration_seconds),
        created_by_user_id=caller.user_id,
        created_by_app_id=caller.app_id,
        display_name=request.display_name,
        manufacturer=request.manufacturer,
        model=request.model,
        has_physical_device=request.has_physical_device,
        physical_device_id=request.physical_device_id,
        connector_id=request.connector_id,
        certificate_request=request.certificate_request,
    )
    tx.put(operation)
    return operation


def poll(
    tx: Transaction, operation_id: str, certificates: Certificates
) -> tuple[PrinterCreateOperation, Printer | None]:
    """The operation as it stands, and its printer once it has succeeded."""
    operation = tx.get(PrinterCreateOperation, operation_id.lower())
    if operation is None:
        raise NotFound("print operation", operation_id)
    if operation.state is PrintOperationState.RUNNING and operation.ready_at <= tx.now:
        operation = _succeed(tx, operation, certificates)
    printer = tx.get(Printer, operation.printer_id) if operation.printer_id else None
    return operation, printer


def _succeed(
    tx: Transaction, operation: PrinterCreateOperation, certificates: Certificates
) -> PrinterCreateOperation:
    printer_id = tx.new_id()
    issued = certificates.issue(
        _authority(tx, certificates),
        certificates.read_request(operation.certificate_request),
        common_name=printer_id,
        serial=tx.next_number(SERIAL_COUNTER),
        now=tx.now,
        valid_seconds=tx.tenant.settings.certificate_seconds,
    )
    der_base64 = base64.b64encode(issued.der).decode()
    printer = Printer(
        id=printer_id,
        display_name=operation.display_name,
        manufacturer=operation.manufacturer,
        model=operation.model,
        registered_at=tx.now,
        registered_by_app_id=operation.created_by_app_id,
        has_physical_device=operation.has_physical_device,
        physical_device_id=operation.physical_device_id,
        connector_id=operation.connector_id,
        certificate=PrinterCertificate(der_base64=der_base64, sha256=issued.sha256, not_after=issued.not_after),
    )
    finished = replace(
        operation,
        state=PrintOperationState.SUCCEEDED,
        description="The operation has completed successfully.",
        printer_id=printer_id,
        certificate=der_base64,
    )
    tx.put(printer)
    tx.put(finished)
    tx.emit(Event(name="printer.registered", subject=printer_id))
    return finished


def _authority(tx: Transaction, certificates: Certificates) -> tuple[str, str]:
    """The tenant's device CA, made at its first registration."""
    authority = tx.get(CertificateAuthority, AUTHORITY_ID)
    if authority is None:
        certificate, key = certificates.new_authority(f"{tx.tenant.domain} devices", tx.now)
        authority = CertificateAuthority(id=AUTHORITY_ID, certificate_pem=certificate, private_key_pem=key)
        tx.put(authority)
    return authority.certificate_pem, authority.private_key_pem
