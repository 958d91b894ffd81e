"""Requests that a token endpoint refuses, and the shape of each refusal."""

import requests

from tests.support.entra.server import (
    ALEX,
    GRAPH,
    PUBLIC_APP,
    SECRET,
    SECRET_APP,
)

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NOWHERE = "99999999-9999-4999-8999-999999999999"
BY_SECRET = {
    "grant_type": "client_credentials",
    "client_id": SECRET_APP,
    "client_secret": SECRET,
    "scope": f"{GRAPH}/.default",
}
BY_PASSWORD = {
    "grant_type": "password",
    "client_id": PUBLIC_APP,
    "username": ALEX.user_principal_name,
    "password": ALEX.password,
    "scope": "User.Read openid offline_access",
}


def without(form: dict[str, str], *names: str, **changes: str) -> dict[str, str]:
    return {name: value for name, value in {**form, **changes}.items() if name not in names}


def assert_refused(response: requests.Response, status: int, error: str, number: int, suberror: str = "") -> None:
    body = response.json()
    assert (response.status_code, body["error"], body["error_codes"]) == (status, error, [number]), body
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body.get("suberror", "") == suberror
    assert "client_secret" not in response.headers
