"""`upsim key`: a short key for an IPP client that cannot send tokens."""

from urllib.parse import quote, urlsplit

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.showing import show_fields


@click.command("key")
@click.option("--printer", help="The key of this printer's device; id or display name.")
@click.option("--user", help="The key of this user.")
@click.option("--share", help="The share that the user prints to, for its URI; id or display name.")
@of_tenant
@json_option
def command(
    printer: str | None, user: str | None, share: str | None, tenant: str | None, url: str | None, as_json: bool
) -> None:
    """Show the short key of a printer's device or of a user, for IPP clients that cannot send tokens.

    They send it as Basic credentials over TLS, and on this machine also in clear.

    \b
        ipptool $(upsim key --user alex --share Floor --json | jq -r .uri) get-jobs.test
    """
    if (printer is None) == (user is None):
        raise click.UsageError("Give --printer or --user, one of the two.")
    if share is not None and user is None:
        raise click.UsageError("--share goes with --user; a device prints at its own printer.")
    from upsim.cli.people import user_named
    from upsim.cli.things import printer_named, share_named
    from upsim.client import keys

    with asking_tenant(url, tenant) as (client, where):
        if printer is not None:
            target = printer_named(client, where, printer)
            found = client.send(keys.of_device(where, target))
        else:
            target = share_named(client, where, share) if share is not None else ""
            found = client.send(keys.of_user(where, user_named(client, where, str(user))))
        server = client.url
    if target:
        found = {**found, "uri": _uri(server, found["userName"], found["key"], target)}
    show_fields(found, as_json=as_json)


def _uri(server: str, name: str, key: str, target: str) -> str:
    """What lpadmin, ipptool and ippproxy take, credentials included."""
    parts = urlsplit(server)
    scheme = "ipps" if parts.scheme == "https" else "ipp"
    return f"{scheme}://{quote(name, safe='')}:{quote(key, safe='')}@{parts.netloc}/printers/{target}"
