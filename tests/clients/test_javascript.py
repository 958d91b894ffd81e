"""Microsoft's JavaScript clients, unchanged: with flags of their own on localhost, and under `upsim exec`."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.entra.keys import a_certificate_and_key
from tests.support.javascript import FOLDER, run_node, run_node_under_exec
from tests.support.processes import Process
from upsim.app import Running
from upsim.domain.application import Application, Consent
from upsim.shipped import fixtures

CERTIFICATE_APP = "0c0a7050-0000-4000-8000-00000000d009"
ALEX = "alex@contoso.example"
BROWSER = FOLDER / "browser.mjs"
"""What programs open pages with: a person who signs in."""


def test_msal_node_signs_in_by_every_flow(upsim_process: Process) -> None:
    check_msal_node(run_node("msal_node.mjs", upsim_process))


def test_msal_node_signs_in_without_a_flag_under_exec(upsim_process: Process) -> None:
    check_msal_node(run_node_under_exec("msal_node.mjs", upsim_process))


def check_msal_node(seen: dict[str, Any]) -> None:
    assert seen["client secret"]["claims"]["idtyp"] == "app"
    assert "Printer.Read.All" in seen["client secret"]["claims"]["roles"]
    for flow in (
        "device code",
        "silent",
        "refresh",
        "interactive",
        "authorization code",
        "user name and password",
        "on behalf of",
    ):
        assert seen[flow]["account"] == ALEX, flow
        assert seen[flow]["claims"]["upn"] == ALEX, flow
        assert "PrintJob.Create" in seen[flow]["claims"]["scp"].split(), flow
    assert (seen["silent"]["fromCache"], seen["refresh"]["fromCache"]) == (True, False)
    assert seen["refresh for another resource"]["claims"]["aud"] == "https://print.print.microsoft.com"
    assert seen["wrong password"]["error"] == "invalid_grant"
    assert "AADSTS50126" in seen["wrong password"]["message"]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    made = a_certificate_and_key("client")
    file = tmp_path / "certificate.pem"
    file.write_text(made.key_pem + made.pem)
    return file


@pytest.mark.parametrize("run", [run_node, run_node_under_exec], ids=["flags", "exec"])
async def test_azure_identity_signs_in_by_every_flow(
    upsim: Running, certificate: Path, run: Callable[..., Any]
) -> None:
    application = Application(
        id=CERTIFICATE_APP,
        display_name="Certified",
        service_principal_id="0c0a7050-0000-4000-8000-00000000e009",
        certificates=(a_certificate_and_key("client").der_base64,),
        graph=Consent(application=("Printer.Read.All",)),
    )
    server = Served(upsim)
    await upsim.site.store.write(server.tenant_id, lambda tx: tx.put(application))
    seen = await asyncio.to_thread(
        run, "azure_identity.mjs", server, str(certificate), CERTIFICATE_APP, BROWSER=str(BROWSER)
    )
    assert (seen["client secret"]["idtyp"], seen["certificate"]["idtyp"]) == ("app", "app")
    assert seen["certificate"]["appid"] == CERTIFICATE_APP
    for flow in ("device code", "interactive", "user name and password", "on behalf of", "authorization code"):
        assert seen[flow]["upn"] == ALEX, flow
        assert "PrintJob.Create" in seen[flow]["scp"].split(), flow


@pytest.mark.parametrize("run", [run_node, run_node_under_exec], ids=["flags", "exec"])
def test_the_graph_client_lists_shares(upsim_process: Process, run: Callable[..., Any]) -> None:
    seen = run("graph_client.mjs", upsim_process)
    root = upsim_process.https if run is run_node else "https://graph.microsoft.com"
    assert seen["shares"]["@odata.context"].startswith(f"{root}/v1.0/$metadata#print/shares")
    assert seen["beta"]["@odata.context"].startswith(f"{root}/beta/$metadata#print/shares")
    if run is run_node:
        assert seen["untrusted"].startswith("401 ")
        assert 'customHosts: new Set(["localhost"])' in seen["untrusted"]


@pytest.fixture
def pulling(_own_state_folder: None) -> Iterator[Process]:
    """A server with two printers and their shares."""
    process = Process("--seed", str(fixtures() / "pull-print.toml"), "--log-level", "warning")
    yield process
    process.stop()


@pytest.mark.parametrize("size", [1, 9_000_000])
def test_the_graph_client_prints_by_upload_ranges_and_pages(pulling: Process, size: int) -> None:
    seen = run_node("graph_printing.mjs", pulling, str(size))
    for pages, names in (
        (seen["shares"], {"Follow-Me", "Anywhere"}),
        (seen["printers"], {"Contoso Follow-Me", "Contoso Anywhere"}),
    ):
        assert (pages["firstPage"], pages["hasNext"]) == (1, True)
        assert names <= set(pages["found"])
        assert len(pages["found"]) == len(set(pages["found"]))
    assert seen["job"]["status"]["details"] == ["uploadPending"]
    assert seen["job"]["configuration"]["copies"] == 2
    document = seen["job"]["documents"][0]["id"]
    assert (seen["uploaded"]["id"], seen["uploaded"]["size"]) == (document, size)
    assert seen["ranges"] == -(-size // (4 * 320 * 1024))
    assert seen["status"]["state"] == "paused"
    assert seen["seen"]["documents"][0]["displayName"] == "letter.pdf"
    assert (seen["beyond"], seen["refused"]) == (409, 403)
    assert seen["renamed"]["displayName"] == "Follow me home"
    assert (seen["made"]["displayName"], seen["made"]["allowAllUsers"]) == ("Made by a page", True)
    assert seen["found"]["id"] == seen["made"]["id"]
    assert seen["found"]["printer"]["id"] == seen["printer"]["id"]
    assert seen["second"] == 409


class Served:
    """A server in the test's own loop, as the scripts are told of it."""

    def __init__(self, running: Running) -> None:
        self.https, self.ca = running.https, running.ca
        self.tenant_id = str(running.tenants[0]["tenant"]["id"])
