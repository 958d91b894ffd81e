"""Printer attributes of IPP Everywhere (PWG 5100.14) and RFC 3380 that the service itself provides.

Its place and its people are Graph's printerLocation. Its features and what can be set follow from the operations
that upsim serves. What only a device can know, such as margins and supplies, is the device's to report.
"""

from datetime import datetime

from upsim.domain.attributes import values
from upsim.domain.job_template import NAMES
from upsim.domain.printer import Printer, PrinterLocation
from upsim.services import identification, job_control
from upsim.services.targets import Target
from upsim.wire.ipp import build
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.values import Attribute

_FEATURES = {
    "infrastructure-printer": Operation.FETCH_JOB,
    "subscription-object": Operation.CREATE_PRINTER_SUBSCRIPTIONS,
}
"""ipp-features-supported, each by an operation that comes with it."""


def everywhere_attributes(target: Target, operations: tuple[int, ...]) -> list[Attribute]:
    """Return those of one printer."""
    printer = target.printer
    return [
        *_features(printer, operations),
        *_settable(printer),
        *_identification(printer),
        *_place(printer.location),
        *_change("printer-state-change", target, printer.state_changed_at),
        *_change("printer-config-change", target, printer.config_changed_at),
        build.boolean("job-ids-supported", True),
        build.boolean("preferred-attributes-supported", False),
        build.keyword("printer-get-attributes-supported", "document-format"),
    ]


def _features(printer: Printer, operations: tuple[int, ...]) -> list[Attribute]:
    """Return the service's, and what the device says of itself."""
    served = [name for name, operation in _FEATURES.items() if operation in operations]
    told = [str(name) for name in values(printer.attributes, "ipp-features-supported")]
    return [build.keyword("ipp-features-supported", *dict.fromkeys((*told, *served)))]


def _settable(printer: Printer) -> list[Attribute]:
    """Return the attributes that Set operations may change (RFC 3380 sections 7.1 and 7.2)."""
    defaults = job_control.settable_defaults(printer)
    return [
        build.keyword("job-settable-attributes-supported", job_control.JOB_NAME, *sorted(NAMES)),
        build.keyword("printer-settable-attributes-supported", job_control.PRINTER_NAME, *defaults),
    ]


def _identification(printer: Printer) -> list[Attribute]:
    """Return the identify actions, unless the device reports its own."""
    if "identify-actions-supported" in printer.attributes:
        return []
    return [
        build.keyword("identify-actions-default", *identification.DEFAULT_ACTIONS),
        build.keyword("identify-actions-supported", *identification.KNOWN_ACTIONS),
    ]


def _place(place: PrinterLocation) -> list[Attribute]:
    geo = build.unknown("printer-geo-location")
    if place.latitude is not None and place.longitude is not None:
        geo = build.uri("printer-geo-location", f"geo:{place.latitude},{place.longitude}")
    return [
        geo,
        build.text("printer-organization", *(place.organization or ("",))),
        build.text("printer-organizational-unit", *(place.subunit or ("",))),
    ]


def _change(name: str, target: Target, changed_at: datetime | None) -> list[Attribute]:
    """When something last changed, as a moment and by the clock of printer-up-time; at first the registration."""
    moment = changed_at or target.printer.registered_at
    return [build.date_time(f"{name}-date-time", moment), build.integer(f"{name}-time", target.seconds(moment))]
