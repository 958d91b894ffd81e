"""Every refusal has a word in IPP."""

import pytest

from upsim.domain.faults import Fault, Refused
from upsim.domain.tenant import TenantSettings
from upsim.faces.ipp import errors
from upsim.server.refusals import HTTP_STATUS
from upsim.wire.ipp.status import Status


def test_the_maps_are_total() -> None:
    assert set(errors.STATUS) == set(HTTP_STATUS) == set(Fault)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_an_error_in_both_protocols(fault: Fault) -> None:
    assert not errors.status_of(Refused(fault, "No."), TenantSettings()).is_successful
    assert HTTP_STATUS[fault] >= 400


def test_a_reason_can_have_a_status_of_its_own() -> None:
    refused = Refused(Fault.ATTRIBUTES_UNSUPPORTED, "No.", reason="ipp-charset")
    assert errors.status_of(refused, TenantSettings()) is Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED
