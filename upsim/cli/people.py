"""Whom a command means by a short name."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upsim.client import Client


def user_named(client: "Client", tenant: str, name: str) -> str:
    """The user principal name of whom `name` is the part before the @; any other name stays as it is."""
    from upsim.client import tenants

    if "@" in name:
        return name
    found = [
        str(user["userPrincipalName"])
        for each in client.send(tenants.list_all())
        if tenant.lower() in {each["tenant"]["id"], each["tenant"]["domain"]}
        for user in each["users"]
        if user["userPrincipalName"].partition("@")[0].lower() == name.lower()
    ]
    return found[0] if len(found) == 1 else name
