"""Every wrong input that Entra has a number for, and the number that upsim answers.

source: Microsoft Entra authentication and authorization error codes; checked: 2026-11-20.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from msgspec.structs import replace

from tests.support.entra.keys import a_certificate_and_key, a_key
from tests.support.entra.refusals import BY_PASSWORD, BY_SECRET, JWT_BEARER, NOWHERE, assert_refused, without
from tests.support.entra.server import (
    ALEX,
    CERTIFICATE_APP,
    DOMAIN,
    GRAPH,
    PUBLIC_APP,
    SECRET,
    SECRET_APP,
    TENANT_ID,
    Server,
    an_application,
)
from upsim.apis.entra.errors import BY_KIND
from upsim.app import real_now
from upsim.domain.refusals import RefusalKind

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def test_every_kind_of_refusal_has_an_error() -> None:
    assert set(BY_KIND) == set(RefusalKind)


def test_an_error_carries_all_that_clients_print(server: Server) -> None:
    correlation = "0f0f0f0f-0000-4000-8000-000000000000"
    response = server.post(
        f"/{TENANT_ID}/oauth2/v2.0/token",
        without(BY_SECRET, client_secret="no"),
        headers={"client-request-id": correlation},
    )
    body = response.json()
    assert body["correlation_id"] == response.headers["client-request-id"] == correlation
    assert body["trace_id"] == response.headers["x-ms-request-id"]
    assert datetime.strptime(body["timestamp"], "%Y-%m-%d %H:%M:%S%z")
    assert body["error_uri"] == f"{server.url}/error?code=7000215"
    assert response.headers["Cache-Control"].startswith("no-store")
    for part in ("Trace ID: ", f"Correlation ID: {correlation}", "Timestamp: "):
        assert part in body["error_description"]
    assert server.get("/error?code=7000215").status_code == 200


@pytest.mark.parametrize(
    ("tenant", "form", "expected"),
    [
        (NOWHERE, BY_SECRET, (400, "invalid_request", 90002)),
        ("nowhere.example", BY_SECRET, (400, "invalid_request", 90002)),
        ("nonsense", BY_SECRET, (400, "invalid_request", 900023)),
        ("common", BY_SECRET, (400, "invalid_request", 9001023)),
        ("common", BY_PASSWORD, (400, "invalid_request", 9001023)),
        (TENANT_ID, {}, (400, "invalid_request", 900144)),
        (TENANT_ID, {"grant_type": "magic"}, (400, "unsupported_grant_type", 70003)),
        (TENANT_ID, without(BY_SECRET, "client_id"), (400, "invalid_request", 900144)),
        (TENANT_ID, without(BY_SECRET, "scope"), (400, "invalid_request", 900144)),
        (TENANT_ID, without(BY_SECRET, client_id=NOWHERE), (400, "unauthorized_client", 700016)),
        (TENANT_ID, without(BY_SECRET, client_secret="no"), (401, "invalid_client", 7000215)),
        (TENANT_ID, without(BY_SECRET, "client_secret"), (401, "invalid_client", 7000218)),
        (TENANT_ID, without(BY_SECRET, client_id=PUBLIC_APP), (401, "invalid_client", 700025)),
        (TENANT_ID, without(BY_PASSWORD, client_id=SECRET_APP), (401, "invalid_client", 7000218)),
        (TENANT_ID, without(BY_SECRET, scope=f"{GRAPH}/Printer.Read.All"), (400, "invalid_scope", 1002012)),
        (TENANT_ID, without(BY_SECRET, scope=f"{GRAPH}/"), (400, "invalid_scope", 70011)),
        (TENANT_ID, without(BY_PASSWORD, scope=".default User.Read"), (400, "invalid_scope", 70011)),
        (
            TENANT_ID,
            without(BY_PASSWORD, scope="User.Read https://print.print.microsoft.com/Printers.Create"),
            (400, "invalid_scope", 28000),
        ),
        (TENANT_ID, without(BY_SECRET, resource=GRAPH), (400, "invalid_request", 901002)),
        (TENANT_ID, without(BY_SECRET, scope="https://no.example/.default"), (400, "invalid_resource", 500011)),
        (TENANT_ID, without(BY_PASSWORD, username=f"nobody@{DOMAIN}"), (400, "invalid_grant", 50034)),
        (TENANT_ID, without(BY_PASSWORD, password="no"), (400, "invalid_grant", 50126)),
        (TENANT_ID, without(BY_PASSWORD, "password"), (400, "invalid_request", 900144)),
        (
            TENANT_ID,
            without(BY_PASSWORD, scope="Printer.Create"),
            (400, "invalid_grant", 65001, "consent_required"),
        ),
        (
            TENANT_ID,
            {"grant_type": "authorization_code", "client_id": PUBLIC_APP, "code": "made-up"},
            (400, "invalid_grant", 70000),
        ),
        (
            TENANT_ID,
            {"grant_type": "refresh_token", "client_id": PUBLIC_APP, "refresh_token": "made-up"},
            (400, "invalid_grant", 70000, "bad_token"),
        ),
        (
            TENANT_ID,
            {"grant_type": "device_code", "client_id": PUBLIC_APP, "device_code": "made-up"},
            (400, "bad_verification_code", 70018),
        ),
        (TENANT_ID, {"grant_type": JWT_BEARER}, (400, "invalid_request", 900144)),
        (
            TENANT_ID,
            {**BY_SECRET, "grant_type": JWT_BEARER, "assertion": "no.jwt"},
            (400, "invalid_grant", 50013),
        ),
        (TENANT_ID, {"grant_type": JWT_BEARER, "request": "no.jwt"}, (400, "invalid_request", 900384)),
    ],
)
def test_a_wrong_token_request_has_its_number(
    server: Server, tenant: str, form: dict[str, str], expected: tuple[Any, ...]
) -> None:
    assert_refused(server.token(tenant, **form), *expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_enabled": False}, (400, "invalid_grant", 50057)),
        ({"is_locked": True}, (400, "invalid_grant", 50053)),
        ({"needs_second_factor": True}, (400, "interaction_required", 50076, "basic_action")),
    ],
)
def test_a_user_who_may_not_sign_in_is_told_why(
    server: Server, changes: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    server.put(replace(ALEX, **changes))
    assert_refused(server.token(**BY_PASSWORD), *expected)


def test_a_user_who_is_not_assigned_may_not_sign_in(server: Server) -> None:
    server.put(an_application(PUBLIC_APP, needs_assignment=True))
    assert_refused(server.token(**BY_PASSWORD), 400, "invalid_grant", 50105)
    server.put(an_application(PUBLIC_APP, needs_assignment=True, assigned_users=(ALEX.id,)))
    assert server.token(**BY_PASSWORD).status_code == 200


def test_an_expired_secret_is_told_apart_from_a_wrong_one(server: Server) -> None:
    yesterday = real_now() - timedelta(days=1)
    server.put(an_application(SECRET_APP, secret=SECRET, secret_expires_at=yesterday))
    assert_refused(server.token(**BY_SECRET), 401, "invalid_client", 7000222)


def test_too_many_wrong_passwords_are_throttled_until_the_clock_moves_on(server: Server) -> None:
    for _ in range(10):
        assert_refused(server.token(**without(BY_PASSWORD, password="no")), 400, "invalid_grant", 50126)
    throttled = server.token(**BY_PASSWORD)
    assert_refused(throttled, 429, "temporarily_unavailable", 90055)
    server.advance(int(throttled.headers["Retry-After"]))
    assert server.token(**BY_PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("seconds", "expected"), [(89 * 86400, None), (90 * 86400 + 1, (400, "invalid_grant", 700082))]
)
def test_a_refresh_token_expires_on_the_tenants_clock(server: Server, seconds: int, expected: Any) -> None:
    refresh_token = server.token(**BY_PASSWORD).json()["refresh_token"]
    server.advance(seconds)
    answer = server.token(grant_type="refresh_token", client_id=PUBLIC_APP, refresh_token=refresh_token)
    if expected is None:
        assert answer.json()["refresh_token"] != refresh_token
    else:
        assert_refused(answer, *expected)


def test_a_refresh_token_is_revoked_with_the_users_sessions(server: Server) -> None:
    refresh_token = server.token(**BY_PASSWORD).json()["refresh_token"]
    server.put(replace(ALEX, sessions_valid_from=real_now()))
    answer = server.token(grant_type="refresh_token", client_id=PUBLIC_APP, refresh_token=refresh_token)
    assert_refused(answer, 400, "invalid_grant", 50173)


def test_a_refresh_token_is_no_good_to_another_client(server: Server) -> None:
    refresh_token = server.token(**BY_PASSWORD).json()["refresh_token"]
    answer = server.token(
        grant_type="refresh_token", client_id=SECRET_APP, client_secret=SECRET, refresh_token=refresh_token
    )
    assert_refused(answer, 400, "invalid_grant", 70000, "bad_token")


def part_of(value: Any) -> str:
    """A part of a JWT, also of text that no honest library would sign."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


BY_SHA256 = {
    "x5t#S256": base64.urlsafe_b64encode(hashlib.sha256(a_certificate_and_key("client").der).digest()).decode()
}
WITH_CHAIN = {"x5c": [a_certificate_and_key("client").der_base64]}


def an_assertion(**changes: Any) -> str:
    """A client assertion as MSAL for Python makes it: float times, padded x5t."""
    made = a_certificate_and_key("client")
    claims: dict[str, Any] = {
        "aud": f"https://localhost/{TENANT_ID}/oauth2/v2.0/token",
        "iss": CERTIFICATE_APP,
        "sub": CERTIFICATE_APP,
        "iat": real_now().timestamp() + 0.5,
        "exp": real_now().timestamp() + 600.5,
        "jti": "1",
    }
    key = changes.pop("key", made.key)
    headers = changes.pop("headers", None)
    if headers is None:
        headers = {"x5t": base64.urlsafe_b64encode(hashlib.sha1(made.der).digest()).decode()}
    return jwt.encode({**claims, **changes}, key, algorithm=changes.pop("alg", "RS256"), headers=headers)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (an_assertion, None),
        (lambda: an_assertion(headers={"x5c": [a_certificate_and_key("client").der_base64]}), None),
        (lambda: an_assertion(alg="PS256", headers=BY_SHA256), None),
        (lambda: an_assertion(alg="PS256", headers={**BY_SHA256, **WITH_CHAIN}), None),
        (lambda: an_assertion(alg="RS256", headers={"x5t": "AAAA", **WITH_CHAIN}), None),
        (lambda: an_assertion(alg="PS384", headers=BY_SHA256), 700027),
        (lambda: an_assertion(alg="HS256", key="x" * 32, headers=BY_SHA256), 700027),
        (lambda: part_of({"alg": "none", **BY_SHA256}) + "." + an_assertion().split(".")[1] + ".", 700027),
        (lambda: an_assertion()[:-8] + "AAAAAAAA", 700027),
        (lambda: an_assertion().replace(".", "..", 1), 50027),
        (lambda: an_assertion(nbf=real_now().timestamp() + 600), 700024),
        (lambda: an_assertion(key=a_key("stranger")), 700027),
        (lambda: an_assertion(headers={"x5t": "AAAA"}), 700027),
        (lambda: an_assertion(headers={"x5c": [a_certificate_and_key("other").der_base64]}), 700027),
        (lambda: an_assertion(headers={"x5c": ["%%%"]}), 50027),
        (lambda: an_assertion(headers={}), 700027),
        (lambda: an_assertion(exp=real_now().timestamp() - 600), 700024),
        (lambda: an_assertion(exp=real_now().timestamp() - 60), None),
        (lambda: an_assertion(iat=real_now().timestamp() + 600), 700024),
        (lambda: an_assertion(exp="soon"), 700024),
        (lambda: an_assertion(sub=PUBLIC_APP), 700021),
        (lambda: an_assertion(aud="https://elsewhere.example/"), 700023),
        (lambda: an_assertion(aud=f"https://login.microsoftonline.com/{DOMAIN}/v2.0"), None),
        (lambda: "not.a.jwt", 50027),
    ],
)
def test_a_client_assertion_is_judged(server: Server, make: Callable[[], str], expected: int | None) -> None:
    made = a_certificate_and_key("client")
    server.put(an_application(CERTIFICATE_APP, certificates=(made.der_base64,)))
    answer = server.token(
        grant_type="client_credentials",
        client_id=CERTIFICATE_APP,
        client_assertion_type=ASSERTION_TYPE,
        client_assertion=make(),
        scope=f"{GRAPH}/.default",
    )
    if expected is None:
        assert answer.status_code == 200, answer.text
    else:
        assert_refused(answer, 401, "invalid_client", expected)


def test_an_assertion_is_judged_by_real_time_whatever_the_tenant_thinks(server: Server) -> None:
    made = a_certificate_and_key("client")
    server.put(an_application(CERTIFICATE_APP, certificates=(made.der_base64,)))
    server.advance(365 * 86400)
    form = {"grant_type": "client_credentials", "client_assertion": an_assertion(), "scope": f"{GRAPH}/.default"}
    assert server.token(**form).status_code == 200


@pytest.mark.parametrize(
    ("changes", "number"),
    [({"aud": GRAPH}, 50013), ({"scp": None}, 50013), ({"exp": 1}, 500133), ({}, None)],
)
def test_an_on_behalf_of_assertion_is_judged(server: Server, changes: dict[str, Any], number: int | None) -> None:
    forged = server.post(
        "/_upsim/tokens",
        json={
            "application": PUBLIC_APP,
            "user": ALEX.user_principal_name,
            "resource": f"api://{SECRET_APP}",
            "claims": changes,
        },
    ).json()
    answer = server.token(
        grant_type=JWT_BEARER,
        requested_token_use="on_behalf_of",
        client_id=SECRET_APP,
        client_secret=SECRET,
        assertion=forged["accessToken"],
        scope="User.Read",
    )
    if number is None:
        assert answer.status_code == 200, answer.text
    else:
        assert_refused(answer, 400, "invalid_grant", number)


def test_the_wrong_method_is_refused_in_json(server: Server) -> None:
    assert_refused(server.get(f"/{TENANT_ID}/oauth2/v2.0/token"), 405, "invalid_request", 900561)


def test_a_body_with_too_many_fields_is_refused(server: Server) -> None:
    answer = server.post(f"/{TENANT_ID}/oauth2/v2.0/token", "&".join(f"f{index}=" for index in range(300)))
    assert_refused(answer, 400, "invalid_request", 9002313)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scope": "http://[/.default"}, 400),
        ({"scope": "/" * 50}, 400),
        ({"client_id": "\0"}, 400),
        ({"client_id": "%ud800"}, 400),
        ({"grant_type": "refresh_token", "refresh_token": "1.../.."}, 400),
        ({"grant_type": "refresh_token", "refresh_token": "1.\0.x"}, 400),
        ({"grant_type": "authorization_code", "code": "x" * 100_000}, 400),
        ({"client_assertion": part_of({"alg": "RS256"}) + "." + part_of({"sub": "\ud800"}) + ".AAAA"}, 401),
        ({"client_assertion": an_assertion(aud="http://[")}, 401),
        ({"client_assertion": an_assertion(aud=[1, None])}, 401),
        ({"client_assertion": an_assertion(aud={"a": 1}, headers={"x5c": [[1]]})}, 401),
        ({"claims": "[" * 10_000}, 200),  # claims that cannot be read are left out
        (
            {"grant_type": JWT_BEARER, "request": part_of({"x5c": 5}) + "." + part_of({"iss": "\ud800"}) + ".A"},
            400,
        ),
    ],
)
@pytest.mark.parametrize("tenant", [TENANT_ID, "common"])
def test_nothing_that_a_client_sends_makes_the_server_fail(
    server: Server, tenant: str, changes: dict[str, str], status: int
) -> None:
    made = a_certificate_and_key("client")
    server.put(an_application(CERTIFICATE_APP, certificates=(made.der_base64,)))
    form = {**BY_SECRET, **changes}
    if "client_assertion" in changes:
        del form["client_id"], form["client_secret"]
    answer = server.token(tenant, **form)
    expected = status if tenant == TENANT_ID else 400
    assert answer.status_code == expected, answer.text
    assert ("error" in answer.json()) == (expected != 200)
