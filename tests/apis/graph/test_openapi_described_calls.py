"""schemathesis makes calls of the served description: nothing fails, and every answer is one that it names.

The calls are the same on every run. A quarter of the time an id in the path is a made-up one, else it is that of
something that exists, so that most calls get as far as the services.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.processes import Process
from upsim.apis.graph.table import TABLE
from upsim.server.operation import Scopes

FIXTURES = Path(__file__).parents[3] / "fixtures"
CLIENT, SERVICE = "0c0a7050-0000-4000-8000-00000000d001", "0c0a7050-0000-4000-8000-00000000d002"
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
CASES = {"/v1.0": 3, "/beta": 2, "": 3}
ORDER = ("get", "post", "put", "patch", "delete")
SCOPES = [each.access for each in TABLE if isinstance(each.access, Scopes)]
DELEGATED = sorted({name for each in SCOPES for name in (*each.delegated, *each.delegated_beside)})
APPLICATION = sorted({name for each in SCOPES for name in (*each.application, *each.application_beside)})


class Rig:
    """A server with pull printing, tokens that open everything, and the ids of what is there."""

    def __init__(self, process: Process) -> None:
        self.url = str(process.ready["http"])
        self.session = requests.Session()
        self.session.trust_env = False
        self.admin = self.forged(user="admin@contoso.example", application=CLIENT, permissions=DELEGATED)
        self.service = self.forged(application=SERVICE, permissions=APPLICATION)
        self.ids = dict(self._ids())

    def forged(self, **wish: Any) -> dict[str, str]:
        answer = self.session.post(
            f"{self.url}/_upsim/tokens", json={"resource": "https://graph.microsoft.com", **wish}
        )
        return {"Authorization": f"Bearer {answer.json()['accessToken']}"}

    def call(self, method: str, path: str, person: dict[str, str], json: Any = None) -> Any:
        answer = self.session.request(method, f"{self.url}/beta{path}", headers=person, json=json)
        assert answer.ok, answer.text
        return answer.json()

    def _ids(self) -> Iterator[tuple[str, str]]:
        for name in ("printers", "shares", "services"):
            yield name[:-1], self.call("GET", f"/print/{name}", self.admin)["value"][0]["id"]
        share = self.call("GET", "/print/shares", self.admin)["value"][0]["id"]
        job = self.call("POST", f"/print/shares/{share}/jobs", self.admin, {"configuration": {}})
        yield "job", job["id"]
        yield "document", job["documents"][0]["id"]
        definition = self.call("GET", "/print/taskDefinitions", self.service)["value"][0]["id"]
        yield "definition", definition
        for name in ("users", "groups", "organization"):
            yield name.removesuffix("s"), self.call("GET", f"/{name}", self.admin)["value"][0]["id"]


@pytest.fixture(scope="module")
def rig(_own_state_folder: None) -> Iterator[Rig]:
    process = Process("--seed", str(FIXTURES / "pull-print.toml"), "--log-level", "warning")
    yield Rig(process)
    process.stop()


def test_every_described_call_is_answered_as_described(rig: Rig) -> None:
    document = rig.session.get(f"{rig.url}/_upsim/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    operations = [each.ok() for each in schema.get_all_operations()]
    assert len(operations) > 300
    failures: list[str] = []
    for operation in sorted(operations, key=lambda each: (ORDER.index(each.method), each.path)):
        failures += attempts(rig, operation)
    assert not failures, "\n\n".join(failures[:20])


def attempts(rig: Rig, operation: Any) -> list[str]:
    """What went wrong with some calls of an operation."""
    failures: list[str] = []
    root = next(each for each in CASES if operation.path.startswith(each))
    is_for_apps = "Delegated: not supported" in str(operation.definition.raw.get("description"))

    @seed(7)
    @settings(
        max_examples=CASES[root],
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_made_up=st.integers(0, 3))
    def attempt(case: Any, is_made_up: int) -> None:
        if is_made_up:
            case.path_parameters = {**(case.path_parameters or {}), **known(rig, operation.path)}
        person = rig.service if is_for_apps else rig.admin
        answer = case.call(base_url=rig.url, session=rig.session, headers=person, timeout=60)
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            failures.append(f"{case.method} {case.formatted_path}: {failure}")

    attempt()
    return failures


def known(rig: Rig, path: str) -> dict[str, str]:
    return {name: rig.ids[name] for name in re.findall(r"\{(\w+)\}", path) if name in rig.ids}
