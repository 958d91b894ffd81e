"""The matrix of clients names tests that exist."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = tomllib.loads((ROOT / "tests/clients/matrix.toml").read_text())["clients"]
NAMED = [row[mode] for row in ROWS for mode in ("own_flags", "own_flags_too", "exec") if mode in row]


@pytest.mark.parametrize("name", NAMED)
def test_the_named_test_exists(name: str) -> None:
    path, _, function = name.partition("::")
    assert re.search(rf"^(async )?def {function}\(", (ROOT / path).read_text(), re.MULTILINE), name


def test_versions_of_python_are_those_that_are_installed() -> None:
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split())
    for row in ROWS:
        if row["client"] in pins:
            assert row["version"] == pins[row["client"]], row["client"]


def test_versions_of_javascript_are_those_that_are_installed() -> None:
    package = (ROOT / "tests/node/package.json").read_text()
    for row in ROWS:
        if f'"{row["client"]}"' in package or f'"@azure/{row["client"]}"' in package:
            assert f'{row["client"]}": "{row["version"]}"' in package
