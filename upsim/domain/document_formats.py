"""Detection of a document's format by its first octets."""

PDF, PCLM, PWG_RASTER, URF = "application/pdf", "application/PCLm", "image/pwg-raster", "image/urf"
OXPS, XPS, POSTSCRIPT = "application/oxps", "application/vnd.ms-xpsdocument", "application/postscript"
JPEG, PNG, TIFF = "image/jpeg", "image/png", "image/tiff"
ANY = "application/octet-stream"
"""The format is to be detected (RFC 8011 section 5.1.10, auto-sensing)."""
SNIFFED_BYTES = 1024

_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"RaS2", PWG_RASTER),
    (b"UNIRAST\0", URF),
    (b"PK\x03\x04", OXPS),
    (b"%!", POSTSCRIPT),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n", PNG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
)
_SUFFIXES = {
    PDF: ".pdf",
    PCLM: ".pclm",
    PWG_RASTER: ".pwg",
    URF: ".urf",
    OXPS: ".oxps",
    POSTSCRIPT: ".ps",
    JPEG: ".jpg",
    PNG: ".png",
    TIFF: ".tif",
}
_ALIKE = ({PDF, PCLM.lower()}, {OXPS, XPS})
"""Formats that begin alike: their declared format cannot be contradicted by their first octets."""


def sniff(head: bytes) -> str:
    """Return the format that a document's first octets show; '' if they show none."""
    found = next((name for beginning, name in _BEGINNINGS if head.startswith(beginning)), "")
    return PCLM if found == PDF and b"%PCLm" in head[:SNIFFED_BYTES] else found


def suffix(head: bytes) -> str:
    """Return the file name suffix of a document format."""
    return _SUFFIXES.get(sniff(head), ".bin")


def contradicts(declared: str, found: str) -> bool:
    """Return whether a document of the format `found` cannot be what it was declared to be."""
    names = {declared.lower(), found.lower()}
    return bool(found) and len(names) > 1 and not any(names <= alike for alike in _ALIKE)
