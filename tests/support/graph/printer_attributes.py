"""The IPP attributes of the official sample, as a PATCH of a printer carries them."""

from typing import Any

from upsim.wire.ipp.encode import encode_group
from upsim.wire.ipp.tags import GroupTag, ValueTag
from upsim.wire.ipp.values import Attribute, AttributeGroup, Collection, Range, Resolution, Value


def attribute(name: str, tag: int, *items: Any) -> Attribute:
    return Attribute(name, tuple(Value(tag, item) for item in items))


def sample() -> bytes:
    """The attributes of the official sample that have a Graph member, from the group's delimiter on."""
    size = Collection(
        (
            attribute("x-dimension", ValueTag.INTEGER, 21590),
            attribute("y-dimension", ValueTag.INTEGER, 27940),
        )
    )
    source = Collection((attribute("media-source-feed-direction", ValueTag.KEYWORD, "short-edge-first"),))
    media = Collection(
        (
            attribute("media-size", ValueTag.BEG_COLLECTION, size),
            *(
                attribute(f"media-{edge}-margin", ValueTag.INTEGER, 212)
                for edge in ("bottom", "left", "right", "top")
            ),
            attribute("media-type", ValueTag.KEYWORD, "stationery"),
            attribute("media-source-properties", ValueTag.BEG_COLLECTION, source),
        )
    )
    sides = ("one-sided", "two-sided-long-edge", "two-sided-short-edge")
    formats = ("application/pdf", "image/pwg-raster", "application/PCLm")
    attributes = (
        attribute("printer-make-and-model", ValueTag.TEXT, "Infratool Model"),
        attribute("copies-supported", ValueTag.RANGE_OF_INTEGER, Range(1, 38)),
        attribute("copies-default", ValueTag.INTEGER, 1),
        attribute("printer-resolution-default", ValueTag.RESOLUTION, Resolution(600, 600)),
        attribute("printer-resolution-supported", ValueTag.RESOLUTION, Resolution(600, 600)),
        attribute("sides-supported", ValueTag.KEYWORD, *sides),
        attribute("sides-default", ValueTag.KEYWORD, "one-sided"),
        attribute("document-format-supported", ValueTag.MIME_MEDIA_TYPE, *formats),
        attribute("document-format-default", ValueTag.MIME_MEDIA_TYPE, "application/pdf"),
        attribute("output-bin-supported", ValueTag.KEYWORD, "tray-1"),
        attribute("output-bin-default", ValueTag.KEYWORD, "tray-1"),
        attribute("color-supported", ValueTag.BOOLEAN, True),
        attribute("print-color-mode-supported", ValueTag.KEYWORD, "monochrome", "color"),
        attribute("print-color-mode-default", ValueTag.KEYWORD, "monochrome"),
        attribute("print-quality-supported", ValueTag.ENUM, 4),
        attribute("print-quality-default", ValueTag.ENUM, 4),
        attribute("multiple-document-handling-supported", ValueTag.KEYWORD, "separate-documents-collated-copies"),
        attribute("print-scaling-supported", ValueTag.KEYWORD, "fill"),
        attribute("print-scaling-default", ValueTag.KEYWORD, "fill"),
        attribute("media-type-supported", ValueTag.KEYWORD, "stationery"),
        attribute("media-source-supported", ValueTag.KEYWORD, "tray-1"),
        attribute("media-supported", ValueTag.KEYWORD, "na_letter_8.5x11in"),
        attribute("media-default", ValueTag.KEYWORD, "na_letter_8.5x11in"),
        attribute("media-col-database", ValueTag.BEG_COLLECTION, media),
        attribute("orientation-requested-default", ValueTag.ENUM, 3),
        attribute("finishings-default", ValueTag.ENUM, 3),
        attribute("finishings-supported", ValueTag.ENUM, 3),
        attribute("printer-is-accepting-jobs", ValueTag.BOOLEAN, True),
    )
    return encode_group(AttributeGroup(GroupTag.PRINTER, attributes))
