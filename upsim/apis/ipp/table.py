"""The rows of the IPP API: three HTTP entries, and behind them one row for each IPP operation."""

from collections.abc import Mapping

from upsim.apis.ipp.anonymous_access import admit_anonymous
from upsim.apis.ipp.discovery import list_devices
from upsim.apis.ipp.entry import IppHandler, name_subject, not_reached, operating, resolving
from upsim.apis.ipp.errors import decorate, refuse
from upsim.apis.ipp.operations.acknowledge_document import acknowledge_document
from upsim.apis.ipp.operations.acknowledge_identify_printer import acknowledge_identify_printer
from upsim.apis.ipp.operations.acknowledge_job import acknowledge_job
from upsim.apis.ipp.operations.cancel_job import cancel_job
from upsim.apis.ipp.operations.cancel_my_jobs import cancel_my_jobs
from upsim.apis.ipp.operations.cancel_subscription import cancel_subscription
from upsim.apis.ipp.operations.close_job import close_job
from upsim.apis.ipp.operations.create_job import create_job
from upsim.apis.ipp.operations.create_printer_subscriptions import (
    create_job_subscriptions,
    create_printer_subscriptions,
)
from upsim.apis.ipp.operations.deregister_output_device import deregister_output_device
from upsim.apis.ipp.operations.device_xml import (
    get_print_device_capabilities,
    get_print_device_resources,
    set_print_capabilities,
    set_print_device_capabilities,
)
from upsim.apis.ipp.operations.fetch_document import fetch_document
from upsim.apis.ipp.operations.fetch_job import fetch_job
from upsim.apis.ipp.operations.get_document_attributes import get_document_attributes
from upsim.apis.ipp.operations.get_documents import get_documents
from upsim.apis.ipp.operations.get_job_attributes import get_job_attributes
from upsim.apis.ipp.operations.get_jobs import get_jobs
from upsim.apis.ipp.operations.get_notifications import get_notifications
from upsim.apis.ipp.operations.get_output_device_attributes import get_output_device_attributes
from upsim.apis.ipp.operations.get_printer_attributes import get_printer_attributes
from upsim.apis.ipp.operations.get_printer_supported_values import get_printer_supported_values
from upsim.apis.ipp.operations.get_subscriptions import get_subscription_attributes, get_subscriptions
from upsim.apis.ipp.operations.hold_job import hold_job
from upsim.apis.ipp.operations.identify_printer import identify_printer
from upsim.apis.ipp.operations.print_job import print_job
from upsim.apis.ipp.operations.release_job import release_job
from upsim.apis.ipp.operations.renew_subscription import renew_subscription
from upsim.apis.ipp.operations.send_document import send_document
from upsim.apis.ipp.operations.set_job_attributes import set_job_attributes
from upsim.apis.ipp.operations.set_printer_attributes import set_printer_attributes
from upsim.apis.ipp.operations.update_active_jobs import update_active_jobs
from upsim.apis.ipp.operations.update_document_status import update_document_status
from upsim.apis.ipp.operations.update_job_status import update_job_status
from upsim.apis.ipp.operations.update_output_device_attributes import update_output_device_attributes
from upsim.apis.ipp.operations.validate_job import validate_job
from upsim.domain.application import UNIVERSAL_PRINT_AUDIENCES
from upsim.domain.clouds import Service
from upsim.server.operation import Api, Evidence, Open, Operation, Scopes
from upsim.wire.ipp.operations import Operation as Code

_CLIENT = Evidence("observed", "the requests of Microsoft's BadgeReleaseDemo and IPP library")
_RFC8011 = Evidence("documented", "RFC 8011")
_RFC3380 = Evidence("documented", "RFC 3380")
_RFC3995 = Evidence("documented", "RFC 3995 and RFC 3996")
_DOCUMENTS = Evidence("documented", "PWG 5100.5 IPP Document Object")
_EXTENSIONS = Evidence("documented", "PWG 5100.7, 5100.11 and 5100.13 IPP extensions")
_INFRA = Evidence("documented", "PWG 5100.18 IPP Shared Infrastructure Extensions")

_SEES_PRINTERS = Scopes(
    delegated=("Printers.Read", "PrinterProperties.Read", "PrinterProperties.ReadWrite", "PrintJob.ReadWrite"),
    application=("Printers.Read", "PrinterProperties.ReadWrite", "PrintJob.Read", "PrintJob.ReadWriteBasic"),
)
_SEES_JOBS = Scopes(
    delegated=("PrintJob.ReadBasic", "PrintJob.Read", "PrintJob.ReadWriteBasic", "PrintJob.ReadWrite"),
    application=("Printers.Read", "PrintJob.Read", "PrintJob.ReadWriteBasic"),
)
_PRINTS = Scopes(delegated=("PrintJob.Create", "PrintJob.ReadWriteBasic", "PrintJob.ReadWrite"))
_CONTROLS_JOBS = Scopes(
    delegated=("PrintJob.ReadWriteBasic", "PrintJob.ReadWrite"), application=("PrintJob.ReadWriteBasic",)
)
_SETS_PRINTERS = Scopes(delegated=("PrinterProperties.ReadWrite",), administrator=True)
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
    """Return the row of one IPP operation; its name is the standard's, in lower case with hyphens."""
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


_DEVICE_OPERATIONS = (
    _row(Code.GET_JOBS, get_jobs, _SEES_JOBS, _CLIENT, "The jobs of a printer, by which-jobs."),
    _row(Code.FETCH_JOB, fetch_job, _DEVICE_READS, _CLIENT, "A fetchable job as the device is to print it."),
    _row(Code.ACKNOWLEDGE_JOB, acknowledge_job, _DEVICE_WRITES, _CLIENT, "The device takes a job."),
    _row(Code.FETCH_DOCUMENT, fetch_document, _DEVICE_READS, _CLIENT, "The document's octets."),
    _row(Code.ACKNOWLEDGE_DOCUMENT, acknowledge_document, _DEVICE_WRITES, _CLIENT, "The device has the document."),
    _row(
        Code.UPDATE_JOB_STATUS,
        update_job_status,
        _DEVICE_WRITES,
        _CLIENT,
        "The device reports the status of a job.",
    ),
    _row(
        Code.UPDATE_DOCUMENT_STATUS,
        update_document_status,
        _DEVICE_WRITES,
        _INFRA,
        "The device reports its progress with the document.",
    ),
    _row(
        Code.UPDATE_ACTIVE_JOBS,
        update_active_jobs,
        _DEVICE_WRITES,
        _CLIENT,
        "Device and service compare the states of the jobs that the device holds.",
    ),
    _row(
        Code.UPDATE_OUTPUT_DEVICE_ATTRIBUTES,
        update_output_device_attributes,
        _DEVICE_DESCRIBES,
        _CLIENT,
        "The device describes itself, all at once or what changed.",
    ),
    _row(
        Code.GET_OUTPUT_DEVICE_ATTRIBUTES,
        get_output_device_attributes,
        _SEES_PRINTERS,
        _CLIENT,
        "What the device itself reported.",
    ),
    _row(
        Code.ACKNOWLEDGE_IDENTIFY_PRINTER,
        acknowledge_identify_printer,
        _DEVICE_WRITES,
        _INFRA,
        "The device asks how it is to show itself.",
    ),
    _row(
        Code.DEREGISTER_OUTPUT_DEVICE,
        deregister_output_device,
        _DEVICE_DESCRIBES,
        _INFRA,
        "The device goes away; its jobs wait for another.",
    ),
    _row(
        Code.SET_PRINT_DEVICE_CAPABILITIES,
        set_print_device_capabilities,
        _DEVICE_DESCRIBES,
        _CLIENT,
        "The device describes itself in PrintDeviceCapabilities XML.",
    ),
    _row(
        Code.SET_PRINT_CAPABILITIES,
        set_print_capabilities,
        _DEVICE_DESCRIBES,
        _CLIENT,
        "The device describes itself in PrintCapabilities XML.",
    ),
)

_USER_OPERATIONS = (
    _row(
        Code.GET_PRINTER_ATTRIBUTES,
        get_printer_attributes,
        _SEES_PRINTERS,
        _RFC8011,
        "What a printer is, can do and does now.",
    ),
    _row(
        Code.GET_PRINTER_SUPPORTED_VALUES,
        get_printer_supported_values,
        _SEES_PRINTERS,
        _RFC3380,
        "What Set-Printer-Attributes may be given.",
    ),
    _row(
        Code.SET_PRINTER_ATTRIBUTES,
        set_printer_attributes,
        _SETS_PRINTERS,
        _RFC3380,
        "An administrator chooses defaults, or another name.",
    ),
    _row(
        Code.IDENTIFY_PRINTER, identify_printer, _CONTROLS_JOBS, _EXTENSIONS, "Have the printer show where it is."
    ),
    _row(
        Code.GET_PRINT_DEVICE_CAPABILITIES,
        get_print_device_capabilities,
        _SEES_PRINTERS,
        _CLIENT,
        "PrintDeviceCapabilities XML as the device gave it.",
    ),
    _row(
        Code.GET_PRINT_DEVICE_RESOURCES,
        get_print_device_resources,
        _SEES_PRINTERS,
        _CLIENT,
        "The names that PrintDeviceCapabilities refer to.",
    ),
    _row(Code.VALIDATE_JOB, validate_job, _PRINTS, _RFC8011, "Whether a job would be accepted."),
    _row(Code.CREATE_JOB, create_job, _PRINTS, _RFC8011, "A job whose document follows."),
    _row(Code.SEND_DOCUMENT, send_document, _PRINTS, _RFC8011, "The document of a job."),
    _row(Code.PRINT_JOB, print_job, _PRINTS, _RFC8011, "A job and its document in one request."),
    _row(Code.CLOSE_JOB, close_job, _PRINTS, _EXTENSIONS, "No more documents will come."),
    _row(
        Code.RESUBMIT_JOB,
        close_job,
        _PRINTS,
        _CLIENT,
        "Close-Job under the code that Microsoft's library sends for it.",
    ),
    _row(Code.GET_JOB_ATTRIBUTES, get_job_attributes, _SEES_JOBS, _RFC8011, "What a job is and how it stands."),
    _row(
        Code.SET_JOB_ATTRIBUTES,
        set_job_attributes,
        _CONTROLS_JOBS,
        _RFC3380,
        "Change a job that no device has yet.",
    ),
    _row(Code.CANCEL_JOB, cancel_job, _CONTROLS_JOBS, _RFC8011, "End a job before it is printed."),
    _row(Code.CANCEL_MY_JOBS, cancel_my_jobs, _CONTROLS_JOBS, _EXTENSIONS, "Cancel one's own jobs."),
    _row(Code.HOLD_JOB, hold_job, _CONTROLS_JOBS, _RFC8011, "Keep a job from being offered to the device."),
    _row(Code.RELEASE_JOB, release_job, _CONTROLS_JOBS, _RFC8011, "Let a held job go on."),
    _row(Code.GET_DOCUMENTS, get_documents, _SEES_JOBS, _DOCUMENTS, "The documents of a job: one, or none yet."),
    _row(
        Code.GET_DOCUMENT_ATTRIBUTES,
        get_document_attributes,
        _SEES_JOBS,
        _DOCUMENTS,
        "What a document is and how it stands.",
    ),
)

_NOTIFICATION_OPERATIONS = (
    _row(
        Code.CREATE_PRINTER_SUBSCRIPTIONS,
        create_printer_subscriptions,
        _SEES_JOBS,
        _CLIENT,
        "Subscribe to what happens on a printer.",
    ),
    _row(
        Code.CREATE_JOB_SUBSCRIPTIONS,
        create_job_subscriptions,
        _SEES_JOBS,
        _RFC3995,
        "Subscribe to what happens to a job.",
    ),
    _row(Code.GET_SUBSCRIPTIONS, get_subscriptions, _SEES_JOBS, _RFC3995, "One's subscriptions on a printer."),
    _row(
        Code.GET_SUBSCRIPTION_ATTRIBUTES,
        get_subscription_attributes,
        _SEES_JOBS,
        _RFC3995,
        "What a subscription is for and how long it lasts.",
    ),
    _row(Code.RENEW_SUBSCRIPTION, renew_subscription, _SEES_JOBS, _RFC3995, "A new lease for a subscription."),
    _row(Code.CANCEL_SUBSCRIPTION, cancel_subscription, _SEES_JOBS, _CLIENT, "End a subscription."),
    _row(
        Code.GET_NOTIFICATIONS,
        get_notifications,
        _SEES_JOBS,
        _CLIENT,
        "The notices of a subscription, waited for if there are none.",
    ),
)

_NOTIFICATION_CODES = {row.code: row for row in _NOTIFICATION_OPERATIONS if row.code is not None}

_OPERATIONS = (*_DEVICE_OPERATIONS, *_USER_OPERATIONS, *_NOTIFICATION_OPERATIONS)

_BY_CODE: dict[int, Operation] = {row.code: row for row in _OPERATIONS if row.code is not None}


def _entry(
    identifier: str, path: str, evidence: Evidence, summary: str, rows: Mapping[int, Operation] = _BY_CODE
) -> Operation:
    return Operation(
        id=f"ipp.post.{identifier}",
        method="POST",
        path=path,
        handler=not_reached,
        resolve=resolving(rows),
        access=Open.CALLER,
        evidence=evidence,
        summary=summary,
        is_entry=True,
    )


TABLE = (
    _entry("service", "/printers", _CLIENT, "Any IPP operation; the message names the printer."),
    _entry("printer", "/printers/{printer}", _RFC8011, "Any IPP operation on the printer or share of the path."),
    _entry("job", "/printers/{printer}/jobs/{job}", _RFC8011, "Any IPP operation on the job of the path."),
    _entry(
        "notifications",
        "/notifications",
        Evidence("chosen", "Graph lists the notification service as an endpoint; its path is not documented"),
        "The subscription operations alone; the message names the printer.",
        _NOTIFICATION_CODES,
    ),
    Operation(
        id="ipp.discovery.devices",
        method="GET",
        path="/api/mod1.0/devices",
        handler=list_devices,
        access=_SEES_PRINTERS,
        evidence=Evidence("observed", "a public PowerShell client; beside uuid and device_names chosen"),
        summary="The shares that a user may print to, for desktop clients.",
        services=frozenset({Service.DISCOVERY}),
    ),
    *_OPERATIONS,
)

API = Api(
    name="ipp",
    table=TABLE,
    prefixes=("/printers", "/notifications"),
    services=frozenset({Service.PRINT, Service.NOTIFICATION}),
    audiences=UNIVERSAL_PRINT_AUDIENCES,
    refuse=refuse,
    decorate=decorate,
    name_subject=name_subject,
    takes_keys=True,
    admit_anonymous=admit_anonymous,
)
