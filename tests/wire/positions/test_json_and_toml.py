"""The line of a path, in TOML and in JSON."""

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upsim.wire.positions import json as in_json
from upsim.wire.positions import toml as in_toml

TOML = '''# A comment that says name = "x".
title = """
name = "not this"
"""
name = "outer"

[[people]]
name = "Adele"
roles = [
    "reader",
    "writer",
]
[people.home]
city = "A"

[[people]]
"name" = 'Alex'
home.city = "B"
work = { city = "C", floors = [1, 2] }
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("name",), 5),
        (("people", 0), 7),
        (("people", 0, "name"), 8),
        (("people", 0, "roles"), 9),
        (("people", 0, "roles", 1), 11),
        (("people", 0, "home", "city"), 14),
        (("people", 1), 16),
        (("people", 1, "name"), 17),
        (("people", 1, "home", "city"), 18),
        (("people", 1, "work", "floors", 1), 19),
        (("people", 1, "missing"), 16),
        (("people", 7, "name"), 7),
        (("missing", "deeper"), 1),
    ],
)
def test_the_line_in_toml(path: tuple[str | int, ...], line: int) -> None:
    assert in_toml.line_of(TOML, path) == line


JSON = """{
  "name": "outer \\" {[",
  "people": [
    {"name": "Adele", "roles": []},
    {
      "name": "Alex",
      "roles": [
        "reader",
        "writer"
      ]
    }
  ]
}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("name",), 2),
        (("people", 0, "roles"), 4),
        (("people", 1), 5),
        (("people", 1, "name"), 6),
        (("people", 1, "roles", 1), 9),
        (("people", 1, "roles", 5), 7),
        (("people", 1, "missing"), 5),
        (("people", "name"), 3),
        (("missing",), 1),
    ],
)
def test_the_line_in_json(path: tuple[str | int, ...], line: int) -> None:
    assert in_json.line_of(JSON, path) == line


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
PATHS = st.lists(st.text(max_size=3) | st.integers(0, 3), max_size=4)


@settings(max_examples=200, deadline=None)
@given(value=VALUES, path=PATHS, indent=st.sampled_from([None, 1]))
def test_every_path_has_a_line_of_the_text(value: object, path: list[str | int], indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert 1 <= in_json.line_of(text, path) <= text.count("\n") + 1


def test_the_example_is_toml() -> None:
    assert len(tomllib.loads(TOML)["people"]) == 2
