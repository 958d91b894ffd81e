"""`upsim ca`: the certificate authority behind upsim's HTTPS."""

import sys
from pathlib import Path

import click

from upsim.cli.asking import url_option
from upsim.cli.exits import EXIT_NO_SERVER, explained


@click.group("ca")
def command() -> None:
    """Export the CA that clients must trust, in the format that they take."""


@command.command("export")
@click.option(
    "--format", "form", type=click.Choice(["pem", "der", "pfx", "jks", "bundle"]), default="pem", help="See above."
)
@click.option("--out", type=click.Path(dir_okay=False), help="File to write; default: standard output.")
@click.option("--password", default="changeit", help="Of pfx and jks.")
@url_option
@click.option("--data", type=click.Path(file_okay=False), help="The data folder of one that need not run.")
def export(form: str, out: str | None, password: str, url: str | None, data: str | None) -> None:
    """Write the CA certificate; its key stays where it is.

    \b
        pem     for most programs                NODE_EXTRA_CA_CERTS
        bundle  it and all the machine trusts    SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE
        der     for firmware and Android
        pfx     PKCS #12, for Windows            Import-PfxCertificate -CertStoreLocation Cert:\\CurrentUser\\Root
        jks     a Java trust store (PKCS #12)    -Djavax.net.ssl.trustStore=
    """
    from upsim.trust import files, formats, servers

    with explained(servers.NoServer, code=EXIT_NO_SERVER), explained(OSError):
        ca_pem = Path(data, "tls", "ca.pem").read_text() if data else servers.ca_of(url)
        octets = (
            files.bundle(ca_pem).encode() if form == "bundle" else formats.export(ca_pem, form, password)  # type: ignore[arg-type]  # click checked it
        )
        if out:
            Path(out).write_bytes(octets)
        elif form in {"pem", "bundle"} or not sys.stdout.isatty():
            sys.stdout.buffer.write(octets)
        else:
            raise click.UsageError(f"{form} is binary: give --out FILE.")
