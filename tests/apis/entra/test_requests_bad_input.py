"""Hostile input: refused with a number, written down with a reason; none of it reaches a header or a host."""

from collections.abc import Callable

import pytest
import requests

from tests.support.entra.browser import AUTHORIZE, REDIRECT, Browser, query_of
from tests.support.entra.server import ALEX, DOMAIN, GRAPH, PUBLIC_APP, SECRET, SECRET_APP, TENANT_ID, Server
from upsim.server.context import BODY_BYTES_MAX

INJECTED = "x\r\nSet-Cookie: stolen=1\r\n\r\n<script>"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636 appendix B."""


def reasons(server: Server) -> list[str]:
    answer = server.get(f"/_upsim/tenants/{DOMAIN}/sign-in-refusals")
    return [line["reason"] for line in answer.json()["value"]]


def a_code(server: Server, **asked: str) -> str:
    return query_of(Browser(server).ask(login_hint=ALEX.user_principal_name, **asked))["code"]


def redeem(server: Server, code: str, **changes: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "client_id": PUBLIC_APP, "redirect_uri": REDIRECT, "code": code}
    return server.token(**{**form, **changes})


def replayed(server: Server) -> requests.Response:
    code = a_code(server)
    assert redeem(server, code).status_code == 200
    return redeem(server, code)


def with_wrong_verifier(server: Server) -> requests.Response:
    code = a_code(server, code_challenge=CHALLENGE, code_challenge_method="S256")
    return redeem(server, code, code_verifier="x" * 43)


def without_verifier(server: Server) -> requests.Response:
    return redeem(server, a_code(server, code_challenge=CHALLENGE, code_challenge_method="S256"))


def elsewhere(server: Server) -> requests.Response:
    return redeem(server, a_code(server), redirect_uri="http://localhost/other")


def by_secret(**changes: str) -> Callable[[Server], requests.Response]:
    form = {
        "grant_type": "client_credentials",
        "client_id": SECRET_APP,
        "client_secret": SECRET,
        "scope": f"{GRAPH}/.default",
    }
    return lambda server: server.token(**{**form, **changes})


@pytest.mark.parametrize(
    ("send", "number", "reason"),
    [
        (replayed, 54005, "code-redeemed"),
        (with_wrong_verifier, 501481, "verifier-wrong"),
        (without_verifier, 50148, "verifier-missing"),
        (elsewhere, 500112, "redirect-mismatch"),
        (by_secret(grant_type="magic"), 70003, "grant-unknown"),
        (by_secret(client_assertion="a.b"), 50027, "assertion-malformed"),
        (by_secret(client_assertion="a" * 70_000), 50027, "assertion-malformed"),
        (by_secret(client_secret=INJECTED), 7000215, "secret-wrong"),
        (by_secret(client_id=INJECTED), 700016, "application-unknown"),
        (by_secret(scope=INJECTED), 1002012, "scope-not-default"),
    ],
)
def test_what_is_refused_has_its_number_and_is_written_down(
    server: Server, send: Callable[[Server], requests.Response], number: int, reason: str
) -> None:
    answer = send(server)
    assert answer.json()["error_codes"] == [number], answer.text
    assert reasons(server)[0] == reason
    assert "Set-Cookie" not in answer.headers


def test_a_form_that_is_too_large_is_refused_as_entra_refuses(server: Server) -> None:
    answer = server.post(f"/{TENANT_ID}/oauth2/v2.0/token", b"grant_type=" + b"x" * (BODY_BYTES_MAX + 1))
    assert (answer.status_code, answer.json()["error_codes"]) == (413, [9002313])


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_what_is_sent_along_stays_a_value(server: Server, mode: str) -> None:
    browser = Browser(server)
    answer = browser.ask(login_hint=ALEX.user_principal_name, state=INJECTED, response_mode=mode)
    assert "stolen" not in answer.headers.get("Set-Cookie", "")
    if mode == "query":
        assert query_of(answer)["state"] == INJECTED
    assert INJECTED not in answer.headers.get("Location", "") + answer.text


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/",
        "http://localhost.evil.example/back",
        "http://localhost@evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        REDIRECT + INJECTED,
        REDIRECT + "/../other",
    ],
)
@pytest.mark.parametrize("prompt", ["none", "login"])
def test_nobody_is_sent_where_the_application_did_not_register(server: Server, redirect: str, prompt: str) -> None:
    parameters = {"client_id": PUBLIC_APP, "response_type": "code", "scope": "User.Read", "prompt": prompt}
    answer = server.get(AUTHORIZE, params={**parameters, "redirect_uri": redirect})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "AADSTS50011" in answer.text
    assert reasons(server)[0] == "redirect-unregistered"


def test_a_correlation_id_is_echoed_as_it_came_and_no_further(server: Server) -> None:
    odd = "<b>&quot;" + "x" * 2000
    answer = server.token(grant_type="magic")
    echoed = server.post(
        f"/{TENANT_ID}/oauth2/v2.0/token", {"grant_type": "magic"}, headers={"client-request-id": odd}
    )
    assert (answer.status_code, echoed.status_code) == (400, 400)
    assert echoed.json()["correlation_id"] == odd
