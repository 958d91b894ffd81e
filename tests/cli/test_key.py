"""`upsim key`: what it shows opens IPP."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from tests.support.ipp import raw
from tests.support.processes import Process
from tests.support.shell import Shell
from upsim.client import Ask, Client, tenants


@pytest.fixture
def shell(upsim_process: Process) -> Iterator[Shell]:
    """A tenant with a shared printer."""
    wish = {"displayName": "Copy room", "share": "Copies", "persona": "ideal"}
    with Client(upsim_process.https) as client:
        tenant = client.send(tenants.create())["tenant"]["id"]
        client.send(Ask("POST", f"/_upsim/tenants/{tenant}/simulated-printers", dict, wish))
        yield Shell(upsim_process.https, UPSIM_TENANT=tenant)
        client.send(tenants.delete(tenant))


def get_jobs(server: str, uri: str) -> int:
    """The status that a client of this URI gets."""
    parts = urlsplit(uri)
    assert (parts.scheme, f"https://{parts.hostname}:{parts.port}") == ("ipps", server)
    body = raw.request(raw.GET_JOBS, raw.attribute(raw.URI, "printer-uri", f"ipps://{parts.hostname}{parts.path}"))
    credentials = (unquote(parts.username or ""), unquote(parts.password or ""))
    with Client(server) as client:
        answer = httpx.post(
            server + parts.path,
            content=body,
            auth=credentials,
            headers={"Content-Type": "application/ipp"},
            verify=client.verify,
        )
    assert answer.status_code == 200
    return raw.parse(answer.content).status


@pytest.mark.parametrize(
    "whose", [("--printer", "Copy room"), ("--user", "alex", "--share", "Copies")], ids=["device", "user"]
)
def test_the_uri_is_ready_to_use(upsim_process: Process, shell: Shell, whose: tuple[str, ...]) -> None:
    shown = shell.json("key", *whose)
    assert len(f"{shown['userName']}:{shown['key']}") < 191  # libcups sends no more
    assert get_jobs(upsim_process.https, shown["uri"]) == raw.OK
    assert shown["key"] in shell.run("key", *whose).stdout


def test_without_a_share_it_is_the_key_alone(shell: Shell) -> None:
    assert set(shell.json("key", "--user", "alex")) == {"userName", "key"}


def test_whose_key_has_to_be_said(shell: Shell) -> None:
    assert "one of the two" in shell.run("key", code=2).stderr
    assert "one of the two" in shell.run("key", "--user", "alex", "--printer", "Copy room", code=2).stderr
    assert "--share goes with --user" in shell.run("key", "--printer", "P", "--share", "Copies", code=2).stderr
    assert shell.run("key", "--printer", "nowhere", code=1).stderr
