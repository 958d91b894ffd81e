"""Printers and shares by display name."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upsim.client import Client


def printer_named(client: "Client", tenant: str, name: str) -> str:
    """The id of the one printer of this name; anything else stays as it is, and the server says what it is not."""
    from upsim.client import printing

    return _named(client.send(printing.printers(tenant)), name)


def share_named(client: "Client", tenant: str, name: str) -> str:
    """The same of a share."""
    from upsim.client import printing

    return _named(client.send(printing.shares(tenant)), name)


def _named(found: list[dict[str, Any]], name: str) -> str:
    ids = [str(each["id"]) for each in found if each["displayName"].lower() == name.lower()]
    return ids[0] if len(ids) == 1 else name
