"""Certificate authorities: making one, and signing with it (RFC 5280).

Two kinds are made: an RSA authority that signs devices' certificates, as Entra's device CA does, and an elliptic
curve one behind the HTTPS listener. Both carry the key identifiers that strict verifiers ask for
(RFC 5280 sections 4.2.1.1 and 4.2.1.2).
"""

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from upsim.wire.x509.certificates import InvalidCertificateError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

AUTHORITY_DAYS = 20 * 365
"""Longer than any certificate that an authority signs."""
SERVER_CA_DAYS = 10 * 365
SERVER_CERTIFICATE_DAYS = 90
"""Well below the 398 days that clients accept of a server."""
BACKDATED = timedelta(hours=1)
"""Certificates begin a little early, for peers whose clocks are behind."""

LOCAL_NAMES = ("localhost", "*.localhost", "127.0.0.1", "::1")
"""This machine: every server certificate carries these."""


class Signer(NamedTuple):
    """A certificate and its private key, both as PEM."""

    certificate_pem: str
    private_key_pem: str


def new_authority(
    common_name: str, now: datetime, key: "RSAPrivateKey | None" = None, serial: int | None = None
) -> Signer:
    """Return an RSA authority for devices' certificates; its key and serial number are random unless given."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _self_signed(key, common_name, now, AUTHORITY_DAYS, serial)


def new_server_ca(now: datetime) -> Signer:
    """Return the authority behind the HTTPS listener (P-256); clients must trust its certificate."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return _self_signed(ec.generate_private_key(ec.SECP256R1()), "upsim local CA", now, SERVER_CA_DAYS)


def new_server_certificate(ca: Signer | tuple[str, str], names: Iterable[str], now: datetime) -> Signer:
    """Return a certificate for the HTTPS listener; `names` are DNS names and IP addresses beside `LOCAL_NAMES`."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [_general_name(name) for name in dict.fromkeys((*LOCAL_NAMES, *names))]
    builder = (
        _builder("localhost", ca, x509.random_serial_number(), now, timedelta(days=SERVER_CERTIFICATE_DAYS))
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    certificate = _signed_leaf(builder, key.public_key(), ca)
    return _as_pem(certificate, key)


def issue(
    authority: Signer | tuple[str, str],
    request: "x509.CertificateSigningRequest",
    common_name: str,
    serial: int,
    now: datetime,
    valid_seconds: int,
) -> "x509.Certificate":
    """Return a client certificate for the request's key. The request's own subject is not taken over."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    builder = (
        _builder(common_name, authority, serial, now, timedelta(seconds=valid_seconds))
        .public_key(request.public_key())
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    return _signed_leaf(builder, request.public_key(), authority)


@lru_cache(maxsize=64)
def load(
    certificate_pem: str, private_key_pem: str
) -> "tuple[x509.Certificate, RSAPrivateKey | EllipticCurvePrivateKey]":
    """Return an authority's certificate and key, cached: parsing an RSA key costs tens of milliseconds."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
        return x509.load_pem_x509_certificate(certificate_pem.encode()), key  # type: ignore[return-value]
    except ValueError as error:
        raise InvalidCertificateError("the authority's PEM cannot be read") from error


def _self_signed(
    key: "RSAPrivateKey | EllipticCurvePrivateKey", name: str, now: datetime, days: int, serial: int | None = None
) -> Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(name))
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(is_authority=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _as_pem(certificate, key)


def _builder(
    common_name: str, ca: Signer | tuple[str, str], serial: int, now: datetime, validity: timedelta
) -> "x509.CertificateBuilder":
    from cryptography import x509

    issuer, _ = load(*ca)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(issuer.subject)
        .serial_number(serial)
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + validity)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=False), critical=True)
    )


def _signed_leaf(
    builder: "x509.CertificateBuilder", public_key: object, ca: Signer | tuple[str, str]
) -> "x509.Certificate":
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    issuer, key = load(*ca)
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)  # type: ignore[arg-type]
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_usage(*, is_authority: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> "x509.Name":
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return x509.DNSName(name)


def _as_pem(certificate: "x509.Certificate", key: "RSAPrivateKey | EllipticCurvePrivateKey") -> Signer:
    from cryptography.hazmat.primitives import serialization

    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer(certificate.public_bytes(serialization.Encoding.PEM).decode(), pem.decode())
