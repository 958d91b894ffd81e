"""What clients did. `which` are the members of a match, such as operation="graph.job.*" or status="4xx"."""

from collections.abc import Sequence
from urllib.parse import urlencode

from upsim.client.ask import Ask, Json, given, nothing, tenant_path


def entries(tenant: str, **which: object) -> Ask[Json]:
    """Entries that fit, oldest first, under `value`; `limit` and `messages` say how many and how much of each."""
    return Ask("GET", tenant_path(tenant, _path("/journal", which)), dict)


def entry(tenant: str, number: int) -> Ask[Json]:
    """One entry with its messages."""
    return Ask("GET", tenant_path(tenant, f"/journal/{number}"), dict)


def count(tenant: str, **which: object) -> Ask[int]:
    """How many entries fit."""
    return Ask("GET", tenant_path(tenant, _path("/journal/count", which)), lambda answer: int(answer["count"]))


def wait(tenant: str, *, count: int = 1, timeout_seconds: float = 30.0, **which: object) -> Ask[Json]:
    """Wait until so many entries fit; `met` says whether they came."""
    body = given(**_camel(which)) | {"count": count, "timeoutSeconds": timeout_seconds}
    return Ask("POST", tenant_path(tenant, "/journal/wait"), dict, body)


def verify(
    tenant: str,
    expect: Sequence[Json],
    *,
    in_order: bool = False,
    since: int | None = None,
    timeout_seconds: float | None = None,
) -> Ask[Json]:
    """Whether calls were made as expected; where not, the nearest and how they differ."""
    body = given(expect=list(expect), inOrder=in_order, since=since, timeoutSeconds=timeout_seconds)
    return Ask("POST", tenant_path(tenant, "/journal/verify"), dict, body)


def har(tenant: str, **which: object) -> Ask[Json]:
    """Entries as an HTTP Archive."""
    return Ask("GET", tenant_path(tenant, _path("/journal/har", which)), dict)


def transcript(tenant: str, **which: object) -> Ask[str]:
    """Entries to read."""
    return Ask("GET", tenant_path(tenant, _path("/journal/transcript", which)), str)


def clear(tenant: str) -> Ask[None]:
    """Forget them."""
    return Ask("DELETE", tenant_path(tenant, "/journal"), nothing)


def _path(path: str, which: dict[str, object]) -> str:
    chosen = {name: _spelled(value) for name, value in _camel(which).items() if value is not None}
    return path + (f"?{urlencode(chosen)}" if chosen else "")


def _camel(which: dict[str, object]) -> dict[str, object]:
    return {"ippStatus" if name == "ipp_status" else name: value for name, value in which.items()}


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
