"""`upsim token`: a token as a test needs it."""

from typing import Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.durations import Duration
from upsim.cli.showing import show_json


@click.command("token")
@click.option("--app", "application", help="Id of the application; it need not exist.")
@click.option("--user", help="A user; without one, and without a printer, the token is the application's own.")
@click.option("--printer", help="Id of a printer, for its device's token.")
@click.option("--permission", "permissions", multiple=True, help="Such as PrintJob.ReadWrite; may be given again.")
@click.option("--resource", help="Whom it is for.  [default: Microsoft Graph]")
@click.option("--audience", help="`aud` itself, where it shall differ.")
@click.option("--valid", "valid_seconds", type=Duration(), help="How long, on the tenant's clock.  [default: 1h]")
@click.option("--expired", is_flag=True, help="It has expired already.")
@click.option("--claim", "claims", multiple=True, metavar="NAME=VALUE", help="Set over all others; null: none.")
@click.option("--key", type=click.Choice(["upsim", "stranger", "unknown"]), help="Who signs it.  [default: upsim]")
@of_tenant
@json_option
def command(
    permissions: tuple[str, ...],
    valid_seconds: float | None,
    expired: bool,
    claims: tuple[str, ...],
    tenant: str | None,
    url: str | None,
    as_json: bool,
    **wish: Any,
) -> None:
    """Forge an access token: any subject, audience, permissions, lifetime, claims, right or wrong key.

    It says so in the claim upsim_forged.

    \b
        curl -H "Authorization: Bearer $(upsim token --user alex --permission PrintJob.Read)" ...
    """
    from upsim.cli.directory_group import members_of
    from upsim.cli.people import user_named
    from upsim.client import tokens

    seconds = -1 if expired else int(valid_seconds) if valid_seconds is not None else None
    with asking_tenant(url, tenant) as (client, where):
        if wish["user"]:
            wish["user"] = user_named(client, where, wish["user"])
        made = client.send(
            tokens.forge(
                where, **wish, permissions=permissions or None, valid_seconds=seconds, claims=members_of(claims)
            )
        )
    show_json(made) if as_json else click.echo(made["accessToken"])
