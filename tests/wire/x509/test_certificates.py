"""Reading what strangers send: PKCS#10 requests and certificates."""

import base64
import textwrap

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from upsim.wire.x509.certificates import (
    INPUT_LENGTH_MAX,
    InvalidCertificateError,
    der_of,
    read_certificate,
    read_request,
)

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Some Printer")])
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def a_request(key: object = RSA_KEY, algorithm: object = hashes.SHA256()) -> bytes:
    request = x509.CertificateSigningRequestBuilder().subject_name(NAME).sign(key, algorithm)  # type: ignore[arg-type]
    return request.public_bytes(serialization.Encoding.DER)


BARE = base64.b64encode(a_request()).decode()
LINES = "\r\n".join(textwrap.wrap(BARE, 64))


@pytest.mark.parametrize(
    "text",
    [
        BARE,
        BARE.rstrip("="),
        LINES,
        f"-----BEGIN CERTIFICATE REQUEST-----\r\n{LINES}\r\n-----END CERTIFICATE REQUEST-----\r\n",
        f"-----BEGIN NEW CERTIFICATE REQUEST-----{BARE}-----END NEW CERTIFICATE REQUEST-----",
    ],
)
def test_a_request_is_read_with_and_without_armour(text: str) -> None:
    assert read_request(text).public_key() == RSA_KEY.public_key()


def test_an_elliptic_curve_is_taken_too() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert read_request(base64.b64encode(a_request(key)).decode()).public_key() == key.public_key()


def test_a_request_with_a_changed_byte_is_refused() -> None:
    changed = bytearray(a_request())
    changed[-1] ^= 1
    with pytest.raises(InvalidCertificateError, match="own key"):
        read_request(base64.b64encode(changed).decode())


@pytest.mark.parametrize(
    ("key", "algorithm", "said"),
    [
        (rsa.generate_private_key(public_exponent=65537, key_size=1024), hashes.SHA256(), "1024 bits"),
        (ed25519.Ed25519PrivateKey.generate(), None, "neither RSA nor elliptic curve"),
    ],
)
def test_a_weak_or_strange_key_is_refused(key: object, algorithm: object, said: str) -> None:
    with pytest.raises(InvalidCertificateError, match=said):
        read_request(base64.b64encode(a_request(key, algorithm)).decode())


@pytest.mark.parametrize("text", ["", "%%%", "AAAA", "=" * 8, "A" * (INPUT_LENGTH_MAX + 1), "日本"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(InvalidCertificateError):
        read_request(text)
    with pytest.raises(InvalidCertificateError):
        read_certificate(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.integers(0, len(a_request())).map(lambda cut: a_request()[:cut] + b"\x30"))
def test_any_bytes_are_read_or_refused(octets: bytes) -> None:
    text = base64.b64encode(octets).decode()
    for read in (read_request, read_certificate):
        with pytest.raises(InvalidCertificateError):
            read(text)


def test_base64_is_unwrapped() -> None:
    assert der_of("-----BEGIN X-----\nAAEC\n-----END X-----") == b"\0\1\2"
