"""What must hold for every row of every API."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import upsim
from upsim.app import apis
from upsim.domain.clouds import Service
from upsim.domain.refusals import RefusalKind
from upsim.server.operation import Operation, Scopes, Support

ROWS = [operation for api in apis() for operation in api.table]


def test_every_id_is_unique_and_names_its_api() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) == len(set(ids))
    assert all(row.id.partition(".")[0].isalpha() for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_says_what_it_is_and_on_what_evidence(row: Operation) -> None:
    assert row.summary.endswith(".")
    assert row.evidence.source
    assert row.support is Support.EMULATED or row.note
    if isinstance(row.access, Scopes):
        assert row.access.delegated or row.access.application


def test_every_api_has_an_error_for_every_kind_of_refusal() -> None:
    for module in pkgutil.iter_modules([str(Path(upsim.__file__).parent / "apis")]):
        errors = importlib.import_module(f"upsim.apis.{module.name}.errors")
        maps = [
            value for value in vars(errors).values() if isinstance(value, dict) and set(value) >= set(RefusalKind)
        ]
        assert maps, f"{module.name}/errors.py has no map that is total over RefusalKind"


def test_every_api_but_our_own_says_under_which_of_microsofts_names_it_answers() -> None:
    assert [api.name for api in apis() if not api.services] == ["control"]
    played = {service for api in apis() for service in api.services}
    played |= {service for row in ROWS for service in row.services or ()}
    assert played == set(Service)


def test_no_module_has_a_name_that_hides_its_content() -> None:
    hiding = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
    names = {path.stem for path in Path(upsim.__file__).parent.rglob("*.py")}
    assert not names & hiding


def test_every_package_says_what_lives_in_it() -> None:
    for path in Path(upsim.__file__).parent.rglob("__init__.py"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""'), f"{path} has no docstring"
