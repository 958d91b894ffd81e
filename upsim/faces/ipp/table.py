"""The rows of the IPP face: three HTTP entries, and behind them one row for each IPP operation."""

from upsim.domain.application import UNIVERSAL_PRINT_AUDIENCES
from upsim.faces.ipp.entry import IppHandler, operating, serving
from upsim.faces.ipp.errors import decorate, refuse
from upsim.faces.ipp.operations.acknowledge_job import acknowledge_job
from upsim.faces.ipp.operations.fetch_document import fetch_document
from upsim.faces.ipp.operations.fetch_job import fetch_job
from upsim.faces.ipp.operations.get_job_attributes import get_job_attributes
from upsim.faces.ipp.operations.get_jobs import get_jobs
from upsim.faces.ipp.operations.get_printer_attributes import get_printer_attributes
from upsim.faces.ipp.operations.update_job_status import update_job_status
from upsim.faces.ipp.operations.update_output_device_attributes import update_output_device_attributes
from upsim.server.operation import Evidence, Face, Open, Operation, Scopes
from upsim.wire.ipp.operations import Operation as Code

_CLIENT = Evidence("observed", "the requests of Microsoft's BadgeReleaseDemo and IPP library")
_RFC8011 = Evidence("documented", "RFC 8011")
_INFRA = Evidence("documented", "PWG 5100.18 IPP Shared Infrastructure Extensions")

_SEES_PRINTERS = Scopes(
    delegated=("Printers.Read", "PrinterProperties.Read", "PrinterProperties.ReadWrite", "PrintJob.ReadWrite"),
    application=("Printers.Read", "PrinterProperties.ReadWrite", "PrintJob.Read", "PrintJob.ReadWriteBasic"),
)
_SEES_JOBS = Scopes(
    delegated=("PrintJob.ReadBasic", "PrintJob.Read", "PrintJob.ReadWriteBasic", "PrintJob.ReadWrite"),
    application=("Printers.Read", "PrintJob.Read", "PrintJob.ReadWriteBasic"),
)
_DEVICE_READS = Scopes(application=("PrintJob.Read", "PrintJob.ReadWriteBasic"))
_DEVICE_WRITES = Scopes(application=("PrintJob.ReadWriteBasic",))
_DEVICE_DESCRIBES = Scopes(
    # Documented is the first; Microsoft's own sample asks for the others alone and yet describes its printer.
    application=("PrinterProperties.ReadWrite", "PrintJob.ReadWriteBasic"),
)


def _row(
    code: Code,
    handler: IppHandler,
    access: Scopes,
    evidence: Evidence,
    summary: str,
) -> Operation:
    """The row of one IPP operation; its name is the standard's, in lower case with hyphens."""
    keyword = code.name.lower().replace("_", "-")
    return Operation(
        id=f"ipp.{keyword}",
        method="IPP",
        path=keyword,
        handler=operating(handler),
        access=access,
        evidence=evidence,
        summary=summary,
        code=int(code),
    )


_OPERATIONS = (
    _row(
        Code.UPDATE_OUTPUT_DEVICE_ATTRIBUTES,
        update_output_device_attributes,
        _DEVICE_DESCRIBES,
        _CLIENT,
        "The device describes itself, all at once or what changed.",
    ),
    _row(Code.GET_JOBS, get_jobs, _SEES_JOBS, _CLIENT, "The jobs of a printer, by which-jobs."),
    _row(Code.FETCH_JOB, fetch_job, _DEVICE_READS, _CLIENT, "A fetchable job as the device is to print it."),
    _row(Code.ACKNOWLEDGE_JOB, acknowledge_job, _DEVICE_WRITES, _CLIENT, "The device takes a job."),
    _row(Code.FETCH_DOCUMENT, fetch_document, _DEVICE_READS, _CLIENT, "The document's octets."),
    _row(Code.UPDATE_JOB_STATUS, update_job_status, _DEVICE_WRITES, _CLIENT, "The device tells how a job goes."),
    _row(
        Code.GET_PRINTER_ATTRIBUTES,
        get_printer_attributes,
        _SEES_PRINTERS,
        _RFC8011,
        "What a printer is, can do and does now.",
    ),
    _row(Code.GET_JOB_ATTRIBUTES, get_job_attributes, _SEES_JOBS, _RFC8011, "What a job is and how it stands."),
)

_BY_CODE: dict[int, Operation] = {row.code: row for row in _OPERATIONS if row.code is not None}


def _entry(identifier: str, path: str, evidence: Evidence, summary: str) -> Operation:
    return Operation(
        id=f"ipp.post.{identifier}",
        method="POST",
        path=path,
        handler=serving(_BY_CODE),
        access=Open.CALLER,
        evidence=evidence,
        summary=summary,
    )


TABLE = (
    _entry("service", "/printers", _CLIENT, "Any IPP operation; the message names the printer."),
    _entry("printer", "/printers/{printer}", _RFC8011, "Any IPP operation on the printer or share of the path."),
    _entry("job", "/printers/{printer}/jobs/{job}", _RFC8011, "Any IPP operation on the job of the path."),
    *_OPERATIONS,
)

FACE = Face(
    name="ipp",
    table=TABLE,
    prefixes=("/printers",),
    audiences=UNIVERSAL_PRINT_AUDIENCES,
    refuse=refuse,
    decorate=decorate,
    takes_keys=True,
)
