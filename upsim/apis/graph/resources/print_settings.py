"""printSettings."""

from typing import Any

from upsim.apis.graph.selection import Json
from upsim.domain.print_settings import PrintSettings

WRITABLE = frozenset({"documentConversionEnabled", "printerDiscoverySettings"})


def represent_settings(settings: PrintSettings) -> Json:
    return {
        "documentConversionEnabled": settings.is_document_conversion_enabled,
        "printerDiscoverySettings": {
            "airPrint": {"incompatiblePrinters": settings.air_print_incompatible_printers}
        },
    }


def read_settings(body: Json) -> dict[str, Any]:
    """Return the changes of a PATCH, as `print_settings.update` takes it."""
    changes: dict[str, Any] = {}
    if "documentConversionEnabled" in body:
        changes["is_document_conversion_enabled"] = body["documentConversionEnabled"]
    air_print = (body.get("printerDiscoverySettings") or {}).get("airPrint") or {}
    if "incompatiblePrinters" in air_print:
        changes["air_print_incompatible_printers"] = air_print["incompatiblePrinters"]
    return changes
