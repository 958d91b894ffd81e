"""XPS to PDF as far as upsim models it: as many pages, of their sizes, blank; the document itself is attached.

Nothing here draws what the pages show. A device gets a PDF that is valid, that has the pages it should count, and
from which the XPS can be taken unchanged.
"""

import asyncio
import re
import zipfile
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

from upsim.domain.document import Document
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.site import Site

ATTACHMENT = "document.xps"
PAGES_MAX = 10_000
_MEMORY_BYTES = 8 << 20
_ROOT_BYTES = 4096
"""Within these a FixedPage part shows its root element (Open XPS, ECMA-388 section 10.3)."""
_ROOT = re.compile(r"<(?:\w+:)?FixedPage\b[^>]*")
_LENGTH = re.compile(r"""\s(Width|Height)\s*=\s*["'](\d+(?:\.\d+)?)["']""")
_POINTS = 72 / 96
"""An XPS unit is 1/96 inch (ECMA-388 section 18.1.1)."""


async def as_pdf(site: Site, document: Document) -> bytes:
    """Return the document as the device is given it; the same octets each time."""
    with SpooledTemporaryFile(_MEMORY_BYTES) as file:
        for part in document.parts:
            async for chunk in site.blobs.read(part.key):
                file.write(chunk)
        return await asyncio.to_thread(_convert, file)


def _convert(file: IO[bytes]) -> bytes:
    from pypdf import PdfWriter

    pages = _page_sizes(file)
    writer = PdfWriter()
    for width, height in pages:
        writer.add_blank_page(width * _POINTS, height * _POINTS)
    writer.add_metadata({"/Producer": "upsim, which models the conversion: the pages are blank"})
    file.seek(0)
    writer.add_attachment(ATTACHMENT, file.read())
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _page_sizes(file: IO[bytes]) -> list[tuple[float, float]]:
    """Width and height of each page, in the order of their numbers."""
    try:
        with zipfile.ZipFile(file) as package:
            names = [name for name in package.namelist() if name.lower().endswith(".fpage")]
            sizes = [_size(package, name) for name in sorted(names, key=_number)[:PAGES_MAX]]
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _bad(str(error)) from error
    if not sizes:
        raise _bad("it has no FixedPage")
    return sizes


def _size(package: zipfile.ZipFile, name: str) -> tuple[float, float]:
    with package.open(name) as part:
        beginning = part.read(_ROOT_BYTES)
    encoding = "utf-16" if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    root = _ROOT.search(beginning.decode(encoding, "replace"))
    lengths = dict(_LENGTH.findall(root[0])) if root else {}
    if len(lengths) < 2:
        raise _bad(f"{name} has no Width and Height")
    return float(lengths["Width"]), float(lengths["Height"])


def _number(name: str) -> tuple[int, str]:
    digits = re.findall(r"\d+", name)
    return (int(digits[-1]) if digits else 0, name)


def _bad(why: str) -> Refusal:
    return Refusal(
        RefusalKind.INVALID, f"The document cannot be converted from XPS: {why}.", reason="document-format-error"
    )
