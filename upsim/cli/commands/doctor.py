"""`upsim doctor`: what keeps clients from upsim, and what to do about it."""

import sys

import click

from upsim.cli.asking import url_option
from upsim.cli.exits import EXIT_FAILED

_MARKS = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}


@click.command("doctor")
@url_option
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(url: str | None, as_json: bool) -> None:
    """Check ports, names, proxies, CA trust and clock, and say what to do.

    Looks at this machine only and changes nothing. Exits 1 where it found a problem; notes are none.
    """
    from upsim.trust import doctor

    findings = doctor.examine(url)
    if as_json:
        import json

        click.echo(json.dumps([finding._asdict() for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.level]}  {finding.topic}: {finding.text}")
            if finding.remedy:
                click.echo(f"         do: {finding.remedy}")
    if any(finding.level == "problem" for finding in findings):
        sys.exit(EXIT_FAILED)
