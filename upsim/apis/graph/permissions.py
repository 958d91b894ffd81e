"""Permission sets of the operations, least privileged first (permissions reference of Microsoft Graph)."""

from msgspec.structs import replace

from upsim.server.operation import Scopes

PRINTER_READ = ("Printer.Read.All", "Printer.ReadWrite.All", "Printer.FullControl.All")
PRINTER_CREATE = ("Printer.Create", "Printer.ReadWrite.All", "Printer.FullControl.All")
PRINTER_WRITE = ("Printer.ReadWrite.All", "Printer.FullControl.All")
PRINTER_DELETE = ("Printer.FullControl.All",)
PRINTER_READ_APP = ("Printer.Read.All", "Printer.ReadWrite.All")
PRINTER_WRITE_APP = ("Printer.ReadWrite.All",)
SHARE_READ = ("PrinterShare.ReadBasic.All", "PrinterShare.Read.All", "PrinterShare.ReadWrite.All")
SHARE_MEMBERS_READ = ("PrinterShare.Read.All", "PrinterShare.ReadWrite.All")
SHARE_WRITE = ("PrinterShare.ReadWrite.All",)
CONNECTOR_READ = ("PrintConnector.Read.All", "PrintConnector.ReadWrite.All")
CONNECTOR_WRITE = ("PrintConnector.ReadWrite.All",)
JOB_READ = (
    "PrintJob.ReadBasic",
    "PrintJob.Read",
    "PrintJob.ReadBasic.All",
    "PrintJob.Read.All",
    "PrintJob.ReadWriteBasic",
    "PrintJob.ReadWrite",
    "PrintJob.ReadWriteBasic.All",
    "PrintJob.ReadWrite.All",
)
JOB_READ_APP = (
    "PrintJob.ReadBasic.All",
    "PrintJob.Read.All",
    "PrintJob.ReadWriteBasic.All",
    "PrintJob.ReadWrite.All",
)
JOB_WRITE = (
    "PrintJob.ReadWriteBasic",
    "PrintJob.ReadWrite",
    "PrintJob.ReadWriteBasic.All",
    "PrintJob.ReadWrite.All",
)
JOB_CREATE = ("PrintJob.Create", *JOB_WRITE)
JOB_CHANGE_APP = ("PrintJob.ReadWriteBasic.All", "PrintJob.ReadWrite.All", "PrintJob.Manage.All")
JOB_REDIRECT_APP = ("PrintJob.Manage.All",)
DOCUMENT_READ = ("PrintJob.Read", "PrintJob.Read.All", "PrintJob.ReadWrite", "PrintJob.ReadWrite.All")
DOCUMENT_READ_APP = ("PrintJob.Read.All", "PrintJob.ReadWrite.All")
DOCUMENT_UPLOAD = ("PrintJob.Create", "PrintJob.ReadWrite", "PrintJob.ReadWrite.All")
DOCUMENT_UPLOAD_APP = ("PrintJob.ReadWrite.All",)
TASK_APP = ("PrintTaskDefinition.ReadWrite.All",)
SUBSCRIPTION_APP = ("Printer.Read.All", "PrintTaskDefinition.ReadWrite.All", "Printer.ReadWrite.All")
"""Which of them is needed depends on the resource."""
SETTINGS_READ = ("PrintSettings.Read.All", "PrintSettings.ReadWrite.All")
SETTINGS_WRITE = ("PrintSettings.ReadWrite.All",)
REPORTS_READ = ("Reports.Read.All",)
SERVICE_READ = (
    "PrintJob.ReadBasic",
    "PrintJob.Create",
    "PrintJob.Read",
    "PrintJob.ReadBasic.All",
    "PrintJob.Read.All",
    "PrintJob.ReadWriteBasic",
    "PrintJob.ReadWrite",
    "PrintJob.ReadWriteBasic.All",
    "PrintJob.ReadWrite.All",
    "PrinterShare.ReadBasic.All",
    "PrinterShare.Read.All",
    "PrinterShare.ReadWrite.All",
    "Printer.Create",
    "Printer.Read.All",
    "Printer.ReadWrite.All",
    "PrintConnector.Read.All",
    "PrintConnector.ReadWrite.All",
    "PrintSettings.Read.All",
    "PrintSettings.ReadWrite.All",
    "PrintAlertSettings.Read.All",
    "PrintAlertSettings.ReadWrite.All",
)
USER_ME = ("User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "Directory.Read.All")
USER_READ = ("User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
USER_READ_APP = ("User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
GROUP_READ = ("GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All")
ORGANIZATION_READ = ("User.Read", "Organization.Read.All", "Directory.Read.All")
ORGANIZATION_READ_APP = ("Organization.Read.All", "Directory.Read.All")

BESIDE_JOBS_OF_PRINTERS = PRINTER_READ
BESIDE_JOBS_OF_SHARES = SHARE_READ
"""Every PrintJob permission needs one of these beside it: jobs are read through their printer or share."""


def administrator(*delegated: str, application: tuple[str, ...] = ()) -> Scopes:
    """Return scopes for users who are Printer Administrators, and for applications where they are served."""
    return Scopes(delegated, application, administrator=True)


def within_units(access: Scopes) -> Scopes:
    """Return the scopes so that a Printer Administrator of an administrative unit is enough for its printers."""
    return replace(access, within_units=access.administrator)


def beside(access: Scopes, delegated: tuple[str, ...], application: tuple[str, ...]) -> Scopes:
    """Return the scopes so that the token must also hold one of these permissions."""
    return replace(access, delegated_beside=delegated, application_beside=application)


def anyone(*delegated: str, application: tuple[str, ...] = ()) -> Scopes:
    """Return scopes for every user whose token has one of the permissions."""
    return Scopes(delegated, application)
