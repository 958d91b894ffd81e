"""`upsim demo` as a newcomer runs it: against a running server, and without one."""

import subprocess
import sys
from pathlib import Path

from tests.support.processes import Process
from upsim.shipped import fixtures


def demo(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "upsim", "demo", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


def test_the_demo_prints_through_a_running_server(upsim_process: Process, tmp_path: Path) -> None:
    done = demo("--url", upsim_process.https, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "fetched-sample.pdf").read_bytes() == (fixtures() / "sample.pdf").read_bytes()
    for step in (
        "signs in",
        "a key of its own",
        "device token",
        "Fetch-Document",
        "completed completedSuccessfully",
    ):
        assert step in done.stdout
    assert "The printer has the very bytes that were sent" in done.stdout


def test_the_demo_prints_a_file_of_yours(upsim_process: Process, tmp_path: Path) -> None:
    document = tmp_path / "mine.pdf"
    document.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 50_000)  # three ranges of 5 MB
    done = demo("--url", upsim_process.https, "--file", str(document), "--save", "copy.pdf", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "copy.pdf").read_bytes() == document.read_bytes()


def test_without_a_server_at_the_url_it_says_so(tmp_path: Path) -> None:
    done = demo("--url", "https://localhost:9", cwd=tmp_path)
    assert done.returncode == 1
    assert "There is no upsim at https://localhost:9" in done.stderr
    assert "Traceback" not in done.stderr
