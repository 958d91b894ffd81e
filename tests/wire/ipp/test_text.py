"""Messages as people read them."""

import pytest
from hypothesis import given

from tests.support.ipp.goldens import MESSAGES
from tests.support.ipp.strategies import messages
from upsim.wire.ipp import build
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.text import format_attribute, format_request, format_response
from upsim.wire.ipp.values import Attribute, Value


def test_a_request_prints_with_its_operation():
    assert format_request(MESSAGES["print-job-request.hex"]) == (
        "operation Print-Job (0x0002), version 1.1, request-id 1\n"
        "operation-attributes-tag\n"
        "    attributes-charset (charset) = utf-8\n"
        "    attributes-natural-language (naturalLanguage) = en-us\n"
        "    printer-uri (uri) = ipp://printer.example.com/ipp/print/pinetree\n"
        "    job-name (nameWithoutLanguage) = foobar\n"
        "    ipp-attribute-fidelity (boolean) = true\n"
        "job-attributes-tag\n"
        "    copies (integer) = 20\n"
        "    sides (keyword) = two-sided-long-edge\n"
        "    page-ranges (1setOf rangeOfInteger) = 1-2,5-9\n"
    )


def test_a_response_prints_with_its_status():
    assert format_response(MESSAGES["get-jobs-response.hex"]).splitlines()[0] == (
        "status successful-ok (0x0000), version 2.0, request-id 1"
    )


def test_a_code_without_a_name_prints_as_a_number():
    assert format_request(Message((2, 0), 0x4FFF, 1)) == "operation 0x4fff, version 2.0, request-id 1\n"


def test_a_group_without_a_name_prints_its_tag():
    assert "group-0x0b" in format_response(MESSAGES["every-syntax.hex"])


@pytest.mark.parametrize(
    ("attribute", "line"),
    [
        (build.enum("job-state", 9), "job-state (enum) = completed"),
        (build.enum("output-device-job-state", 6), "output-device-job-state (enum) = processing-stopped"),
        (build.enum("operations-supported", 0x0B, 0x5000),
         "operations-supported (1setOf enum) = Get-Printer-Attributes,Get-Print-Device-Capabilities"),
        (build.enum("job-state", 99), "job-state (enum) = 99"),
        (build.no_value("time-at-completed"), "time-at-completed (no-value) = no-value"),
        (Attribute("a", (Value(0x13, b"x"),)), "a (no-value) = <78>"),
        (build.boolean("color-supported", False), "color-supported (boolean) = false"),
        (build.octets("notify-user-data", b"\x00\xff"), "notify-user-data (octetString) = <00ff>"),
        (build.text("printer-info", "a\nb\x1b[0m\udcff"),
         r"printer-info (textWithoutLanguage) = a\nb\x1b[0m\udcff"),
        (Attribute("media", (Value(0x44, "a4"), Value(0x42, "Ours"))),
         "media (1setOf keyword | nameWithoutLanguage) = a4,Ours"),
        (Attribute("a", (Value(0xFF, b"x"),)), "a (0xff) = <78>"),
    ],
)  # fmt: skip
def test_an_attribute_prints_in_one_line(attribute, line):
    assert format_attribute(attribute) == line


def test_collections_print_their_members():
    lines = format_response(MESSAGES["collections.hex"]).splitlines()
    assert lines[5] == (
        "    media-col-database (1setOf collection) = "
        "{media-size={x-dimension=21000 y-dimension=29700} media-type=stationery},"
        "{media-type=photographic-gloss,Our best},{}"
    )


def test_a_string_with_language_prints_both():
    lines = format_response(MESSAGES["every-syntax.hex"]).splitlines()
    assert "    textWithLanguage (textWithLanguage) = Grüß[de]" in lines


@given(messages)
def test_any_message_prints_a_line_for_each_attribute(message):
    text = format_request(message)
    assert len(text.splitlines()) == 1 + sum(1 + len(group.attributes) for group in message.groups)
    text.encode()
