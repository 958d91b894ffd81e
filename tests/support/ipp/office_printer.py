"""What a common office printer says of itself: A4 and letter, colour, both sides, PDF and two rasters."""

from upsim.domain.attributes import (
    BOOLEAN,
    ENUM,
    INTEGER,
    KEYWORD,
    MIME_MEDIA_TYPE,
    RANGE,
    RESOLUTION,
    TEXT,
    URI,
    Attributes,
    many,
    one,
)

_OCTETS = 0x30
A4, LETTER = "iso_a4_210x297mm", "na_letter_8.5x11in"

ATTRIBUTES: Attributes = {
    "printer-state": one(ENUM, 3),
    "printer-state-reasons": one(KEYWORD, "none"),
    "printer-is-accepting-jobs": one(BOOLEAN, True),
    "printer-make-and-model": one(TEXT, "Contoso L1"),
    "printer-device-id": one(TEXT, "MFG:Contoso;MDL:L1;CMD:PDF,PWGRaster,URF;"),
    "printer-icons": one(URI, "https://printer.contoso.example/icon.png"),
    "document-format-supported": many(
        MIME_MEDIA_TYPE, ["application/octet-stream", "application/pdf", "image/pwg-raster", "image/urf"]
    ),
    "document-format-default": one(MIME_MEDIA_TYPE, "application/octet-stream"),
    "color-supported": one(BOOLEAN, True),
    "copies-default": one(INTEGER, 1),
    "copies-supported": one(RANGE, [1, 99]),
    "finishings-default": one(ENUM, 3),
    "finishings-supported": many(ENUM, [3, 4]),
    "job-hold-until-default": one(KEYWORD, "no-hold"),
    "job-hold-until-supported": many(KEYWORD, ["no-hold", "indefinite"]),
    "job-priority-default": one(INTEGER, 50),
    "job-priority-supported": one(INTEGER, 100),
    "job-sheets-default": one(KEYWORD, "none"),
    "job-sheets-supported": many(KEYWORD, ["none", "standard"]),
    "media-default": one(KEYWORD, A4),
    "media-ready": many(KEYWORD, [A4, LETTER]),
    "media-supported": many(KEYWORD, [A4, LETTER]),
    "multiple-document-handling-default": one(KEYWORD, "separate-documents-collated-copies"),
    "multiple-document-handling-supported": many(
        KEYWORD, ["separate-documents-collated-copies", "separate-documents-uncollated-copies"]
    ),
    "number-up-default": one(INTEGER, 1),
    "number-up-supported": many(INTEGER, [1, 2, 4]),
    "orientation-requested-default": one(ENUM, 3),
    "orientation-requested-supported": many(ENUM, [3, 4, 5, 6]),
    "output-bin-default": one(KEYWORD, "API-down"),
    "output-bin-supported": one(KEYWORD, "API-down"),
    "pages-per-minute": one(INTEGER, 30),
    "pages-per-minute-color": one(INTEGER, 20),
    "page-ranges-supported": one(BOOLEAN, True),
    "print-color-mode-default": one(KEYWORD, "auto"),
    "print-color-mode-supported": many(KEYWORD, ["auto", "color", "monochrome"]),
    "print-quality-default": one(ENUM, 4),
    "print-quality-supported": many(ENUM, [3, 4, 5]),
    "printer-resolution-default": one(RESOLUTION, [600, 600, 3]),
    "printer-resolution-supported": many(RESOLUTION, [[300, 300, 3], [600, 600, 3]]),
    "pwg-raster-document-resolution-supported": one(RESOLUTION, [600, 600, 3]),
    "pwg-raster-document-sheet-back": one(KEYWORD, "normal"),
    "pwg-raster-document-type-supported": many(KEYWORD, ["sgray_8", "srgb_8"]),
    "sides-default": one(KEYWORD, "one-sided"),
    "sides-supported": many(KEYWORD, ["one-sided", "two-sided-long-edge", "two-sided-short-edge"]),
    "urf-supported": many(KEYWORD, ["CP1", "W8", "SRGB24", "RS600", "DM1"]),
}

EVERYWHERE: Attributes = ATTRIBUTES | {
    "document-format-supported": many(
        MIME_MEDIA_TYPE,
        ["application/octet-stream", "application/pdf", "image/jpeg", "image/pwg-raster", "image/urf"],
    ),
    "ipp-features-supported": one(KEYWORD, "ipp-everywhere"),
    "media-bottom-margin-supported": one(INTEGER, 423),
    "media-left-margin-supported": one(INTEGER, 423),
    "media-right-margin-supported": one(INTEGER, 423),
    "media-top-margin-supported": one(INTEGER, 423),
    "media-source-supported": many(KEYWORD, ["auto", "main", "manual"]),
    "media-type-supported": many(KEYWORD, ["auto", "stationery"]),
    "overrides-supported": many(KEYWORD, ["document-numbers", "pages", "sides"]),
    "print-content-optimize-default": one(KEYWORD, "auto"),
    "print-content-optimize-supported": many(KEYWORD, ["auto", "graphic", "photo", "text"]),
    "print-rendering-intent-default": one(KEYWORD, "auto"),
    "print-rendering-intent-supported": many(KEYWORD, ["auto", "relative"]),
    "printer-supply": one(_OCTETS, b"type=toner;maxcapacity=100;level=70;class=supplyThatIsConsumed;".hex()),
    "printer-supply-description": one(TEXT, "Black toner"),
    "printer-supply-info-uri": one(URI, "https://printer.contoso.example/supplies"),
}
"""The same printer with all that IPP Everywhere asks of a device (PWG 5100.14 section 5.2)."""
