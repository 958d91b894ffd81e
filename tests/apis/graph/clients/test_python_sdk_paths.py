"""Every request that Microsoft's Python SDKs can build below print and reports is in the table.

`beta_requests.txt` holds what msgraph-beta-sdk 1.66.0 can send, a method and a path a line: the package is too
large to install for a list.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgraph
import pytest

from upsim.apis.graph.table import API
from upsim.server.router import Match, Router

GENERATED = Path(msgraph.__file__).parent / "generated"
METHODS = re.compile(r"^    async def (get|post|patch|put|delete)\(", re.MULTILINE)
TEMPLATE = re.compile(r'"\{\+baseurl\}(.*?)"')
ROUTER = Router([API])


def builders() -> Iterator[Path]:
    """The SDK's request builders, as files: importing them all takes long."""
    yield from (GENERATED / "print").rglob("*_request_builder.py")
    for folder in (GENERATED / "reports").iterdir():
        if "print" in folder.name:
            yield from folder.rglob("*_request_builder.py")


def requests() -> Iterator[tuple[str, str]]:
    for path in builders():
        text = path.read_text(encoding="utf-8")
        template = TEMPLATE.search(text)
        assert template, path
        for method in METHODS.findall(text):
            yield method.upper(), template[1].partition("{?")[0]


REQUESTS = sorted(set(requests()))


def test_the_sdk_has_requests() -> None:
    assert len(REQUESTS) > 150


@pytest.mark.parametrize(("method", "template"), REQUESTS, ids=str)
def test_the_path_is_in_the_table(method: str, template: str) -> None:
    path = re.sub(r"\{[^}]*\}", "x", template)
    found = ROUTER.match(f"/v1.0{path}")
    assert isinstance(found, Match), path
    assert method in found.targets, f"{method} {path}: only {sorted(found.targets)}"


BETA_REQUESTS = Path(__file__).with_name("beta_requests.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("request_line", BETA_REQUESTS)
def test_the_path_of_the_beta_sdk_is_in_the_table(request_line: str) -> None:
    method, path = request_line.split()
    found = ROUTER.match(f"/beta{path.replace('{}', 'x')}")
    assert isinstance(found, Match), path
    assert method in found.targets, f"{request_line}: only {sorted(found.targets)}"
