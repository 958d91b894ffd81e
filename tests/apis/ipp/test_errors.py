"""Every refusal has a word in IPP."""

import pytest

from upsim.apis.ipp import errors
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import TenantSettings
from upsim.server.refusals import HTTP_STATUS
from upsim.wire.ipp.status import Status


def test_the_maps_are_total() -> None:
    assert set(errors.STATUS) == set(HTTP_STATUS) == set(RefusalKind)


@pytest.mark.parametrize("kind", RefusalKind)
def test_every_kind_of_refusal_is_an_error_in_both_protocols(kind: RefusalKind) -> None:
    assert not errors.status_of(Refusal(kind, "No."), TenantSettings()).is_successful
    assert HTTP_STATUS[kind] >= 400


def test_a_reason_can_have_a_status_of_its_own() -> None:
    refusal = Refusal(RefusalKind.ATTRIBUTES_UNSUPPORTED, "No.", reason="ipp-charset")
    assert errors.status_of(refusal, TenantSettings()) is Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED
