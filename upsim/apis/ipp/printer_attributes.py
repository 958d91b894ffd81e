"""A printer as IPP shows it: what its device reported, under what the service itself says (RFC 8011 section 5.4).

The device's word counts for what it can do. The service's word counts for the way to it: URIs, operations,
versions, security, and the state that upsim keeps.
"""

from collections.abc import Iterable

from msgspec import Struct

from upsim.apis.ipp import addresses, rules
from upsim.apis.ipp.printer_everywhere import everywhere_attributes
from upsim.apis.ipp.request import CHARSET, NATURAL_LANGUAGE
from upsim.domain import media
from upsim.domain.attributes import KEYWORD, Attributes, many
from upsim.domain.event_subscription import EVENTS, LEASE_SECONDS_DEFAULT, LEASE_SECONDS_MAX
from upsim.domain.job_template import NAMES, describes_template
from upsim.domain.printer import Printer, PrinterState
from upsim.server.ipp_attributes import represent_attributes
from upsim.services.event_subscriptions import EVENTS_DEFAULT, PULL_METHOD
from upsim.services.jobs.device import WHICH_JOBS
from upsim.services.submission import COMPRESSIONS
from upsim.services.targets import Target
from upsim.wire.ipp import build
from upsim.wire.ipp.values import Attribute, Range

AUTHENTICATIONS = ("basic", "oauth")
PDF = "application/pdf"
EVENT_LIFE_SECONDS = 60
"""ippget-event-life: upsim keeps notices longer, up to a number of them."""
_TEXT_OCTETS = 127
_K_OCTETS = 1024
UPLOAD_SECONDS = 1800
"""How long a job may wait for its document: 30 minutes by IPP (Universal Print limits)."""


class PrinterView(Struct, frozen=True, kw_only=True):
    """A printer at a moment, and what of the service shows in its attributes."""

    target: Target
    base_url: str
    operations: tuple[int, ...]
    queued_job_count: int


def group_of(name: str) -> str:
    """Return the keyword under which requested-attributes knows an attribute's group."""
    return "job-template" if describes_template(name) else "printer-description"


def printer_attributes(view: PrinterView) -> list[Attribute]:
    """Everything that Get-Printer-Attributes knows of a printer, each attribute once.

    The service's own attributes win over those that the device reported.
    """
    ours = [
        *_clock(view),
        *_service(view),
        *_state(view),
        *_identity(view),
        *everywhere_attributes(view.target, view.operations),
    ]
    names = {attribute.name for attribute in ours}
    device = _capabilities(view.target.printer)
    return [*ours, *(attribute for attribute in represent_attributes(device) if attribute.name not in names)]


def _clock(view: PrinterView) -> list[Attribute]:
    """Return attributes that change with time.

    printer-current-time has tenths of a second (RFC 2579 DateAndTime).
    """
    now = view.target.now
    return [
        build.integer("printer-up-time", view.target.seconds(now)),
        build.date_time("printer-current-time", now.replace(microsecond=now.microsecond // 100_000 * 100_000)),
        build.integer("queued-job-count", view.queued_job_count),
    ]


def _capabilities(printer: Printer) -> Attributes:
    """Return the device's capabilities and what follows from them; an administrator's defaults take precedence."""
    attributes = {**printer.attributes, **printer.defaults}
    return {**attributes, **media.completed(attributes), **_creation(attributes)}


def _creation(attributes: Attributes) -> Attributes:
    """job-creation-attributes-supported: the Job Template attributes that the device knows (PWG 5100.11)."""
    if "job-creation-attributes-supported" in attributes:
        return {}
    known = (name.removesuffix("-supported") for name in attributes if name.endswith("-supported"))
    names = [name for name in known if name in NAMES]
    return {"job-creation-attributes-supported": many(KEYWORD, names)} if names else {}


def _service(view: PrinterView) -> list[Attribute]:
    """Return the way to the printer."""
    uri = addresses.printer_uri(view.base_url, view.target.id)
    security = "tls" if uri.startswith("ipps:") else "none"
    settings = view.target.settings
    formats = view.target.printer.document_formats or [PDF]
    return [
        build.uri("printer-uri-supported", *[uri for _ in AUTHENTICATIONS]),
        build.keyword("uri-authentication-supported", *AUTHENTICATIONS),
        build.keyword("uri-security-supported", *[security for _ in AUTHENTICATIONS]),
        build.charset("charset-configured", CHARSET),
        build.charset("charset-supported", *rules.CHARSETS),
        build.natural_language("natural-language-configured", NATURAL_LANGUAGE),
        build.natural_language("generated-natural-language-supported", NATURAL_LANGUAGE),
        build.keyword("ipp-versions-supported", *rules.VERSIONS),
        build.enum("operations-supported", *view.operations),
        build.keyword("compression-supported", *COMPRESSIONS),
        build.mime("document-format-supported", *formats),
        *_default_format(view.target.printer, formats),
        build.keyword("pdl-override-supported", "attempted"),
        build.keyword("which-jobs-supported", *WHICH_JOBS),
        build.boolean("multiple-document-jobs-supported", False),
        build.integer("multiple-operation-time-out", UPLOAD_SECONDS),
        build.keyword("multiple-operation-time-out-action", "abort-job"),
        build.range_("job-k-octets-supported", Range(0, settings.jobs.size_bytes_max // _K_OCTETS)),
        *_notifications(),
    ]


def _notifications() -> list[Attribute]:
    """Return the attributes of subscriptions (RFC 3995 section 5.3, RFC 3996 section 8)."""
    return [
        build.keyword("notify-pull-method-supported", PULL_METHOD),
        build.keyword("notify-events-supported", *EVENTS),
        build.keyword("notify-events-default", *EVENTS_DEFAULT),
        build.integer("notify-max-events-supported", len(EVENTS)),
        build.integer("notify-lease-duration-default", LEASE_SECONDS_DEFAULT),
        build.range_("notify-lease-duration-supported", Range(0, LEASE_SECONDS_MAX)),
        build.integer("ippget-event-life", EVENT_LIFE_SECONDS),
    ]


def _default_format(printer: Printer, formats: list[str]) -> Iterable[Attribute]:
    """document-format-default, where the device did not choose."""
    if "document-format-default" not in printer.attributes:
        yield build.mime("document-format-default", PDF if PDF in formats else formats[0])


def _state(view: PrinterView) -> list[Attribute]:
    """Return what the device last reported."""
    printer = view.target.printer
    return [
        build.enum("printer-state", printer.state or PrinterState.IDLE),
        build.keyword("printer-state-reasons", *(printer.state_reasons or ("none",))),
        build.text("printer-state-message", printer.state_message),
        build.boolean("printer-is-accepting-jobs", printer.is_accepting_jobs is not False),
    ]


def _identity(view: PrinterView) -> list[Attribute]:
    """Return the printer's identity by its names in Graph."""
    printer, share = view.target.printer, view.target.share
    name = share.display_name if share else printer.display_name
    return [
        build.name_("printer-name", _shortened(name)),
        build.text("printer-info", _shortened(name)),
        build.text("printer-make-and-model", _shortened(f"{printer.manufacturer} {printer.model}".strip())),
        build.text("printer-location", _shortened(_place(printer))),
        build.uri("printer-uuid", f"urn:uuid:{view.target.id}"),
        build.uri("printer-more-info", f"{view.base_url}/"),
    ]


def _place(printer: Printer) -> str:
    place = printer.location
    parts = (place.room_name, place.floor, place.building, place.site, place.city)
    return ", ".join(part for part in parts if part)


def _shortened(text: str) -> str:
    return text.encode()[:_TEXT_OCTETS].decode(errors="ignore")
