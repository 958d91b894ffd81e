"""Names that are in use and not registered: attributes and values of Microsoft and Mopria, in the form of `generated`.

Most of it is documented nowhere. MS-CLIENT is what Microsoft's own IPP client code sends or reads, MOPRIA what
that code takes over from Mopria. Where no code shows the syntax, it is inferred from the name and from like
attributes, and the row ends in "inferred".
"""
# fmt: off
# ruff: noqa: E501

# The object, then rows of name;syntax;source;status.
ATTRIBUTES = (
    ("Operation", (
        "content-range;text(MAX);MS-CLIENT;inferred",
    )),
    ("Job Status", (
        "job-release-action-actual;type2 keyword;MS-CLIENT;inferred",
        "job-release-action-id;text(MAX);MS-CLIENT;inferred",
        "microsoft-job-fetched-time-seconds;integer(0:MAX);MS-CLIENT;inferred",
        "microsoft-job-printed-time-seconds;integer(0:MAX);MS-CLIENT;inferred",
        "microsoft-job-printer-time-in-seconds;integer(0:MAX);MS-CLIENT;inferred",
        "microsoft-job-processed-time-seconds;integer(0:MAX);MS-CLIENT;inferred",
        "microsoft-job-spooler-time-in-seconds;integer(0:MAX);MS-CLIENT;inferred",
        "microsoft-output-device-job-state-message;text(MAX);MS-CLIENT",
        "microsoft-pdf-to-xps-job-conversion-time-milliseconds;integer(0:MAX);MS-CLIENT;inferred",
        "microsoft-print-ticket-generation-mappings;text(MAX);MS-CLIENT;inferred",
        "microsoft-print-ticket-generation-time-milliseconds;integer(0:MAX);MS-CLIENT;inferred",
    )),
    ("Printer Description", (
        "microsoft-page-order-default;type2 keyword;MS-CLIENT;inferred",
        "microsoft-page-order-supported;1setOf type2 keyword;MS-CLIENT;inferred",
        "microsoft-universal-print-connector-app-version;text(MAX);MS-CLIENT;inferred",
        "microsoft-universal-print-connector-id;text(MAX);MS-CLIENT;inferred",
        "microsoft-universal-print-connector-operating-system;text(MAX);MS-CLIENT;inferred",
        "microsoft-universal-print-document-format-supported-via-conversion;1setOf mimeMediaType;MS-CLIENT;inferred",
        "microsoft-universal-printer-driver-name;text(MAX);MS-CLIENT;inferred",
        "microsoft-universal-printer-driver-version;text(MAX);MS-CLIENT;inferred",
        "mopria-certified;text(MAX);MOPRIA;inferred",
        "preferred-chunk-size-k-octets;integer(0:MAX);MS-CLIENT;inferred",
        "print-device-capabilites;octetString(MAX);MS-CLIENT;inferred",  # misspelt so on the wire
        "print-device-resources;octetString(MAX);MS-CLIENT;inferred",
        "print_wfds;boolean;MOPRIA;inferred",  # with an underscore on the wire
        "smi311-universal-print-anywhere-enabled;boolean;MS-CLIENT;inferred",
    )),
)

# The attribute, then rows of source;keywords.
KEYWORDS = (
    ("job-release-action", (
        "MS-CLIENT;owner-authorized-badge owner-authorized-username-password owner-authorized-biometrics",
        "MS-CLIENT;owner-authorized-other workflow-app",
    )),
    ("job-release-action-default", ("MS-CLIENT;=job-release-action",)),
    ("job-release-action-supported", ("MS-CLIENT;=job-release-action",)),
    ("print-color-mode", (
        "MS-CLIENT;microsoft-grayscale-only microsoft-monochrome-only",
    )),
)

# The attribute, then rows as in `generated`. These two share the numbers of another, which IANA does not say.
ENUMS = (
    ("output-device-document-state", ("=document-state",)),
    ("output-device-job-state", ("=job-state",)),
)

# Rows of code;name;source.
OPERATIONS = (
    "0x5000;Get-Print-Device-Capabilities;MS-CLIENT",
    "0x5001;Get-Print-Device-Resources;MS-CLIENT",
    "0x5100;Set-Print-Device-Capabilities;MS-CLIENT",
    "0x5101;Set-Print-Capabilities;MS-CLIENT",
)

# Rows of source;where to read it.
SOURCES = (
    "MOPRIA;https://mopria.org",
    "MS-CLIENT;https://github.com/microsoft/universal-print-resources",
)
