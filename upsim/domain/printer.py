"""A registered printer and its certificate."""

from datetime import datetime
from enum import IntEnum
from typing import ClassVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.attributes import Attributes, values
from upsim.domain.entity import Entity, Index
from upsim.domain.pacing import Pace


class PrinterState(IntEnum):
    """IPP printer-state, RFC 8011 section 5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


class PrinterCertificate(Struct, frozen=True, kw_only=True):
    """The certificate that upsim issued to a printer."""

    der_base64: str
    sha256: str
    """Thumbprint of the DER, lower-case hexadecimal."""
    not_after: datetime
    revoked_at: datetime | None = None
    """When it was revoked."""


class PrinterLocation(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a printer stands; the members are those of Graph's printerLocation."""

    latitude: float | None = None
    longitude: float | None = None
    altitude_in_meters: int | None = None
    street_address: str | None = None
    subunit: tuple[str, ...] | None = None
    city: str | None = None
    postal_code: str | None = None
    country_or_region: str | None = None
    site: str | None = None
    building: str | None = None
    floor: str | None = None
    floor_description: str | None = None
    room_name: str | None = None
    room_description: str | None = None
    organization: tuple[str, ...] | None = None
    subdivision: tuple[str, ...] | None = None
    state_or_province: str | None = None


class Printer(Entity, frozen=True, kw_only=True):
    """A registered printer. `state` is None until the device first reports."""

    kind: ClassVar[str] = "printer"

    display_name: str
    manufacturer: str
    model: str
    registered_at: datetime
    registered_by_app_id: str = ""
    has_physical_device: bool = True
    physical_device_id: str | None = None
    connector_id: str | None = None
    certificate: PrinterCertificate | None = None
    last_seen_at: datetime | None = None
    location: PrinterLocation = PrinterLocation()
    release_mechanisms: tuple[str, ...] = ()
    """How owners release jobs here, such as `qrCode` (older than the property of the share); none: at once."""
    state: PrinterState | None = None
    state_reasons: tuple[str, ...] = ()
    state_message: str = ""
    is_accepting_jobs: bool | None = None
    attributes: Attributes = msgspec.field(default_factory=dict)
    """Every printer attribute as the device last reported it."""
    is_state_held: bool = False
    """Whether a test holds its state, whatever the device reports."""
    pace: Pace | None = None
    """The pace of its jobs, where a test decides that."""
    defaults: Attributes = msgspec.field(default_factory=dict)
    """Defaults that an administrator chose; they win over the device's."""

    state_changed_at: datetime | None = None
    """When its state, the reasons of it or whether it takes jobs last changed; None: never."""
    config_changed_at: datetime | None = None
    """When anything else about it last changed."""

    def index(self) -> Index:
        return Index(parent=self.connector_id, key=self.id, at=self.registered_at)

    def stamped(self, before: "Printer", now: datetime) -> "Printer":
        """Return the printer with the instants of its changes since `before` set to `now`."""
        stamps = {}
        if _standing(self) != _standing(before):
            stamps["state_changed_at"] = now
        if _configuration(self) != _configuration(before):
            stamps["config_changed_at"] = now
        return replace(self, **stamps) if stamps else self

    @property
    def document_formats(self) -> list[str]:
        """MIME types that the device reported; empty before it reported."""
        return [str(item) for item in values(self.attributes, "document-format-supported")]


def _standing(printer: Printer) -> tuple[object, ...]:
    return printer.state, printer.state_reasons, printer.is_accepting_jobs


def _configuration(printer: Printer) -> tuple[object, ...]:
    told = {name: each for name, each in printer.attributes.items() if not name.startswith("printer-state")}
    return told, printer.defaults, printer.display_name, printer.location
