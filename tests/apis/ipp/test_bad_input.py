"""The same mistakes in every operation of the table: the right status, the offenders named, nothing changed."""

from typing import Any

import pytest

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import BOOLEAN, ENUM, INTEGER, JOB, KEYWORD, NAME, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADMIN, OTHER_PRINTER, PDF, SHARE, USER_SCOPES, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.apis.ipp.table import TABLE
from upsim.domain.event_subscription import EventSubscription
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.wire.ipp.operations import Operation

OF_DEVICES = {
    Operation.FETCH_JOB,
    Operation.ACKNOWLEDGE_JOB,
    Operation.FETCH_DOCUMENT,
    Operation.ACKNOWLEDGE_DOCUMENT,
    Operation.UPDATE_JOB_STATUS,
    Operation.UPDATE_DOCUMENT_STATUS,
    Operation.UPDATE_ACTIVE_JOBS,
    Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES,
    Operation.ACKNOWLEDGE_IDENTIFY_PRINTER,
    Operation.DEREGISTER_OUTPUT_DEVICE,
    Operation.SET_PRINT_DEVICE_CAPABILITIES,
    Operation.SET_PRINT_CAPABILITIES,
}
OPERATIONS = [Operation(row.code) for row in TABLE if row.code is not None]
OF_ONE_JOB = [
    Operation.FETCH_JOB,
    Operation.ACKNOWLEDGE_JOB,
    Operation.FETCH_DOCUMENT,
    Operation.ACKNOWLEDGE_DOCUMENT,
    Operation.UPDATE_JOB_STATUS,
    Operation.UPDATE_DOCUMENT_STATUS,
    Operation.SEND_DOCUMENT,
    Operation.CLOSE_JOB,
    Operation.RESUBMIT_JOB,
    Operation.CANCEL_JOB,
    Operation.HOLD_JOB,
    Operation.RELEASE_JOB,
    Operation.GET_JOB_ATTRIBUTES,
    Operation.SET_JOB_ATTRIBUTES,
    Operation.GET_DOCUMENTS,
    Operation.GET_DOCUMENT_ATTRIBUTES,
    Operation.CREATE_JOB_SUBSCRIPTIONS,
]
NEEDED = a(INTEGER, "document-number", 1) + a(BOOLEAN, "last-document", True)
"""What one or the other of these operations cannot do without; the others pass over it."""
GROUPS = {
    Operation.UPDATE_JOB_STATUS: JOB + a(ENUM, "output-device-job-state", 9),
    Operation.CREATE_JOB_SUBSCRIPTIONS: raw.SUBSCRIPTION
    + a(KEYWORD, "notify-pull-method", "ippget")
    + a(KEYWORD, "notify-events", "job-completed"),
}
LONG = "n" * 256


class Office:
    """A printer with a job, and who speaks to it: its device, or an administrator, who may do all."""

    def __init__(self, ipp: IppSite, device: str, user: str) -> None:
        self.ipp = ipp
        self._device = device
        self._user = user

    async def refuses(self, operation: Operation, body: bytes, status: int) -> dict[str, tuple[int, list[bytes]]]:
        """The request is refused with this status and changes nothing; the unsupported group, if there is one."""
        before = await self._everything()
        answer = await self.ipp.ask(body, self._device if operation in OF_DEVICES else self._user)
        assert f"0x{answer.status:04x}" == f"0x{status:04x}", (operation.name, answer.groups)
        assert answer.message
        assert await self._everything() == before, operation.name
        groups = answer.all(raw.UNSUPPORTED_GROUP)
        return groups[0] if groups else {}

    async def _everything(self) -> tuple[Any, ...]:
        def all_of(tx: Any) -> list[Any]:
            return [tx.find(Query(entity=entity)) for entity in (Printer, EventSubscription)]

        return await self.ipp.jobs(), await self.ipp.do(all_of)


@pytest.fixture
async def office(ipp: IppSite) -> Office:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()
    await ipp.a_started_job(ADMIN)
    scopes = (*USER_SCOPES, "PrinterProperties.ReadWrite")
    return Office(ipp, await ipp.device_token(), await ipp.user_token(ADMIN, scopes))


def whom(operation: Operation) -> bytes:
    """How the caller of an operation names the printer."""
    return (
        raw.of_device(PRINTER_ID)
        if operation in OF_DEVICES
        else a(URI, "printer-uri", f"ipp://x/printers/{SHARE}")
    )


def headed(operation: Operation, *first: bytes) -> bytes:
    """A request whose first attributes are these."""
    return b"\2\0" + int(operation).to_bytes(2) + b"\0\0\0\1\1" + b"".join(first) + whom(operation) + b"\3"


def charset(value: str) -> bytes:
    return a(raw.CHARSET, "attributes-charset", value)


LANGUAGE = a(raw.LANGUAGE, "attributes-natural-language", "en")


async def test_another_charset(office: Office) -> None:
    for operation in OPERATIONS:
        body = headed(operation, charset("utf-16"), LANGUAGE)
        named = await office.refuses(operation, body, raw.CHARSET_NOT_SUPPORTED)
        assert named == {"attributes-charset": (raw.CHARSET, [b"utf-16"])}


@pytest.mark.parametrize(
    "first",
    [[], [charset("utf-8")], [LANGUAGE], [LANGUAGE, charset("utf-8")]],
    ids=["none", "one", "other", "swapped"],
)
async def test_the_first_attributes_are_missing(office: Office, first: list[bytes]) -> None:
    for operation in OPERATIONS:
        await office.refuses(operation, headed(operation, *first), raw.BAD_REQUEST)


async def test_an_attribute_twice(office: Office) -> None:
    twice = a(NAME, "requesting-user-name", "ada") + a(NAME, "requesting-user-name", "bob")
    for operation in OPERATIONS:
        body = raw.request(operation, whom(operation), twice)
        assert set(await office.refuses(operation, body, raw.BAD_REQUEST)) == {"requesting-user-name"}


@pytest.mark.parametrize("groups", [raw.PRINTER + JOB, JOB + raw.OPERATION], ids=["job last", "operation last"])
async def test_groups_out_of_order(office: Office, groups: bytes) -> None:
    for operation in OPERATIONS:
        await office.refuses(operation, raw.request(operation, whom(operation), groups), raw.BAD_REQUEST)


async def test_a_value_too_long(office: Office) -> None:
    """Named as a whole (out-of-band `unsupported`): a value as long as that is not sent back."""
    for operation in OPERATIONS:
        body = raw.request(operation, whom(operation), a(NAME, "requesting-user-name", LONG))
        assert await office.refuses(operation, body, raw.TOO_LONG) == {"requesting-user-name": (0x10, [b""])}


async def test_a_message_cut_short(office: Office) -> None:
    for operation in OPERATIONS:
        body = raw.request(operation, whom(operation))
        await office.refuses(operation, body[:-1], raw.BAD_REQUEST)
        await office.refuses(operation, body[:-9], raw.BAD_REQUEST)


async def test_another_version_and_no_request_id(office: Office) -> None:
    for operation in OPERATIONS:
        newer = raw.request(operation, whom(operation), version=b"\3\0")
        await office.refuses(operation, newer, raw.VERSION_NOT_SUPPORTED)
        await office.refuses(operation, raw.request(operation, whom(operation), number=0), raw.BAD_REQUEST)


async def test_a_printer_that_is_not_there(office: Office) -> None:
    nobody = "00000000-13f4-4044-a09b-a372e8990a6b"
    for operation in OPERATIONS:
        body = raw.request(operation, raw.of_device(nobody))
        await office.refuses(operation, body, raw.NOT_FOUND)


def of_job(operation: Operation, *job: bytes, who: bytes = b"") -> bytes:
    """A request of a job that lacks nothing but, perhaps, the job."""
    return raw.request(operation, who or whom(operation), *job, NEEDED, GROUPS.get(operation, b""))


async def test_a_job_that_is_not_there(office: Office) -> None:
    for operation in OF_ONE_JOB:
        for number in (0, -1, 99, 2**31 - 1):
            await office.refuses(operation, of_job(operation, a(INTEGER, "job-id", number)), raw.NOT_FOUND)


async def test_no_job_and_what_is_no_job_id(office: Office) -> None:
    for operation in OF_ONE_JOB:
        await office.refuses(operation, of_job(operation), raw.BAD_REQUEST)
        await office.refuses(operation, of_job(operation, a(KEYWORD, "job-id", "one")), raw.BAD_REQUEST)
        await office.refuses(operation, of_job(operation, a(INTEGER, "job-id", b"\0\1")), raw.BAD_REQUEST)


async def test_the_job_of_another_printer(office: Office) -> None:
    ipp = office.ipp
    await ipp.a_printer(OTHER_PRINTER, attributes=office_printer.ATTRIBUTES)
    theirs = await ipp.a_started_job(ADMIN, printer_id=OTHER_PRINTER)
    for operation in OF_ONE_JOB:
        await office.refuses(operation, of_job(operation, a(INTEGER, "job-id", theirs.number)), raw.NOT_FOUND)


async def test_operations_that_are_not_there(office: Office) -> None:
    served = set(map(int, OPERATIONS))
    for code in (0x0001, 0x0003, 0x0012, 0x003D, 0x4002, 0x7FFF):
        assert code not in served
        body = raw.request(code, a(URI, "printer-uri", f"ipp://x/printers/{SHARE}"))
        await office.refuses(Operation.GET_JOBS, body, raw.OPERATION_NOT_SUPPORTED)


async def test_which_jobs_that_upsim_does_not_know(office: Office) -> None:
    body = raw.request(raw.GET_JOBS, whom(Operation.GET_JOBS), a(KEYWORD, "which-jobs", "proof-print"))
    named = await office.refuses(Operation.GET_JOBS, body, raw.UNSUPPORTED)
    assert named == {"which-jobs": (KEYWORD, [b"proof-print"])}


@pytest.mark.parametrize("operation", [Operation.VALIDATE_JOB, Operation.CREATE_JOB, Operation.PRINT_JOB])
async def test_a_compression_that_cannot_be_undone(office: Office, operation: Operation) -> None:
    body = raw.request(operation, whom(operation), a(KEYWORD, "compression", "bzip2")) + PDF
    named = await office.refuses(operation, body, raw.COMPRESSION_NOT_SUPPORTED)
    assert named == {"compression": (KEYWORD, [b"bzip2"])}
