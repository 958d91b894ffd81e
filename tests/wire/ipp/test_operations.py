"""The codes of operations, against the registry."""

from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.registry import errata, generated


def test_every_registered_operation_has_its_code():
    rows = [row.split(";") for row in (*generated.OPERATIONS, *errata.OPERATIONS)]
    assert {name.upper().replace("-", "_"): int(code, 16) for code, name, _ in rows} == {
        operation.name: operation.value for operation in Operation
    }


def test_close_job_is_not_what_microsoft_sends_for_it():
    assert (Operation.CLOSE_JOB, Operation.RESUBMIT_JOB) == (0x003B, 0x003A)
