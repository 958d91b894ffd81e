"""The conformance suite as somebody elsewhere uses it: the example, in a folder and process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "another-engine" / "test_my_engine.py"


def test_an_engine_elsewhere_is_checked_as_the_example_does(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    names = "what_was_put or lost_updates or large_listing or looked_back or goes_on_where"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-p", "no:randomly", "-k", names, "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
