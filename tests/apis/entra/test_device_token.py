"""A printer's token, from the certificate request to the claims."""

import base64
from typing import Any

import jwt
import pytest

from tests.support.entra.keys import a_certificate_and_key, a_key, a_request
from tests.support.entra.refusals import JWT_BEARER, assert_refused
from tests.support.entra.server import PRINT, PUBLIC_APP, TENANT_ID, Server
from upsim.app import real_now
from upsim.domain.application import ENABLED_PRINTER_APP_ID
from upsim.domain.printer import Printer, PrinterCertificate
from upsim.server.certificates import X509Certificates
from upsim.services import device_certificates
from upsim.services.ports import IssuedCertificate

ISSUER = X509Certificates()
AUTHORITY = ISSUER.new_authority("test devices", real_now())


def a_printer(server: Server, identifier: str) -> IssuedCertificate:
    """A registered printer whose key is `a_key(identifier)`."""
    now = real_now()
    issued = ISSUER.issue(AUTHORITY, ISSUER.read_request(a_request(identifier)), identifier, 1, now, 86400)
    server.put(
        Printer(
            id=identifier,
            display_name=identifier,
            manufacturer="Sample",
            model="One",
            registered_at=now,
            certificate=PrinterCertificate(
                der_base64=base64.b64encode(issued.der).decode(), sha256=issued.sha256, not_after=issued.not_after
            ),
        )
    )
    return issued


def a_nonce(server: Server) -> str:
    answer = server.post(
        f"/{TENANT_ID}/oauth2/token", {"grant_type": "srv_challenge", "windows_api_version": "2.0"}
    )
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    nonce: str = answer.json()["Nonce"]
    return nonce


def a_signed_request(server: Server, issued: IssuedCertificate, **changes: Any) -> str:
    """The JWT as a printer makes it; `key`, `x5c` and claims can be changed."""
    x5c = changes.pop("x5c", base64.b64encode(issued.der).decode())
    key = changes.pop("key", a_key("printer-1"))
    claims = {
        "request_nonce": changes.pop("request_nonce", None) or a_nonce(server),
        "grant_type": "device_token",
        "resource": PRINT,
        "client_id": ENABLED_PRINTER_APP_ID,
        "redirect_uri": "https://login.microsoftonline.com/common/oauth2/nativeclient",
        "iss": "printer-1",
    }
    headers = {"x5c": x5c} if x5c else {}
    return jwt.encode({**claims, **changes}, key, algorithm="RS256", headers=headers)


def exchange(server: Server, request: str) -> Any:
    return server.post(f"/{TENANT_ID}/oauth2/token", {"grant_type": JWT_BEARER, "request": request})


@pytest.mark.parametrize("is_array", [False, True])
def test_a_printer_gets_a_token_for_its_signed_nonce(server: Server, is_array: bool) -> None:
    issued = a_printer(server, "printer-1")
    encoded = base64.b64encode(issued.der).decode()
    answer = exchange(server, a_signed_request(server, issued, x5c=[encoded] if is_array else encoded))
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == "3600"
    claims = server.claims(body["access_token"])
    assert claims["deviceid"] == "printer-1"
    assert claims["aud"] == PRINT
    assert claims["appid"] == ENABLED_PRINTER_APP_ID
    assert "PrintJob.Read" in claims["roles"]
    assert "scp" not in claims


def test_a_makers_own_client_id_brings_its_own_permissions(server: Server) -> None:
    issued = a_printer(server, "printer-1")
    answer = exchange(server, a_signed_request(server, issued, client_id=PUBLIC_APP)).json()
    assert server.claims(answer["access_token"])["roles"] == ["Printers.Read", "PrintJob.Read"]


def test_a_nonce_is_good_once(server: Server) -> None:
    issued, nonce = a_printer(server, "printer-1"), a_nonce(server)
    assert exchange(server, a_signed_request(server, issued, request_nonce=nonce)).status_code == 200
    again = exchange(server, a_signed_request(server, issued, request_nonce=nonce))
    assert_refused(again, 400, "invalid_grant", 140000)


def test_a_nonce_gets_old(server: Server) -> None:
    issued, nonce = a_printer(server, "printer-1"), a_nonce(server)
    server.advance(301)
    answer = exchange(server, a_signed_request(server, issued, request_nonce=nonce))
    assert_refused(answer, 400, "invalid_grant", 140000)


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"request_nonce": "made-up"}, "invalid_grant", 140000),
        ({"key": a_key("stranger")}, "invalid_grant", 50012),
        ({"x5c": ""}, "invalid_grant", 50012),
        ({"x5c": "!!!"}, "invalid_request", 900384),
        ({"iss": "printer-2"}, "invalid_grant", 50155),
        ({"x5c": a_certificate_and_key("stranger").der_base64, "key": a_key("stranger")}, "invalid_grant", 50017),
        ({"iss": "nobody"}, "invalid_grant", 700003),
        ({"client_id": "nobody"}, "unauthorized_client", 700016),
        ({"resource": "https://graph.microsoft.com"}, "invalid_grant", 221000),
        ({"grant_type": "other"}, "invalid_request", 900384),
        ({"iss": ""}, "invalid_request", 900144),
        ({"exp": 1}, "invalid_grant", 50012),
        ({"iat": "whenever"}, "invalid_grant", 50012),
    ],
)
def test_a_wrong_request_is_refused(server: Server, changes: dict[str, Any], error: str, number: int) -> None:
    issued = a_printer(server, "printer-1")
    a_printer(server, "printer-2")
    assert_refused(exchange(server, a_signed_request(server, issued, **changes)), 400, error, number)


def test_another_printers_certificate_proves_nothing(server: Server) -> None:
    a_printer(server, "printer-1")
    other = a_printer(server, "printer-2")
    answer = exchange(server, a_signed_request(server, other, key=a_key("printer-2")))
    assert_refused(answer, 400, "invalid_grant", 50155)


def test_a_revoked_certificate_proves_nothing(server: Server) -> None:
    issued = a_printer(server, "printer-1")
    server.write(lambda tx: device_certificates.revoke(tx, "printer-1"))
    assert_refused(exchange(server, a_signed_request(server, issued)), 400, "invalid_grant", 500183)


def test_an_expired_certificate_proves_nothing(server: Server) -> None:
    issued = a_printer(server, "printer-1")
    server.advance(2 * 86400)
    assert_refused(exchange(server, a_signed_request(server, issued)), 400, "invalid_grant", 1000502)


def test_a_printer_that_is_gone_gets_nothing(server: Server) -> None:
    issued = a_printer(server, "printer-1")
    server.write(lambda tx: tx.delete(tx.get(Printer, "printer-1")))
    assert_refused(exchange(server, a_signed_request(server, issued)), 400, "invalid_grant", 700003)


def test_the_lifetime_is_the_tenants_choice(server: Server) -> None:
    server.settings(tokens={"device_seconds": 5})
    answer = exchange(server, a_signed_request(server, a_printer(server, "printer-1"))).json()
    assert answer["expires_in"] == "5"


def test_times_are_welcome_though_not_needed(server: Server) -> None:
    server.advance(3600)
    now = real_now().timestamp()
    request = a_signed_request(server, a_printer(server, "printer-1"), iat=now, nbf=now + 60, exp=now - 60)
    assert exchange(server, request).status_code == 200


def test_anything_may_follow_the_nonce_request(server: Server) -> None:
    answer = server.post(f"/{TENANT_ID}/oauth2/v2.0/token", {"grant_type": "srv_challenge"})
    assert answer.json()["Nonce"]
