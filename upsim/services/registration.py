"""Registration: a request that is checked at once and an operation that succeeds a little later."""

from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.connector import Connector
from upsim.domain.events import Event
from upsim.domain.printer import Printer, PrinterCertificate
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.registration import ConnectorRegistration, PrinterCreateOperation, PrintOperationState
from upsim.services import connectors, device_certificates, limits, printers
from upsim.services.ports import Certificates, Transaction


class RegistrationRequest(Struct, frozen=True, kw_only=True):
    """What a registering printer, or an administrator for it, says about it."""

    display_name: str
    manufacturer: str
    model: str
    certificate_request: str
    has_physical_device: bool = True
    physical_device_id: str | None = None
    connector_id: str | None = None
    renews_printer_id: str | None = None
    """A registered printer that gets a new certificate for a new key; nothing else of it changes."""


class ConnectorRequest(Struct, frozen=True, kw_only=True):
    """What a registering connector says about itself and the machine that it runs on."""

    display_name: str
    host_name: str
    operating_system: str
    app_version: str
    certificate_request: str


def start(
    tx: Transaction, caller: Caller, request: RegistrationRequest, certificates: Certificates
) -> PrinterCreateOperation:
    """Begin a registration. A bad certificate request is refused here, before anything exists."""
    for name in ("display_name", "manufacturer", "model"):
        if not getattr(request, name).strip():
            raise Refusal(RefusalKind.INVALID, f"{name} must not be empty.", reason="name-empty", target=name)
    certificates.read_request(request.certificate_request)
    if request.renews_printer_id is None:
        limits.admit_printer(tx)
    else:
        printers.get(tx, request.renews_printer_id)
    operation = PrinterCreateOperation(
        id=tx.new_id(),
        created_at=tx.now,
        ready_at=tx.now + timedelta(seconds=tx.tenant.settings.registration.seconds),
        created_by_user_id=caller.user_id,
        created_by_app_id=caller.app_id,
        display_name=request.display_name,
        manufacturer=request.manufacturer,
        model=request.model,
        has_physical_device=request.has_physical_device,
        physical_device_id=request.physical_device_id,
        connector_id=request.connector_id and request.connector_id.lower(),
        renews_printer_id=request.renews_printer_id and request.renews_printer_id.lower(),
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


def create(
    tx: Transaction, caller: Caller, request: RegistrationRequest, certificates: Certificates
) -> tuple[PrinterCreateOperation, int]:
    """Begin a registration as an administrator does it; with the seconds after which to ask for its outcome.

    A printer with a device needs the device's id, one without a device has none (printer: create).
    """
    if request.has_physical_device and not request.physical_device_id:
        raise Refusal(
            RefusalKind.INVALID,
            "physicalDeviceId is required unless hasPhysicalDevice is false.",
            reason="device-id-missing",
            target="physicalDeviceId",
        )
    if request.connector_id and tx.get(Connector, request.connector_id.lower()) is None:
        raise NotFound("printConnector", request.connector_id)
    operation = start(tx, caller, request, certificates)
    return operation, tx.tenant.settings.registration.interval_seconds


def poll_registration(
    tx: Transaction, operation_id: str, certificates: Certificates
) -> tuple[PrinterCreateOperation, Printer | None, int | None]:
    """The operation, its printer once it succeeded, and while it runs the seconds after which to ask again."""
    operation, printer = poll(tx, operation_id, certificates)
    is_running = operation.state is PrintOperationState.RUNNING
    return operation, printer, tx.tenant.settings.registration.interval_seconds if is_running else None


def start_connector(
    tx: Transaction, request: ConnectorRequest, certificates: Certificates
) -> ConnectorRegistration:
    """Begin a connector's registration; a bad certificate request is refused here."""
    certificates.read_request(request.certificate_request)
    limits.admit_connector(tx)
    registration = ConnectorRegistration(
        id=tx.new_id(),
        created_at=tx.now,
        ready_at=tx.now + timedelta(seconds=tx.tenant.settings.registration.seconds),
        display_name=request.display_name,
        host_name=request.host_name,
        operating_system=request.operating_system,
        app_version=request.app_version,
        certificate_request=request.certificate_request,
    )
    tx.put(registration)
    return registration


def poll_connector(tx: Transaction, registration_id: str, certificates: Certificates) -> ConnectorRegistration:
    """The registration as it stands; once it is due, the connector exists and has its certificate."""
    registration = tx.get(ConnectorRegistration, registration_id.lower())
    if registration is None:
        raise NotFound("connector registration", registration_id)
    if registration.connector_id is None and registration.ready_at <= tx.now:
        connector = connectors.register(
            tx,
            display_name=registration.display_name,
            fully_qualified_domain_name=registration.host_name,
            operating_system=registration.operating_system,
            app_version=registration.app_version,
        )
        issued = device_certificates.issue(tx, certificates, registration.certificate_request, connector.id)
        tx.put(replace(connector, certificate=issued))
        registration = replace(registration, connector_id=connector.id, certificate=issued.der_base64)
        tx.put(registration)
    return registration


def _succeed(
    tx: Transaction, operation: PrinterCreateOperation, certificates: Certificates
) -> PrinterCreateOperation:
    existing = tx.get(Printer, operation.renews_printer_id) if operation.renews_printer_id else None
    printer_id = existing.id if existing else tx.new_id()
    certificate = device_certificates.issue(tx, certificates, operation.certificate_request, printer_id)
    if existing is not None:
        tx.put(replace(existing, certificate=certificate))
    else:
        tx.put(_new_printer(tx, operation, printer_id, certificate))
    finished = replace(
        operation,
        state=PrintOperationState.SUCCEEDED,
        description="The operation has completed successfully.",
        printer_id=printer_id,
        certificate=certificate.der_base64,
    )
    tx.put(finished)
    tx.emit(Event(name="printer.certificate-renewed" if existing else "printer.registered", subject=printer_id))
    return finished


def _new_printer(
    tx: Transaction, operation: PrinterCreateOperation, printer_id: str, certificate: PrinterCertificate
) -> Printer:
    return Printer(
        id=printer_id,
        display_name=operation.display_name,
        manufacturer=operation.manufacturer,
        model=operation.model,
        registered_at=tx.now,
        registered_by_app_id=operation.created_by_app_id,
        has_physical_device=operation.has_physical_device,
        physical_device_id=operation.physical_device_id,
        connector_id=operation.connector_id,
        certificate=certificate,
    )
