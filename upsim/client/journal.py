"""The journal: what clients did. Which calls are meant: docs/guides/injections-and-journal.md."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from upsim.client.ask import Ask, Json, asked, camel, nothing, tenant_path, values

STRANGERS = "-"
"""In place of a tenant: calls that belong to none, such as one without a token."""


class Calls(TypedDict, total=False):
    """Which calls: all that is given must fit. Texts may have `*`, a status may be `4xx`."""

    operation: str
    method: str
    path: str
    status: int | str
    ipp_status: str
    caller: str
    printer: str
    job: str
    refused: str
    injection: str
    event: str
    early: bool
    since: int


class Expected(Calls, total=False):
    """Calls that must have been made, at least once if no number is given."""

    times: int
    at_least: int
    at_most: int


class Unmet(AssertionError):
    """Calls were not made as expected; the message shows the nearest. `findings` are the server's own."""

    def __init__(self, findings: list[Json]) -> None:
        self.findings = findings
        super().__init__("\n".join(_told(each) for each in findings if not each["met"]))


def entries(
    tenant: str, *, limit: int | None = None, messages: bool | None = None, **calls: Unpack[Calls]
) -> Ask[Json]:
    """Calls that fit, oldest first, the newest `limit` of them; `messages` adds headers and bodies."""
    return Ask("GET", _path(tenant, "", limit=limit, messages=messages, **camel(calls)), dict)


def query(
    tenant: str, *, limit: int | None = None, messages: bool | None = None, **calls: Unpack[Calls]
) -> Ask[list[Json]]:
    """The same as a list."""
    ask = entries(tenant, limit=limit, messages=messages, **calls)
    return Ask(ask.method, ask.path, values)


def entry(tenant: str, number: int) -> Ask[Json]:
    """One call with its messages."""
    return Ask("GET", tenant_path(tenant, f"/journal/{number}"), dict)


def count(tenant: str, **calls: Unpack[Calls]) -> Ask[int]:
    """How many calls fit."""
    return Ask("GET", _path(tenant, "/count", **camel(calls)), lambda answer: int(answer["count"]))


def last(tenant: str) -> Ask[int]:
    """The number of the newest call, for `since`."""
    return Ask("GET", tenant_path(tenant, "/journal/count"), lambda answer: int(answer["last"]))


def wait(tenant: str, *, count: int = 1, timeout_seconds: float = 30.0, **calls: Unpack[Calls]) -> Ask[Json]:
    """Wait (in real time) until so many calls fit; `met` says whether they came."""
    body = {**camel(calls), "count": count, "timeoutSeconds": timeout_seconds}
    return Ask("POST", tenant_path(tenant, "/journal/wait"), dict, body)


def wait_for(
    tenant: str, *, count: int = 1, timeout_seconds: float = 30.0, **calls: Unpack[Calls]
) -> Ask[list[Json]]:
    """The same as a list, or `TimeoutError` if they did not come."""

    def read(answer: Json) -> list[Json]:
        if not answer["met"]:
            raise TimeoutError(
                f"{answer['count']} of {count} calls came in {timeout_seconds:g} s that fit {calls}"
            )
        return values(answer)

    ask = wait(tenant, count=count, timeout_seconds=timeout_seconds, **calls)
    return Ask(ask.method, ask.path, read, ask.body)


def verify(
    tenant: str,
    expect: Sequence[Mapping[str, Any]],
    *,
    in_order: bool = False,
    since: int = 0,
    timeout_seconds: float = 0,
) -> Ask[Json]:
    """Whether calls were made as expected; where not, the nearest and how they differ."""
    body = {
        "expect": [camel(each) for each in expect],
        "inOrder": in_order,
        "since": since,
        "timeoutSeconds": timeout_seconds,
    }
    return Ask("POST", tenant_path(tenant, "/journal/verify"), dict, body)


def expect(
    tenant: str, *expected: Expected, in_order: bool = False, since: int = 0, timeout_seconds: float = 0
) -> Ask[None]:
    """The same as an assertion: raises `Unmet`."""

    def read(answer: Json) -> None:
        if not answer["met"]:
            raise Unmet(answer["findings"])

    ask = verify(tenant, expected, in_order=in_order, since=since, timeout_seconds=timeout_seconds)
    return Ask(ask.method, ask.path, read, ask.body)


def har(tenant: str, **calls: Unpack[Calls]) -> Ask[Json]:
    """The calls that fit as an HTTP Archive 1.2."""
    return Ask("GET", _path(tenant, "/har", **camel(calls)), dict)


def transcript(tenant: str, **calls: Unpack[Calls]) -> Ask[str]:
    """The calls that fit, to read."""
    return Ask("GET", _path(tenant, "/transcript", **camel(calls)), _text)


def clear(tenant: str) -> Ask[None]:
    """Forget all calls; numbers go on."""
    return Ask("DELETE", tenant_path(tenant, "/journal"), nothing)


def _text(answer: object) -> str:
    """Without calls the answer is empty."""
    return str(answer or "")


def _path(tenant: str, rest: str, /, **query: Any) -> str:
    return asked(tenant_path(tenant, f"/journal{rest}"), **query)


def _told(finding: Json) -> str:
    rows = [f"expected {_worded(finding['expected'])}, found {finding['count']} such calls; nearest:"]
    for near in finding["nearest"]:
        differs = ", ".join(
            f"{name} is {each['actual']!r}, not {each['expected']!r}" for name, each in near["differs"].items()
        )
        rows += [f"  {near['line']}", f"    {differs or 'fits, but not in this order'}"]
    return "\n".join(rows if finding["nearest"] else [*rows, "  none: the journal is empty"])


def _worded(expected: Json) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in expected.items())
