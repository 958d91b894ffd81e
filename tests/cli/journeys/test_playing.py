"""`upsim printer run`, `upsim print` and `upsim tap` as their users call them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.inbox import TENANT
from tests.support.polling import until
from tests.support.processes import Process
from tests.support.registration import PUBLIC_CLIENT
from upsim.actors.person import UNIVERSAL_PRINT_SCOPE, Person
from upsim.actors.wire import Wire
from upsim.shipped import fixtures

SAMPLE = fixtures() / "sample.pdf"


class Shell:
    """Commands in a state folder of their own, for one running upsim."""

    def __init__(self, url: str, state: Path) -> None:
        self._environment = {**os.environ, "UPSIM_URL": url, "XDG_STATE_HOME": str(state)}

    def start(self, *arguments: str, output: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-u", "-m", "upsim", *arguments]
        with output.open("w") as file:
            return subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env=self._environment, text=True
            )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "upsim", *arguments]
        return subprocess.run(
            command, capture_output=True, env=self._environment, text=True, timeout=120, check=False
        )


async def a_badge(process: Process, badge: str) -> None:
    """Alex's badge, as an administrator adds it."""
    async with Wire("test", process.https, Path(process.ca).read_text()) as wire:
        admin = Person(wire, process.tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        token = await admin.token(UNIVERSAL_PRINT_SCOPE)
        collections = "/v1.0/print/badgeCollections"
        await wire.call("POST", collections, token=token, json={}, expect=(202,))
        await wire.call("POST", f"{TENANT}/clock/advance", json={"bySeconds": 60})
        body = {"id": badge, "upn": "alex@contoso.example"}
        await wire.call("POST", f"{collections}/0/badges", token=token, json=body, expect=(201,))


async def hold(process: Process, share_name: str) -> None:
    """The share holds its jobs for release, as an administrator chooses (beta)."""
    async with Wire("test", process.https, Path(process.ca).read_text()) as wire:
        admin = Person(wire, process.tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        shares = (await admin.graph("GET", "/print/shares", expect=(200,), note=""))["value"]
        share = next(each for each in shares if each["displayName"] == share_name)
        token = await admin.token()
        body = {"holdJobsForSecureRelease": True}
        await wire.call("PATCH", f"/beta/print/shares/{share['id']}", token=token, json=body, expect=(200, 204))


async def test_a_printer_a_user_and_a_badge(tmp_path: Path) -> None:
    process = Process("--data", str(tmp_path / "data"))
    shell, log = Shell(process.https, tmp_path / "state"), tmp_path / "lab.log"
    printer = shell.start("printer", "run", "Lab", "--jobs", "1", "--save", str(tmp_path / "out"), output=log)
    await until(lambda: "shared with everybody" in log.read_text())
    printed = shell.run("print", str(SAMPLE), "--share", "Lab", "--as", "alex")
    assert printed.returncode == 0, printed.stderr
    assert "completed" in printed.stdout
    assert printer.wait(60) == 0, log.read_text()
    saved = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert saved == {"1.pdf": SAMPLE.read_bytes()}

    await a_badge(process, "badge-42")
    await hold(process, "Lab")
    held = shell.run("print", str(SAMPLE), "--share", "Lab", "--as", "alex", "--no-wait")
    assert held.returncode == 0, held.stderr
    assert "paused" in held.stdout
    tapped = shell.run("tap", "badge-42", "--printer", "Lab")
    assert tapped.returncode == 0, tapped.stderr
    assert "1 job printed" in tapped.stdout
    process.stop()


def test_what_cannot_be_played_is_one_sentence(upsim_process: Process, tmp_path: Path) -> None:
    shell = Shell(upsim_process.https, tmp_path)
    for arguments, said in (
        (("printer", "run", "Lab", "--persona", "perfect"), "There is no persona 'perfect'"),
        (("print", str(SAMPLE), "--share", "None", "--as", "alex"), "sees no share 'None'"),
        (("print", str(SAMPLE), "--share", "None", "--as", "nobody"), "has no user 'nobody'"),
        (("tap", "b", "--printer", "Never run"), "upsim printer run 'Never run'"),
        (("tap", "b", "--printer", "Lab", "--url", "https://localhost:9"), "No upsim answers"),
    ):
        done = shell.run(*arguments)
        assert done.returncode == (3 if "No upsim" in said else 1), done
        assert said in done.stderr
        assert "Traceback" not in done.stderr
