"""The check-up: each ailment is found and comes with the thing to do."""

import json
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.processes import Process
from upsim.trust import doctor, files, hosts_file
from upsim.trust.doctor import Patient
from upsim.trust.servers import introduce

NOWHERE = Patient("https://localhost:1", None, "No upsim answers at https://localhost:1: refused. Start one.", {})


@pytest.fixture(scope="module")
def patient(upsim_process: Process) -> Patient:
    return Patient(upsim_process.https, introduce(upsim_process.https), "", {})


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in doctor.BUNDLES}
    return subprocess.run(
        [sys.executable, "-m", "upsim", "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**clean, "NO_PROXY": "localhost,127.0.0.1,::1", **environment},
    )


def test_a_machine_in_order_has_no_problem(upsim_process: Process, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(files.bundle(Path(upsim_process.ca).read_text(), {}))
    trust = dict.fromkeys(doctor.BUNDLES, str(bundle))
    done = run("--url", upsim_process.https, "--json", **trust)
    findings = json.loads(done.stdout)
    assert [each for each in findings if each["level"] == "problem"] == []
    assert done.returncode == 0
    assert {"server", "names", "proxies", "trust", "certificates", "clock"} <= {each["topic"] for each in findings}
    assert "trust: REQUESTS_CA_BUNDLE names" in run("--url", upsim_process.https, **trust).stdout


def test_a_problem_is_told_with_its_remedy_and_the_exit_code() -> None:
    done = run("--url", "https://localhost:1")
    assert done.returncode == 1
    assert "PROBLEM  server: No upsim answers at https://localhost:1" in done.stdout
    assert "do: upsim serve" in done.stdout


def test_a_port_that_is_held_is_named() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        (finding,) = doctor.check_ports(NOWHERE._replace(ports=(port,)))
    assert (finding.level, finding.remedy) == ("problem", "upsim serve --port 0 --http-port 0")
    assert str(port) in finding.text


def test_a_proxy_that_swallows_this_machine_is_named() -> None:
    environment = {"HTTPS_PROXY": "http://proxy.example:3128"}
    (finding,) = doctor.check_proxies(NOWHERE._replace(environment=environment))
    assert (finding.level, finding.remedy) == ("problem", "export NO_PROXY=localhost,127.0.0.1,::1")
    (fine,) = doctor.check_proxies(
        NOWHERE._replace(environment=environment | {"no_proxy": "localhost, 127.0.0.1"})
    )
    assert fine.level == "ok"


def test_a_proxy_that_has_ended_is_named() -> None:
    with socket.socket() as ended:
        ended.bind(("127.0.0.1", 0))
        port = ended.getsockname()[1]
    environment = {"https_proxy": f"http://127.0.0.1:{port}", "NO_PROXY": "localhost,127.0.0.1"}
    (finding,) = doctor.check_proxies(NOWHERE._replace(environment=environment))
    assert (finding.level, finding.remedy) == ("problem", "unset https_proxy")


def test_an_exemption_that_leads_past_the_proxy_is_named() -> None:
    environment = {"HTTPS_PROXY": "http://proxy.example:1", "NO_PROXY": "localhost,127.0.0.1,.microsoft.com"}
    (finding,) = doctor.check_proxies(NOWHERE._replace(environment=environment))
    assert ".microsoft.com" in finding.text


def test_a_bundle_without_the_ca_or_without_a_file_is_named(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text("nothing")
    environment = {"SSL_CERT_FILE": str(tmp_path / "other.pem"), "CURL_CA_BUNDLE": str(tmp_path / "none.pem")}
    found = {
        each.text.split()[0].rstrip(":"): each
        for each in doctor.check_trust(patient._replace(environment=environment))
    }
    assert "lacks upsim's CA" in found["SSL_CERT_FILE"].text
    assert (found["CURL_CA_BUNDLE"].level, found["REQUESTS_CA_BUNDLE"].level) == ("problem", "note")
    assert all(each.remedy == 'eval "$(upsim env)"' for each in found.values())


def test_a_redirection_that_was_left_behind_is_named(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    assert doctor.check_hosts_file(NOWHERE._replace(hosts=file)) == []
    file.write_text("127.0.0.1 localhost\n" + hosts_file.lines())
    (finding,) = doctor.check_hosts_file(NOWHERE._replace(hosts=file))
    assert (finding.level, finding.remedy) == ("note", hosts_file.UNDO)


def test_ca_and_clock_of_a_running_server_are_looked_at(patient: Patient) -> None:
    assert [each.level for each in (*doctor.check_certificates(patient), *doctor.check_clock(patient))] == [
        "ok"
    ] * 2


def test_an_authority_about_to_end_and_a_clock_that_is_off_are_named(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = doctor._now() + timedelta(days=3650)
    monkeypatch.setattr(doctor, "_now", lambda: later)
    (certificate,) = doctor.check_certificates(patient)
    (clock,) = doctor.check_clock(patient)
    assert (certificate.level, clock.level) == ("problem", "problem")
    assert "seconds apart" in clock.text
