"""Runs a JavaScript client of `tests/node/` against a server.

The script finds the server in its environment (`UPSIM_URL`, `UPSIM_TENANT_ID`, trust in `NODE_EXTRA_CA_CERTS`)
and answers with one line of JSON on its standard output.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.peers import require_program
from tests.support.processes import Process

FOLDER = Path(__file__).parents[1] / "node"


def require_node() -> str:
    """Node itself, with the packages of `package.json`: a skip without, a failure where peers are required."""
    node = require_program("node")
    if not (FOLDER / "node_modules" / "@azure" / "msal-node").is_dir():
        reason = "needs the packages of tests/node/package.json, which `make test` installs where npm is"
        if os.environ.get("UPSIM_REQUIRE_PEERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return node


def run_node(script: str, process: Process, *arguments: str, **environment: str) -> Any:
    """What the script said. `environment` adds to what every script gets."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        "NODE_EXTRA_CA_CERTS": process.ca,
        "UPSIM_URL": process.https,
        "UPSIM_TENANT_ID": process.tenant_id,
        **environment,
    }
    done = subprocess.run(
        [require_node(), "--no-warnings", str(FOLDER / script), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=FOLDER,
        env=variables,
    )
    assert done.returncode == 0, f"{script} failed:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])


def run_node_under_exec(script: str, process: Process, *arguments: str, **environment: str) -> Any:
    """What the script said with Microsoft's own hosts compiled in, which lead to the server."""
    command = ["upsim", "exec", "-q", "--url", process.https, "--", require_node(), "--no-warnings"]
    done = subprocess.run(
        [sys.executable, "-m", *command, str(FOLDER / script), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=FOLDER,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"{script} failed:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])
