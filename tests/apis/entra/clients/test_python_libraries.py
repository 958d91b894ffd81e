"""Official client libraries, unchanged, against the API."""

import ssl

import jwt
import msal
import pytest
from azure.identity import AuthorizationCodeCredential, ClientSecretCredential

from tests.support.entra.keys import a_certificate_and_key
from tests.support.entra.server import (
    ALEX,
    CERTIFICATE_APP,
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


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """`verify=` is ignored by requests where the environment names a bundle."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def a_public_client(server: Server, authority: str = "") -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        PUBLIC_APP, authority=authority or server.authority, instance_discovery=False, verify=server.ca
    )


def test_msal_signs_in_by_device_code_and_then_silently(server: Server):
    client = a_public_client(server)
    flow = client.initiate_device_flow([f"{GRAPH}/PrintJob.Create"])
    assert flow["verification_uri"] == f"{server.url}/devicelogin"
    approved = server.post(
        f"/_upsim/device-codes/{flow['user_code']}/approve", json={"userPrincipalName": ALEX.user_principal_name}
    )
    assert approved.status_code == 200, approved.text
    answer = client.acquire_token_by_device_flow(flow)
    claims = server.claims(answer["access_token"])
    assert claims["scp"].split()[0] == "PrintJob.Create"
    assert claims["upn"] == ALEX.user_principal_name
    assert claims["wids"] == [str(role) for role in ALEX.roles]
    (account,) = client.get_accounts()
    assert account["username"] == ALEX.user_principal_name
    assert client.acquire_token_silent([f"{GRAPH}/PrintJob.Create"], account)["token_source"] == "cache"
    other = client.acquire_token_silent([f"{PRINT}/.default"], account)
    assert server.claims(other["access_token"])["aud"] == PRINT
    fresh = client.acquire_token_silent([f"{GRAPH}/PrintJob.Create"], account, force_refresh=True)
    assert fresh["token_source"] == "identity_provider"


@pytest.mark.filterwarnings("ignore:response_mode")
def test_msal_redeems_a_code_with_pkce(server: Server):
    client = a_public_client(server, f"{server.url}/{DOMAIN}")
    flow = client.initiate_auth_code_flow(
        [f"{GRAPH}/User.Read"], redirect_uri="http://localhost:51234", login_hint=ALEX.user_principal_name
    )
    redirect = server.session.get(flow["auth_uri"], verify=server.ca, allow_redirects=False, timeout=60)
    answer = client.acquire_token_by_auth_code_flow(flow, query_of(redirect.headers["Location"]))
    assert answer["id_token_claims"]["preferred_username"] == ALEX.user_principal_name
    assert answer["scope"] == f"{GRAPH}/User.Read openid profile"


def test_msal_follows_a_form_post(server: Server):
    client = a_public_client(server)
    flow = client.initiate_auth_code_flow(
        ["User.Read"],
        redirect_uri="http://localhost:51234",
        login_hint=ALEX.user_principal_name,
        response_mode="form_post",
    )
    page = server.session.get(flow["auth_uri"], verify=server.ca, timeout=60)
    assert page.headers["Content-Type"].startswith("text/html")
    answer = client.acquire_token_by_auth_code_flow(flow, hidden_fields(page.text))
    assert "access_token" in answer, answer


@pytest.mark.parametrize("suffix", ["", "/", "/v2.0"])
def test_msal_takes_a_secret_whatever_the_authority_ends_in(server: Server, suffix: str):
    client = msal.ConfidentialClientApplication(
        SECRET_APP,
        client_credential=SECRET,
        authority=server.authority + suffix,
        instance_discovery=False,
        verify=server.ca,
    )
    answer = client.acquire_token_for_client([f"{GRAPH}/.default"])
    claims = server.claims(answer["access_token"])
    assert claims["roles"] == ["Printer.Read.All"]
    assert claims["appid"] == SECRET_APP
    assert claims["appidacr"] == "1"
    assert "scp" not in claims


def test_msal_takes_an_open_id_authority(server: Server):
    client = msal.ConfidentialClientApplication(
        SECRET_APP, client_credential=SECRET, oidc_authority=server.authority + "/v2.0", verify=server.ca
    )
    assert "access_token" in client.acquire_token_for_client([f"{GRAPH}/.default"])


@pytest.mark.parametrize("form", ["thumbprint", "chain"])
def test_msal_proves_itself_with_a_certificate(server: Server, form: str):
    made = a_certificate_and_key("client")
    server.put(an_application(CERTIFICATE_APP, certificates=(made.der_base64,)))
    credential = {"private_key": made.key_pem}
    credential |= {"thumbprint": made.sha1_hex} if form == "thumbprint" else {"public_certificate": made.pem}
    client = msal.ConfidentialClientApplication(
        CERTIFICATE_APP,
        client_credential=credential,
        authority=server.authority,
        instance_discovery=False,
        verify=server.ca,
    )
    answer = client.acquire_token_for_client([f"{PRINT}/.default"])
    assert server.claims(answer["access_token"])["appidacr"] == "2", answer


def test_msal_acts_on_behalf_of_a_user(server: Server):
    service = msal.ConfidentialClientApplication(
        SECRET_APP,
        client_credential=SECRET,
        authority=server.authority,
        instance_discovery=False,
        verify=server.ca,
    )
    theirs = server.token(
        grant_type="password",
        client_id=PUBLIC_APP,
        username=ALEX.user_principal_name,
        password=ALEX.password,
        scope=f"api://{SECRET_APP}/access_as_user",
    ).json()
    answer = service.acquire_token_on_behalf_of(theirs["access_token"], [f"{GRAPH}/PrintJob.Create"])
    assert server.claims(answer["access_token"])["oid"] == ALEX.id


def test_azure_identity_takes_a_secret(server: Server):
    credential = ClientSecretCredential(
        TENANT_ID,
        SECRET_APP,
        SECRET,
        authority=server.url,
        disable_instance_discovery=True,
        connection_verify=server.ca,
    )
    with credential:
        token = credential.get_token(f"{server.url}/.default").token
    assert server.claims(token)["aud"] == GRAPH


def test_azure_identity_redeems_a_code_without_discovery(server: Server):
    asked = server.get(
        f"/{TENANT_ID}/oauth2/v2.0/authorize",
        params={
            "client_id": SECRET_APP,
            "response_type": "code",
            "redirect_uri": "https://app.example/signed-in",
            "scope": "User.Read offline_access openid",
            "login_hint": ALEX.user_principal_name,
        },
    )
    credential = AuthorizationCodeCredential(
        TENANT_ID,
        SECRET_APP,
        query_of(asked.headers["Location"])["code"],
        "https://app.example/signed-in",
        client_secret=SECRET,
        authority=server.url,
        disable_instance_discovery=True,
        connection_verify=server.ca,
    )
    with credential:
        assert server.claims(credential.get_token("User.Read").token)["oid"] == ALEX.id


def test_a_stranger_checks_a_token_with_the_published_keys(server: Server):
    answer = server.token(
        grant_type="client_credentials", client_id=SECRET_APP, client_secret=SECRET, scope=f"{GRAPH}/.default"
    ).json()
    document = server.get(f"/{TENANT_ID}/v2.0/.well-known/openid-configuration").json()
    context = ssl.create_default_context(cafile=server.ca)
    key = jwt.PyJWKClient(document["jwks_uri"], ssl_context=context).get_signing_key_from_jwt(
        answer["access_token"]
    )
    claims = jwt.decode(answer["access_token"], key, algorithms=["RS256"], audience=GRAPH)
    assert claims["iss"] == f"{server.url}/{TENANT_ID}/"


def query_of(url: str) -> dict[str, str]:
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(url).query))


def hidden_fields(html: str) -> dict[str, str]:
    import re
    from html import unescape

    return {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', html)}
