"""The registration of a printer: a request with a certificate signing request, an operation, a certificate."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from upsim.domain.entity import Entity, Index


class PrintOperationState(StrEnum):
    """Graph's printOperationProcessingState members that upsim's operations take."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class PrinterCreateOperation(Entity, frozen=True, kw_only=True):
    """A running or finished registration; it succeeds at `ready_at` on the tenant's clock.

    Graph sees it as `print/operations/{id}`, the registration service as a `registration_id`.
    """

    kind: ClassVar[str] = "print-operation"

    created_at: datetime
    ready_at: datetime
    created_by_user_id: str
    created_by_app_id: str
    display_name: str
    manufacturer: str
    model: str
    has_physical_device: bool = True
    physical_device_id: str | None = None
    connector_id: str | None = None
    renews_printer_id: str | None = None
    """The registered printer that only gets a new certificate."""
    certificate_request: str
    """Base64 of the DER PKCS#10."""
    state: PrintOperationState = PrintOperationState.RUNNING
    description: str = "The operation is running."
    printer_id: str | None = None
    certificate: str | None = None
    """Base64 of the DER certificate once issued."""

    def index(self) -> Index:
        due = self.ready_at if self.state is PrintOperationState.RUNNING else None
        return Index(owner=self.created_by_user_id, at=self.created_at, due=due)


class ConnectorRegistration(Entity, frozen=True, kw_only=True):
    """A running or finished registration of a connector; it succeeds at `ready_at` on the tenant's clock."""

    kind: ClassVar[str] = "connector-registration"

    created_at: datetime
    ready_at: datetime
    display_name: str
    host_name: str
    operating_system: str
    app_version: str
    certificate_request: str
    connector_id: str | None = None
    certificate: str | None = None

    def index(self) -> Index:
        return Index(at=self.created_at, due=None if self.connector_id else self.ready_at)


class CertificateAuthority(Entity, frozen=True, kw_only=True):
    """The tenant's device CA, which signs printers' certificates. `id` is always `devices`."""

    kind: ClassVar[str] = "certificate-authority"

    certificate_pem: str
    private_key_pem: str
