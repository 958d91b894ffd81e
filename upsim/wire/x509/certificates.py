"""Certificates and certificate requests from untrusted senders.

Base64 is taken as devices write it: bare DER as documented, or with PEM armour and line breaks.
"""

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
    from cryptography.x509 import Certificate, CertificateSigningRequest

RSA_BITS_MIN = 2048
INPUT_LENGTH_MAX = 64 * 1024
"""Characters of base64; more is refused unread."""

_ARMOUR = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]+-----")


class InvalidCertificateError(Exception):
    """A certificate or request that cannot be read, or whose key or signature is not good enough."""


def der_of(text: str) -> bytes:
    """Return the octets behind base64 with or without PEM armour and line breaks."""
    if len(text) > INPUT_LENGTH_MAX:
        raise InvalidCertificateError(f"it is longer than {INPUT_LENGTH_MAX} characters")
    bare = "".join(_ARMOUR.sub("", text).split())
    try:
        der = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCertificateError("it is not base64") from error
    if not der:
        raise InvalidCertificateError("it is empty")
    return der


def read_request(text: str) -> "CertificateSigningRequest":
    """Read a PKCS#10 request (RFC 2986), signed by its own key: RSA from 2048 bits on, or an elliptic curve."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        request = x509.load_der_x509_csr(der_of(text))
        _check_key(request.public_key())
        is_signed = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidCertificateError("it is not a PKCS#10 request in DER") from error
    if not is_signed:
        raise InvalidCertificateError("its signature was not made with its own key")
    return request


def read_certificate(text: str) -> "Certificate":
    """Return a certificate as `x5c` carries it: base64 of DER (RFC 7515 section 4.1.6)."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        certificate = x509.load_der_x509_certificate(der_of(text))
        _check_key(certificate.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidCertificateError("it is not a certificate in DER") from error
    return certificate


def sha256_of(der: bytes) -> str:
    """Return the thumbprint of a certificate: SHA-256 of its DER, lower-case hexadecimal."""
    return hashlib.sha256(der).hexdigest()


def is_issued_by(certificate: "Certificate", authority_pem: str) -> bool:
    """Return whether the CA's key signed the certificate and the names agree (RFC 5280 section 6.1.3)."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority_pem.encode()))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _check_key(key: "PublicKeyTypes") -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if isinstance(key, EllipticCurvePublicKey):
        return
    if not isinstance(key, RSAPublicKey):
        raise InvalidCertificateError("its key is neither RSA nor elliptic curve")
    if key.key_size < RSA_BITS_MIN:
        raise InvalidCertificateError(f"its RSA key has {key.key_size} bits, at least {RSA_BITS_MIN} are needed")
