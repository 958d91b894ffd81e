"""`upsim config show`."""

from pathlib import Path

import pytest

from tests.support.shell import Shell
from upsim.config import options


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upsim.toml").write_text('http-port = 2\nhost = "::1"\nlog-level = "debug"\n')
    return Shell("", UPSIM_HTTP_PORT="3", UPSIM_LOG_LEVEL="error", UPSIM_CONTROL_KEY="very-secret")


def test_each_value_comes_with_its_origin(shell: Shell) -> None:
    rows = {row["name"]: row for row in shell.json("config", "show", "--origin", "--log-level", "info")}
    assert list(rows) == [option.key for option in options()]
    assert rows["log-level"] == {
        "name": "log-level",
        "value": "info",
        "origin": "flag",
        "where": "--log-level",
    }
    assert (rows["http-port"]["value"], rows["http-port"]["where"]) == (3, "UPSIM_HTTP_PORT")
    assert (rows["host"]["origin"], rows["host"]["where"]) == ("file", "upsim.toml: host")
    assert (rows["port"]["value"], rows["port"]["origin"]) == (8443, "default")


def test_secrets_are_not_shown(shell: Shell) -> None:
    assert "very-secret" not in shell.run("config", "show").stdout
    assert "(secret)" in shell.run("config", "show").stdout


def test_a_wrong_setting_is_a_matter_of_usage(shell: Shell) -> None:
    (Path.cwd() / "upsim.toml").write_text("hots = 1\n")
    assert "Did you mean host" in shell.run("config", "show", code=2).stderr
