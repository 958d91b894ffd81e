"""Trust stores, variables and hosts lines, as the programs read them that they are for."""

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.support.peers import require_program
from tests.support.processes import Process
from upsim.domain import clouds
from upsim.trust import environment, files, formats, hosts_file
from upsim.trust.addresses import address_of
from upsim.trust.environment import Server


def upsim(*arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "upsim", *arguments],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=cwd,
        env={**os.environ, **variables},
    )


@pytest.fixture(scope="session")
def ca_pem(upsim_process: Process) -> str:
    return Path(upsim_process.ca).read_text()


def export(process: Process, form: str, *more: str) -> bytes:
    done = upsim("ca", "export", "--url", process.https, "--format", form, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pem_and_der_are_the_certificate(upsim_process: Process, ca_pem: str) -> None:
    assert export(upsim_process, "pem").decode() == ca_pem
    assert ssl.DER_cert_to_PEM_cert(export(upsim_process, "der")).split() == ca_pem.split()


def test_the_bundle_holds_the_ca_and_what_the_machine_trusts(
    upsim_process: Process, ca_pem: str, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.pem"
    theirs.write_text(formats.roots())
    done = upsim("ca", "export", "--url", upsim_process.https, "--format", "bundle", SSL_CERT_FILE=str(theirs))
    assert done.stdout.decode().startswith(ca_pem)
    assert done.stdout.decode().endswith(theirs.read_text())
    context = ssl.create_default_context(cadata=done.stdout.decode())
    assert any(
        ("commonName", "upsim local CA") in part for each in context.get_ca_certs() for part in each["subject"]
    )


def test_pfx_holds_the_certificate_and_no_key(upsim_process: Process, ca_pem: str) -> None:
    store = pkcs12.load_pkcs12(export(upsim_process, "pfx", "--password", "s3cret"), b"s3cret")
    assert (store.key, store.cert) == (None, None)
    assert [each.certificate for each in store.additional_certs] == [formats.load(ca_pem)]


def test_java_sees_a_trusted_certificate(upsim_process: Process, tmp_path: Path) -> None:
    keytool = require_program("keytool")
    store = tmp_path / "trust.jks"
    export(upsim_process, "jks", "--out", str(store))
    listed = subprocess.run(
        [keytool, "-list", "-keystore", str(store), "-storepass", "changeit"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "trustedCertEntry" in listed.stdout


def test_a_ca_can_be_exported_before_a_server_runs(tmp_path: Path) -> None:
    (tmp_path / "data" / "tls").mkdir(parents=True)
    (tmp_path / "data" / "tls" / "ca.pem").write_text("-----BEGIN")
    assert upsim("ca", "export", "--data", str(tmp_path / "data")).stdout == b"-----BEGIN"
    missing = upsim("ca", "export", "--data", str(tmp_path / "none"))
    assert missing.returncode == 1
    assert b"Traceback" not in missing.stderr


@pytest.fixture
def written(ca_pem: str, tmp_path: Path) -> files.TrustFiles:
    return files.write(tmp_path / "it's a folder", ca_pem, address_of("https://localhost:8443"))


SERVER = Server("https://localhost:8443", "http://localhost:8080", None, "", "the-tenant")


def test_without_a_proxy_nothing_is_said_of_microsofts_names(written: files.TrustFiles) -> None:
    values = environment.variables(SERVER, written, {})
    assert values["AZURE_AUTHORITY_HOST"] == SERVER.https
    assert not {"HTTPS_PROXY", "NODE_OPTIONS", "UPSIM_PROXY"} & set(values)


def test_bash_sets_what_is_printed(written: files.TrustFiles) -> None:
    values = environment.variables(SERVER._replace(proxy="http://localhost:9"), written, {})
    script = environment.render(values, "bash") + "env -0"
    shown = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True, env={})
    found = dict(line.split("=", 1) for line in shown.stdout.split("\0") if "=" in line)
    assert {name: found[name] for name in values} == values


def test_other_shells_quote_as_they_do() -> None:
    values = {"A": "it's a \\path"}
    assert environment.render(values, "fish") == "set -gx A 'it\\'s a \\\\path'\n"
    assert environment.render(values, "pwsh") == "$env:A = 'it''s a \\path'\n"
    assert json.loads(environment.render(values, "json")) == values


def test_env_prints_what_lets_a_program_trust_the_server(upsim_process: Process, tmp_path: Path) -> None:
    done = upsim("env", "--shell", "json", UPSIM_URL=upsim_process.https, XDG_STATE_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    assert values["UPSIM_URL"] == upsim_process.https
    assert b"--proxy-port" in done.stderr
    code = "import os, urllib.request as u; print(u.urlopen(os.environ['UPSIM_URL'] + '/_upsim/livez').status)"
    child = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **values},
    )
    assert child.stdout == "200\n"


def test_env_of_a_server_with_a_proxy_leads_microsofts_names_to_it(tmp_path: Path) -> None:
    process = Process("--proxy-port", "0")
    try:
        done = upsim("env", "--shell", "json", "--url", process.https, XDG_STATE_HOME=str(tmp_path))
        values = json.loads(done.stdout)
        assert values["HTTPS_PROXY"] == process.ready["proxy"]
        assert done.stderr == b""
    finally:
        process.stop()


def test_no_server_is_one_sentence(tmp_path: Path) -> None:
    done = upsim("env", "--url", "https://localhost:1", cwd=tmp_path)
    assert done.returncode == 3
    assert b"No upsim answers at https://localhost:1" in done.stderr
    assert b"Traceback" not in done.stderr


def test_hosts_lines_are_of_every_name_and_can_be_undone(tmp_path: Path) -> None:
    done = upsim("hosts", "--address", "192.0.2.7")
    assert done.stdout.decode() == hosts_file.lines("192.0.2.7")
    assert b"sudo tee -a" in done.stderr
    before = "127.0.0.1\tlocalhost\n"
    file = tmp_path / "hosts"
    file.write_text(before + done.stdout.decode() + "192.0.2.9 printer\n")
    names = [name for name in clouds.host_names() if not name.startswith("*")]
    assert hosts_file.redirected(file.read_text()) == names
    undo = upsim("hosts", "--undo").stdout.decode().replace("sudo ", "").replace(str(hosts_file.PATH), str(file))
    subprocess.run(["sh", "-c", undo], check=True, timeout=60)
    assert file.read_text() == before + "192.0.2.9 printer\n"
    assert hosts_file.redirected(file.read_text()) == []
