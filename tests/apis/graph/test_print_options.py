"""Graph's words for print options and IPP's: what goes over comes back."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from upsim.apis.graph.media_sizes import GRAPH_TO_PWG
from upsim.apis.graph.model import schema_of
from upsim.apis.graph.print_options import (
    read_capabilities,
    read_configuration,
    read_defaults,
    write_capabilities,
    write_configuration,
    write_defaults,
)
from upsim.domain.attributes import Attributes, AttributeValue
from upsim.wire.odata.schema import EnumType

SCHEMA = schema_of("v1.0")


def members(name: str) -> st.SearchStrategy[str]:
    enum = SCHEMA.type(name)
    assert isinstance(enum, EnumType)
    return st.sampled_from([each for each in enum.members if each != "unknownFutureValue"])


MICRONS = st.integers(0, 200_000)
NAMES = st.one_of(st.sampled_from(["auto", "tray-1", "Tray One"]), st.text(min_size=1, max_size=20))
RANGES = st.fixed_dictionaries({"start": st.integers(1, 99), "end": st.integers(100, 999)})
CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        "collate": st.booleans(),
        "colorMode": members("printColorMode"),
        "copies": st.integers(1, 999),
        "dpi": st.sampled_from([300, 600, 1200]),
        "duplexMode": members("printDuplexMode"),
        "feedOrientation": members("printerFeedOrientation"),
        "finishings": st.lists(members("printFinishing"), min_size=1, unique=True),
        "fitPdfToPage": st.booleans(),
        "inputBin": NAMES,
        "margin": st.fixed_dictionaries(dict.fromkeys(("bottom", "left", "right", "top"), MICRONS)),
        "mediaSize": st.one_of(st.sampled_from(sorted(GRAPH_TO_PWG)), st.just("Poster, large")),
        "mediaType": NAMES,
        "multipageLayout": members("printMultipageLayout"),
        "orientation": members("printOrientation"),
        "outputBin": NAMES,
        "pageRanges": st.lists(RANGES, min_size=1, max_size=3),
        "pagesPerSheet": st.sampled_from([1, 2, 4, 6, 9, 16]),
        "quality": members("printQuality"),
        "scaling": members("printScaling"),
    },
)


def stored(attributes: Attributes) -> Attributes:
    """As the store gives them back: nested values have become plain lists."""
    return msgspec.json.decode(msgspec.json.encode(attributes), type=Attributes)


@settings(max_examples=200, deadline=None)
@given(CONFIGURATIONS)
def test_a_configuration_comes_back_as_it_was(configuration: dict[str, Any]) -> None:
    template = write_configuration(configuration)
    for attributes in (template, stored(template)):
        shown = read_configuration(attributes)
        assert {name: value for name, value in shown.items() if value is not None} == configuration


def test_every_member_of_the_type_is_shown() -> None:
    assert set(read_configuration({})) == set(SCHEMA.properties("printJobConfiguration"))
    assert set(read_defaults({})) == set(SCHEMA.properties("printerDefaults"))
    assert set(read_capabilities({})) == set(SCHEMA.properties("printerCapabilities"))


def test_attributes_that_graph_has_no_words_for_survive_a_change() -> None:
    template: Attributes = {"job-sheets": (AttributeValue(0x44, "standard"),)}
    assert write_configuration({"copies": 2}, template)["job-sheets"] == template["job-sheets"]


def test_a_size_alone_is_media_and_with_more_it_is_a_member_of_media_col() -> None:
    assert write_configuration({"mediaSize": "A4"}) == {"media": (AttributeValue(0x44, "iso_a4_210x297mm"),)}
    both = write_configuration({"mediaSize": "A4", "inputBin": "tray-1"})
    assert set(both) == {"media-col"}


def test_open_and_huge_page_ranges_become_ipps_integers() -> None:
    ranges = [{"start": None, "end": 5}, {"start": 7, "end": None}, {"start": 9, "end": 2**62}]
    shown = read_configuration(write_configuration({"pageRanges": ranges}))["pageRanges"]
    assert shown == [{"start": 1, "end": 5}, {"start": 7, "end": 2**31 - 1}, {"start": 9, "end": 2**31 - 1}]


def test_capabilities_come_back_as_they_were() -> None:
    capabilities = {
        "bottomMargins": [2120],
        "topMargins": [2120, 0],
        "leftMargins": [2120],
        "rightMargins": [2120],
        "collation": True,
        "colorModes": ["grayscale", "color"],
        "contentTypes": ["application/pdf", "image/pwg-raster"],
        "copiesPerJob": {"start": 1, "end": 38},
        "dpis": [600],
        "duplexModes": ["oneSided", "flipOnLongEdge"],
        "feedOrientations": ["shortEdgeFirst"],
        "finishings": ["none", "punchTopLeft"],
        "inputBins": ["tray-1"],
        "isColorPrintingSupported": True,
        "isPageRangeSupported": True,
        "mediaColors": ["white"],
        "mediaSizes": ["North America Letter", "Something else"],
        "mediaTypes": ["stationery"],
        "multipageLayouts": ["clockwiseFromTopLeft"],
        "orientations": ["portrait"],
        "outputBins": ["tray-1"],
        "pagesPerSheet": [1, 2, 4],
        "qualities": ["medium"],
        "scalings": ["fill"],
        "supportsFitPdfToPage": True,
    }
    assert read_capabilities(stored(write_capabilities(capabilities))) == capabilities


def test_defaults_come_back_as_they_were() -> None:
    defaults = {
        "colorMode": "grayscale",
        "contentType": "application/pdf",
        "copiesPerJob": 1,
        "dpi": 600,
        "duplexMode": "oneSided",
        "finishings": ["none"],
        "fitPdfToPage": False,
        "inputBin": "auto",
        "mediaColor": "Unknown",
        "mediaSize": "North America Letter",
        "mediaType": "stationery",
        "multipageLayout": "clockwiseFromTopLeft",
        "orientation": "portrait",
        "outputBin": "tray-1",
        "pagesPerSheet": 1,
        "quality": "medium",
        "scaling": "fill",
    }
    written = {name: values for name, values in write_defaults(defaults).items() if values is not None}
    assert read_defaults(stored(written)) == defaults
