"""The authorization endpoint and its pages."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.entra.browser import AUTHORIZE, REDIRECT, Browser, fields_of, query_of
from tests.support.entra.refusals import NOWHERE, assert_refused
from tests.support.entra.server import (
    ALEX,
    CONSENT,
    GRACE,
    PUBLIC_APP,
    SECRET_APP,
    TENANT_ID,
    Server,
    an_application,
)
from upsim.domain.application import Application, Consent
from upsim.services.authorizations import fits

ALEX_NAME = ALEX.user_principal_name
VERIFIER = "a-verifier-of-forty-three-characters-or-more-1"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def browser(server: Server) -> Browser:
    return Browser(server)


def redeem(server: Server, code: str, **changes: str) -> Any:
    form = {"grant_type": "authorization_code", "client_id": PUBLIC_APP, "code": code, "redirect_uri": REDIRECT}
    return server.token(**{**form, **changes})


def test_a_named_user_is_signed_in_without_a_page(server: Server, browser: Browser) -> None:
    answer = query_of(browser.ask(login_hint=ALEX_NAME, nonce="n+1"))
    assert answer["state"] == "a/b c&d"
    tokens = redeem(server, answer["code"]).json()
    assert server.claims(tokens["id_token"])["nonce"] == "n+1"


def test_a_person_chooses_an_account(server: Server, browser: Browser) -> None:
    page = browser.ask()
    assert ALEX_NAME in page.text
    answer = query_of(browser.answer(page, account=ALEX_NAME))
    claims = server.claims(redeem(server, answer["code"]).json()["access_token"])
    assert claims["oid"] == ALEX.id


def test_a_page_needs_nothing_from_elsewhere_and_runs_no_foreign_script(browser: Browser) -> None:
    page = browser.ask(state='"><script>alert(1)</script>')
    assert "<script>alert" not in page.text
    assert "//" not in page.text.replace("http://localhost:4711/back", "")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_person_types_a_password(server: Server, browser: Browser) -> None:
    server.put(replace(ALEX, asks_for_password=True))
    page = browser.ask(login_hint=ALEX_NAME)
    assert page.status_code == 200
    page = browser.answer(page, account=ALEX_NAME, password="no")
    assert "AADSTS50126" in page.text
    assert "code" in query_of(browser.answer(page, account=ALEX_NAME, password=ALEX.password))


def test_a_second_factor_is_a_button(server: Server, browser: Browser) -> None:
    server.put(replace(ALEX, needs_second_factor=True))
    page = browser.ask(login_hint=ALEX_NAME)
    assert "second factor" in page.text
    assert "code" in query_of(browser.answer(page, second_factor="approve"))


def test_a_browser_stays_signed_in(browser: Browser) -> None:
    browser.ask(login_hint=ALEX_NAME)
    assert "code" in query_of(browser.ask(prompt="none"))
    assert browser.ask(prompt="select_account").status_code == 200


def test_nobody_is_asked_when_the_client_forbids_it(server: Server, browser: Browser) -> None:
    assert query_of(browser.ask(prompt="none"))["error"] == "login_required"
    server.put(replace(ALEX, asks_for_password=True))
    assert query_of(browser.ask(prompt="none", login_hint=ALEX_NAME))["error"] == "login_required"


def test_signing_out_forgets_the_browser(server: Server, browser: Browser) -> None:
    browser.ask(login_hint=ALEX_NAME)
    logout = f"/{TENANT_ID}/oauth2/v2.0/logout"
    back = server.get(logout, params={"post_logout_redirect_uri": REDIRECT, "state": "s"})
    assert back.headers["Location"] == f"{REDIRECT}?state=s"
    assert query_of(browser.ask(prompt="none"))["error"] == "login_required"
    nowhere = server.get(logout, params={"post_logout_redirect_uri": "https://elsewhere.example/"})
    assert nowhere.status_code == 200


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_the_answer_comes_in_the_mode_asked_for(browser: Browser, mode: str) -> None:
    response = browser.ask(login_hint=ALEX_NAME, response_mode=mode)
    if mode == "form_post":
        assert f'action="{REDIRECT}"' in response.text
        assert set(fields_of(response)) == {"code", "state", "session_state"}
    else:
        separator = "#" if mode == "fragment" else "?"
        assert response.headers["Location"].startswith(f"{REDIRECT}{separator}code=")


@pytest.mark.parametrize(
    ("changes", "number"),
    [({"client_id": NOWHERE}, 700016), ({"redirect_uri": "https://evil.example/"}, 50011)],
)
def test_a_wrong_client_or_address_is_a_page_and_never_a_redirect(
    browser: Browser, changes: dict[str, str], number: int
) -> None:
    response = browser.ask(login_hint=ALEX_NAME, **changes)
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert f"AADSTS{number}" in response.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "smoke"}, "invalid_request"),
        ({"code_challenge_method": "S512", "code_challenge": "x"}, "invalid_request"),
        ({"scope": ""}, "invalid_request"),
        ({"scope": "https://no.example/.default"}, "invalid_resource"),
    ],
)
def test_other_mistakes_are_told_to_the_client(browser: Browser, changes: dict[str, str], error: str) -> None:
    answer = query_of(browser.ask(login_hint=ALEX_NAME, **changes))
    assert answer["error"] == error
    assert answer["state"] == "a/b c&d"


@pytest.mark.parametrize(
    ("challenge", "method", "verifier", "number"),
    [
        (CHALLENGE, "S256", VERIFIER, None),
        (CHALLENGE, "S256", "wrong", 501481),
        (CHALLENGE, "S256", "", 50148),
        (VERIFIER, "plain", VERIFIER, None),
        (VERIFIER, "", VERIFIER, None),
        (VERIFIER, "", "wrong", 501481),
    ],
)
def test_the_verifier_must_fit_the_challenge(
    server: Server, browser: Browser, challenge: str, method: str, verifier: str, number: int | None
) -> None:
    code = query_of(browser.ask(login_hint=ALEX_NAME, code_challenge=challenge, code_challenge_method=method))[
        "code"
    ]
    answer = redeem(server, code, **({"code_verifier": verifier} if verifier else {}))
    if number is None:
        assert answer.status_code == 200, answer.text
    else:
        assert_refused(answer, 400, "invalid_grant", number)


def test_a_code_is_good_once_for_its_client_and_address(server: Server, browser: Browser) -> None:
    code = query_of(browser.ask(login_hint=ALEX_NAME))["code"]
    assert_refused(redeem(server, code, redirect_uri="http://localhost"), 400, "invalid_grant", 500112)
    assert redeem(server, code).status_code == 200
    assert_refused(redeem(server, code), 400, "invalid_grant", 54005)


def test_a_code_gets_old(server: Server, browser: Browser) -> None:
    code = query_of(browser.ask(login_hint=ALEX_NAME))["code"]
    server.advance(timedelta(minutes=11).total_seconds())
    assert_refused(redeem(server, code), 400, "invalid_grant", 70008)


def test_a_code_of_a_shared_authority_is_redeemed_there(server: Server) -> None:
    asked = server.get(
        "/common/oauth2/v2.0/authorize",
        params={
            "client_id": PUBLIC_APP,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "openid",
            "login_hint": ALEX_NAME,
        },
    )
    form = {"grant_type": "authorization_code", "client_id": PUBLIC_APP, "redirect_uri": REDIRECT}
    assert server.token("organizations", **form, code=query_of(asked)["code"]).status_code == 200


def test_v1_asks_for_a_resource(server: Server) -> None:
    asked = server.get(
        f"/{TENANT_ID}/oauth2/authorize",
        params={
            "client_id": PUBLIC_APP,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "resource": "https://print.print.microsoft.com",
            "login_hint": ALEX_NAME,
        },
    )
    form = {"grant_type": "authorization_code", "client_id": PUBLIC_APP, "redirect_uri": REDIRECT}
    answer = server.post(f"/{TENANT_ID}/oauth2/token", {**form, "code": query_of(asked)["code"]}).json()
    assert server.claims(answer["access_token"])["scp"].split()[0] == "Printers.Create"


@pytest.mark.parametrize(
    ("asked", "registered", "expected"),
    [
        ("http://localhost:1234", "http://localhost", True),
        ("http://localhost:1234/", "http://localhost", True),
        ("http://127.0.0.1:1234/cb", "http://127.0.0.1/cb", True),
        ("http://localhost:1234/other", "http://localhost", False),
        ("http://127.0.0.1:1234", "http://localhost", False),
        ("https://localhost:1234", "https://localhost", False),
        ("http://evil.example", "http://localhost", False),
        ("http://localhost@evil.example", "http://localhost", False),
        ("http://user@localhost:80", "http://localhost", False),
        ("http://localhost:port", "http://localhost", False),
        ("https://app.example/a", "https://app.example/a", True),
        ("https://app.example/a/", "https://app.example/a", False),
        ("", "http://localhost", False),
        ("https://any.example", "*", True),
    ],
)
def test_redirect_uris_match_exactly_but_for_loopback_ports(asked: str, registered: str, expected: bool) -> None:
    assert fits(asked, registered) is expected


def test_a_user_consents_for_themselves(server: Server, browser: Browser) -> None:
    page = browser.ask(login_hint=ALEX_NAME, scope="PrintJob.Read")
    assert "PrintJob.Read" in page.text
    assert "for everyone" not in page.text
    code = query_of(browser.answer(page, consent="yes"))["code"]
    claims = server.claims(redeem(server, code).json()["access_token"])
    assert claims["scp"] == "PrintJob.Read"
    assert browser.ask(login_hint=GRACE.user_principal_name, scope="PrintJob.Read").status_code == 200


def test_a_user_declines(browser: Browser) -> None:
    page = browser.ask(login_hint=ALEX_NAME, scope="PrintJob.Read")
    assert query_of(browser.answer(page, consent="no"))["error"] == "access_denied"


def test_missing_consent_cannot_be_asked_for_silently(browser: Browser) -> None:
    answer = query_of(browser.ask(login_hint=ALEX_NAME, scope="PrintJob.Read", prompt="none"))
    assert "AADSTS65001" in answer["error_description"]


def test_some_permissions_take_an_administrator(server: Server, browser: Browser) -> None:
    page = browser.ask(login_hint=ALEX_NAME, scope="Printer.Create")
    assert "AADSTS90094" in browser.answer(page, consent="yes").text
    page = browser.ask(login_hint=GRACE.user_principal_name, scope="Printer.Create")
    assert "code" in query_of(browser.answer(page, consent="everyone"))
    held = server.write(lambda tx: tx.get(Application, PUBLIC_APP)).graph.delegated
    assert held == (*CONSENT.delegated, "Printer.Create")


def test_consent_can_be_asked_for_again(browser: Browser) -> None:
    page = browser.ask(login_hint=ALEX_NAME, prompt="consent")
    assert "Permissions requested" in page.text
    assert "code" in query_of(browser.answer(page, consent="yes"))


def test_an_administrator_consents_for_the_tenant(server: Server, browser: Browser) -> None:
    required = Consent(delegated=("PrintJob.Read",), application=("PrintJob.Manage.All",))
    server.put(an_application(PUBLIC_APP, graph=Consent(), required_graph=required))
    path = f"/{TENANT_ID}/v2.0/adminconsent"
    page = server.get(path, params={"client_id": PUBLIC_APP, "redirect_uri": REDIRECT, "state": "s"})
    assert "PrintJob.Manage.All" in page.text
    assert "AADSTS90094" in browser.answer(page, path, account=ALEX_NAME).text
    answer = query_of(browser.answer(page, path, account=GRACE.user_principal_name))
    assert (answer["admin_consent"], answer["tenant"], answer["state"]) == ("True", TENANT_ID, "s")
    assert server.write(lambda tx: tx.get(Application, PUBLIC_APP)).graph == required


def test_admin_consent_checks_the_client(server: Server) -> None:
    page = server.get(f"/{TENANT_ID}/adminconsent", params={"client_id": SECRET_APP, "redirect_uri": "https://x"})
    assert "AADSTS50011" in page.text


def test_the_request_may_come_as_a_form(server: Server) -> None:
    form = {
        "client_id": PUBLIC_APP,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "openid",
        "login_hint": ALEX_NAME,
    }
    assert "code" in query_of(server.post(AUTHORIZE, form))


def test_an_administrator_declines(server: Server, browser: Browser) -> None:
    path = f"/{TENANT_ID}/v2.0/adminconsent"
    page = server.get(path, params={"client_id": PUBLIC_APP, "redirect_uri": REDIRECT})
    assert query_of(browser.answer(page, path, consent="no")) == {"error": "access_denied"}


def test_consent_is_held_for_each_resource(server: Server, browser: Browser) -> None:
    ask = {"scope": "https://print.print.microsoft.com/PrintJob.ReadBasic"}
    page = browser.ask(login_hint=ALEX_NAME, **ask)
    assert "code" in query_of(browser.answer(page, consent="yes"))
    assert "code" in query_of(browser.ask(login_hint=ALEX_NAME, **ask))
    page = browser.ask(login_hint=GRACE.user_principal_name, **ask)
    assert "code" in query_of(browser.answer(page, consent="everyone"))
    held = server.write(lambda tx: tx.get(Application, PUBLIC_APP)).universal_print.delegated
    assert held == ("Printers.Create", "PrintJob.ReadBasic")


def test_the_only_registered_address_need_not_be_named(server: Server, browser: Browser) -> None:
    server.put(an_application(PUBLIC_APP, redirect_uris=("http://localhost/only",)))
    response = browser.ask(login_hint=ALEX_NAME, redirect_uri="")
    assert response.headers["Location"].startswith("http://localhost/only?code=")
