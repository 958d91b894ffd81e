"""Microsoft's JavaScript clients, unchanged, against a server process."""

from tests.conftest import Process
from tests.node.running import run_node

ALEX = "alex@contoso.example"


def test_msal_node_signs_in_by_every_flow(upsim_process: Process) -> None:
    seen = run_node("msal_node.mjs", upsim_process)
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
