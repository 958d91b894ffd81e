"""Keeping and giving back what a device says of itself in XML (operations 0x5000, 0x5001, 0x5100 and 0x5101)."""

from xml.parsers import expat

from upsim.domain.attributes import first
from upsim.domain.caller import Caller
from upsim.domain.device_xml import CAPABILITIES, DEVICE_CAPABILITIES, RESOURCES, XML_BYTES_MAX, DeviceXml, xml_id
from upsim.domain.events import Event
from upsim.domain.printer import Printer
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import access
from upsim.services.ports import Transaction

_ATTRIBUTE_OF = {
    DEVICE_CAPABILITIES: "print-device-capabilites",  # misspelt on the wire
    RESOURCES: "print-device-resources",
}
"""Printer attributes in which a device may report the same."""
_INSTEAD = {DEVICE_CAPABILITIES: CAPABILITIES}
"""What stands in for a document that was never set: the older schema says less, but the same."""


def keep(tx: Transaction, caller: Caller, printer: Printer, name: str, octets: bytes) -> None:
    """Take the document of the printer's device in place of the one before."""
    access.check_device(caller, printer.id)
    _check(octets)
    identifier = xml_id(printer.id, name)
    tx.put(DeviceXml(id=identifier, printer_id=printer.id, octets=octets.decode("latin-1")))
    tx.emit(Event(name="printer.config-changed", subject=printer.id))


def get(tx: Transaction, printer: Printer, name: str) -> bytes:
    """The document as the device gave it, by its own operation or among its attributes."""
    for each in filter(None, (name, _INSTEAD.get(name))):
        if kept := tx.get(DeviceXml, xml_id(printer.id, each)):
            return kept.octets.encode("latin-1")
    text = first(printer.attributes, _ATTRIBUTE_OF[name])
    if not isinstance(text, str):
        raise NotFound(f"{name} of the printer", printer.id)
    return text.encode()


def _check(octets: bytes) -> None:
    """Well-formed XML without a document type, so that whoever reads it later is safe."""
    if len(octets) > XML_BYTES_MAX:
        raise Refusal(RefusalKind.TOO_LARGE, f"The XML may have {XML_BYTES_MAX} bytes.", reason="xml-too-large")
    parser = expat.ParserCreate()
    types: list[str] = []
    parser.StartDoctypeDeclHandler = lambda name, *_: types.append(name)
    try:
        parser.Parse(octets, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _bad(f"it is not well-formed: {error}") from error
    if types:
        raise _bad("it has a document type declaration")


def _bad(why: str) -> Refusal:
    return Refusal(RefusalKind.INVALID, f"There must be XML behind the message; {why}.", reason="xml-malformed")
