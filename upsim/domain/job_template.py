"""Job Template attributes: how a user wants a job printed (RFC 8011 section 5.2 and the PWG's extensions).

A printer lists its capabilities in `name-supported`, its defaults in `name-default`, and loaded media in
`name-ready`.
"""

from msgspec import Struct

from upsim.domain.attributes import BOOLEAN, COLLECTION, RANGE, Attributes, AttributeValue

JOB_PRIORITY_MAX = 100
"""job-priority-supported is the number of levels that the printer distinguishes, not the numbers it accepts."""

NAMES: frozenset[str] = frozenset(
    [
        "copies",
        "cover-back",
        "cover-front",
        "feed-orientation",
        "finishings",
        "finishings-col",
        "font-name-requested",
        "font-size-requested",
        "force-front-side",
        "imposition-template",
        "insert-sheet",
        "job-account-id",
        "job-account-type",
        "job-accounting-sheets",
        "job-accounting-user-id",
        "job-cancel-after",
        "job-complete-before",
        "job-complete-before-time",
        "job-copies",
        "job-cover-back",
        "job-cover-front",
        "job-delay-output-until",
        "job-delay-output-until-time",
        "job-error-action",
        "job-error-sheet",
        "job-finishings",
        "job-finishings-col",
        "job-hold-until",
        "job-hold-until-time",
        "job-message-to-operator",
        "job-pages-per-set",
        "job-phone-number",
        "job-priority",
        "job-recipient-name",
        "job-release-action",
        "job-retain-until",
        "job-retain-until-interval",
        "job-retain-until-time",
        "job-save-disposition",
        "job-sheet-message",
        "job-sheets",
        "job-sheets-col",
        "materials-col",
        "media",
        "media-col",
        "media-input-tray-check",
        "media-overprint",
        "multiple-document-handling",
        "multiple-object-handling",
        "number-up",
        "number-of-retries",
        "orientation-requested",
        "output-bin",
        "output-device",
        "overrides",
        "page-delivery",
        "page-ranges",
        "pages-per-subset",
        "pdf-fit-to-page",
        "pdl-init-file",
        "platform-temperature",
        "presentation-direction-number-up",
        "print-accuracy",
        "print-base",
        "print-color-mode",
        "print-content-optimize",
        "print-darkness",
        "print-objects",
        "print-quality",
        "print-rendering-intent",
        "print-scaling",
        "print-speed",
        "print-supports",
        "printer-resolution",
        "proof-copies",
        "proof-print",
        "retry-interval",
        "retry-time-out",
        "separator-sheets",
        "sheet-collate",
        "sides",
        "x-image-position",
        "x-image-shift",
        "x-side1-image-shift",
        "x-side2-image-shift",
        "y-image-position",
        "y-image-shift",
        "y-side1-image-shift",
        "y-side2-image-shift",
    ]
)

_SUFFIXES = ("-default", "-supported", "-ready")


def describes_template(printer_attribute: str) -> bool:
    """Return whether a printer attribute belongs to the printer's `job-template` group."""
    return any(
        printer_attribute.endswith(suffix) and printer_attribute.removesuffix(suffix) in NAMES
        for suffix in _SUFFIXES
    )


class Judgement(Struct, frozen=True):
    """The result of comparing a template with what a printer supports.

    `unsupported` without values: the attribute as such.
    """

    accepted: Attributes
    unsupported: Attributes


def judge(printer: Attributes, template: Attributes) -> Judgement:
    """Judge a template by what the printer supports; a printer without attributes supports everything."""
    accepted: Attributes = {}
    unsupported: Attributes = {}
    for name, wanted in template.items():
        supported = printer.get(f"{name}-supported", ())
        if name not in NAMES or (printer and not supported):
            unsupported[name] = ()
        elif refusal := tuple(item for item in wanted if printer and not _supports(name, item, supported)):
            unsupported[name] = refusal
        else:
            accepted[name] = wanted
    return Judgement(accepted, unsupported)


def _supports(name: str, wanted: AttributeValue, supported: tuple[AttributeValue, ...]) -> bool:
    """Return whether a value is among the supported ones, which may be ranges, or a mere yes."""
    if wanted.tag == COLLECTION:
        return set(wanted.value) <= {item.value for item in supported}
    if name == "job-priority":
        return type(wanted.value) is int and 1 <= wanted.value <= JOB_PRIORITY_MAX
    return any(_covers(item, wanted) for item in supported)


def _covers(supported: AttributeValue, wanted: AttributeValue) -> bool:
    if supported.tag == BOOLEAN and wanted.tag != BOOLEAN:
        return bool(supported.value)  # page-ranges-supported: true
    if supported.tag == RANGE and type(wanted.value) is int:
        lower, upper = supported.value
        return bool(lower <= wanted.value <= upper)
    return bool(supported.value == wanted.value)
