"""Commands about a tenant, for a server process and a tenant of the test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Process
from tests.support.shell import Shell
from upsim.client import Ask, Client, tenants
from upsim.shipped import fixtures

SAMPLE = str(fixtures() / "sample.pdf")


@pytest.fixture
def shell(upsim_process: Process) -> Iterator[Shell]:
    with Client(upsim_process.https) as client:
        tenant = client.send(tenants.create())["tenant"]["id"]
        yield Shell(upsim_process.https, UPSIM_TENANT=tenant)
        client.send(tenants.delete(tenant))


@pytest.fixture
def queue(upsim_process: Process, shell: Shell) -> str:
    """The name of a printer whose jobs complete by themselves, and of its share."""
    wish = {"displayName": "Copy room", "share": "Copies", "persona": "ideal"}
    with Client(upsim_process.https) as client:
        client.send(Ask("POST", f"/_upsim/tenants/{shell.tenant}/simulated-printers", dict, wish))
    return "Copy room"


def test_a_tenant_is_made_looked_at_reset_and_deleted(upsim_process: Process) -> None:
    shell = Shell(upsim_process.https)
    made = shell.json("tenant", "create", "--seed", "one", "--frozen-at", "2026-02-01T00:00:00Z")
    tenant = made["tenant"]["id"]
    assert tenant in shell.run("tenant", "list").stdout
    assert shell.json("clock", "show", "--tenant", tenant)["now"] == "2026-02-01T00:00:00+00:00"
    assert shell.json("tenant", "reset", tenant)["tenant"]["id"] == tenant
    shell.run("tenant", "show", tenant)
    shell.run("tenant", "delete", tenant)
    refusal = shell.run("clock", "show", "--tenant", tenant, code=1)
    assert (refusal.stdout, tenant in refusal.stderr) == ("", True)
    assert "needs its offset" in shell.run("tenant", "create", "--frozen-at", "2026-02-01", code=2).stderr


def test_users_and_applications(shell: Shell) -> None:
    assert "alex@contoso.example" in shell.run("user", "list").stdout
    added = shell.json(
        "user",
        "add",
        "userPrincipalName=adele@contoso.example",
        "displayName=Adele",
        "password=Adele-pass-1",
        'roles=["Printer Administrator"]',
    )
    assert shell.json("user", "show", "adele@contoso.example")["id"] == added["id"]
    shell.run("user", "change", "adele@contoso.example", "displayName=Adele Vance")
    assert shell.json("user", "show", "adele@contoso.example")["displayName"] == "Adele Vance"
    shell.run("user", "remove", "adele@contoso.example")
    shell.run("user", "show", "adele@contoso.example", code=1)
    assert len(shell.json("app", "list")) == 2
    assert "is not NAME=VALUE" in shell.run("app", "add", "name", code=2).stderr


def test_time(shell: Shell) -> None:
    assert shell.json("clock", "freeze")["frozen"] is True
    before = shell.json("clock", "show")["now"]
    moved = shell.json("clock", "advance", "1h30m")
    assert (before[11:16] != moved["now"][11:16], moved["happened"]) == (True, [])
    assert shell.json("clock", "run", "--rate", "60")["rate"] == 60
    assert "is no duration" in shell.run("clock", "advance", "soon", code=2).stderr
    assert "not both" in shell.run("clock", "advance", "1h", "--to", "2030-01-01T00:00:00Z", code=2).stderr


def test_limits_are_shown_and_chosen(shell: Shell) -> None:
    assert "jobs-per-user" in shell.run("limits").stdout
    shell.run("limits", "--scale", "0.02")
    chosen = shell.json("limits", "--set", "jobs-per-user=3")
    assert chosen["scale"] == 0.02
    assert {each["name"]: each["value"] for each in chosen["limits"]}["jobs-per-user"] == 3
    shell.run("limits", "--headroom")
    assert shell.json("limits", "--profile", "off")["profile"] == "off"


def test_an_injection_happens_and_the_journal_and_coverage_tell(shell: Shell, queue: str) -> None:
    made = shell.json(
        "inject",
        "add",
        "graph.share.list",
        *("--name", "busy", "--status", "503", "--retry-after", "1", "--times", "1"),
    )
    assert made["answer"] == {"status": 503, "retryAfterSeconds": 1}
    failed = shell.run("print", SAMPLE, "--share", "Copies", "--as", "alex", code=1)
    assert "503" in failed.stderr
    assert shell.json("inject", "show", "busy")["fired"] == 1
    assert shell.json("inject", "list")[0]["id"] == made["id"]
    shell.run("inject", "remove", "busy")
    shell.run("inject", "remove", "busy", code=1)
    shell.run("inject", "clear")
    assert "does nothing" in shell.run("inject", "add", "graph.share.list", code=1).stderr
    assert "not JSON" in shell.run("inject", "add", "*", "--rule", "{", code=2).stderr

    assert shell.json("journal", "count", "--operation", "graph.share.list", "--injection", "busy") == {"count": 1}
    (entry,) = shell.json("journal", "list", "--status", "503")
    assert shell.json("journal", "show", str(entry["number"]))["response"]["body"]["error"]
    logged = shell.run("logs", "-n", "5").stdout
    assert "graph.share.list -> 503" in logged
    assert "[injection busy]" in logged
    assert json.loads(shell.run("logs", "-n", "1", "--json").stdout)["status"] == 503
    shell.run("journal", "verify", "graph.share.list=1", "--in-order")
    unmet = shell.run("journal", "verify", "graph.share.list=2", code=5)
    assert "UNMET" in unmet.stdout
    assert "near:" in unmet.stdout
    assert shell.json("journal", "verify", '{"operation": "graph.*", "status": "200"}', code=5)["met"] is False
    assert "graph.share.list" in shell.run("journal", "transcript").stdout
    assert json.loads(shell.run("journal", "har").stdout)["log"]["version"] == "1.2"

    covered = shell.json("coverage", "--API", "graph")
    assert [row["id"] for row in covered["called"]] == ["graph.share.list"]
    assert all(row["support"] == "not emulated" for row in covered["not-modelled"])
    assert len(covered["not-called"]) > 50
    assert "graph.share.list" in shell.run("coverage").stdout
    shell.run("journal", "clear")
    assert shell.json("journal", "count") == {"count": 0}
    assert "of nobody" not in shell.run("logs", "--refusals").stdout


def test_states_of_printers_and_jobs(shell: Shell, queue: str) -> None:
    shell.run("printer", "pace", queue, "manual")
    printed = shell.run("print", SAMPLE, "--share", "Copies", "--as", "alex", "--no-wait")
    (job,) = shell.json("job", "list", "--printer", queue)
    assert job["id"] in printed.stdout
    assert shell.json("job", "show", job["id"])["pace"] == {"mode": "manual"}
    assert shell.json("job", "step", job["id"])["reasons"] == ["job-fetchable"]
    assert shell.json("job", "force", job["id"], "processing")["state"] == "processing"
    assert shell.json("job", "list", "--state", "processing")[0]["id"] == job["id"]
    shell.run("wait", "--job", job["id"], "--state", "completed", "--timeout", "0", code=4)
    assert shell.json("job", "cancel", job["id"])["state"] == "canceled"
    assert shell.json("wait", "--job", job["id"])["state"] == "canceled"
    assert "allowIllegal" in shell.run("job", "force", job["id"], "processing", code=1).stderr
    shell.run("job", "force", job["id"], "processing", "--allow-illegal", "--message", "Again")
    assert shell.json("job", "pace", job["id"], "--every", "10s")["pace"] == {"mode": "timed", "seconds": 10}
    assert shell.json("job", "hold", job["id"])["pace"]["mode"] == "manual"
    assert shell.json("job", "go", job["id"])["pace"] is None
    shell.run("job", "pace", job["id"], code=2)

    forced = shell.json("printer", "force", queue, "stopped", "--reason", "media-jam-error", "--hold")
    assert (forced["state"], forced["reasons"], forced["held"]) == ("stopped", ["media-jam-error"], True)
    assert shell.json("printer", "show", queue)["id"] == forced["id"]
    assert "Copy room" in shell.run("printer", "list").stdout
    shell.json("wait", "--printer", forced["id"], "--state", "stopped")
    assert shell.json("printer", "free", queue)["held"] is False
    shell.run("printer", "step", queue)
    assert shell.json("printer", "pace", queue, "automatic")["pace"] is None
    assert shell.json("share", "show", "Copies")["printerName"] == queue
    assert "Copies" in shell.run("share", "list").stdout


def test_waiting(shell: Shell) -> None:
    assert shell.json("wait", "--timeout", "60s")["status"] == "ready"
    late = shell.run("wait", "--operation", "graph.share.list", "--timeout", "0", code=4)
    assert "0 calls of graph.share.list" in late.stderr
    nowhere = Shell("https://localhost:1").run("wait", "--timeout", "0", code=4)
    assert "was not ready in time" in nowhere.stderr
    for arguments in (("--state", "idle"), ("--job", "1", "--printer", "2"), ("--printer", "1")):
        shell.run("wait", *arguments, code=2)


def test_a_token_is_forged(shell: Shell) -> None:
    forged = shell.json(
        "token", "--user", "alex", "--permission", "PrintJob.Read", "--claim", "ver=2.0", "--expired"
    )
    claims = forged["claims"]
    assert (claims["upn"], claims["scp"], claims["ver"]) == ("alex@contoso.example", "PrintJob.Read", 2.0)
    assert claims["exp"] < claims["iat"]
    assert shell.run("token").stdout.count(".") == 2


def test_seeds(shell: Shell, tmp_path: Path) -> None:
    assert "contoso" in shell.run("seed", "list").stdout
    assert json.loads(shell.run("seed", "show", "contoso").stdout)["tenants"]
    assert "is a seed of 1 tenant" in shell.run("seed", "check", "contoso").stderr
    broken = tmp_path / "broken.toml"
    broken.write_text('[[tenants]]\nname = "x"\n')
    assert str(broken) in shell.run("seed", "check", str(broken), code=5).stderr
    taken = shell.run("seed", "apply", "contoso", code=1)
    assert "already" in taken.stderr
    own = tmp_path / "own.toml"
    text = (fixtures() / "contoso.toml").read_text()
    own.write_text(text.replace("0c0a7050-", "1c0a7050-").replace("contoso.example", "fabrikam.example"))
    (made,) = shell.json("seed", "apply", str(own))
    assert made["tenant"]["domain"] == "fabrikam.example"
    shell.run("tenant", "delete", "fabrikam.example")


def test_a_terminal_gets_lines_and_colours_unless_they_are_unwanted(upsim_process: Process) -> None:
    def on_a_terminal(**variables: str) -> str:
        """What `upsim tenant list` writes to a terminal."""
        main, end = os.openpty()
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": "200", **variables}
        environment["UPSIM_URL"] = upsim_process.https
        called = [sys.executable, "-m", "upsim", "tenant", "list"]
        process = subprocess.Popen(called, stdin=end, stdout=end, env=environment)
        os.close(end)
        shown = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # Linux tells so that nobody writes any more
                break
            if not part:
                break
            shown += part
        os.close(main)
        assert process.wait(60) == 0
        return shown.decode()

    styled, plain = on_a_terminal(), on_a_terminal(NO_COLOR="1")
    assert "\x1b[1m" in styled
    assert "\u2500" in styled
    assert "\x1b[3" not in plain
    assert "contoso.example" in plain
