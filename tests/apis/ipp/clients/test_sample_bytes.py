"""The bytes that Microsoft's sample client sends, written out (reference: device/ipp-service.md section 9)."""

from tests.support.ipp.raw import ENUM, JOB, KEYWORD, OK, URI, parse
from tests.support.ipp.site import PRINTER, IppSite

GET_JOBS = bytes.fromhex(
    # version 2.0, Get-Jobs, request-id 1
    "0200000a00000001"
    # operation attributes
    "01"
    # attributes-charset "utf-8"
    "470012617474726962757465732d6368617273657400057574662d38"
    # attributes-natural-language "en-us"
    "48001b617474726962757465732d6e61747572616c2d6c616e67756167650005656e2d7573"
    # requesting-user-uri "mailto:ada@contoso.example"
    "45001372657175657374696e672d757365722d757269001a6d61696c746f3a61646140636f6e746f736f2e6578616d706c65"
    # my-jobs true
    "2200076d792d6a6f6273000101"
    # printer-uri "ipps://print.print.microsoft.com/printers/810a8958-13f4-4044-a09b-a372e8990a6b"
    "45000b7072696e7465722d757269004e697070733a2f2f7072696e742e7072696e742e6d6963726f736f66742e636f6d2f"
    "7072696e746572732f38313061383935382d313366342d343034342d613039622d613337326538393930613662"
    # output-device-uuid "urn:uuid:810a8958-13f4-4044-a09b-a372e8990a6b"
    "4500126f75747075742d6465766963652d75756964002d75726e3a757569643a38313061383935382d313366342d343034"
    "342d613039622d613337326538393930613662"
    # which-jobs "fetchable"
    "44000a77686963682d6a6f6273000966657463"
    "6861626c65"
    # requested-attributes "all"
    "4400147265717565737465642d617474726962757465730003616c6c"
    # end
    "03"
)
UPDATE_TO_COMPLETED = bytes.fromhex(
    # version 2.0, Update-Job-Status, request-id 5
    "0200004800000005"
    "01"
    "470012617474726962757465732d6368617273657400057574662d38"
    "48001b617474726962757465732d6e61747572616c2d6c616e67756167650005656e2d7573"
    "45000b7072696e7465722d757269004e697070733a2f2f7072696e742e7072696e742e6d6963726f736f66742e636f6d2f"
    "7072696e746572732f38313061383935382d313366342d343034342d613039622d613337326538393930613662"
    "4500126f75747075742d6465766963652d75756964002d75726e3a757569643a38313061383935382d313366342d343034"
    "342d613039622d613337326538393930613662"
    # job-id 1
    "2100066a6f622d6964000400000001"
    # job attributes: output-device-job-state 9
    "022300176f75747075742d6465766963652d6a6f622d7374617465000400000009"
    "03"
)


def test_the_request_is_the_one_described() -> None:
    assert len(GET_JOBS) == 352


async def test_get_jobs_without_a_job(ipp: IppSite) -> None:
    """An empty answer has no job group, and the smallest reply there is has 75 octets."""
    status, _, body = await ipp.post(GET_JOBS, await ipp.device_token())
    assert (status, len(body)) == (200, 75)
    assert body[:8] == bytes.fromhex("0200000000000001")


async def test_get_jobs_with_a_job(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    answer = await ipp.ask(GET_JOBS, await ipp.device_token())
    group = answer.group(JOB)
    assert answer.status == OK
    assert group["job-id"] == (0x21, [job.number.to_bytes(4)])
    assert group["job-uri"] == (URI, [f"ipps://{ipp.https[8:]}/printers/{PRINTER}/jobs/{job.id}".encode()])
    assert group["job-state"] == (ENUM, [b"\0\0\0\x03"])
    assert group["job-state-reasons"] == (KEYWORD, [b"job-fetchable"])


async def test_update_job_status_in_bytes(ipp: IppSite) -> None:
    await ipp.a_started_job()
    token = await ipp.device_token()
    acknowledge = UPDATE_TO_COMPLETED[:2] + b"\x00\x41" + UPDATE_TO_COMPLETED[4:-34] + b"\x03"
    assert parse((await ipp.post(acknowledge, token))[2]).status == OK
    _, _, body = await ipp.post(UPDATE_TO_COMPLETED, token)
    assert (len(body), body[:8]) == (75, bytes.fromhex("0200000000000005"))
    assert str((await ipp.job(1)).progress) == "completed job-completed-successfully"
