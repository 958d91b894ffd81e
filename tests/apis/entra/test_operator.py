"""What the operator of a test may do, and user info."""

from typing import Any

import pytest

from tests.support.entra.refusals import BY_PASSWORD, BY_SECRET, NOWHERE, assert_refused, without
from tests.support.entra.server import ALEX, DOMAIN, GRAPH, PRINT, TENANT_ID, Server
from upsim.app import real_now
from upsim.domain.user import User

POLICY = f"/_upsim/tenants/{TENANT_ID}/sign-in-policy"


def forge(server: Server, **wish: Any) -> str:
    answer = server.post("/_upsim/tokens", json=wish)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["accessToken"]
    return token


def patch(server: Server, **changes: Any) -> Any:
    return server.session.patch(server.url + POLICY, json=changes, verify=server.ca, timeout=60)


def user_info(server: Server, token: str) -> Any:
    return server.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_user_info_tells_who_the_token_is_about(server: Server) -> None:
    tokens = server.token(**BY_PASSWORD).json()
    subject = server.claims(tokens["id_token"])["sub"]
    assert user_info(server, tokens["access_token"]).json() == {"sub": subject, "name": "Alex"}
    with_mail = server.token(**without(BY_PASSWORD, scope="openid email User.Read")).json()["access_token"]
    assert user_info(server, with_mail).json()["email"] == ALEX.user_principal_name


def test_user_info_needs_a_users_token_with_openid(server: Server) -> None:
    assert user_info(server, forge(server, user=ALEX.id, permissions=["User.Read"])).status_code == 403
    assert user_info(server, server.token(**BY_SECRET).json()["access_token"]).status_code == 403
    answer = server.get("/oidc/userinfo")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


def test_a_forged_token_is_marked_and_otherwise_as_good_as_any(server: Server) -> None:
    token = forge(server, user=ALEX.user_principal_name, permissions=["openid"], claims={"extra": 1, "uti": None})
    claims = server.claims(token)
    assert claims["upsim_forged"] is True
    assert claims["extra"] == 1
    assert "uti" not in claims
    assert user_info(server, token).status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"validSeconds": -60},
        {"audience": "https://elsewhere.example"},
        {"resource": PRINT},
        {"key": "stranger"},
        {"key": "unknown"},
        {"claims": {"tid": NOWHERE}},
        {"claims": {"exp": None}},
        {"claims": {"iss": 5, "exp": "soon", "iat": []}},
    ],
)
def test_a_bad_forged_token_opens_nothing(server: Server, wish: dict[str, Any]) -> None:
    token = forge(server, user=ALEX.user_principal_name, permissions=["openid"], **wish)
    answer = user_info(server, token)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_token"


def test_a_printers_token_can_be_forged(server: Server) -> None:
    token = forge(server, printer="printer-1", resource=PRINT, permissions=["PrintJob.Read"])
    claims = server.claims(token)
    assert (claims["deviceid"], claims["roles"], claims["aud"]) == ("printer-1", ["PrintJob.Read"], PRINT)


def test_a_wish_that_cannot_be_read_is_refused(server: Server) -> None:
    assert_refused(server.post("/_upsim/tokens", json={"colour": "red"}), 400, "invalid_request", 9002313)


def test_a_token_expires_on_the_tenants_clock(server: Server) -> None:
    token = server.token(**BY_PASSWORD).json()["access_token"]
    server.advance(3601)
    assert user_info(server, token).status_code == 401
    assert server.claims(server.token(**BY_PASSWORD).json()["access_token"])["iat"] > real_now().timestamp() + 3000


def test_a_lenient_tenant_accepts_whom_it_meets(server: Server) -> None:
    assert patch(server, isLenient=True).json()["isLenient"] is True
    answer = server.token(**without(BY_SECRET, client_id=NOWHERE, client_secret="anything"))
    assert "Printer.ReadWrite.All" in server.claims(answer.json()["access_token"])["roles"]
    theirs = server.token(**without(BY_PASSWORD, client_id=NOWHERE, username=f"New@{DOMAIN}", scope="Some.Scope"))
    claims = server.claims(theirs.json()["access_token"])
    assert claims["scp"] == "Some.Scope"
    assert server.write(lambda tx: tx.get(User, claims["oid"])).user_principal_name == f"New@{DOMAIN}"
    assert patch(server, isLenient=False).json()["isLenient"] is False
    assert server.token(**without(BY_PASSWORD, password="no")).status_code == 400


def test_a_lenient_tenant_still_refuses_made_up_refresh_tokens(server: Server) -> None:
    patch(server, isLenient=True)
    form = {"grant_type": "refresh_token", "client_id": NOWHERE, "refresh_token": "made-up"}
    assert_refused(server.token(**form), 400, "invalid_grant", 70000, "bad_token")


def test_the_policy_is_strict_at_first_and_is_checked(server: Server) -> None:
    assert server.get(POLICY).json() == {"isLenient": False, "failuresMax": 10, "failuresSeconds": 60}
    assert patch(server, isLenient="perhaps").status_code == 400
    assert GRAPH not in server.get(POLICY).text


def test_a_page_of_another_origin_cannot_use_the_control_api(server: Server) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    assert server.post("/_upsim/tokens", json={}, headers=foreign).status_code == 403
    assert server.post("/_upsim/tokens", json={}, headers={"Origin": server.url}).status_code == 200


def test_a_forged_token_may_name_an_application_that_does_not_exist(server: Server) -> None:
    claims = server.claims(forge(server, application=NOWHERE, permissions=["Printer.Read.All"]))
    assert (claims["appid"], claims["roles"]) == (NOWHERE, ["Printer.Read.All"])
