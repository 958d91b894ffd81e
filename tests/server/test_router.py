"""Paths to rows."""

import pytest
from aiohttp import web

from upsim.server.operation import Api, Evidence, Open, Operation
from upsim.server.router import Match, Miss, Router


async def _handler(call: object) -> web.StreamResponse:
    raise NotImplementedError


def row(method: str, path: str, versions: tuple[str, ...] = ("",)) -> Operation:
    return Operation(
        id=f"test.{method}.{path}",
        method=method,
        path=path,
        handler=_handler,
        access=Open.ANYONE,
        evidence=Evidence("chosen", "test"),
        summary="",
        versions=versions,
    )


def api(*rows: Operation) -> Api:
    roots = {"": "", "v1.0": "/v1.0", "beta": "/beta"}
    return Api(name="test", table=rows, roots=roots, refuse=lambda call, refusal: web.Response())


PRINTERS = Router(
    [
        api(
            row("GET", "/print/printers", ("v1.0", "beta")),
            row("GET", "/print/printers/{printer}", ("v1.0",)),
            row("DELETE", "/print/printers/{printer}", ("v1.0",)),
            row("POST", "/print/printers/create", ("v1.0",)),
            row("GET", "/reports/getUserArchivedPrintJobs()", ("v1.0",)),
            row("IPP", "get-jobs"),
        )
    ]
)


@pytest.mark.parametrize(
    ("path", "method", "version", "parameters"),
    [
        ("/v1.0/print/printers", "GET", "v1.0", {}),
        ("/beta/print/printers", "GET", "beta", {}),
        ("/V1.0/Print/PRINTERS", "GET", "v1.0", {}),
        ("/v1.0//print///printers/", "GET", "v1.0", {}),
        ("/v1.0/print/printers/P1", "DELETE", "v1.0", {"printer": "P1"}),
        ("/v1.0/print/printers/a%2Fb", "GET", "v1.0", {"printer": "a/b"}),
        ("/v1.0/print/printers/create", "POST", "v1.0", {}),
        (
            "/v1.0/reports/getUserArchivedPrintJobs(userId='x')",
            "GET",
            "v1.0",
            {"function": "getUserArchivedPrintJobs(userId='x')"},
        ),
    ],
)
def test_a_path_finds_its_row(path: str, method: str, version: str, parameters: dict[str, str]) -> None:
    found = PRINTERS.match(path)
    assert isinstance(found, Match)
    assert found.targets[method].version == version
    assert found.parameters == parameters


@pytest.mark.parametrize(
    ("path", "segment"),
    [
        ("/v1.0/print/prnters", "prnters"),
        ("/v1.0/print/printers/P1/jobs", "jobs"),
        ("/v2.0/print", "v2.0"),
        ("/get-jobs", "get-jobs"),
        ("/v1.0/print", ""),
        ("/beta/print/printers/P1", "P1"),
    ],
)
def test_an_unknown_segment_is_named(path: str, segment: str) -> None:
    assert PRINTERS.match(path) == Miss(segment)


def test_a_function_may_be_called_without_parameters() -> None:
    found = PRINTERS.match("/v1.0/reports/GetUserArchivedPrintJobs()")
    assert isinstance(found, Match)
    assert found.parameters == {"function": "GetUserArchivedPrintJobs()"}


def test_rows_of_one_path_must_name_its_parameters_alike() -> None:
    with pytest.raises(ValueError, match="name its parameters differently"):
        Router([api(row("GET", "/a/{x}"), row("PUT", "/a/{y}"))])


def test_two_rows_for_the_same_call_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two rows for GET"):
        Router([api(row("GET", "/a/{x}"), row("GET", "/a/{x}"))])
