"""The codes of statuses, against the registry."""

import pytest

from upsim.wire.ipp.registry import generated
from upsim.wire.ipp.status import Status


def test_every_registered_status_has_its_code_and_keyword():
    rows = [row.split(";") for row in generated.STATUSES]
    assert {keyword: int(code, 16) for code, keyword, _ in rows} == {
        status.keyword: status.value for status in Status
    }


@pytest.mark.parametrize(
    ("status", "successful"),
    [
        (Status.SUCCESSFUL_OK, True),
        (Status.SUCCESSFUL_OK_EVENTS_COMPLETE, True),
        (Status.CLIENT_ERROR_GONE, False),
    ],
)
def test_a_status_knows_whether_it_is_a_success(status, successful):
    assert status.is_successful is successful
