"""Signing keys: making one, loading one, and showing its public half as Entra does (RFC 7517).

A key travels with a self-signed certificate, because Entra publishes `x5c` and names a key by the certificate's
thumbprint. Loading a PEM checks the key's primes, which costs tens of milliseconds: load it once.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

KEY_BITS = 2048
CERTIFICATE_DAYS = 5 * 365
"""How long the certificate beside a signing key is valid."""
COMMON_NAME = "accounts.accesscontrol.windows.net"
"""The subject of the certificates that Entra publishes in its key set."""


class NewKey(NamedTuple):
    """A key pair just made: PKCS#8 PEM and the DER of its self-signed certificate."""

    private_key_pem: str
    certificate_der: bytes


def new_key(now: datetime, key: "RSAPrivateKey | None" = None, serial: int | None = None) -> NewKey:
    """Return a random RSA key, or the given one, and its certificate. It takes about a tenth of a second."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = key or rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, COMMON_NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return NewKey(pem.decode(), certificate.public_bytes(serialization.Encoding.DER))


def load_private_key(pem: str) -> "RSAPrivateKey":
    """Return the RSA key of a PKCS#8 PEM; raises `ValueError` or `TypeError` where it is none."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the key is not an RSA key")
    return key


def public_jwk(public_key: "RSAPublicKey", kid: str, certificate_der: bytes, issuer: str) -> dict[str, Any]:
    """Return the key as Entra lists it (RFC 7517 section 4): without `alg`, with an `issuer` of its own."""
    numbers = public_key.public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "kid": kid,
        "x5t": thumbprint_sha1(certificate_der),
        "n": _base64url_integer(numbers.n),
        "e": _base64url_integer(numbers.e),
        "x5c": [base64.b64encode(certificate_der).decode()],
        "issuer": issuer,
    }


def thumbprint_sha1(certificate_der: bytes) -> str:
    """`x5t`: SHA-1 of the DER, base64url without padding (RFC 7515 section 4.1.7)."""
    return _base64url(hashlib.sha1(certificate_der, usedforsecurity=False).digest())


def thumbprint_sha256(certificate_der: bytes) -> str:
    """`x5t#S256`: SHA-256 of the DER, base64url without padding (RFC 7515 section 4.1.8)."""
    return _base64url(hashlib.sha256(certificate_der).digest())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _base64url_integer(number: int) -> str:
    """Base64urlUInt of RFC 7518 section 2."""
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
