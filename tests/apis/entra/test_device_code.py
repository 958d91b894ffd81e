"""Signing in on a device without a browser (RFC 8628)."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.entra.browser import fields_of
from tests.support.entra.refusals import assert_refused
from tests.support.entra.server import (
    ALEX,
    GRAPH,
    PUBLIC_APP,
    SECRET,
    SECRET_APP,
    TENANT_ID,
    Server,
    an_application,
)
from upsim.app import real_now

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def begin(server: Server, tenant: str = TENANT_ID, **form: str) -> dict[str, Any]:
    asked = {"client_id": PUBLIC_APP, "scope": "User.Read offline_access openid", **form}
    response = server.post(f"/{tenant}/oauth2/v2.0/devicecode", asked)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def poll(
    server: Server, flow: dict[str, Any], grant_type: str = GRANT, tenant: str = TENANT_ID, **form: str
) -> Any:
    asked = {"grant_type": grant_type, "client_id": PUBLIC_APP, "device_code": flow["device_code"]}
    return server.token(tenant, **{**asked, **form})


def approve(server: Server, flow: dict[str, Any], user: str = ALEX.user_principal_name) -> Any:
    return server.post(
        f"/_upsim/device-codes/{flow['user_code'].lower()}/approve", json={"userPrincipalName": user}
    )


def test_the_first_answer_has_all_that_clients_show(server: Server) -> None:
    flow = begin(server)
    assert flow["verification_uri"] == f"{server.url}/devicelogin"
    assert flow["user_code"] in flow["message"]
    assert (flow["expires_in"], flow["interval"]) == (900, 1)


def test_v1_writes_numbers_as_strings(server: Server) -> None:
    form = {"client_id": PUBLIC_APP, "resource": GRAPH}
    flow = server.post(f"/{TENANT_ID}/oauth2/devicecode", form).json()
    assert flow["verification_url"].endswith("/devicelogin")
    assert flow["expires_in"] == "900"


@pytest.mark.parametrize("grant_type", [GRANT, "device_code"])
def test_tokens_come_once_somebody_approved(server: Server, grant_type: str) -> None:
    flow = begin(server)
    assert_refused(poll(server, flow, grant_type), 400, "authorization_pending", 70016)
    assert approve(server, flow).json()["state"] == "approved"
    answer = poll(server, flow, grant_type).json()
    assert server.claims(answer["access_token"])["oid"] == ALEX.id
    assert {"refresh_token", "id_token"} <= set(answer)
    assert_refused(poll(server, flow, grant_type), 400, "bad_verification_code", 70018)


def test_polling_too_fast_is_slowed_down(server: Server) -> None:
    flow = begin(server)
    poll(server, flow)
    assert poll(server, flow).json()["error"] == "slow_down"
    server.advance(2)
    assert poll(server, flow).json()["error"] == "slow_down"
    server.advance(12)
    assert poll(server, flow).json()["error"] == "authorization_pending"


def test_a_stopped_clock_slows_nobody_down(server: Server) -> None:
    server.change_tenant(lambda tenant: replace(tenant, clock=tenant.clock.frozen(real_now())))
    flow = begin(server)
    for _ in range(3):
        assert poll(server, flow).json()["error"] == "authorization_pending"


def test_somebody_declines(server: Server) -> None:
    flow = begin(server)
    assert server.post(f"/_upsim/device-codes/{flow['user_code']}/deny").status_code == 200
    assert_refused(poll(server, flow), 400, "authorization_declined", 65004)


def test_a_code_gets_old(server: Server) -> None:
    flow = begin(server)
    server.advance(901)
    assert_refused(poll(server, flow), 400, "expired_token", 70019)
    assert_refused(approve(server, flow), 404, "bad_verification_code", 70018)


def test_a_code_is_for_its_client_only(server: Server) -> None:
    flow = begin(server)
    answer = poll(server, flow, client_id=SECRET_APP, client_secret=SECRET)
    assert_refused(answer, 400, "bad_verification_code", 70018)


def test_a_confidential_client_may_be_allowed_public_flows(server: Server) -> None:
    server.put(an_application(SECRET_APP, secret=SECRET, allows_public_flows=True))
    flow = begin(server, client_id=SECRET_APP)
    assert_refused(poll(server, flow, client_id=SECRET_APP), 400, "authorization_pending", 70016)


def test_a_shared_authority_will_do(server: Server) -> None:
    flow = begin(server, "organizations")
    approve(server, flow)
    assert poll(server, flow, tenant="organizations").status_code == 200


def test_approval_needs_a_user_of_the_tenant(server: Server) -> None:
    flow = begin(server)
    assert_refused(approve(server, flow, "nobody@contoso.example"), 400, "invalid_grant", 50034)
    assert_refused(approve(server, flow, ""), 400, "invalid_request", 900144)


def test_a_person_types_the_code_and_chooses_an_account(server: Server) -> None:
    flow = begin(server)
    assert flow["user_code"] in server.get(f"/devicelogin?otc={flow['user_code']}").text
    page = server.post("/devicelogin", {"user_code": f" {flow['user_code'].lower()} "})
    assert "Sample" in page.text
    done = server.post("/devicelogin", {**fields_of(page), "account": ALEX.user_principal_name})
    assert "You have signed in" in done.text
    assert poll(server, flow).status_code == 200


def test_a_person_with_a_second_factor_presses_one_more_button(server: Server) -> None:
    server.put(replace(ALEX, needs_second_factor=True))
    flow = begin(server)
    page = server.post("/devicelogin", {"user_code": flow["user_code"], "account": ALEX.user_principal_name})
    done = server.post("/devicelogin", {**fields_of(page), "second_factor": "approve"})
    assert "You have signed in" in done.text


def test_a_person_mistypes_and_declines(server: Server) -> None:
    flow = begin(server)
    assert "AADSTS70018" in server.post("/devicelogin", {"user_code": "XXXXXXXXX"}).text
    wrong = {"user_code": flow["user_code"], "account": ALEX.user_principal_name, "password": "no"}
    assert "AADSTS50126" in server.post("/devicelogin", wrong).text
    server.post("/devicelogin", {"user_code": flow["user_code"], "answer": "deny"})
    assert_refused(poll(server, flow), 400, "authorization_declined", 65004)
