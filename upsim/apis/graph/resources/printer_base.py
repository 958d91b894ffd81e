"""printerBase: the members that printer and printerShare share. A share shows its printer's."""

from upsim.apis.graph.print_options import read_capabilities, read_defaults
from upsim.apis.graph.resources.printer_location import represent_location
from upsim.apis.graph.resources.printer_status import represent_printer_status
from upsim.apis.graph.selection import Json, View
from upsim.domain.printer import Printer
from upsim.wire.odata.query import QueryOptions
from upsim.wire.odata.selection import is_selected


def represent_printer_base(view: View, printer: Printer, display_name: str, options: QueryOptions) -> Json:
    """Return the shared members. `capabilities` come only when selected, `defaults` not unselected in lists."""
    body: Json = {"displayName": display_name, **_describe(view, printer)}
    if view.is_beta:
        body["name"] = display_name
    if not view.is_list or is_selected(options.select, "defaults"):
        body["defaults"] = represent_defaults(printer, view.is_beta)
    if is_selected(options.select, "capabilities"):
        body["capabilities"] = represent_capabilities(printer, view.is_beta)
    return body


def _describe(view: View, printer: Printer) -> Json:
    return {
        "manufacturer": printer.manufacturer,
        "model": printer.model,
        "isAcceptingJobs": printer.is_accepting_jobs,
        "status": represent_printer_status(view, printer),
        "location": represent_location(view, printer.location),
    }


def represent_defaults(printer: Printer, is_beta: bool) -> Json:
    """printerDefaults: the device's, overruled by what an administrator chose."""
    defaults = read_defaults({**printer.attributes, **printer.defaults})
    if is_beta:
        defaults |= {
            "documentMimeType": defaults["contentType"],
            "duplexConfiguration": _DUPLEX.get(defaults["duplexMode"] or ""),
            "pdfFitToPage": defaults["fitPdfToPage"],
            "presentationDirection": _direction(defaults["multipageLayout"]),
            "printColorConfiguration": defaults["colorMode"],
            "printQuality": defaults["quality"],
        }
    return defaults


def represent_capabilities(printer: Printer, is_beta: bool) -> Json | None:
    """printerCapabilities; null until the device described itself."""
    if not printer.attributes:
        return None
    capabilities = read_capabilities(printer.attributes)
    return capabilities | represent_legacy_capabilities(capabilities) if is_beta else capabilities


def represent_old_capabilities(printer: Printer) -> Json:
    """Return the answer of beta's getCapabilities: only the older names."""
    return represent_legacy_capabilities(read_capabilities(printer.attributes))


def represent_legacy_capabilities(capabilities: Json) -> Json:
    """Beta's older names for the same facts (printer: getCapabilities, beta)."""
    copies = capabilities["copiesPerJob"]
    numbers = capabilities["pagesPerSheet"]
    return {
        "feedDirections": capabilities["feedOrientations"],
        "supportedColorConfigurations": capabilities["colorModes"],
        "supportedCopiesPerJob": copies and {"minimum": copies["start"], "maximum": copies["end"]},
        "supportedDocumentMimeTypes": capabilities["contentTypes"],
        "supportedDuplexConfigurations": [_DUPLEX[mode] for mode in capabilities["duplexModes"]],
        "supportedFinishings": capabilities["finishings"],
        "supportedMediaColors": capabilities["mediaColors"],
        "supportedMediaSizes": capabilities["mediaSizes"],
        "supportedOutputBins": capabilities["outputBins"],
        "supportedMediaTypes": [each for each in capabilities["mediaTypes"] if each in _MEDIA_TYPES],
        "supportedOrientations": capabilities["orientations"],
        "supportedPagesPerSheet": {"minimum": min(numbers), "maximum": max(numbers)} if numbers else None,
        "supportedPresentationDirections": [_direction(each) for each in capabilities["multipageLayouts"]],
        "supportedPrintQualities": capabilities["qualities"],
    }


_DUPLEX = {
    "flipOnLongEdge": "twoSidedLongEdge",
    "flipOnShortEdge": "twoSidedShortEdge",
    "oneSided": "oneSided",
}
_MEDIA_TYPES = {"stationery", "transparency", "envelope", "continuous", "screen", "labels"}
"""printMediaType members that are media-type keywords as they stand."""


def _direction(layout: str | None) -> str | None:
    """PrintPresentationDirection writes counterClockwise, printMultipageLayout counterclockwise."""
    return layout.replace("counterclockwise", "counterClockwise") if layout else None
