"""Clients that a hosts file redirects, in a mount namespace of their own: the machine's file is untouched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import Process
from upsim.trust import hosts_file

SIGNS_IN = """
import msal
client = msal.PublicClientApplication(
    "0c0a7050-0000-4000-8000-00000000d001", authority="https://login.microsoftonline.com/contoso.example"
)
answer = client.acquire_token_by_username_password(
    "alex@contoso.example", "Alex-pass-1", ["https://graph.microsoft.com/PrinterShare.Read.All"]
)
import requests
shares = "https://graph.microsoft.com/v1.0/print/shares"
print(requests.get(shares, headers={"Authorization": "Bearer " + answer["access_token"]}, timeout=60).status_code)
"""


def in_own_namespace(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**clean, **environment},
    )


def test_msal_signs_in_by_the_names_that_are_compiled_in(address: str, tmp_path: Path) -> None:
    try:
        able = in_own_namespace("mount --bind /etc/hosts /etc/hosts").returncode == 0
    except FileNotFoundError:
        able = False
    if not able:
        pytest.skip("mount namespaces need root here")
    lines = tmp_path / "hosts"
    lines.write_text(Path("/etc/hosts").read_text() + hosts_file.lines(address))
    process = Process("--host", address, "--listen-443")
    try:
        done = in_own_namespace(
            'mount --bind "$1" /etc/hosts && exec "$2" -W ignore -c "$3"',
            *(str(lines), sys.executable, SIGNS_IN),
            REQUESTS_CA_BUNDLE=process.ca,
        )
    finally:
        process.stop()
    assert done.stdout == "200\n", done.stderr
