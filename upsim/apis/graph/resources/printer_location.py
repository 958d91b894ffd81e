"""printerLocation."""

from typing import Any

from upsim.apis.graph.selection import Json, View
from upsim.domain.printer import PrinterLocation

_MEMBERS = {
    "latitude": "latitude",
    "longitude": "longitude",
    "altitudeInMeters": "altitude_in_meters",
    "streetAddress": "street_address",
    "subunit": "subunit",
    "city": "city",
    "postalCode": "postal_code",
    "countryOrRegion": "country_or_region",
    "site": "site",
    "building": "building",
    "floor": "floor",
    "floorDescription": "floor_description",
    "roomName": "room_name",
    "roomDescription": "room_description",
    "organization": "organization",
    "subdivision": "subdivision",
    "stateOrProvince": "state_or_province",
}
_NUMBERS = {"floorNumber": "floor", "roomNumber": "room_name"}
"""Beta's numeric spellings; the documentation allows only numbers in both."""


def represent_location(view: View, location: PrinterLocation) -> Json:
    """Return every member, null where nothing is known."""
    body = {name: _listed(getattr(location, field)) for name, field in _MEMBERS.items()}
    if view.is_beta:
        body |= {name: _number(getattr(location, field)) for name, field in _NUMBERS.items()}
    return body


def read_location(body: Json) -> dict[str, Any]:
    """Return the fields of a PrinterLocation that a PATCH sets."""
    fields: dict[str, Any] = {}
    for name, value in body.items():
        if name in _NUMBERS:
            fields[_NUMBERS[name]] = None if value is None else str(value)
        elif name in _MEMBERS:
            fields[_MEMBERS[name]] = tuple(value) if isinstance(value, list) else value
    return fields


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
