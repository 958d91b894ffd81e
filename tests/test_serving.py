"""`upsim serve` as a process: the ready line, the ready file, signals, ports, bad settings."""

import json
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.processes import Process


def fetch(url: str, ca: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=ca), timeout=10) as response:
        return response.status, response.read()


def test_the_ready_line_tells_all_that_a_script_needs(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    process = Process("--ready-file", str(ready_file))
    ready = process.ready
    assert list(ready) == ["https", "http", "proxy", "ca", "tenant", "users", "applications"]
    assert json.loads(ready_file.read_text()) == ready
    assert ready["tenant"]["domain"] == "contoso.example"
    assert {"id", "userPrincipalName", "password", "roles"} == set(ready["users"][0])
    assert {"appId", "displayName", "secret"} == set(ready["applications"][0])
    assert fetch(ready["https"] + "/_upsim/readyz", ready["ca"])[0] == 200
    code, output, errors = process.stop()
    assert code == 0
    assert output == ""  # the ready line was the only one on stdout
    assert "readyz" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_within_a_second(number: signal.Signals) -> None:
    process = Process()
    began = time.monotonic()
    process.process.send_signal(number)
    process.process.communicate(timeout=60)
    assert process.process.returncode == 0
    assert time.monotonic() - began < 2  # a second, and what a busy machine adds


def test_an_idle_connection_does_not_hold_it_up(tmp_path: Path) -> None:
    process = Process()
    connection = urllib.request.urlopen(process.ready["http"] + "/_upsim/livez", timeout=60)
    began = time.monotonic()
    process.stop()
    connection.close()
    assert time.monotonic() - began < 2


def test_the_ca_is_kept_with_the_data_and_tls_below_1_2_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Process("--data", str(data))
    ca = Path(first.ca).read_bytes()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(first.ca)
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(first.https + "/_upsim/livez", context=old, timeout=60)
    first.stop()
    second = Process("--data", str(data))
    assert Path(second.ca).read_bytes() == ca
    assert Path(second.ca).parent == data / "tls"
    second.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "many"], "not a valid integer"),
        (["--http-port", "many"], "wrong value"),
        (["--seed", "missing.toml"], "cannot be read"),
        (["--config", "missing.toml"], "There is no file"),
        (["--nonsense"], "No such option"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_code_2(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "upsim", "serve", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_explained(upsim_process: Process) -> None:
    port = upsim_process.https.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "upsim", "serve", "--port", port], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr
    assert "--port 0" in done.stderr


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        ("tenants = 1", "seed.toml:1: tenants: "),
        (
            '[[tenants]]\ndisplay_name = "C"\ndomains = ["c.example"]\ncolour = 1',
            "seed.toml:4: tenants[0].colour: ",
        ),
        ('[[tenants]]\ndisplay_name = "C"\ndomains = []', "seed.toml:3: tenants[0].domains: "),
        (
            '[[tenants]]\ndisplay_name = "C"\ndomains = ["c.example"]\n'
            '[[tenants.users]]\nuser_principal_name = "a@c.example"\npassword = "p"\nroles = ["King"]',
            "seed.toml:7: tenants[0].users[0]: There is no role 'King'",
        ),
    ],
)
def test_a_bad_seed_is_refused_before_a_port_opens(seed: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "seed.toml"
    file.write_text(seed)
    done = subprocess.run(
        [sys.executable, "-m", "upsim", "serve", "--port", "0", "--http-port", "0", "--seed", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
