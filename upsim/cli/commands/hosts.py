"""`upsim hosts`: lines for a hosts file."""

import click


@click.command("hosts")
@click.option("--address", default="127.0.0.1", help="Where upsim listens on port 443.")
@click.option("--undo", is_flag=True, help="Print the command that removes the lines.")
def command(address: str, undo: bool) -> None:
    """Print lines for a hosts file that lead Microsoft's names to upsim, and how to undo them.

    For containers and programs that know no proxy; changes nothing itself. Needs `upsim serve --listen-443`.
    """
    from upsim.trust import hosts_file

    if undo:
        click.echo(hosts_file.UNDO)
        return
    click.echo(hosts_file.lines(address), nl=False)
    click.echo(hosts_file.advice(address), err=True, nl=False)
