"""printConnector."""

from typing import Any

from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.resources.printer_location import read_location, represent_location
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.connector import Connector
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions

_FIELDS = {
    "displayName": "display_name",
    "name": "display_name",
    "fullyQualifiedDomainName": "fully_qualified_domain_name",
    "operatingSystem": "operating_system",
    "appVersion": "app_version",
}
WRITABLE = frozenset({*_FIELDS, "location"})


def represent_connector(tx: Transaction, view: View, connector: Connector, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    body: Json = {
        "id": connector.id,
        "displayName": connector.display_name,
        "fullyQualifiedDomainName": connector.fully_qualified_domain_name,
        "operatingSystem": connector.operating_system,
        "appVersion": connector.app_version,
        "registeredDateTime": instant(connector.registered_at),
        "location": represent_location(view, connector.location),
    }
    if view.is_beta:
        body["name"] = connector.display_name
        body["deviceHealth"] = {"lastConnectionTime": instant(connector.registered_at)}
    return body


def read_connector(body: Json) -> dict[str, Any]:
    """Return the changes of a PATCH, as `connectors.update` takes it. `name` is beta's word for displayName."""
    changes = {_FIELDS[name]: value for name, value in body.items() if name in _FIELDS}
    return {**changes, "location": read_location(body.get("location") or {})}
