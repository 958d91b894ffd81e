"""Ready settings: complete, filled in, and those that can be run here do what they say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.javascript import FOLDER, require_node
from tests.support.peers import require_program
from tests.support.processes import Process
from upsim.apis.control.snippets import CLIENTS


def snippets(process: Process, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "upsim", "snippets", "--url", process.https, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def trusting(process: Process) -> dict[str, str]:
    trust = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return {**os.environ, **dict.fromkeys(trust, process.ca)}


def run(process: Process, *command: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=trusting(process), cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_client_is_there_and_filled_in(upsim_process: Process) -> None:
    shown = snippets(upsim_process).stdout
    for name, headline in CLIENTS.items():
        own = snippets(upsim_process, name).stdout if name == "go" else ""
        assert f"## {headline}\n" in shown
        assert own in shown
    assert "{{" not in shown
    assert shown.count(upsim_process.https) >= 2 * len(CLIENTS)
    assert upsim_process.tenant_id in shown


def test_an_unknown_client_is_answered_with_those_that_there_are(upsim_process: Process) -> None:
    done = snippets(upsim_process, "cobol")
    assert done.returncode == 1
    assert "There are: python, javascript" in done.stderr
    assert snippets(upsim_process, "curl", "--tenant", "nowhere.example").returncode == 1


def test_the_snippet_for_python_signs_in(upsim_process: Process) -> None:
    code = snippets(upsim_process, "python").stdout
    code += "\nassert credential.get_token('https://graph.microsoft.com/.default').token"
    code += "\nprint(app.initiate_device_flow(['User.Read'])['verification_uri'])"
    shown = run(upsim_process, sys.executable, "-W", "ignore", "-c", code)
    assert shown == f"{upsim_process.https}/devicelogin\n"


def test_the_snippet_for_javascript_signs_in_and_sends_its_token(upsim_process: Process, tmp_path: Path) -> None:
    node = require_node()
    code = snippets(upsim_process, "javascript").stdout
    code += "\nconst found = await graph.api('/print/taskDefinitions').get();"
    code += "\nconst asked = await app.getAuthCodeUrl({ scopes: ['User.Read'], redirectUri: 'http://localhost' });"
    code += "\nconsole.log(found.value.length, asked.split('?')[0]); process.exit(0);"
    shown = run(upsim_process, node, "--no-warnings", "--input-type=module", "-e", code, folder=FOLDER)
    assert shown == f"0 {upsim_process.https}/{upsim_process.tenant_id}/oauth2/v2.0/authorize\n"


def test_the_snippet_for_curl_calls_graph(upsim_process: Process) -> None:
    require_program("curl")
    shown = run(upsim_process, "sh", "-c", snippets(upsim_process, "curl").stdout)
    assert '"value":[]' in shown


@pytest.mark.parametrize("path", ["/_upsim/snippets", "/_upsim/snippets/java"])
def test_the_server_fills_in_the_name_that_it_was_called_by(upsim_process: Process, path: str) -> None:
    curl = require_program("curl")
    port = upsim_process.https.rpartition(":")[2]
    url = f"https://127.0.0.1:{port}"
    shown = run(upsim_process, curl, "-sS", url + path)
    assert url in shown
    plain = run(upsim_process, curl, "-sS", str(upsim_process.ready["http"]) + path)
    assert upsim_process.https in plain
