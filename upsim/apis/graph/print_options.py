"""Print options in Graph's terms and in IPP's: one table, read in both directions.

A job has IPP Job Template attributes (RFC 8011 section 5.2, PWG 5100.7, PWG 5100.13), a printer the attributes
that its device reported. printJobConfiguration, printerDefaults and printerCapabilities are projections of
them. The pairs follow the documented application/ipp sample of printer update, whose attributes and
capabilities match value for value.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from upsim.apis.graph.media_sizes import GRAPH_TO_PWG, PWG_TO_GRAPH
from upsim.domain.attributes import (
    BOOLEAN,
    COLLECTION,
    DOTS_PER_INCH,
    ENUM,
    INTEGER,
    KEYWORD,
    MIME_MEDIA_TYPE,
    NAME,
    RANGE,
    RESOLUTION,
    Attributes,
    AttributeValue,
    first,
    members_of,
    values,
)

Json = dict[str, Any]
INTEGER_MAX = 2**31 - 1

_KEYWORD = re.compile(r"[a-z0-9][a-z0-9._-]*")


class Option(NamedTuple):
    """One option: its IPP attribute and how a single value goes over and back (None: no word for it)."""

    attribute: str
    to_ipp: Callable[[Any], AttributeValue]
    from_ipp: Callable[[Any], Any]


def _plain(attribute: str, tag: int) -> Option:
    return Option(attribute, lambda value: AttributeValue(tag, value), lambda value: value)


def _words(attribute: str, tag: int, pairs: Mapping[str, Any]) -> Option:
    back = {ipp: graph for graph, ipp in pairs.items()}
    return Option(attribute, lambda value: AttributeValue(tag, pairs[value]), back.get)


def _free(attribute: str) -> Option:
    """Return a keyword where it looks like one, else a name (RFC 8011 section 5.1.4: `keyword | name`)."""
    return Option(attribute, keyword_or_name, str)


def keyword_or_name(text: str) -> AttributeValue:
    return AttributeValue(KEYWORD if _KEYWORD.fullmatch(text) else NAME, text)


def _from_resolution(value: Any) -> int:
    across, _, units = value
    return int(across) if units == DOTS_PER_INCH else round(across * 2.54)


COPIES = _plain("copies", INTEGER)
NUMBER_UP = _plain("number-up", INTEGER)
CONTENT_TYPE = _plain("document-format", MIME_MEDIA_TYPE)
OUTPUT_BIN = _free("output-bin")
MEDIA_TYPE = _free("media-type")
MEDIA_SOURCE = _free("media-source")
MEDIA_COLOR = _free("media-color")
FIT_PDF = _plain("pdf-fit-to-page", BOOLEAN)
RESOLUTION_DPI = Option(
    "printer-resolution", lambda dpi: AttributeValue(RESOLUTION, [dpi, dpi, DOTS_PER_INCH]), _from_resolution
)
MEDIA_SIZE = Option(
    "media",
    lambda name: keyword_or_name(GRAPH_TO_PWG.get(name, name)),
    lambda keyword: PWG_TO_GRAPH.get(keyword, keyword),
)
COLOR_MODE = _words(
    "print-color-mode",
    KEYWORD,
    {"blackAndWhite": "bi-level", "grayscale": "monochrome", "color": "color", "auto": "auto"},
)
DUPLEX_MODE = _words(
    "sides",
    KEYWORD,
    {
        "flipOnLongEdge": "two-sided-long-edge",
        "flipOnShortEdge": "two-sided-short-edge",
        "oneSided": "one-sided",
    },
)
QUALITY = _words("print-quality", ENUM, {"low": 3, "medium": 4, "high": 5})
ORIENTATION = _words(
    "orientation-requested",
    ENUM,
    {"portrait": 3, "landscape": 4, "reverseLandscape": 5, "reversePortrait": 6},
)
SCALING = _words(
    "print-scaling",
    KEYWORD,
    {"auto": "auto", "shrinkToFit": "auto-fit", "fill": "fill", "fit": "fit", "none": "none"},
)
FEED_ORIENTATION = _words(
    "media-source-feed-direction",
    KEYWORD,
    {"longEdgeFirst": "long-edge-first", "shortEdgeFirst": "short-edge-first"},
)
COLLATE = _words(
    "multiple-document-handling",
    KEYWORD,
    {True: "separate-documents-collated-copies", False: "separate-documents-uncollated-copies"},  # type: ignore[dict-item]
)
LAYOUT = _words(
    "presentation-direction-number-up",
    KEYWORD,
    {
        "clockwiseFromTopLeft": "toright-tobottom",
        "counterclockwiseFromTopLeft": "tobottom-toright",
        "counterclockwiseFromTopRight": "toleft-tobottom",
        "clockwiseFromTopRight": "tobottom-toleft",
        "counterclockwiseFromBottomLeft": "toright-totop",
        "clockwiseFromBottomLeft": "totop-toright",
        "counterclockwiseFromBottomRight": "totop-toleft",
        "clockwiseFromBottomRight": "toleft-totop",
    },
)
FINISHINGS = _words(
    "finishings",
    ENUM,
    {
        # Up to 31 Graph's numbers are IPP's; above, Graph counts on its own (PWG 5100.1 section 6).
        "none": 3, "staple": 4, "punch": 5, "cover": 6, "bind": 7, "saddleStitch": 8, "stitchEdge": 9,
        "stapleTopLeft": 20, "stapleBottomLeft": 21, "stapleTopRight": 22, "stapleBottomRight": 23,
        "stitchLeftEdge": 24, "stitchTopEdge": 25, "stitchRightEdge": 26, "stitchBottomEdge": 27,
        "stapleDualLeft": 28, "stapleDualTop": 29, "stapleDualRight": 30, "stapleDualBottom": 31,
        "stapleTripleLeft": 32, "stapleTripleTop": 33, "stapleTripleRight": 34, "stapleTripleBottom": 35,
        "bindLeft": 50, "bindTop": 51, "bindRight": 52, "bindBottom": 53,
        "foldAccordion": 90, "foldDoubleGate": 91, "foldGate": 92, "foldHalf": 93, "foldHalfZ": 94,
        "foldLeftGate": 95, "foldLetter": 96, "foldParallel": 97, "foldPoster": 98, "foldRightGate": 99,
        "foldZ": 100, "foldEngineeringZ": 101,
        "punchTopLeft": 70, "punchBottomLeft": 71, "punchTopRight": 72, "punchBottomRight": 73,
        "punchDualLeft": 74, "punchDualTop": 75, "punchDualRight": 76, "punchDualBottom": 77,
        "punchTripleLeft": 78, "punchTripleTop": 79, "punchTripleRight": 80, "punchTripleBottom": 81,
        "punchQuadLeft": 82, "punchQuadTop": 83, "punchQuadRight": 84, "punchQuadBottom": 85,
        "fold": 10, "trim": 11, "bale": 12, "bookletMaker": 13, "coat": 15, "laminate": 16,
        "trimAfterPages": 60, "trimAfterDocuments": 61, "trimAfterCopies": 62, "trimAfterJob": 63,
    },
)  # fmt: skip

EDGES = ("bottom", "left", "right", "top")
MICRONS_PER_UNIT = 10
"""IPP measures margins in hundredths of a millimetre (PWG 5100.7), Graph in microns."""


# One value.


def read_one(option: Option, attributes: Attributes, suffix: str = "") -> Any:
    """Return an option's value in Graph's words, or None."""
    found = first(attributes, option.attribute + suffix)
    return None if found is None else _in_graphs_words(option, found)


def read_many(option: Option, attributes: Attributes, suffix: str = "") -> list[Any]:
    """Return all values of an option that Graph has words for."""
    converted = (_in_graphs_words(option, value) for value in values(attributes, option.attribute + suffix))
    return [value for value in converted if value is not None]


def _in_graphs_words(option: Option, value: Any) -> Any:
    """Return a value that a device reported; None where its syntax is not what the attribute has."""
    if isinstance(value, list | tuple) and isinstance(value[-1], str):  # a name with a language
        value = value[-1]
    try:
        return option.from_ipp(value)
    except (TypeError, ValueError):
        return None


def write_many(option: Option, items: Iterable[Any]) -> tuple[AttributeValue, ...]:
    """Return a 1setOf an option's values."""
    return tuple(option.to_ipp(item) for item in items)


# Media: a size alone is `media`, with anything more it is a member of `media-col` (never both, PWG 5100.7).


def read_media_members(attributes: Attributes, name: str) -> dict[str, list[Any]]:
    """Return the plain values of a media collection, by member; nested members by their own names."""
    found: dict[str, list[Any]] = {}
    for collection in values(attributes, name)[:1]:
        found |= members_of(collection)
        for inner in found.get("media-source-properties", [])[:1]:
            found |= members_of(inner)
    return found


def _member(found: Mapping[str, list[Any]], option: Option, name: str = "") -> Any:
    listed = found.get(name or option.attribute)
    return _in_graphs_words(option, listed[0]) if listed else None


_MARGIN_EXACT = "upsim-{}-margin-microns"
"""A member beside `media-*-margin` where microns are no whole hundredth of a millimetre."""


def _write_margins(margin: Mapping[str, int | None]) -> dict[str, list[AttributeValue]]:
    members: dict[str, list[AttributeValue]] = {}
    for edge in EDGES:
        if (microns := margin.get(edge)) is not None:
            members[f"media-{edge}-margin"] = [AttributeValue(INTEGER, microns // MICRONS_PER_UNIT)]
            if microns % MICRONS_PER_UNIT:
                members[_MARGIN_EXACT.format(edge)] = [AttributeValue(INTEGER, microns)]
    return members


def _read_margins(found: Mapping[str, list[Any]]) -> dict[str, int | None] | None:
    margin: dict[str, int | None] = dict.fromkeys(EDGES)
    for edge in EDGES:
        if exact := found.get(_MARGIN_EXACT.format(edge)):
            margin[edge] = exact[0]
        elif rounded := found.get(f"media-{edge}-margin"):
            margin[edge] = rounded[0] * MICRONS_PER_UNIT
    return None if all(value is None for value in margin.values()) else margin


def write_media(configuration: Json) -> Attributes:
    """`media` or `media-col` for a job."""
    size = configuration.get("mediaSize")
    members: dict[str, list[AttributeValue]] = {}
    for name, option in (("mediaType", MEDIA_TYPE), ("inputBin", MEDIA_SOURCE)):
        if configuration.get(name) is not None:
            members[option.attribute] = [option.to_ipp(configuration[name])]
    if (feed := configuration.get("feedOrientation")) is not None:
        properties = {FEED_ORIENTATION.attribute: [FEED_ORIENTATION.to_ipp(feed)]}
        members["media-source-properties"] = [AttributeValue(COLLECTION, properties)]
    members |= _write_margins(configuration.get("margin") or {})
    if size is not None and not members:
        return {"media": (MEDIA_SIZE.to_ipp(size),)}
    if size is not None:
        members = {"media-size-name": [MEDIA_SIZE.to_ipp(size)], **members}
    return {"media-col": (AttributeValue(COLLECTION, members),)} if members else {}


# A job's configuration (printJobConfiguration).

_SINGLE: dict[str, Option] = {
    "collate": COLLATE,
    "colorMode": COLOR_MODE,
    "copies": COPIES,
    "dpi": RESOLUTION_DPI,
    "duplexMode": DUPLEX_MODE,
    "fitPdfToPage": FIT_PDF,
    "multipageLayout": LAYOUT,
    "orientation": ORIENTATION,
    "outputBin": OUTPUT_BIN,
    "pagesPerSheet": NUMBER_UP,
    "quality": QUALITY,
    "scaling": SCALING,
}
_PROJECTED = {option.attribute for option in _SINGLE.values()} | {
    "media",
    "media-col",
    "finishings",
    "page-ranges",
}


def write_configuration(configuration: Json, template: Attributes | None = None) -> Attributes:
    """Job Template attributes of a configuration; attributes without a name in Graph are unchanged."""
    written: Attributes = {name: kept for name, kept in (template or {}).items() if name not in _PROJECTED}
    for name, option in _SINGLE.items():
        if configuration.get(name) is not None:
            written[option.attribute] = (option.to_ipp(configuration[name]),)
    if finishings := configuration.get("finishings"):
        written["finishings"] = write_many(FINISHINGS, finishings)
    if ranges := configuration.get("pageRanges"):
        written["page-ranges"] = tuple(AttributeValue(RANGE, _range(each)) for each in ranges)
    return written | write_media(configuration)


def _range(given: Mapping[str, int | None]) -> list[int]:
    """Open ends become the ends of IPP's integers, which are shorter than Graph's."""
    start, end = given.get("start"), given.get("end")
    bounds = (1 if start is None else start, INTEGER_MAX if end is None else end)
    return [max(-INTEGER_MAX, min(INTEGER_MAX, bound)) for bound in bounds]


def read_configuration(template: Attributes) -> Json:
    """Return a job's template as printJobConfiguration, every member present."""
    media = read_media_members(template, "media-col")
    single = {name: read_one(option, template) for name, option in _SINGLE.items()}
    ranges = [{"start": start, "end": end} for start, end in values(template, "page-ranges")]
    return {
        **single,
        "feedOrientation": _member(media, FEED_ORIENTATION),
        "finishings": read_many(FINISHINGS, template) or None,
        "inputBin": _member(media, MEDIA_SOURCE),
        "margin": _read_margins(media),
        "mediaSize": read_one(MEDIA_SIZE, template) or _member(media, MEDIA_SIZE, "media-size-name"),
        "mediaType": _member(media, MEDIA_TYPE),
        "pageRanges": ranges or None,
    }


# A printer's defaults (printerDefaults).

_DEFAULTS: dict[str, Option] = {
    "colorMode": COLOR_MODE,
    "contentType": CONTENT_TYPE,
    "copiesPerJob": COPIES,
    "dpi": RESOLUTION_DPI,
    "duplexMode": DUPLEX_MODE,
    "fitPdfToPage": FIT_PDF,
    "inputBin": MEDIA_SOURCE,
    "mediaColor": MEDIA_COLOR,
    "mediaSize": MEDIA_SIZE,
    "mediaType": MEDIA_TYPE,
    "multipageLayout": LAYOUT,
    "orientation": ORIENTATION,
    "outputBin": OUTPUT_BIN,
    "pagesPerSheet": NUMBER_UP,
    "quality": QUALITY,
    "scaling": SCALING,
}
_IN_MEDIA_COL = ("inputBin", "mediaColor", "mediaType")


def read_defaults(attributes: Attributes) -> Json:
    """Return the defaults of a printer, as printerDefaults."""
    found = {name: read_one(option, attributes, "-default") for name, option in _DEFAULTS.items()}
    media = read_media_members(attributes, "media-col-default")
    for name in _IN_MEDIA_COL:
        if found[name] is None:
            found[name] = _member(media, _DEFAULTS[name])
    if found["mediaSize"] is None:
        found["mediaSize"] = _member(media, MEDIA_SIZE, "media-size-name")
    found["finishings"] = read_many(FINISHINGS, attributes, "-default") or None
    return found


def write_defaults(defaults: Json) -> dict[str, tuple[AttributeValue, ...] | None]:
    """Return the attributes that a printerDefaults sets; None where it takes a choice back."""
    written: dict[str, tuple[AttributeValue, ...] | None] = {}
    for name, value in defaults.items():
        option = FINISHINGS if name == "finishings" else _DEFAULTS.get(name)
        if option is None:
            continue
        items = value if isinstance(value, list) else [value]
        written[f"{option.attribute}-default"] = None if value is None else write_many(option, items)
    return written


# A printer's capabilities (printerCapabilities).

_CAPABILITIES: dict[str, Option] = {
    "colorModes": COLOR_MODE,
    "contentTypes": CONTENT_TYPE,
    "dpis": RESOLUTION_DPI,
    "duplexModes": DUPLEX_MODE,
    "feedOrientations": FEED_ORIENTATION,
    "finishings": FINISHINGS,
    "inputBins": MEDIA_SOURCE,
    "mediaColors": MEDIA_COLOR,
    "mediaSizes": MEDIA_SIZE,
    "mediaTypes": MEDIA_TYPE,
    "multipageLayouts": LAYOUT,
    "orientations": ORIENTATION,
    "outputBins": OUTPUT_BIN,
    "qualities": QUALITY,
    "scalings": SCALING,
}
_FLAGS = {
    "isColorPrintingSupported": "color-supported",
    "isPageRangeSupported": "page-ranges-supported",
    "supportsFitPdfToPage": "pdf-fit-to-page-supported",
}
_NUMBERS_UP_MAX = 64
"""How far a range of number-up-supported is spelled out as pagesPerSheet."""


def read_capabilities(attributes: Attributes) -> Json:
    """Return the capabilities of a printer, as printerCapabilities."""
    handling = values(attributes, "multiple-document-handling-supported")
    found: Json = {name: read_many(option, attributes, "-supported") for name, option in _CAPABILITIES.items()}
    found |= {name: bool(first(attributes, attribute, default=False)) for name, attribute in _FLAGS.items()}
    found["collation"] = "separate-documents-collated-copies" in handling
    found["copiesPerJob"] = _copies(first(attributes, "copies-supported"))
    found["pagesPerSheet"] = _numbers(values(attributes, "number-up-supported"))
    if not found["feedOrientations"]:
        found["feedOrientations"] = _feeds(attributes)
    for edge in EDGES:
        found[f"{edge}Margins"] = _margins(attributes, edge)
    return found


def write_capabilities(capabilities: Json) -> Attributes:
    """Return the attributes that a printerCapabilities sets; members that are null or absent set nothing."""
    written: Attributes = {}
    for name, value in capabilities.items():
        if value is None:
            continue
        if name in _CAPABILITIES:
            option = _CAPABILITIES[name]
            written[f"{option.attribute}-supported"] = write_many(option, value)
        elif name in _FLAGS:
            written[_FLAGS[name]] = (AttributeValue(BOOLEAN, value),)
        elif name == "copiesPerJob":
            written["copies-supported"] = (AttributeValue(RANGE, _range(value)),)
        elif name == "pagesPerSheet":
            written["number-up-supported"] = write_many(NUMBER_UP, value)
        elif name == "collation":
            written["multiple-document-handling-supported"] = (COLLATE.to_ipp(value),)
        elif name.endswith("Margins"):
            edge = name.removesuffix("Margins")
            numbers = (microns // MICRONS_PER_UNIT for microns in value)
            written[f"media-{edge}-margin-supported"] = tuple(AttributeValue(INTEGER, each) for each in numbers)
    return written


def _copies(value: Any) -> Json | None:
    if value is None:
        return None
    start, end = value if isinstance(value, list | tuple) else (1, value)
    return {"start": start, "end": end}


def _numbers(listed: Iterable[Any]) -> list[int]:
    numbers: list[int] = []
    for item in listed:
        if isinstance(item, list | tuple):
            numbers += range(item[0], min(item[1], _NUMBERS_UP_MAX) + 1)
        else:
            numbers.append(item)
    return numbers


def _feeds(attributes: Attributes) -> list[str]:
    found = [_member(each, FEED_ORIENTATION) for each in _media_rows(attributes)]
    return list(dict.fromkeys(each for each in found if each is not None))


def _margins(attributes: Attributes, edge: str) -> list[int]:
    listed = values(attributes, f"media-{edge}-margin-supported") or [
        each[f"media-{edge}-margin"][0] for each in _media_rows(attributes) if each.get(f"media-{edge}-margin")
    ]
    return [number * MICRONS_PER_UNIT for number in dict.fromkeys(listed)]


def _media_rows(attributes: Attributes) -> list[dict[str, list[Any]]]:
    """Return the collections of media-col-database, each with its nested members."""
    rows = []
    for collection in values(attributes, "media-col-database"):
        members = members_of(collection)
        for inner in members.get("media-source-properties", [])[:1]:
            members |= members_of(inner)
        rows.append(members)
    return rows
