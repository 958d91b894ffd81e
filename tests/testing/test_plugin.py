"""The plug-in as projects use it: a test-suite of its own, run by its own pytest."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import Process

ADMIN = "admin@contoso.example"
SUITE = {
    "test_fixtures.py": """
from datetime import UTC, datetime, timedelta
import ssl, urllib.error, urllib.request
import pytest

def get(tenant, path):
    token = tenant.token(user="admin@contoso.example", permissions=["Printer.Read.All"])
    request = urllib.request.Request(tenant.url + path, headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=tenant.ca_file)) as answer:
        return answer.status

@pytest.mark.upsim(random_seed="1", frozen_at=datetime(2026, 1, 31, tzinfo=UTC),
                   injections=[{"name": "busy", "operation": "graph.printer.list",
                            "answer": {"status": 429}, "times": 1}])
def test_all_of_them(upsim_tenant, upsim_clock, upsim_injections, upsim_journal, upsim_printer):
    with pytest.raises(urllib.error.HTTPError, match="429"):
        get(upsim_tenant, "/v1.0/print/printers")
    assert get(upsim_tenant, "/v1.0/print/printers") == 200
    assert upsim_injections.fired("busy") == 1
    upsim_clock.advance(timedelta(days=1))
    assert upsim_clock.now() == datetime(2026, 2, 1, tzinfo=UTC)
    upsim_journal.expect({"operation": "graph.printer.list", "times": 2})
    assert upsim_printer.jobs() == []

@pytest.mark.parametrize("n", range(4))
def test_alone(upsim_tenant, upsim_journal, n):
    assert upsim_journal.count() == 0
    assert get(upsim_tenant, "/v1.0/print/printers") == 200

@pytest.mark.upsim(seed="small-office", persona="slow")
class TestMarked:
    @pytest.mark.upsim(persona="jams")
    def test_the_innermost_wins(self, upsim_tenant, upsim_printer):
        from upsim.client import simulated_printers
        made = {each["displayName"]: each for each in upsim_tenant.send(simulated_printers.list_all)}
        assert made["Simulated"]["persona"]["jamsEveryJobs"] > 0
        assert len(made) > 1 or upsim_tenant.send(__import__("upsim.client.printing", fromlist=["x"]).printers)

async def test_awaits(upsim, upsim_tenant):
    from upsim.client import clock
    async with upsim.async_client() as client:
        assert (await client.send(clock.freeze(upsim_tenant.id)))["frozen"]
""",
    "test_failing.py": """
from test_fixtures import get

def test_fails(upsim_tenant):
    get(upsim_tenant, "/v1.0/print/printers")
    assert False, "as it should"

def test_fails_without():
    assert False
""",
    "pytest.ini": "[pytest]\nasyncio_mode = auto\naddopts = --strict-markers -p no:randomly -p no:schemathesis\n",
}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    for name, text in SUITE.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(suite: Path, *arguments: str) -> str:
    command = [sys.executable, "-W", "error::ResourceWarning", "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, check=False, cwd=suite, capture_output=True, text=True, timeout=300).stdout


def test_every_fixture_works_also_with_async_tests(suite: Path) -> None:
    output = run(suite, "test_fixtures.py")
    assert "7 passed" in output, output


def test_it_works_under_xdist_and_a_failure_shows_the_journal(suite: Path) -> None:
    output = run(suite, "-n", "2")
    assert "2 failed, 7 passed" in output, output
    assert output.count("upsim journal") == 1
    assert f"graph.printer.list -> 200 ({ADMIN})" in output, output


def test_who_uses_no_fixture_pays_nothing(suite: Path) -> None:
    (suite / "test_plain.py").write_text(
        "import sys\n\ndef test_nothing():\n"
        "    assert not {'aiohttp', 'httpx', 'upsim.app', 'upsim.client'} & set(sys.modules)\n"
    )
    output = run(suite, "-p", "no:asyncio", "-c", "/dev/null", "--rootdir", ".", "test_plain.py")
    assert "1 passed" in output, output
    assert "@pytest.mark.upsim(seed=..." in run(suite, "--markers")


def test_a_mark_that_is_misspelled_is_an_error(suite: Path) -> None:
    (suite / "test_misspelled.py").write_text(
        "import pytest\n\n@pytest.mark.upsim(sed='1')\ndef test_it(upsim_tenant): pass\n"
    )
    output = run(suite, "test_misspelled.py")
    assert "The mark upsim does not know sed; it knows seed," in output, output


def test_the_environment_may_name_a_server(
    suite: Path, upsim_process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPSIM_URL", upsim_process.https)
    (suite / "test_url.py").write_text(
        f"def test_it(upsim, upsim_clock): assert upsim.url == {upsim_process.https!r} and upsim_clock.now()\n"
    )
    assert "1 passed" in run(suite, "test_url.py")
