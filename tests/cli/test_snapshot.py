"""`upsim snapshot`, as somebody uses it who has broken something and wants it back."""

from pathlib import Path
from uuid import UUID, uuid5

import pytest

from tests.support.processes import Process
from tests.support.shell import Shell
from upsim.client import Ask, Client, tenants


@pytest.fixture
def tenant(upsim_process: Process) -> str:
    with Client(upsim_process.https) as client:
        return str(client.send(tenants.create())["tenant"]["id"])


def test_back_forth_and_aside(upsim_process: Process, tenant: str, tmp_path: Path) -> None:
    shell, of = Shell(upsim_process.https), ("--tenant", tenant)
    taken = shell.json("snapshot", "take", "base", *of)
    assert taken["name"] == "base"
    with Client(upsim_process.https) as client:
        client.send(Ask("PUT", f"/_upsim/tenants/{tenant}/settings", dict, {"queries": {"pageSize": 3}}))
    assert (
        shell.run("snapshot", "diff", "base", *of).stdout
        == f"~ tenant {tenant}\n    settings.queries.pageSize: None -> 3\n"
    )
    assert shell.json("snapshot", "diff", "base", *of)[0]["what"] == "changed"
    restored = shell.json("snapshot", "restore", "base", *of)
    assert shell.run("snapshot", "diff", "base", *of).stdout == ""
    shell.run("snapshot", "restore", f"change:{restored['before']}", *of)
    assert "pageSize" in shell.run("snapshot", "diff", "base", *of).stdout
    assert [each["name"] for each in shell.json("snapshot", "list", *of)] == ["base"]
    forked = shell.json("snapshot", "fork", "base", *of)
    assert forked["tenant"]["id"] != tenant
    target = tmp_path / "tenant.zip"
    shell.run("snapshot", "export", str(target), "--at", "base", *of)
    copy = str(uuid5(UUID(tenant), "copy"))
    made = shell.json("snapshot", "import", str(target), "--domain", f"{tenant[:8]}.copy.example", "--id", copy)
    assert made["tenant"]["id"] == copy
    assert made["tenant"]["domain"] == f"{tenant[:8]}.copy.example"
    assert shell.run("snapshot", "delete", "base", *of).stdout == ""


def test_what_cannot_be_done_is_one_sentence(upsim_process: Process, tenant: str, tmp_path: Path) -> None:
    shell, of = Shell(upsim_process.https), ("--tenant", tenant)
    assert "nothing" in shell.run("snapshot", "restore", "nothing", *of, code=1).stderr
    assert "journal entry" in shell.run("snapshot", "rewind", "77", *of, code=1).stderr
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no zip")
    assert "damaged" in shell.run("snapshot", "import", str(broken), code=1).stderr
