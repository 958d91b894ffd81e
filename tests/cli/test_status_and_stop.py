"""Finding, showing and stopping servers."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import Process
from tests.support.shell import Shell
from upsim.server import records
from upsim.trust import servers


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with no server on record."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_status_shows_what_runs_and_where(upsim_process: Process) -> None:
    shell = Shell(upsim_process.https)
    shown = shell.json("status")
    assert (shown["status"], shown["url"], shown["store"]) == ("ready", upsim_process.https, "SQLite in memory")
    assert shown["tenants"][0]["domain"] == "contoso.example"
    assert shown["tenants"][0]["clock"]["mode"] == "real"
    text = shell.run("status")
    assert f"url        {upsim_process.https}\n" in text.stdout
    assert "\x1b" not in text.stdout
    assert text.stderr == ""


def test_where_nothing_answers_the_code_is_3_and_stdout_is_empty(state: Path) -> None:
    done = Shell("https://localhost:1").run("status", code=3)
    assert done.stdout == ""
    assert done.stderr.startswith("upsim: No upsim answers at https://localhost:1")


def test_a_server_on_any_port_is_found_and_stopped(state: Path) -> None:
    process = Process(state=state)
    (record,) = records.running()
    assert (record.url, record.pid) == (process.https, process.process.pid)
    assert stat.S_IMODE(next(records.folder().iterdir()).stat().st_mode) == 0o600
    shell = Shell("")
    assert shell.json("status")["url"] == process.https
    stopped = shell.run("stop")
    assert f"{process.https} has ended" in stopped.stderr
    assert process.process.wait(60) == 0
    process.process.communicate()
    assert records.running() == []
    shell.run("stop", code=3)


def test_a_server_that_left_no_record_is_stopped_by_its_control_api(state: Path, tmp_path: Path) -> None:
    process = Process(state=tmp_path / "elsewhere")
    assert records.running() == []
    Shell(process.https).run("stop")
    assert process.process.wait(60) == 0
    process.process.communicate()


def test_what_a_killed_server_left_is_forgotten(state: Path) -> None:
    process = Process(state=state)
    process.kill()
    assert len(list(records.folder().iterdir())) == 1
    assert servers.find_url(None, {}) == servers.DEFAULT_URL
    assert list(records.folder().iterdir()) == []


def test_of_several_servers_one_must_be_named(state: Path) -> None:
    first, second = (records.Record(url=f"https://localhost:{port}", pid=os.getpid()) for port in (1, 2))
    with records.on_record(first):
        assert servers.find_url(None, {}) == first.url
        beside = records.folder() / "beside.json"
        beside.write_text(json.dumps({"url": second.url, "pid": os.getpid()}))
        with pytest.raises(servers.NoServer, match="Several upsim run here"):
            servers.find_url(None, {})
        assert servers.find_url(None, {"UPSIM_URL": second.url + "/"}) == second.url
        beside.write_text(json.dumps({"url": servers.DEFAULT_URL, "pid": os.getpid()}))
        assert servers.find_url(None, {}) == servers.DEFAULT_URL


def test_a_server_with_a_key_is_asked_with_it(state: Path, tmp_path: Path) -> None:
    key = "a-key-for-the-rig"
    process = Process("--control-key", key, state=state)
    try:
        _ask_with_and_without(process, key, tmp_path)
    finally:
        process.stop()


def _ask_with_and_without(process: Process, key: str, tmp_path: Path) -> None:
    assert Shell("").json("status")["url"] == process.https
    assert process.https in Shell("").run("snippets", "curl").stdout
    played = Shell("").run("demo", "--save", str(tmp_path / "fetched.pdf"))
    assert "The printer has the very bytes" in played.stdout
    assert Shell("").json("journal", "count", "--operation", "ipp.fetch-document")["count"] == 1
    for path in records.folder().iterdir():
        path.unlink()
    without = Shell(process.https).run("status", code=1)
    assert "set UPSIM_CONTROL_KEY" in without.stderr
    assert "set UPSIM_CONTROL_KEY" in Shell(process.https).run("demo", code=1).stderr
    wrong = Shell(process.https, UPSIM_CONTROL_KEY="another-key").run("status", code=1)
    assert "not the control key" in wrong.stderr
    assert Shell(process.https, UPSIM_CONTROL_KEY=key).json("status")["status"] == "ready"
    refusal = Shell(process.https).run("token", code=1).stderr
    assert "needs its control key" in refusal
    assert "AADSTS" not in refusal


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str) -> None:
    assert "_UPSIM_COMPLETE" in Shell("").run("completion", shell).stdout


def test_commands_and_options_are_completed() -> None:
    def complete(line: str, word: int) -> str:
        environment = {
            **os.environ,
            "_UPSIM_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(word),
        }
        called = [sys.executable, "-c", "from upsim.cli.main import main; main(prog_name='upsim')"]
        return subprocess.run(
            called, env=environment, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    assert "plain,serve" in complete("upsim se", 1)
    assert "plain,--public-url" in complete("upsim serve --pub", 2)


def test_version() -> None:
    assert set(Shell("").json("version")) == {"upsim", "python"}
