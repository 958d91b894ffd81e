"""Wireshark's dissector, which knows nothing of upsim, reads each golden as upsim's decoder does."""

import re
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree

from tests.support.ipp.goldens import MESSAGES, read_hex
from tests.support.peers import require_program
from upsim.wire.ipp.decode import decode
from upsim.wire.ipp.encode import encode_attribute
from upsim.wire.ipp.values import Attribute, Collection, Value

PORT = 631
_VALUE_AT = 6
"""A value of an attribute with a name of one octet begins behind tag, name and two lengths."""


def frame(message: bytes, *, is_request: bool) -> bytes:
    """Ethernet, IP, TCP and HTTP around a message (RFC 8010 section 4)."""
    start = b"POST / HTTP/1.1\r\nHost: x\r\n" if is_request else b"HTTP/1.1 200 OK\r\n"
    fields = f"Content-Type: application/ipp\r\nContent-Length: {len(message)}\r\n\r\n".encode()
    ports = (40_000, PORT) if is_request else (PORT, 40_000)
    segment = struct.pack(">HHIIBBHHH", *ports, 1, 1, 0x50, 0x18, 8192, 0, 0) + start + fields + message
    here = bytes([127, 0, 0, 1])
    packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 1, 0, 64, 6, 0, here, here) + segment
    return bytes(12) + b"\x08\x00" + packet


def capture(data: bytes) -> bytes:
    """A pcap file of one frame."""
    return struct.pack("<IHHiIIIIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1, 0, 0, len(data), len(data)) + data


def dissect(file: Path) -> Element:
    """What Wireshark says of the message: fields in fields, each with its octets."""
    arguments = ["-r", str(file), "-d", f"tcp.port=={PORT},http", "-T", "pdml", "-J", "ipp"]
    shown = subprocess.run([require_program("tshark"), *arguments], check=True, capture_output=True, timeout=60)
    return ElementTree.fromstring(shown.stdout).find(".//proto[@name='ipp']")


Read = tuple[str, str]
"""What something is, and its octets in hexadecimal or its name."""


def read_by_wireshark(message: Element) -> Iterator[Read]:
    for group in message.findall("field[@name='']"):
        tag = group.get("value", "")[:2]
        if tag == "03":  # the end
            return
        yield "group", tag
        for attribute in group.findall("field"):
            name = re.sub(r" \([^()]*\)(: .*)?$", "", attribute.get("show", ""), flags=re.DOTALL)
            yield "attribute", name
            yield from _leaves(attribute)


def _leaves(parent: Element) -> Iterator[Read]:
    for field in parent.findall("field"):
        match field.get("name", "").removeprefix("ipp."):
            case "name":
                continue
            case "memberattrname":
                yield "member", field.get("show", "")
            case "outofband_value":
                yield "out-of-band", field.get("value", "")
            case kind if kind.endswith("_value"):
                yield "value", field.get("value", "")
            case _:
                yield "collection", ""
                yield from _leaves(field)


def read_by_upsim(data: bytes) -> Iterator[Read]:
    message, _ = decode(data)
    for group in message.groups:
        yield "group", f"{group.tag:02x}"
        for attribute in group.attributes:
            yield "attribute", attribute.name
            for value in attribute.values:
                yield from _value(value)


def _value(value: Value) -> Iterator[Read]:
    if isinstance(value.value, Collection):
        yield "collection", ""
        for member in value.value:
            yield "member", member.name
            for inner in member.values:
                yield from _value(inner)
    elif value.value is None:
        yield "out-of-band", f"{value.tag:02x}"
    else:
        yield "value", encode_attribute(Attribute("-", (value,)))[_VALUE_AT:].hex()


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_wireshark_reads_a_golden_as_upsim_does(name: str, tmp_path: Path) -> None:
    data = read_hex(name)
    file = tmp_path / "golden.pcap"
    file.write_bytes(capture(frame(data, is_request="response" not in name)))
    assert list(read_by_wireshark(dissect(file))) == list(read_by_upsim(data))
