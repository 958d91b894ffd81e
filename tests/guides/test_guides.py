"""The commands of the guides, run as they stand there, from top to bottom, against a running server.

Only what a reader does by hand is done here: the server is started, and printers that run until Ctrl-C are ended.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import Process
from upsim.shipped import fixtures

REPOSITORY = Path(__file__).parents[2]
GUIDES = REPOSITORY / "docs" / "guides"
DEADLINE_SECONDS = 480

READER = r"""
set -euo pipefail
upsim() {
    case "$1 ${2-}" in
        serve*) return ;;
        "printer run") printer "$@" ;;
        *) command upsim "$@" ;;
    esac
}
printer() {
    command upsim "$@" > printer.log 2>&1 &
    until grep -q -e "shared with everybody" -e "comes back" printer.log; do
        kill -0 $! 2>/dev/null || { cat printer.log >&2; exit 1; }
        sleep 0.05
    done
    case "$*" in
        *--jobs*) command upsim print fixtures/sample.pdf --share Lab --as alex --no-wait && wait $! ;;
        *) kill $! && { wait $! || true; } ;;
    esac
}
"""


def commands_of(guide: str, url: str) -> str:
    """What the guide has its reader type, with the server's own address."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (GUIDES / guide).read_text(), re.DOTALL | re.MULTILINE)
    assert blocks
    return READER + "".join(blocks).replace("https://localhost:8443", url)


@pytest.mark.parametrize(
    ("guide", "seed", "seen"),
    [
        (
            "pull-printing.md",
            "pull-print.toml",
            [
                "Contoso Anywhere",
                "job-held-for-release",
                "Contoso Lobby: 1 job released",
                "all configured printers",
                "card/7",
                '"redirectedFrom"',
            ],
        ),
        (
            "simulated-printers.md",
            "contoso.toml",
            ["job 1: completed (job-completed-successfully)", "completed", "Copy room: 0 jobs released", "jams"],
        ),
        ("webhooks.md", "contoso.toml", ['"resourceData"', "s3cret", '"outcome":"delivered"']),
    ],
)
def test_every_command_of_a_guide_does_what_it_says(
    guide: str, seed: str, seen: list[str], tmp_path: Path
) -> None:
    (tmp_path / "fixtures").symlink_to(fixtures())
    process = Process("--seed", str(fixtures() / seed))
    environment = {
        **os.environ,
        "UPSIM_URL": process.https,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash"],
        input=commands_of(guide, process.https),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    process.stop()
    said = done.stdout + "".join(path.read_text() for path in tmp_path.glob("printer.log"))
    assert done.returncode == 0, done.stderr + said
    assert [text for text in seen if text not in said] == []
