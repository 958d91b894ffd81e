"""XML descriptions that a device reports: Microsoft's PrintDeviceCapabilities and PrintCapabilities."""

from typing import ClassVar

from upsim.domain.entity import Entity, Index

DEVICE_CAPABILITIES, CAPABILITIES, RESOURCES = "device-capabilities", "capabilities", "resources"
XML_BYTES_MAX = 1_000_000
"""The largest document. Real ones have some tens of kilobytes."""


class DeviceXml(Entity, frozen=True, kw_only=True):
    """One such document of one printer; the octets as received, as text where each character is an octet."""

    kind: ClassVar[str] = "device-xml"

    printer_id: str
    octets: str

    def index(self) -> Index:
        return Index(parent=self.printer_id)


def xml_id(printer_id: str, name: str) -> str:
    """Return the id of a printer's document."""
    return f"{printer_id}/{name}"
