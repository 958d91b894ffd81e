"""The audit log says why each refusal happened, and neither it nor any log holds a secret."""

import logging
from typing import Any

import pytest
import requests

from tests.support.entra.browser import AUTHORIZE, Browser
from tests.support.entra.server import (
    ALEX,
    DOMAIN,
    GRAPH,
    PUBLIC_APP,
    SECRET,
    SECRET_APP,
    TENANT_ID,
    Server,
    an_application,
)
from upsim.services import audit


def log_of(server: Server, **query: str) -> list[dict[str, Any]]:
    answer = server.get(f"/_upsim/tenants/{DOMAIN}/sign-in-refusals", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


def by_password(server: Server, **changes: str) -> requests.Response:
    form = {"grant_type": "password", "client_id": PUBLIC_APP, "username": ALEX.user_principal_name}
    return server.token(**{**form, "password": ALEX.password, "scope": "User.Read", **changes})


def test_a_refusal_is_written_with_its_reason(server: Server) -> None:
    answer = by_password(server, password="not-it-at-all")
    (line,) = log_of(server)
    assert line["reason"] == "password-wrong"
    assert (line["number"], line["grant"], line["appId"]) == (50126, "password", PUBLIC_APP)
    assert (line["user"], line["operation"]) == (ALEX.user_principal_name, "entra.token.password")
    assert (line["requestId"], line["correlationId"]) == (
        answer.json()["trace_id"],
        answer.json()["correlation_id"],
    )
    assert line["detail"].startswith("AADSTS50126: ")
    assert "not-it-at-all" not in str(line)


def test_success_and_waiting_are_no_refusals(server: Server) -> None:
    assert by_password(server).status_code == 200
    started = server.post(f"/{TENANT_ID}/oauth2/v2.0/devicecode", {"client_id": PUBLIC_APP, "scope": "User.Read"})
    server.token(grant_type="device_code", client_id=PUBLIC_APP, device_code=started.json()["device_code"])
    Browser(server).ask()
    assert log_of(server) == []


def test_what_is_told_on_a_page_is_written_too(server: Server) -> None:
    browser = Browser(server)
    browser.ask(redirect_uri="https://evil.example/")
    page = browser.ask()
    browser.answer(page, account=ALEX.user_principal_name, password="not-it-at-all")
    server.put(an_application(PUBLIC_APP, needs_assignment=True))
    browser.answer(page, account=ALEX.user_principal_name)
    server.post("/devicelogin", {"user_code": "NOTACODE"})
    reasons = [(line["reason"], line["operation"]) for line in log_of(server)]
    assert reasons == [
        ("user-not-assigned", "entra.authorize-post"),
        ("password-wrong", "entra.authorize-post"),
        ("redirect-unregistered", "entra.authorize"),
    ]


def test_a_request_for_no_tenant_is_written_aside(server: Server) -> None:
    server.token("nowhere.example", grant_type="password", client_id=PUBLIC_APP)
    assert log_of(server) == []
    (line,) = server.get("/_upsim/sign-in-refusals").json()["value"]
    assert (line["reason"], line["number"]) == ("tenant-unknown", 90002)


def test_the_log_is_bounded_and_newest_first(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "REFUSALS_MAX", 3)
    for number in range(5):
        by_password(server, username=f"nobody{number}@{DOMAIN}")
    assert [line["user"][:7] for line in log_of(server)] == ["nobody4", "nobody3", "nobody2"]
    assert len(log_of(server, limit="1")) == 1
    for wrong in ("0", "x", "9999"):
        assert server.get(f"/_upsim/tenants/{DOMAIN}/sign-in-refusals?limit={wrong}").status_code == 400


def test_no_log_holds_a_secret(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = by_password(server, scope="User.Read openid offline_access", client_info="1").json()
    own = {"client_id": SECRET_APP, "client_secret": SECRET}
    app = server.token(grant_type="client_credentials", scope=f"{GRAPH}/.default", **own).json()
    server.token(grant_type="client_credentials", scope="nonsense/.default", **own)
    server.token(
        grant_type="client_credentials", scope=f"{GRAPH}/.default", client_id=SECRET_APP, client_secret="close"
    )
    by_password(server, password="a-wrong-password")
    by_password(server, username="nobody@contoso.example")
    server.token(grant_type="refresh_token", client_id=SECRET_APP, refresh_token=tokens["refresh_token"])
    server.token(grant_type="refresh_token", client_id=PUBLIC_APP, refresh_token=tokens["refresh_token"])
    code = Browser(server).ask(login_hint=ALEX.user_principal_name).headers["Location"]
    code = code.partition("code=")[2].partition("&")[0]
    for _ in range(2):
        server.token(
            grant_type="authorization_code", client_id=PUBLIC_APP, code=code, redirect_uri="http://localhost/no"
        )
    server.get("/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}x"})
    server.get(AUTHORIZE, params={"client_id": PUBLIC_APP, "id_token_hint": tokens["id_token"], "scope": "/"})
    server.token(
        grant_type="client_credentials", client_assertion=tokens["access_token"], scope=f"{GRAPH}/.default"
    )
    records = [vars(record) for record in caplog.records if record.name.startswith("upsim")]  # not the client's
    said = str(records) + str(log_of(server))
    secrets = [
        ALEX.password,
        SECRET,
        "a-wrong-password",
        code,
        tokens["refresh_token"],
        *(answer["access_token"].split(".")[2] for answer in (tokens, app)),
        tokens["id_token"].split(".")[2],
    ]
    assert len(log_of(server)) >= 7
    assert len(records) >= 12
    assert [secret for secret in secrets if secret in said] == []
