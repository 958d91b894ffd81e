"""The plug-in of pytest. Nothing happens unless a test asks for a fixture; docs/guides/pytest.md."""

from collections.abc import Generator, Iterator
from os import environ
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from upsim.testing.servers import Server
    from upsim.testing.tenant import Clock, Injections, Journal, Printer, Tenant

_MEMBERS = ("seed", "random_seed", "tenant_id", "frozen_at", "settings", "injections", "persona")
MARK = (
    f"upsim({', '.join(f'{name}=...' for name in _MEMBERS)}): how the tenant of this test begins; on a test, a "
    "class or a module, the innermost wins (docs/guides/pytest.md)."
)
_TENANT = pytest.StashKey["Tenant"]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARK)


@pytest.fixture(scope="session")
def upsim_options() -> dict[str, Any]:
    """Options of the server, as of `upsim serve`. A project overrides it."""
    return {}


@pytest.fixture(scope="session")
def upsim(upsim_options: dict[str, Any]) -> "Iterator[Server]":
    """The server that UPSIM_URL names, or one with a thread of its own, for all tests of this process."""
    from upsim.testing.servers import connected, running

    url = environ.get("UPSIM_URL")
    server = connected(url, control_key=environ.get("UPSIM_CONTROL_KEY")) if url else running(**upsim_options)
    with server as up:
        yield up


@pytest.fixture
def upsim_tenant(request: pytest.FixtureRequest, upsim: "Server") -> "Iterator[Tenant]":
    """A fresh tenant for this test alone. The marker `upsim` says how it begins."""
    wanted = _marked(request.node)
    wanted.pop("persona", None)
    with upsim.new_tenant(**wanted) as tenant:
        request.node.stash[_TENANT] = tenant
        yield tenant
        del request.node.stash[_TENANT]


@pytest.fixture
def upsim_clock(upsim_tenant: "Tenant") -> "Clock":
    """The tenant's clock."""
    return upsim_tenant.clock


@pytest.fixture
def upsim_injections(upsim_tenant: "Tenant") -> "Iterator[Injections]":
    """Injections of the tenant; removed when the test ends."""
    yield upsim_tenant.injections
    upsim_tenant.injections.remove_all()


@pytest.fixture
def upsim_journal(upsim_tenant: "Tenant") -> "Journal":
    """What clients did to the tenant."""
    return upsim_tenant.journal


@pytest.fixture
def upsim_printer(request: pytest.FixtureRequest, upsim_tenant: "Tenant") -> "Printer":
    """A printer with a simulated device, shared with everybody."""
    return upsim_tenant.printer(persona=_marked(request.node).get("persona", "ideal"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what clients did to the test's tenant."""
    report = yield
    tenant = item.stash.get(_TENANT, None)
    if report.failed and tenant is not None:
        try:
            text = tenant.journal.tail()
        except Exception as error:  # noqa: BLE001 - the test's own failure is what must be told
            text = f"The journal could not be read: {error!r}"
        report.sections.append(("upsim journal", text))
    return report


def _marked(item: pytest.Item) -> dict[str, Any]:
    """The members of all marks, the innermost over the others."""
    found: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("upsim"))):
        if mark.args or (unknown := sorted(mark.kwargs.keys() - set(_MEMBERS))):
            wrong = "members without a name" if mark.args else ", ".join(unknown)
            raise pytest.UsageError(f"The mark upsim does not know {wrong}; it knows {', '.join(_MEMBERS)}.")
        found |= mark.kwargs
    return found
