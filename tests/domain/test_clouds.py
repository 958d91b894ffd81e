"""Microsoft's host names."""

import pytest

from upsim.domain import clouds
from upsim.domain.clouds import Service


@pytest.mark.parametrize(
    ("host", "cloud", "service"),
    [
        ("login.microsoftonline.com", "public", Service.LOGIN),
        ("westus.login.microsoft.com", "public", Service.LOGIN),
        ("GRAPH.microsoft.com:8443", "public", Service.GRAPH),
        ("graph.microsoft.com.", "public", Service.GRAPH),
        ("graph.print.microsoft.com", "public", Service.PRINT_GRAPH),
        ("gcc-register.print.azure.us", "GCC", Service.REGISTRATION),
        ("login.microsoftonline.us", "GCC High", Service.LOGIN),
        ("print.print.azure.us", "GCC High", Service.PRINT),
        ("dod-graph.microsoft.us", "DoD", Service.GRAPH),
        ("register.print-dod.azure.us", "DoD", Service.REGISTRATION),
    ],
)
def test_a_name_belongs_to_a_cloud_and_a_service(host: str, cloud: str, service: Service) -> None:
    located = clouds.locate(host)
    assert located is not None
    assert (located[0].name, located[1]) == (cloud, service)
    assert clouds.is_microsoft(host)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8443", "127.0.0.1", "[::1]:8443", "", "notgraph.microsoft.com.example"]
)
def test_other_names_belong_to_nobody(host: str) -> None:
    assert clouds.locate(host) is None
    assert not clouds.is_microsoft(host)


@pytest.mark.parametrize("host", ["management.azure.com", "graph.windows.net", "microsoft.com", "a.b.live.com"])
def test_hosts_of_microsofts_that_upsim_does_not_play_are_known_as_such(host: str) -> None:
    assert clouds.locate(host) is None
    assert clouds.is_microsoft(host)


def test_every_name_of_the_table_is_microsofts() -> None:
    assert all(clouds.is_microsoft(name.removeprefix("*.")) for name in clouds.host_names())
    assert len(set(clouds.host_names())) == len(clouds.host_names())
