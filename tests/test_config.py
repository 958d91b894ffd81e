"""Every option is a flag, a variable and a key of the file."""

from pathlib import Path

import pytest

from upsim.config import ConfigError, Settings, load


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert load({}, {"UPSIM_CONFIG": str(tmp_path / "none.toml")}) == Settings()


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "upsim.toml"
    file.write_text('port = 1\nhttp-port = 2\nhost = "::1"\n')
    environment = {"UPSIM_PORT": "3", "UPSIM_HTTP_PORT": "4"}
    settings = load({"port": 5}, environment, file)
    assert (settings.port, settings.http_port, settings.host) == (5, 4, "::1")


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_option_is_also_a_variable(name: str, tmp_path: Path) -> None:
    value = {
        "port": "7",
        "http_port": "7",
        "listen_443": "true",
        "proxy_port": "7",
        "metrics": "true",
        "print_json": "true",
        "log_format": "json",
        "log_level": "debug",
        "loop": "auto",
        "store_connections": "7",
        "workers": "7",
        "reuse_port": "true",
        "store_timeout_seconds": "7.0",
        "control_key": "0123456789",
    }.get(name, "x")
    settings = load({}, {f"UPSIM_{name.upper()}": value, "UPSIM_CONFIG": str(tmp_path / "no")})
    assert str(getattr(settings, name)).lower() == value


def test_the_plain_port_can_be_off() -> None:
    assert load({"http_port": "off"}, {"UPSIM_CONFIG": "/nowhere"}).http_port == "off"


@pytest.mark.parametrize(
    ("flags", "environment", "text", "said"),
    [
        ({}, {"UPSIM_PROT": "1"}, "", "UPSIM_PROT, which upsim does not know. Did you mean UPSIM_PORT"),
        ({}, {}, "sed = 'x'", "sed, which upsim does not know. Did you mean seed"),
        ({}, {"UPSIM_PORT": "many"}, "", "UPSIM_PORT has a wrong value"),
        ({}, {}, "port = ", "not valid TOML"),
        ({"log_format": "xml"}, {}, "", "--log-format has a wrong value"),
    ],
)
def test_what_cannot_be_is_an_error_that_says_what(
    flags: dict[str, str], environment: dict[str, str], text: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "upsim.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="(?s).*" + said.replace("?", r"\?")):
        load(flags, environment, file)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no file"):
        load({}, {}, tmp_path / "missing.toml")
