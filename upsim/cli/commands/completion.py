"""`upsim completion`: what makes a shell complete upsim's commands and options."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what makes a shell complete upsim's commands and options.

    \b
        eval "$(upsim completion bash)"                                   in ~/.bashrc
        eval "$(upsim completion zsh)"                                    in ~/.zshrc
        upsim completion fish > ~/.config/fish/completions/upsim.fish
    """
    from click.shell_completion import get_completion_class

    from upsim.cli.main import cli

    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click knows the three
    click.echo(made(cli, {}, "upsim", "_UPSIM_COMPLETE").source())
