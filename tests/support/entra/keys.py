"""Keys, certificates and requests as clients and printers bring them."""

import base64
import hashlib
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from upsim.app import real_now


class Made(NamedTuple):
    key: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def der_base64(self) -> str:
        return base64.b64encode(self.der).decode()

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def sha1_hex(self) -> str:
        return hashlib.sha1(self.der).hexdigest()


@cache
def a_key(name: str) -> RSAPrivateKey:
    """One key for each name, because making them is slow."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def a_certificate_and_key(name: str) -> Made:
    """A self-signed certificate."""
    key = a_key(name)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = real_now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return Made(key, certificate)


@cache
def a_request(name: str) -> str:
    """A PKCS#10 request as base64 of its DER."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Some Printer")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(a_key(name), hashes.SHA256())
    return base64.b64encode(request.public_bytes(serialization.Encoding.DER)).decode()
