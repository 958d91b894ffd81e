"""Authorities and what they sign (RFC 5280)."""

import base64
import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from upsim.app import real_now
from upsim.wire.x509 import authorities
from upsim.wire.x509.certificates import InvalidCertificateError, is_issued_by, read_certificate, read_request

NOW = real_now()
DEVICES = authorities.new_authority("contoso.example devices", NOW)
SERVER_CA = authorities.new_server_ca(NOW)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def a_request() -> x509.CertificateSigningRequest:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whatever the printer says")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(KEY, hashes.SHA256())
    return read_request(base64.b64encode(request.public_bytes(serialization.Encoding.DER)).decode())


def extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    return certificate.extensions.get_extension_for_class(kind)


def test_a_device_certificate_is_for_the_requests_key_and_the_given_name() -> None:
    issued = authorities.issue(DEVICES, a_request(), "printer-1", 77, NOW, 3600)
    assert issued.public_key() == KEY.public_key()
    assert [item.value for item in issued.subject] == ["printer-1"]
    assert issued.serial_number == 77
    assert issued.not_valid_after_utc == (NOW + timedelta(hours=1)).replace(microsecond=0)
    assert list(extension(issued, x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]


@pytest.mark.parametrize(
    "certificate",
    [
        authorities.issue(DEVICES, a_request(), "printer-1", 77, NOW, 3600),
        authorities.load(*authorities.new_server_certificate(SERVER_CA, (), NOW))[0],
    ],
)
def test_a_leaf_is_no_authority_and_names_its_issuers_key(certificate: x509.Certificate) -> None:
    constraints, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    assert constraints.critical
    assert usage.critical
    assert not constraints.value.ca
    assert extension(certificate, x509.AuthorityKeyIdentifier).value.key_identifier
    assert extension(certificate, x509.SubjectKeyIdentifier).value.digest


@pytest.mark.parametrize("authority", [DEVICES, SERVER_CA])
def test_an_authority_signs_certificates_and_nothing_else(authority: authorities.Signer) -> None:
    certificate, _ = authorities.load(*authority)
    usage = extension(certificate, x509.KeyUsage).value
    assert usage.key_cert_sign
    assert not usage.digital_signature
    assert extension(certificate, x509.BasicConstraints).critical


def test_who_issued_a_certificate_can_be_told() -> None:
    issued = authorities.issue(DEVICES, a_request(), "printer-1", 77, NOW, 3600)
    der = base64.b64encode(issued.public_bytes(serialization.Encoding.DER)).decode()
    assert is_issued_by(read_certificate(der), DEVICES.certificate_pem)
    assert not is_issued_by(read_certificate(der), SERVER_CA.certificate_pem)
    impostor = authorities.new_authority("contoso.example devices", NOW)
    assert not is_issued_by(read_certificate(der), impostor.certificate_pem)


def test_a_server_certificate_has_all_names_and_a_short_life() -> None:
    leaf, key = authorities.load(
        *authorities.new_server_certificate(SERVER_CA, ("print.test", "*.login.test", "10.1.2.3"), NOW)
    )
    names = extension(leaf, x509.SubjectAlternativeName).value
    assert {"localhost", "*.localhost", "print.test", "*.login.test"} <= set(
        names.get_values_for_type(x509.DNSName)
    )
    assert {"127.0.0.1", "::1", "10.1.2.3"} == {str(item) for item in names.get_values_for_type(x509.IPAddress)}
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days <= 90
    assert isinstance(key, ec.EllipticCurvePrivateKey)


def test_a_client_that_trusts_the_ca_connects(tmp_path: Path) -> None:
    leaf = authorities.new_server_certificate(SERVER_CA, ("login.example",), NOW)
    for name, pem in (
        ("leaf", leaf.certificate_pem),
        ("key", leaf.private_key_pem),
        ("ca", SERVER_CA.certificate_pem),
    ):
        (tmp_path / name).write_text(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "leaf", tmp_path / "key")
    client = ssl.create_default_context(cafile=tmp_path / "ca")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()

    def answer() -> None:
        with context.wrap_socket(theirs, server_side=True) as wrapped:
            wrapped.sendall(b"hello")

    thread = threading.Thread(target=answer)
    thread.start()
    with client.wrap_socket(ours, server_hostname="login.example") as wrapped:
        assert wrapped.recv(5) == b"hello"
    thread.join()


def test_a_broken_authority_says_so() -> None:
    with pytest.raises(InvalidCertificateError):
        authorities.load("no PEM", "no PEM")
