"""Every flow of Microsoft's Python clients, as a program of its own. Prints how each went as one JSON object.

Under `upsim exec` (`exec`) nothing in it names upsim: the authority and Graph are the libraries' defaults. With
`flags` the libraries are told of a server at localhost by their own options. Further arguments say which flows to
run, where not all of them: `only NAME...` or `not NAME...`. Only the person at the browser, who is no client,
calls upsim's control API.
"""

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
import threading
import traceback
import webbrowser
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import jwt
import msal
import requests
from azure.identity import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    OnBehalfOfCredential,
    UsernamePasswordCredential,
)
from msgraph import GraphServiceClient


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        assert host.startswith("127.") or host in {"::1", "localhost"}, f"a connection to {host} was tried"


sys.addaudithook(_refuse_the_network)

MODE = sys.argv[1]
CERTIFICATE = Path(sys.argv[2])
"""A folder with key.pem, certificate.pem, both.pem and thumbprint."""
URL, CA, TENANT = os.environ["UPSIM_URL"], os.environ["UPSIM_CA"], os.environ["UPSIM_TENANT"]
PUBLIC_APP = "0c0a7050-0000-4000-8000-00000000d001"
SECRET_APP, SECRET = "0c0a7050-0000-4000-8000-00000000d002", "Contoso-secret-1"
CERTIFICATE_APP = "0c0a7050-0000-4000-8000-00000000d009"
USER, PASSWORD = "alex@contoso.example", "Alex-pass-1"
GRAPH, PRINT = "https://graph.microsoft.com", "https://print.print.microsoft.com"
JOBS = f"{GRAPH}/PrintJob.Create"

LOGIN = URL if MODE == "flags" else "https://login.microsoftonline.com"
FOR_MSAL: dict[str, Any] = {"instance_discovery": False, "verify": CA} if MODE == "flags" else {}
FOR_AZURE: dict[str, Any] = (
    {"authority": URL, "disable_instance_discovery": True, "connection_verify": CA} if MODE == "flags" else {}
)

FLOWS: dict[str, Callable[[], Any]] = {}


def flow(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def add(function: Callable[[], Any]) -> Callable[[], Any]:
        FLOWS[name] = function
        return function

    return add


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def is_users(answer: dict[str, Any], audience: str = GRAPH) -> None:
    claims = claims_of(answer["access_token"]) if "access_token" in answer else answer
    assert (claims.get("upn"), claims.get("aud")) == (USER, audience), claims


def is_applications(token: str, app_id: str) -> None:
    claims = claims_of(token)
    assert (claims["appid"], claims["idtyp"], claims["aud"]) == (app_id, "app", GRAPH), claims


# The person ---------------------------------------------------------------------------------------------------


def approve(user_code: str) -> None:
    body = {"userPrincipalName": USER}
    answer = requests.post(f"{URL}/_upsim/device-codes/{user_code}/approve", json=body, verify=CA, timeout=60)
    assert answer.status_code == 200, answer.text


def browse(address: str) -> str:
    """Sign in on the page and return where the browser is sent, or the form that it posts there."""
    parts = urlsplit(address)
    asked = {**dict(parse_qsl(parts.query)), "login_hint": USER}
    asked.pop("prompt", None)
    trust: Any = CA if MODE == "flags" else os.environ["REQUESTS_CA_BUNDLE"]
    page = requests.get(
        urlunsplit(parts._replace(query=urlencode(asked))), allow_redirects=False, timeout=60, verify=trust
    )
    if page.status_code == 302:
        return page.headers["Location"]
    action = unescape(re.findall(r'<form[^>]* action="([^"]+)"', page.text)[0])
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)}
    requests.post(action, data=fields, timeout=60)
    return action


class Browser(webbrowser.BaseBrowser):
    """What `webbrowser.open` opens: it signs in, and follows the redirect to the program's listener."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        def follow() -> None:
            back = browse(url)
            if "code=" in back:
                requests.get(back, timeout=60)

        threading.Thread(target=follow).start()
        return True


webbrowser.register("upsim", None, Browser("upsim"), preferred=True)


# MSAL for Python ----------------------------------------------------------------------------------------------


def public() -> msal.PublicClientApplication:
    return msal.PublicClientApplication(PUBLIC_APP, authority=f"{LOGIN}/{TENANT}", **FOR_MSAL)


def confidential(app_id: str = SECRET_APP, credential: Any = SECRET) -> msal.ConfidentialClientApplication:
    return msal.ConfidentialClientApplication(
        app_id, client_credential=credential, authority=f"{LOGIN}/{TENANT}", **FOR_MSAL
    )


@flow("msal: client secret")
def _() -> None:
    is_applications(confidential().acquire_token_for_client([f"{GRAPH}/.default"])["access_token"], SECRET_APP)


@flow("msal: certificate by thumbprint")
def _() -> None:
    credential = {
        "private_key": (CERTIFICATE / "key.pem").read_text(),
        "thumbprint": (CERTIFICATE / "thumbprint").read_text(),
    }
    answer = confidential(CERTIFICATE_APP, credential).acquire_token_for_client([f"{GRAPH}/.default"])
    is_applications(answer["access_token"], CERTIFICATE_APP)


@flow("msal: certificate with its chain")
def _() -> None:
    credential = {
        "private_key": (CERTIFICATE / "key.pem").read_text(),
        "public_certificate": (CERTIFICATE / "certificate.pem").read_text(),
    }
    answer = confidential(CERTIFICATE_APP, credential).acquire_token_for_client([f"{GRAPH}/.default"])
    is_applications(answer["access_token"], CERTIFICATE_APP)


@flow("msal: device code, silent, refresh, another resource")
def _() -> None:
    client = public()
    started = client.initiate_device_flow([JOBS])
    assert started["verification_uri"] == f"{LOGIN}/devicelogin", started
    approve(started["user_code"])
    is_users(client.acquire_token_by_device_flow(started))
    (account,) = client.get_accounts()
    assert client.acquire_token_silent([JOBS], account)["token_source"] == "cache"
    fresh = client.acquire_token_silent([JOBS], account, force_refresh=True)
    assert fresh["token_source"] == "identity_provider"
    is_users(client.acquire_token_silent([f"{PRINT}/.default"], account), PRINT)


@flow("msal: user name and password")
def _() -> None:
    is_users(public().acquire_token_by_username_password(USER, PASSWORD, [JOBS]))


@flow("msal: interactive")
def _() -> None:
    is_users(public().acquire_token_interactive([JOBS], timeout=60))


@flow("msal: authorization code with PKCE")
def _() -> None:
    client = public()
    started = client.initiate_auth_code_flow([JOBS], redirect_uri="http://localhost:51234", response_mode="query")
    back = dict(parse_qsl(urlsplit(browse(started["auth_uri"])).query))
    is_users(client.acquire_token_by_auth_code_flow(started, back))


def users_token_for_the_service() -> str:
    client = public()
    started = client.initiate_auth_code_flow(
        [f"api://{SECRET_APP}/access_as_user"], redirect_uri="http://localhost:51234", response_mode="query"
    )
    back = dict(parse_qsl(urlsplit(browse(started["auth_uri"])).query))
    token: str = client.acquire_token_by_auth_code_flow(started, back)["access_token"]
    return token


def shares_seen_with(token: str) -> requests.Response:
    trust: Any = CA if MODE == "flags" else os.environ["REQUESTS_CA_BUNDLE"]
    return requests.get(graph_url(), headers={"Authorization": f"Bearer {token}"}, timeout=60, verify=trust)


def revoke_sessions() -> None:
    """An administrator ends what the person signed in to."""
    path = f"/_upsim/tenants/{TENANT}/users/{USER}/revoke-sessions"
    assert requests.post(URL + path, verify=CA, timeout=60).status_code == 204


@flow("msal: claims challenge")
def _() -> None:
    scopes = [f"{GRAPH}/PrinterShare.Read.All"]
    client = msal.PublicClientApplication(
        PUBLIC_APP, authority=f"{LOGIN}/{TENANT}", client_capabilities=["CP1"], **FOR_MSAL
    )
    first = client.acquire_token_interactive(scopes, timeout=60)["access_token"]
    assert claims_of(first)["xms_cc"] == ["CP1"]
    assert shares_seen_with(first).status_code == 200
    revoke_sessions()
    refusal = shares_seen_with(first)
    assert refusal.status_code == 401
    parts = dict(re.findall(r'(\w+)="([^"]*)"', refusal.headers["WWW-Authenticate"]))
    assert parts["error"] == "insufficient_claims", parts
    asked = base64.b64decode(parts["claims"]).decode()
    (account,) = client.get_accounts()
    silent = client.acquire_token_silent_with_error(scopes, account, claims_challenge=asked)
    assert silent["error"] == "invalid_grant", silent
    assert "AADSTS50173" in silent["error_description"]
    again = client.acquire_token_interactive(scopes, timeout=60, claims_challenge=asked)["access_token"]
    assert claims_of(again)["xms_cc"] == ["CP1"]
    assert shares_seen_with(again).status_code == 200


@flow("msal: on behalf of")
def _() -> None:
    is_users(confidential().acquire_token_on_behalf_of(users_token_for_the_service(), [JOBS]))


if MODE == "exec":  # what only redirected hosts can do

    @flow("msal: no authority at all")
    def _() -> None:
        client = msal.PublicClientApplication(PUBLIC_APP)
        started = client.initiate_device_flow([JOBS])
        approve(started["user_code"])
        is_users(client.acquire_token_by_device_flow(started))

    @flow("msal: a region")
    def _() -> None:
        client = msal.ConfidentialClientApplication(
            SECRET_APP, client_credential=SECRET, authority=f"{LOGIN}/{TENANT}", azure_region="westus"
        )
        is_applications(client.acquire_token_for_client([f"{GRAPH}/.default"])["access_token"], SECRET_APP)

    @flow("msal: an authority at localhost without a flag")
    def _() -> None:
        client = msal.ConfidentialClientApplication(
            SECRET_APP, client_credential=SECRET, authority=f"{URL}/{TENANT}"
        )
        is_applications(client.acquire_token_for_client([f"{GRAPH}/.default"])["access_token"], SECRET_APP)

    @flow("msal: a government's authority")
    def _() -> None:
        client = msal.ConfidentialClientApplication(
            SECRET_APP, client_credential=SECRET, authority=f"https://login.microsoftonline.us/{TENANT}"
        )
        answer = client.acquire_token_for_client(["https://graph.microsoft.us/.default"])
        is_applications(answer["access_token"], SECRET_APP)


# Azure Identity -----------------------------------------------------------------------------------------------


@flow("azure-identity: client secret")
def _() -> None:
    with ClientSecretCredential(TENANT, SECRET_APP, SECRET, **FOR_AZURE) as credential:
        is_applications(credential.get_token(f"{GRAPH}/.default").token, SECRET_APP)


@flow("azure-identity: certificate")
def _() -> None:
    for with_chain in (False, True):
        with CertificateCredential(
            TENANT,
            CERTIFICATE_APP,
            str(CERTIFICATE / "both.pem"),
            send_certificate_chain=with_chain,
            **FOR_AZURE,
        ) as credential:
            is_applications(credential.get_token(f"{GRAPH}/.default").token, CERTIFICATE_APP)


@flow("azure-identity: device code")
def _() -> None:
    with DeviceCodeCredential(
        PUBLIC_APP, tenant_id=TENANT, prompt_callback=lambda _uri, code, _until: approve(code), **FOR_AZURE
    ) as credential:
        is_users(claims_of(credential.get_token(JOBS).token))


@flow("azure-identity: user name and password")
def _() -> None:
    with UsernamePasswordCredential(PUBLIC_APP, USER, PASSWORD, tenant_id=TENANT, **FOR_AZURE) as credential:
        is_users(claims_of(credential.get_token(JOBS).token))


@flow("azure-identity: interactive")
def _() -> None:
    with InteractiveBrowserCredential(
        tenant_id=TENANT,
        client_id=PUBLIC_APP,
        redirect_uri=f"http://localhost:{free_port()}",
        timeout=60,
        **FOR_AZURE,
    ) as credential:
        is_users(claims_of(credential.get_token(JOBS).token))


@flow("azure-identity: authorization code")
def _() -> None:
    back = "http://localhost:51234"
    asked = {"client_id": SECRET_APP, "response_type": "code", "redirect_uri": back, "scope": f"{JOBS} openid"}
    page = f"{LOGIN}/{TENANT}/oauth2/v2.0/authorize?{urlencode(asked)}"
    code = dict(parse_qsl(urlsplit(browse(page)).query))["code"]
    with AuthorizationCodeCredential(
        TENANT, SECRET_APP, code, back, client_secret=SECRET, **FOR_AZURE
    ) as credential:
        is_users(claims_of(credential.get_token(JOBS).token))


@flow("azure-identity: on behalf of")
def _() -> None:
    with OnBehalfOfCredential(
        TENANT, SECRET_APP, client_secret=SECRET, user_assertion=users_token_for_the_service(), **FOR_AZURE
    ) as credential:
        is_users(claims_of(credential.get_token(JOBS).token))


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Graph, and plain HTTP clients --------------------------------------------------------------------------------


@flow("msgraph-sdk: stock client")
def _() -> None:
    credential = DeviceCodeCredential(
        PUBLIC_APP, tenant_id=TENANT, prompt_callback=lambda _uri, code, _until: approve(code), **FOR_AZURE
    )

    async def list_shares() -> None:
        client = GraphServiceClient(credential, [f"{GRAPH}/.default"])
        if MODE == "flags":
            client.request_adapter.base_url = f"{URL}/v1.0"
        found = await client.print.shares.get()
        assert found is not None
        assert found.value == []
        await client.request_adapter._http_client._transport.transport.aclose()  # there is no public way

    with credential:
        asyncio.run(list_shares())


@flow("msgraph-sdk: claims challenge")
def _() -> None:
    asked: list[str] = []

    def prompt(_uri: str, code: str, _until: Any) -> None:
        asked.append(code)
        approve(code)

    credential = DeviceCodeCredential(PUBLIC_APP, tenant_id=TENANT, prompt_callback=prompt, **FOR_AZURE)

    async def list_shares_twice() -> None:
        client = GraphServiceClient(credential, [f"{GRAPH}/.default"])
        if MODE == "flags":
            client.request_adapter.base_url = f"{URL}/v1.0"
        assert await client.print.shares.get() is not None
        revoke_sessions()
        assert await client.print.shares.get() is not None
        await client.request_adapter._http_client._transport.transport.aclose()  # there is no public way

    with credential:
        asyncio.run(list_shares_twice())
    assert len(asked) == 2, asked


def graph_url() -> str:
    return (URL if MODE == "flags" else GRAPH) + "/v1.0/print/shares"


@cache
def user_token() -> str:
    client = public()
    started = client.initiate_device_flow([f"{GRAPH}/PrinterShare.Read.All"])
    approve(started["user_code"])
    token: str = client.acquire_token_by_device_flow(started)["access_token"]
    return token


@flow("requests")
def _() -> None:
    answer = requests.get(
        graph_url(),
        headers={"Authorization": f"Bearer {user_token()}"},
        timeout=60,
        **({"verify": CA} if MODE == "flags" else {}),
    )
    assert answer.json()["value"] == []


@flow("httpx")
def _() -> None:
    import ssl

    options = {"verify": ssl.create_default_context(cafile=CA)} if MODE == "flags" else {}
    with httpx.Client(timeout=60, **options) as client:
        answer = client.get(graph_url(), headers={"Authorization": f"Bearer {user_token()}"})
    assert answer.json()["value"] == []
    if MODE != "flags":
        assert answer.json()["@odata.context"].startswith(f"{GRAPH}/v1.0/")


@flow("curl")
def _() -> None:
    command = ["curl", "-sS", "-H", f"Authorization: Bearer {user_token()}", graph_url()]
    command += ["--cacert", CA] if MODE == "flags" else []
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(answer.stdout)["value"] == []


def main() -> None:
    choice, *named = sys.argv[3:] or ["not"]
    assert set(named) <= set(FLOWS), named
    outcomes = {}
    for name, run in FLOWS.items():
        if (name in named) != (choice == "only"):
            continue
        try:
            run()
            outcomes[name] = "ok"
        except BaseException:
            outcomes[name] = traceback.format_exc()
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main()
