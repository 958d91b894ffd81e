"""Seed files that are wrong: each mistake with its line, and what it should have been."""

from pathlib import Path

import pytest

from upsim.config import ConfigError, Settings
from upsim.server.seed_files import SeedError, SeedText, listed, open_file
from upsim.shipped import read_seed

SEED = """[[tenants]]
display_name = "Contoso"
domains = ["contoso.example"]

[tenants.settings]
queries.page_size = 5

[[tenants.users]]
user_principal_name = "adele@contoso.example"
password = "Adele-pass-1"

[[tenants.applications]]
id = "0c0a7050-0000-4000-8000-00000000d001"
display_name = "Print Station"
graph.delegated = [
    "User.Read",
]

[[tenants.printers]]
display_name = "Hall"
location = { floor = "3" }
[tenants.printers.share]
display_name = "Hall"
"""


def problems(text: str, form: str = "toml") -> list[tuple[int, str, str]]:
    with pytest.raises(SeedError) as caught:
        SeedText("seed", text, form).read()  # type: ignore[arg-type]
    return [(each.line, each.path, each.message) for each in caught.value.problems]


def test_the_seed_of_these_tests_is_right() -> None:
    assert SeedText("seed", SEED).read().tenants[0].printers[0].location.floor == "3"


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "said"),
    [
        ("page_size", "page_sizes", 6, "tenants[0].settings.queries.page_sizes", "did you mean 'page_size'?"),
        (
            "page_size = 5",
            'page_size = "5"',
            6,
            "tenants[0].settings.queries.page_size",
            "Expected 'int', got 'str'",
        ),
        ('password = "Adele-pass-1"', "", 8, "tenants[0].users[0]", "'password' is missing"),
        ("adele@contoso.example", "adele", 9, "tenants[0].users[0].user_principal_name", "matching regex"),
        ("[[tenants.users]]", "[[tenants.user]]", 8, "tenants[0].user", "did you mean 'users'?"),
        ("[[tenants.users]]", "[tenants.users]", 8, "tenants[0].users", "Expected 'array', got 'object'"),
        ('    "User.Read"', "    5", 15, "tenants[0].applications[0].graph.delegated", "Expected 'str'"),
        ("floor", "level", 21, "tenants[0].printers[0].location.level", "there are latitude,"),
        ("[tenants.printers.share]", "[tenants.printers.share]\ncolour = 1", 23, "", "'colour' is not known"),
        ("[[tenants]]", "[[tenants]", 1, "", "not valid TOML"),
        ('display_name = "Print', "display_name = Print", 14, "", "not valid TOML"),
    ],
)
def test_a_mistake_has_its_line(old: str, new: str, line: int, path: str, said: str) -> None:
    ((at, where, message),) = problems(SEED.replace(old, new, 1))
    assert at == line, message
    assert path in where
    assert said in message


def test_all_mistakes_are_told_at_once() -> None:
    text = SEED.replace("page_size", "page_sizes").replace("password", "passwort").replace('"3"', "3")
    assert [line for line, *_ in problems(text)] == [6, 10, 8, 21]


def test_json_is_a_seed_too(tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    file.write_text('{\n "tenants": [\n  {"displayName": "C",\n   "domains": "c.example"}\n ]\n}')
    with pytest.raises(SeedError) as caught:
        open_file(file).read()
    assert [(each.line, each.path) for each in caught.value.problems] == [(4, "tenants[0].domains")]
    assert problems('{"tenants": [\n{,}]}', "json")[0][0] == 2


def test_what_is_not_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "seed.toml"
    file.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(SeedError, match=r"line 2: the file is not UTF-8"):
        open_file(file)


def test_a_terminal_is_shown_so_many() -> None:
    text = SEED + "".join('[[tenants.groups]]\ndisplay_name = ""\n' for _ in range(15))
    with pytest.raises(SeedError) as caught:
        SeedText("seed", text).read()
    lines = listed("my.toml", caught.value.problems).splitlines()
    assert lines[0].startswith("my.toml:25: tenants[0].groups[0].display_name: ")
    assert lines[-1] == "and 5 more"


def test_a_seed_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match="small-office"):
        read_seed(Settings(seed="tiny-office"))
