"""`upsim env`: the variables that lead programs to a running upsim."""

import click

from upsim.cli.asking import url_option
from upsim.cli.exits import EXIT_NO_SERVER, explained


@click.command("env")
@url_option
@click.option(
    "--shell", type=click.Choice(["bash", "fish", "pwsh", "json"]), default="bash", help="How they are written."
)
def command(url: str | None, shell: str) -> None:
    """Print variables that let programs trust a running upsim and lead them to it.

    \b
        eval "$(upsim env)"                                            bash, zsh
        upsim env --shell fish | source
        upsim env --shell pwsh | Out-String | Invoke-Expression
    """
    import hashlib

    from upsim.trust import environment, files, servers
    from upsim.trust.addresses import address_of

    with explained(servers.NoServer, code=EXIT_NO_SERVER), explained(OSError):
        server = servers.introduce(servers.find_url(url))
        folder = files.state_folder() / hashlib.sha256(f"{server.https} {server.ca_pem}".encode()).hexdigest()[:16]
        written = files.write(folder, server.ca_pem, address_of(server.https))
        values = environment.variables(server, written)
    click.echo(environment.render(values, shell), nl=False)  # type: ignore[arg-type]  # click checked it
    if not server.proxy:
        click.echo(
            "upsim: this server has no proxy, so clients must be told its host (see 'upsim snippets'). With "
            "'upsim serve --proxy-port 0' or under 'upsim exec' Microsoft's own names lead to it.",
            err=True,
        )
