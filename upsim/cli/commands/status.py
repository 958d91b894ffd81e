"""`upsim status`: is it there, and what is it."""

import click

from upsim.cli.asking import asking, json_option, of_server
from upsim.cli.showing import Cell, show_fields

_FIELDS: dict[str, Cell] = {
    "status": "status",
    "version": "version",
    "url": "url",
    "http": "http",
    "proxy": "proxy",
    "store": "store",
    "documents": "documents",
    "node": "node",
    "tenants": lambda shown: [
        f"{each['domain']} ({each['clock']['now']}, {each['clock']['mode']})" for each in shown["tenants"]
    ],
}


@click.command("status")
@of_server
@json_option
def command(url: str | None, as_json: bool) -> None:
    """Show a running upsim: version, addresses, engines, tenants and their clocks."""
    from upsim.client import clock, server, tenants

    with asking(url) as client:
        addresses, readiness = client.send(server.addresses()), client.send(server.readiness())
        shown = {"url": client.url, **addresses, **readiness}
        shown["tenants"] = [
            {**each["tenant"], "users": len(each["users"]), "clock": client.send(clock.get(each["tenant"]["id"]))}
            for each in client.send(tenants.list_all())
        ]
    show_fields(shown, _FIELDS, as_json=as_json)
