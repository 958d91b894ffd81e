"""IPP as bare bytes, written and read without upsim's codec, so that both cannot err alike."""

import struct
from dataclasses import dataclass, field
from typing import Any

GET_JOBS, FETCH_JOB, FETCH_DOCUMENT, ACKNOWLEDGE_JOB = 0x000A, 0x0043, 0x0042, 0x0041
UPDATE_JOB_STATUS, UPDATE_OUTPUT_DEVICE_ATTRIBUTES = 0x0048, 0x0049
ACKNOWLEDGE_DOCUMENT, UPDATE_DOCUMENT_STATUS, UPDATE_ACTIVE_JOBS = 0x003F, 0x0047, 0x0045
ACKNOWLEDGE_IDENTIFY_PRINTER, IDENTIFY_PRINTER, DEREGISTER_OUTPUT_DEVICE = 0x0040, 0x003C, 0x0046
GET_OUTPUT_DEVICE_ATTRIBUTES = 0x0044
PRINT_JOB, VALIDATE_JOB, CREATE_JOB, SEND_DOCUMENT = 0x0002, 0x0004, 0x0005, 0x0006
CLOSE_JOB, MICROSOFT_CLOSE_JOB, CANCEL_JOB, CANCEL_MY_JOBS = 0x003B, 0x003A, 0x0008, 0x0039
HOLD_JOB, RELEASE_JOB, SET_JOB_ATTRIBUTES, SET_PRINTER_ATTRIBUTES = 0x000C, 0x000D, 0x0014, 0x0013
GET_PRINTER_SUPPORTED_VALUES, GET_DOCUMENTS, GET_DOCUMENT_ATTRIBUTES = 0x0015, 0x0035, 0x0034
GET_PRINTER_ATTRIBUTES, GET_JOB_ATTRIBUTES = 0x000B, 0x0009
OK, BAD_REQUEST, NOT_AUTHORIZED, NOT_POSSIBLE, NOT_FOUND = 0x0000, 0x0400, 0x0403, 0x0404, 0x0406
TOO_LONG, UNSUPPORTED, CHARSET_NOT_SUPPORTED, NOT_FETCHABLE = 0x0409, 0x040B, 0x040D, 0x0420
INTERNAL, OPERATION_NOT_SUPPORTED, VERSION_NOT_SUPPORTED = 0x0500, 0x0501, 0x0503

IGNORED, NOT_SETTABLE, SECOND_DOCUMENT = 0x0001, 0x0413, 0x0509
FORMAT_NOT_SUPPORTED, FORMAT_ERROR, TOO_LARGE = 0x040A, 0x0411, 0x0408
COMPRESSION_NOT_SUPPORTED, COMPRESSION_ERROR, NOT_ACCEPTING = 0x040F, 0x0410, 0x0506

OPERATION, JOB, END, PRINTER, UNSUPPORTED_GROUP = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
SUBSCRIPTION, EVENT, DOCUMENT = b"\x06", b"\x07", b"\x09"
DELETE = 0x16
INTEGER, BOOLEAN, ENUM, TEXT, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = (
    0x21,
    0x22,
    0x23,
    0x41,
    0x42,
    0x44,
    0x45,
    0x47,
    0x48,
    0x49,
)


def attribute(tag: int, name: str, *values: str | bytes | int | bool) -> bytes:
    """One attribute; further values have an empty name."""
    parts = []
    for index, value in enumerate(values):
        octets = _octets(tag, value)
        encoded = b"" if index else name.encode()
        parts.append(struct.pack(">BH", tag, len(encoded)) + encoded + struct.pack(">H", len(octets)) + octets)
    return b"".join(parts)


def _octets(tag: int, value: str | bytes | int | bool) -> bytes:
    if isinstance(value, bool):
        return bytes([value])
    if isinstance(value, int):
        return struct.pack(">i", value)
    return value.encode() if isinstance(value, str) else value


CHARSET_AND_LANGUAGE = attribute(CHARSET, "attributes-charset", "utf-8") + attribute(
    LANGUAGE, "attributes-natural-language", "en-us"
)


def request(operation: int, *parts: bytes, number: int = 1, version: bytes = b"\x02\x00") -> bytes:
    """A request: charset and language, then what is given; groups begin with their own tag."""
    head = version + struct.pack(">Hi", operation, number)
    return head + OPERATION + CHARSET_AND_LANGUAGE + b"".join(parts) + END


def of_device(printer_id: str) -> bytes:
    """How MinimalIpp names the printer."""
    return attribute(URI, "printer-uri", f"ipps://print.print.microsoft.com/printers/{printer_id}") + attribute(
        URI, "output-device-uuid", f"urn:uuid:{printer_id}"
    )


@dataclass
class Answer:
    """A response as its bytes say it. Groups are lists of (tag, name, [octets])."""

    version: bytes
    status: int
    number: int
    groups: list[tuple[int, dict[str, tuple[int, list[bytes]]]]] = field(default_factory=list)
    document: bytes = b""

    def all(self, tag: bytes) -> list[dict[str, tuple[int, list[bytes]]]]:
        return [group for found, group in self.groups if found == tag[0]]

    def group(self, tag: bytes) -> dict[str, tuple[int, list[bytes]]]:
        return self.all(tag)[0]

    def values(self, tag: bytes, name: str) -> list[Any]:
        """Values as int, bool or str."""
        syntax, values = self.group(tag)[name]
        return [_value(syntax, value) for value in values]

    def value(self, tag: bytes, name: str) -> Any:
        return self.values(tag, name)[0]

    @property
    def message(self) -> str:
        """status-message."""
        return self.value(OPERATION, "status-message")


def _value(syntax: int, octets: bytes) -> Any:
    if syntax in {INTEGER, ENUM}:
        assert len(octets) == 4
        return struct.unpack(">i", octets)[0]
    if syntax == BOOLEAN:
        return octets == b"\x01"
    return octets.decode() if syntax >= TEXT else octets


def parse(data: bytes) -> Answer:
    """A response; every rule that MinimalIpp's parser relies on is asserted."""
    assert len(data) >= 8
    status, number = struct.unpack(">Hi", data[2:8])
    answer = Answer(data[:2], status, number)
    position, values = 8, None
    while data[position] != 0x03:
        tag = data[position]
        position += 1
        if tag < 0x10:
            answer.groups.append((tag, {}))
            values = None
            continue
        name, position = _counted(data, position)
        value, position = _counted(data, position)
        if name:
            group = answer.groups[-1][1]
            assert name.decode() not in group, f"{name!r} occurs twice"
            values = []
            group[name.decode()] = (tag, values)
        assert values is not None, "the first attribute of a group has no name"
        values.append(value)
    answer.document = data[position + 1 :]
    first = list(answer.groups[0][1].items())[:2]
    assert answer.groups[0][0] == 1
    assert first == [
        ("attributes-charset", (CHARSET, [b"utf-8"])),
        ("attributes-natural-language", (LANGUAGE, [b"en-us"])),
    ]
    return answer


def _counted(data: bytes, position: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", data, position)
    start = position + 2
    assert start + length <= len(data)
    return data[start : start + length], start + length
