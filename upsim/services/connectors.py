"""Connectors: look up, describe, unregister."""

from typing import Any

from msgspec.structs import replace

from upsim.domain.connector import Connector
from upsim.domain.events import Event
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import limits, printers
from upsim.services.ports import Transaction


def register(
    tx: Transaction,
    *,
    display_name: str,
    fully_qualified_domain_name: str,
    operating_system: str,
    app_version: str,
) -> Connector:
    """A new connector, as its installer registers it. Graph has no call for this."""
    limits.admit_connector(tx)
    connector = Connector(
        id=tx.new_id(),
        display_name=display_name,
        fully_qualified_domain_name=fully_qualified_domain_name,
        operating_system=operating_system,
        app_version=app_version,
        registered_at=tx.now,
    )
    tx.put(connector)
    tx.emit(Event(name="connector.registered", subject=connector.id))
    return connector


def get(tx: Transaction, connector_id: str) -> Connector:
    connector = tx.get(Connector, connector_id.lower())
    if connector is None:
        raise NotFound("printConnector", connector_id)
    return connector


def list_all(tx: Transaction) -> list[Connector]:
    """Every connector of the tenant, oldest first."""
    return tx.find(Query(entity=Connector))


def of_printer(tx: Transaction, printer_id: str) -> list[Connector]:
    """The connector that speaks for a printer, or none."""
    connector_id = printers.get(tx, printer_id).connector_id
    connector = tx.get(Connector, connector_id.lower()) if connector_id else None
    return [connector] if connector else []


def get_of_printer(tx: Transaction, printer_id: str, connector_id: str) -> Connector:
    """A printer's connector by its id."""
    for connector in of_printer(tx, printer_id):
        if connector.id == connector_id.lower():
            return connector
    raise NotFound("printConnector", connector_id)


def update(tx: Transaction, connector_id: str, *, location: dict[str, Any], **fields: Any) -> Connector:
    """Describe a connector anew; fields that are not named stay, and so do members of its location."""
    connector = get(tx, connector_id)
    for name, value in fields.items():
        if not str(value).strip():
            raise Refusal(RefusalKind.INVALID, f"{name} must not be empty.", reason="name-empty", target=name)
    connector = replace(connector, **fields, location=replace(connector.location, **location))
    tx.put(connector)
    return connector


def delete(tx: Transaction, connector_id: str) -> None:
    """Unregister a connector that speaks for no printer any more (documented: 409 while it does)."""
    connector = get(tx, connector_id)
    if tx.find(Query(entity=Printer, parent=connector.id, limit=1)):
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            "Before deleting the connector, please unregister the associated printers.",
            reason="connector-in-use",
        )
    tx.delete(connector)
    tx.emit(Event(name="connector.deleted", subject=connector.id))
