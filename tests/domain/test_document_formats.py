"""What a document's first octets say it is."""

import pytest

from upsim.domain import document_formats


@pytest.mark.parametrize(
    ("head", "kind", "suffix"),
    [
        (b"%PDF-1.7\n", "application/pdf", ".pdf"),
        (b"%PDF-1.3\n%PCLm 1.0\n", "application/PCLm", ".pclm"),
        (b"RaS2PwgRaster", "image/pwg-raster", ".pwg"),
        (b"UNIRAST\0", "image/urf", ".urf"),
        (b"PK\x03\x04", "application/oxps", ".oxps"),
        (b"%!PS-Adobe-3.0", "application/postscript", ".ps"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", ".jpg"),
        (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
        (b"MM\0*", "image/tiff", ".tif"),
        (b"plain words", "", ".bin"),
        (b"", "", ".bin"),
    ],
)
def test_a_document_is_known_by_its_beginning(head: bytes, kind: str, suffix: str) -> None:
    assert document_formats.sniff(head) == kind
    assert document_formats.suffix(head) == suffix
