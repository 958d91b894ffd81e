"""The example project's tests, run as a partner runs them; and that they notice a client that is wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import Process
from upsim.shipped import fixtures

EXAMPLE = Path(__file__).parents[2] / "examples" / "pull-print-client"
DEADLINE_SECONDS = 300


def environment(**more: str) -> dict[str, str]:
    """A partner's: nothing of the tests that run here."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "UPSIM_", "COV_"))
    }
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **more}


def run(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:schemathesis", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *arguments],
        check=False,
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "in two processes"])
def test_the_suite_passes(arguments: tuple[str, ...]) -> None:
    done = run(EXAMPLE, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy, to be spoilt."""
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "project", ignore=ignored))


MISTAKES = {
    "waits too short": (
        "graph.py",
        'float(response.headers.get("Retry-After", SECONDS_IF_NOT_TOLD))',
        "1.0",
        "test_throttled.py",
        "graph.printer.job.redirect -> 429",
    ),
    "deals with a task each time": (
        "ledger.py",
        ".rowcount == 1",
        ".rowcount != 2",
        "test_webhook.py",
        "graph.printer.job.redirect",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_client_that_is_wrong_fails_and_the_report_carries_the_journal(project: Path, mistake: str) -> None:
    file, right, wrong, story, told = MISTAKES[mistake]
    source = project / "contoso_pull_print" / file
    text = source.read_text()
    assert text.count(right) == 1
    source.write_text(text.replace(right, wrong))
    done = run(project, f"tests/{story}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    journal = done.stdout.partition("upsim journal")[2]
    assert told in journal, done.stdout


def test_its_command_line_releases_what_waits(tmp_path: Path) -> None:
    process = Process("--seed", str(fixtures() / "pull-print.toml"))
    settings = {
        "AZURE_TENANT_ID": process.tenant_id,
        "AZURE_AUTHORITY_HOST": process.https,
        "AZURE_CLIENT_ID": "0c0a7050-0000-4000-8000-00000000d002",
        "AZURE_CLIENT_SECRET": "Contoso-secret-1",
        "PULL_PRINT_GRAPH": f"{process.https}/v1.0",
        "PULL_PRINT_CA_FILE": process.ca,
        "PULL_PRINT_QUEUE": "0c0a7050-0000-4000-8000-00000000f001",
        "PULL_PRINT_TASK": "Hold until the user is at a printer",
        "PULL_PRINT_CLIENT_STATE": "only Graph knows",
    }

    def call(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            check=False,
            cwd=EXAMPLE,
            env=environment(**settings, UPSIM_URL=process.https),
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    printing = (
        "print",
        str(fixtures() / "sample.pdf"),
        "--share",
        "Follow-Me",
        "--as",
        "alex",
        "--no-wait",
        "--quiet",
    )
    job_id = call("upsim", *printing).strip()
    assert call("contoso_pull_print", "waiting", "alex@contoso.example").startswith(f"{job_id} ")
    released = call(
        "contoso_pull_print", "release", "alex@contoso.example", "0c0a7050-0000-4000-8000-00000000f003"
    )
    assert len(released.splitlines()) == 1
    assert call("contoso_pull_print", "waiting", "alex@contoso.example") == ""
    process.stop()
