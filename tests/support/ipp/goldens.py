"""Messages in annotated hex, and what they mean, written down a second time by hand."""

import re
from pathlib import Path

from upsim.wire.ipp import build
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.values import Attribute, DateTime, Range, Resolution, Value, WithLanguage

FOLDER = Path(__file__).parents[2] / "wire/ipp/golden"
PRINTER_URI = "ipps://print.print.microsoft.com/printers/810a8958-13f4-4044-a09b-a372e8990a6b"
DEVICE_UUID = "urn:uuid:810a8958-13f4-4044-a09b-a372e8990a6b"

_TOKEN = re.compile(r'"(?P<text>[^"]*)"|(?P<hex>[0-9A-Fa-f]+)|#.*|\s+')


def read_hex(name: str) -> bytes:
    """The octets of a golden: hex digits and quoted strings; from # on a line is comment."""
    octets = b""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        tokens = list(_TOKEN.finditer(line))
        assert "".join(token[0] for token in tokens) == line, f"{name}: {line}"
        octets += b"".join(_octets(token) for token in tokens)
    return octets


def _octets(token: re.Match[str]) -> bytes:
    if token["hex"]:
        return bytes.fromhex(token["hex"])
    return (token["text"] or "").encode()


def first(charset: str = "utf-8", language: str = "en-us") -> tuple[Attribute, Attribute]:
    """The two attributes every message starts with."""
    return (
        build.charset("attributes-charset", charset),
        build.natural_language("attributes-natural-language", language),
    )


MESSAGES = {
    "get-jobs-request.hex": Message(
        (2, 0),
        0x000A,
        1,
        (
            build.group(
                1,
                *first(),
                build.uri("requesting-user-uri", "mailto:ada@contoso.example"),
                build.boolean("my-jobs", True),
                build.uri("printer-uri", PRINTER_URI),
                build.uri("output-device-uuid", DEVICE_UUID),
                build.keyword("which-jobs", "fetchable"),
                build.keyword("requested-attributes", "all"),
            ),
        ),
    ),
    "get-jobs-response.hex": Message(
        (2, 0),
        0x0000,
        1,
        (
            build.group(1, *first()),
            build.group(
                2,
                build.integer("job-id", 14605388),
                build.uri("job-uri", f"{PRINTER_URI}/jobs/14605388"),
                build.enum("job-state", 3),
                build.keyword("job-state-reasons", "job-fetchable"),
            ),
        ),
    ),
    "update-job-status-request.hex": Message(
        (2, 0),
        0x0048,
        7,
        (
            build.group(
                1,
                *first(),
                build.uri("printer-uri", PRINTER_URI),
                build.uri("output-device-uuid", DEVICE_UUID),
                build.integer("job-id", 14605388),
            ),
            build.group(2, build.enum("output-device-job-state", 9)),
        ),
    ),
    "minimal-response.hex": Message((2, 0), 0x0000, 7, (build.group(1, *first()),)),
    "print-job-request.hex": Message(
        (1, 1),
        0x0002,
        1,
        (
            build.group(
                1,
                *first(),
                build.uri("printer-uri", "ipp://printer.example.com/ipp/print/pinetree"),
                build.name_("job-name", "foobar"),
                build.boolean("ipp-attribute-fidelity", True),
            ),
            build.group(
                2,
                build.integer("copies", 20),
                build.keyword("sides", "two-sided-long-edge"),
                build.range_("page-ranges", Range(1, 2), Range(5, 9)),
            ),
        ),
    ),
    "collections.hex": Message(
        (2, 1),
        0x0000,
        2,
        (
            build.group(1, *first()),
            build.group(
                4,
                build.collection(
                    "media-col-database",
                    build.members(
                        build.collection(
                            "media-size",
                            build.members(
                                build.integer("x-dimension", 21000), build.integer("y-dimension", 29700)
                            ),
                        ),
                        build.keyword("media-type", "stationery"),
                    ),
                    build.members(
                        Attribute("media-type", (Value(0x44, "photographic-gloss"), Value(0x42, "Our best")))
                    ),
                    build.members(),
                ),
                build.boolean("color-supported", False),
            ),
        ),
    ),
    "every-syntax.hex": Message(
        (2, 2),
        0x0001,
        2147483647,
        (
            build.group(1, *first(language="en")),
            build.group(
                4,
                build.unsupported("oob-1"),
                build.unknown("oob-2"),
                build.no_value("oob-3"),
                build.not_settable("oob-4"),
                build.delete_attribute("oob-5"),
                build.admin_define("oob-6"),
                build.integer("integer", -(2**31), -1),
                build.boolean("boolean", False, True),
                build.enum("enum", 5),
                build.octets("octetString", b"\x00\xff\x80"),
                build.date_time("dateTime", DateTime(bytes.fromhex("07e90b150c2238072d051e"))),
                build.resolution("resolution", Resolution(600, 1200, 3)),
                build.range_("rangeOfInteger", Range(-10, 10)),
                build.text_with_language("textWithLanguage", WithLanguage("de", "Grüß")),
                build.name_with_language("nameWithLanguage", WithLanguage("de-ch", "x")),
                build.text("text", ""),
                build.name_("name", "\udcc4pé"),
                build.keyword("keyword", "none"),
                build.uri("uri", "ipp:x"),
                build.uri_scheme("uriScheme", "ipps"),
                build.charset("charset", "utf-8"),
                build.natural_language("naturalLanguage", "en-us"),
                build.mime("mimeMediaType", "application/pdf"),
                Attribute("extension", (Value(0x7F, b"\x40\x00\x00\x01\xaa"),)),
                Attribute("other-1", (Value(0x24, b"\x01\x02"),)),
                Attribute("other-2", (Value(0x5F, b"A"),)),
                Attribute("other-3", (Value(0xFF, b""),)),
            ),
            build.group(0x0B),
        ),
    ),
    "mistaken-tags.hex": Message(
        (2, 0),
        0x0048,
        3,
        (
            build.group(
                1,
                *first(charset="UTF-8"),
                build.text("output-device-uuid", DEVICE_UUID),
                build.uri("requesting-user-name", "Ada"),
                build.charset("job-name", "report"),
            ),
        ),
    ),
    "get-notifications-response.hex": Message(
        (2, 0),
        0x0000,
        9,
        (
            build.group(1, *first(), build.integer("notify-get-interval", 30)),
            build.group(5, build.integer("notify-subscription-ids", 42)),
            build.group(
                7,
                build.integer("notify-sequence-number", 1),
                build.keyword("notify-subscribed-event", "job-fetchable"),
            ),
            build.group(
                7,
                build.integer("notify-sequence-number", 2),
                build.keyword("notify-subscribed-event", "job-state-changed"),
            ),
        ),
    ),
}
