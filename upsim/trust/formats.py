"""A CA certificate in the formats that programs take."""

import base64
import ssl
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from cryptography import x509

Format = Literal["pem", "der", "pfx", "jks"]
FORMATS: tuple[Format, ...] = get_args(Format)

PASSWORD = "changeit"  # noqa: S105 - Java's own default; what it guards is public
ALIAS = "upsim"


def export(ca_pem: str, form: Format, password: str = PASSWORD) -> bytes:
    """Return the certificate in a format, without its key, which trusting does not need.

    `pfx` is PKCS #12 (RFC 7292). `jks` is a Java trust store, since Java 9 PKCS #12 too, with the attribute that
    marks a trusted certificate: without it Java sees an empty store.
    """
    if form == "pem":
        return ca_pem.encode()
    if form == "der":
        return base64.b64decode(_armoured(ca_pem))
    return _pkcs12(ca_pem, password, for_java=form == "jks")


def _pkcs12(ca_pem: str, password: str, *, for_java: bool) -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    certificate = load(ca_pem)
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password.encode())
    if for_java:
        return pkcs12.serialize_java_truststore(
            [pkcs12.PKCS12Certificate(certificate, ALIAS.encode())], encryption
        )
    return pkcs12.serialize_key_and_certificates(ALIAS.encode(), None, None, [certificate], encryption)


def load(ca_pem: str) -> "x509.Certificate":
    """Parse a certificate. Raises `ValueError` for anything else."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(ca_pem.encode())


def roots(file: str | None = None) -> str:
    """Return the authorities that this machine trusts as PEM; a bundle that replaces them must hold them too.

    `file` is what the user's variables name already; OpenSSL's default is read without it.
    """
    paths = ssl.get_default_verify_paths()
    for path in (file, paths.cafile, *_BUNDLES):
        if path and (text := _read(path)):
            return text
    context = ssl.create_default_context()  # keychains of macOS and Windows
    return "".join(ssl.DER_cert_to_PEM_cert(der) for der in context.get_ca_certs(binary_form=True))


_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""The bundles of Debian, Fedora, SUSE and Alpine."""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _armoured(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if line and not line.startswith("-----"))
