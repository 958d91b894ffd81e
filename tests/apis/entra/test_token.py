"""The token endpoint: what is granted, and the shapes of its answers."""

import base64
import json

import pytest

from tests.support.entra.refusals import BY_PASSWORD, BY_SECRET, without
from tests.support.entra.server import (
    ALEX,
    DOMAIN,
    GRAPH,
    PRINT,
    PUBLIC_APP,
    SECRET,
    SECRET_APP,
    TENANT_ID,
    Server,
    an_application,
)
from upsim.domain.application import Consent


def test_an_application_gets_an_access_token_and_nothing_else(server: Server) -> None:
    answer = server.token(**BY_SECRET).json()
    assert set(answer) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    claims = server.claims(answer["access_token"])
    assert claims["oid"] == claims["sub"] == an_application(SECRET_APP).service_principal_id
    assert claims["exp"] - claims["iat"] == answer["expires_in"] == 3600


def test_a_user_gets_all_that_a_client_library_keeps(server: Server) -> None:
    answer = server.token(**BY_PASSWORD, client_info="1").json()
    info = json.loads(base64.urlsafe_b64decode(answer["client_info"] + "=="))
    assert info == {"uid": ALEX.id, "utid": TENANT_ID}
    identity = server.claims(answer["id_token"])
    assert identity["aud"] == PUBLIC_APP
    assert identity["iss"] == f"{server.url}/{TENANT_ID}/v2.0"
    assert identity["ver"] == "2.0"
    assert answer["scope"] == "User.Read openid"


def test_refresh_and_id_tokens_come_only_when_asked_for(server: Server) -> None:
    answer = server.token(**without(BY_PASSWORD, scope="User.Read")).json()
    assert "refresh_token" not in answer
    assert "id_token" not in answer


def test_scopes_are_granted_by_their_names_and_answered_as_they_were_spelled(server: Server) -> None:
    answer = server.token(**without(BY_PASSWORD, scope=f"{GRAPH}/printjob.create")).json()
    assert answer["scope"] == f"{GRAPH}/printjob.create"
    assert server.claims(answer["access_token"])["scp"] == "PrintJob.Create"


def test_default_means_all_that_was_consented(server: Server) -> None:
    answer = server.token(**without(BY_PASSWORD, scope=f"{GRAPH}/.default")).json()
    assert server.claims(answer["access_token"])["scp"] == "User.Read PrintJob.Create Printer.Read.All"
    assert answer["scope"].split()[-1] == f"{GRAPH}/.default"
    assert f"{GRAPH}/User.Read" in answer["scope"].split()


def test_a_token_never_carries_more_than_was_asked(server: Server) -> None:
    answer = server.token(**without(BY_PASSWORD, scope="User.Read")).json()
    assert server.claims(answer["access_token"])["scp"] == "User.Read"


def test_nothing_consented_is_an_application_token_without_roles(server: Server) -> None:
    server.put(an_application(SECRET_APP, secret=SECRET, graph=Consent()))
    assert "roles" not in server.claims(server.token(**BY_SECRET).json()["access_token"])


@pytest.mark.parametrize(
    ("resource", "audience"),
    [
        (GRAPH, GRAPH),
        (GRAPH + "/", GRAPH),
        ("00000003-0000-0000-c000-000000000000", GRAPH),
        ("https://localhost", GRAPH),
        (PRINT, PRINT),
        ("da9b70f6-5323-4ce6-ae5c-88dcc5082966", PRINT),
        (f"api://{PUBLIC_APP}", PUBLIC_APP),
    ],
)
def test_a_resource_has_many_spellings_and_one_audience(server: Server, resource: str, audience: str) -> None:
    answer = server.token(**without(BY_SECRET, scope=f"{resource}/.default"))
    assert server.claims(answer.json()["access_token"])["aud"] == audience


def test_the_servers_own_address_means_graph(server: Server) -> None:
    answer = server.token(**without(BY_SECRET, scope=f"{server.url}/.default"))
    assert server.claims(answer.json()["access_token"])["aud"] == GRAPH


@pytest.mark.parametrize("tenant", [TENANT_ID, TENANT_ID.upper(), DOMAIN, "Other.Example"])
def test_a_tenant_has_many_names(server: Server, tenant: str) -> None:
    assert server.claims(server.token(tenant, **BY_SECRET).json()["access_token"])["tid"] == TENANT_ID


def test_the_secret_may_come_as_http_basic(server: Server) -> None:
    from urllib.parse import quote_plus

    form = without(BY_SECRET, "client_id", "client_secret")
    answer = server.post(
        f"/{TENANT_ID}/oauth2/v2.0/token", form, auth=(quote_plus(SECRET_APP), quote_plus(SECRET))
    )
    assert server.claims(answer.json()["access_token"])["appid"] == SECRET_APP


def test_what_msal_node_adds_is_ignored(server: Server) -> None:
    from urllib.parse import urlencode

    answer = server.post(
        f"//{TENANT_ID}//oauth2/v2.0/token?client-request-id=1",
        urlencode({**BY_SECRET, "x-client-SKU": "msal.js.node", "x-client-current-telemetry": "5|771,0|,"}),
        headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
    )
    assert answer.status_code == 200, answer.text


def test_the_v1_endpoint_writes_numbers_as_strings(server: Server) -> None:
    form = {**without(BY_PASSWORD, "scope"), "resource": GRAPH}
    answer = server.post(f"/{TENANT_ID}/oauth2/token", form).json()
    assert answer["expires_in"] == "3600"
    assert int(answer["expires_on"]) - int(answer["not_before"]) == 3600
    assert answer["resource"] == GRAPH
    assert answer["scope"] == "User.Read PrintJob.Create Printer.Read.All"
    assert server.claims(answer["id_token"])["upn"] == ALEX.user_principal_name
    assert answer["refresh_token"]


def test_lifetimes_and_issuer_are_the_tenants_choice(server: Server) -> None:
    server.settings(tokens={"user_seconds": 60, "issuer": "microsoft"})
    answer = server.token(**BY_PASSWORD).json()
    assert answer["expires_in"] == 60
    assert server.claims(answer["access_token"])["iss"] == f"https://sts.windows.net/{TENANT_ID}/"
    assert server.claims(answer["id_token"])["iss"] == f"https://login.microsoftonline.com/{TENANT_ID}/v2.0"


def test_declared_capabilities_are_echoed(server: Server) -> None:
    claims = '{"access_token":{"xms_cc":{"values":["CP1"]}}}'
    answer = server.token(**BY_SECRET, claims=claims).json()
    assert server.claims(answer["access_token"])["xms_cc"] == ["CP1"]
    assert server.token(**BY_SECRET, claims="{").status_code == 200


def test_a_refresh_token_serves_another_resource_at_a_shared_authority(server: Server) -> None:
    refresh_token = server.token(**BY_PASSWORD).json()["refresh_token"]
    answer = server.token(
        "common",
        grant_type="refresh_token",
        client_id=PUBLIC_APP,
        refresh_token=refresh_token,
        scope=f"{PRINT}/Printers.Create offline_access openid profile",
    ).json()
    assert server.claims(answer["access_token"])["aud"] == PRINT


def test_secrets_never_reach_the_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "upsim")
    answer = server.token(**BY_PASSWORD).json()
    server.token(**without(BY_SECRET, client_secret="wrong-secret"))
    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert PUBLIC_APP in logged
    for secret in (ALEX.password, SECRET, "wrong-secret", answer["access_token"], answer["refresh_token"]):
        assert secret not in logged
