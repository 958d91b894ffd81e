"""What clients read before they ask."""

import subprocess
import sys

import pytest

from tests.support.entra.refusals import BY_SECRET, NOWHERE, assert_refused
from tests.support.entra.server import DOMAIN, SECRET_APP, TENANT_ID, Server

CONFIGURATION = ".well-known/openid-configuration"


@pytest.mark.parametrize("name", [TENANT_ID, DOMAIN, f"/{TENANT_ID}/"])
def test_the_configuration_names_only_this_server(server: Server, name: str) -> None:
    document = server.get(f"/{name}/v2.0/{CONFIGURATION}").json()
    assert document["issuer"] == f"{server.url}/{TENANT_ID}/v2.0"
    assert document["token_endpoint"] == f"{server.url}/{TENANT_ID}/oauth2/v2.0/token"
    addresses = [value for value in document.values() if str(value).startswith("http")]
    assert len(addresses) == 7
    assert all(value.startswith(server.url) for value in addresses)


def test_the_configuration_follows_the_host_that_was_asked(server: Server) -> None:
    document = server.get(
        f"/{TENANT_ID}/v2.0/{CONFIGURATION}", headers={"Host": "login.microsoftonline.com"}
    ).json()
    assert document["issuer"] == f"https://login.microsoftonline.com/{TENANT_ID}/v2.0"


def test_v1_has_its_own_endpoints(server: Server) -> None:
    document = server.get(f"/{TENANT_ID}/{CONFIGURATION}").json()
    assert document["issuer"] == f"{server.url}/{TENANT_ID}/"
    assert document["token_endpoint"] == f"{server.url}/{TENANT_ID}/oauth2/token"


@pytest.mark.parametrize("path", [f"/common//v2.0/{CONFIGURATION}", f"/common/v2.0/v2.0/{CONFIGURATION}"])
def test_a_shared_authority_leaves_the_tenant_open(server: Server, path: str) -> None:
    document = server.get(path).json()
    assert document["issuer"] == f"{server.url}/{{tenantid}}/v2.0"
    assert document["token_endpoint"] == f"{server.url}/common/oauth2/v2.0/token"


def test_every_endpoint_of_the_configuration_exists(server: Server) -> None:
    document = server.get(f"/{TENANT_ID}/v2.0/{CONFIGURATION}").json()
    for name, status in (("jwks_uri", 200), ("authorization_endpoint", 400), ("end_session_endpoint", 200)):
        assert server.get(document[name].removeprefix(server.url)).status_code == status, name
    for name in ("token_endpoint", "device_authorization_endpoint"):
        assert server.post(document[name].removeprefix(server.url)).status_code == 400, name
    assert server.get(document["userinfo_endpoint"].removeprefix(server.url)).status_code == 401


@pytest.mark.parametrize(("tenant", "number"), [(NOWHERE, 90002), ("nonsense", 900023)])
def test_an_unknown_tenant_is_refused(server: Server, tenant: str, number: int) -> None:
    assert_refused(server.get(f"/{tenant}/v2.0/{CONFIGURATION}"), 400, "invalid_tenant", number)


def test_keys_are_shown_as_entra_does(server: Server) -> None:
    (key,) = server.get("/common/discovery/v2.0/keys").json()["keys"]
    assert set(key) == {"kty", "use", "kid", "x5t", "n", "e", "x5c", "issuer"}
    assert key["issuer"] == f"{server.url}/{{tenantid}}/v2.0"
    assert server.get(f"/{TENANT_ID}/discovery/keys").json()["keys"][0]["kid"] == key["kid"]


def test_a_rotation_keeps_the_old_key_in_sight(server: Server) -> None:
    before = server.token(**BY_SECRET).json()["access_token"]
    made = server.post("/_upsim/signing-keys").json()["kid"]
    kids = [key["kid"] for key in server.get("/common/discovery/v2.0/keys").json()["keys"]]
    assert kids[0] == made
    assert len(kids) == 2
    assert server.claims(before)["appid"] == SECRET_APP
    assert server.claims(server.token(**BY_SECRET).json()["access_token"])


def test_the_instance_of_this_server_and_of_microsoft_is_known(server: Server) -> None:
    for host in (server.url, "https://login.microsoftonline.com"):
        asked = {"api-version": "1.1", "authorization_endpoint": f"{host}/{TENANT_ID}/oauth2/v2.0/authorize"}
        answer = server.get("/common/discovery/instance", params=asked).json()
        assert answer["tenant_discovery_endpoint"] == f"{server.url}/{TENANT_ID}/v2.0/{CONFIGURATION}"
    asked = {"authorization_endpoint": "https://elsewhere.example/x/oauth2/v2.0/authorize"}
    assert_refused(server.get("/common/discovery/instance", params=asked), 400, "invalid_instance", 50049)
    assert server.get("/common/discovery/instance?authorization_endpoint=http://[").status_code == 200


def test_every_users_realm_is_managed_here(server: Server) -> None:
    answer = server.get(f"/common/userrealm/alex@{DOMAIN}?api-version=1.0").json()
    assert (answer["account_type"], answer["domain_name"]) == ("Managed", DOMAIN)


def test_importing_the_api_does_not_import_cryptography() -> None:
    program = (
        "import sys, upsim.apis.entra.table, upsim.server.keys, upsim.server.authentication;"
        "assert not {'cryptography', 'jwt', 'jinja2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
