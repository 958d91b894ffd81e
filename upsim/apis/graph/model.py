"""The types of the print slice in one text, from which `$metadata` and the checks of requests follow.

Structure follows the CSDL of Microsoft Graph (schemas/v1.0-Prod.csdl of msgraph-metadata, August 2026); lines
that begin with `beta` are only in the beta version, whose members come from the beta SDK.

The notation: a line without indentation opens a type or an operation, the lines below are its members. `!` is
"not null", `*` a collection, `->` a navigation property, `= type` what an operation returns.
"""

from collections.abc import Iterator
from functools import cache

from upsim.apis.graph.printer_state_details import LATER_MEMBERS
from upsim.wire.odata.schema import (
    ComplexType,
    EntitySet,
    EntityType,
    EnumType,
    NavigationType,
    Operation,
    Parameter,
    PropertyType,
    Schema,
    Singleton,
    TypeReference,
)

_PRIMITIVES = {"Boolean", "Date", "DateTimeOffset", "Double", "Int32", "Int64", "String"}
_SENTINEL = "unknownFutureValue"

_MODEL = """
enum incompatiblePrinterSettings
    show=0 hide=1 unknownFutureValue=2
enum printColorMode
    blackAndWhite=0 grayscale=1 color=2 auto=3 unknownFutureValue=4
enum printDuplexMode
    flipOnLongEdge=0 flipOnShortEdge=1 oneSided=2 unknownFutureValue=3
enum printerFeedOrientation
    longEdgeFirst=0 shortEdgeFirst=1 unknownFutureValue=2
enum printerProcessingState
    unknown=0 idle=1 processing=2 stopped=3 unknownFutureValue=4
enum printerProcessingStateDetail
    paused=0 mediaJam=2 mediaNeeded=3 mediaLow=4 mediaEmpty=5 coverOpen=6 interlockOpen=7
    outputTrayMissing=9 outputAreaFull=10 markerSupplyLow=11 markerSupplyEmpty=12
    inputTrayMissing=13 outputAreaAlmostFull=14 markerWasteAlmostFull=15 markerWasteFull=16
    fuserOverTemp=17 fuserUnderTemp=18 other=19 none=20 movingToPaused=21 shutdown=22
    connectingToDevice=23 timedOut=24 stopping=25 stoppedPartially=26 tonerLow=27 tonerEmpty=28
    spoolAreaFull=29 doorOpen=30 opticalPhotoConductorNearEndOfLife=31
    opticalPhotoConductorLifeOver=32 developerLow=33 developerEmpty=34
    interpreterResourceUnavailable=35 unknownFutureValue=36
enum printEvent
    jobStarted=0 unknownFutureValue=1
enum printFinishing
    none=3 staple=4 punch=5 cover=6 bind=7 saddleStitch=8 stitchEdge=9 stapleTopLeft=20
    stapleBottomLeft=21 stapleTopRight=22 stapleBottomRight=23 stitchLeftEdge=24 stitchTopEdge=25
    stitchRightEdge=26 stitchBottomEdge=27 stapleDualLeft=28 stapleDualTop=29 stapleDualRight=30
    stapleDualBottom=31 unknownFutureValue=32 stapleTripleLeft=33 stapleTripleTop=34
    stapleTripleRight=35 stapleTripleBottom=36 bindLeft=37 bindTop=38 bindRight=39 bindBottom=40
    foldAccordion=41 foldDoubleGate=42 foldGate=43 foldHalf=44 foldHalfZ=45 foldLeftGate=46
    foldLetter=47 foldParallel=48 foldPoster=49 foldRightGate=50 foldZ=51 foldEngineeringZ=52
    punchTopLeft=53 punchBottomLeft=54 punchTopRight=55 punchBottomRight=56 punchDualLeft=57
    punchDualTop=58 punchDualRight=59 punchDualBottom=60 punchTripleLeft=61 punchTripleTop=62
    punchTripleRight=63 punchTripleBottom=64 punchQuadLeft=65 punchQuadTop=66 punchQuadRight=67
    punchQuadBottom=68 fold=69 trim=70 bale=71 bookletMaker=72 coat=73 laminate=74 trimAfterPages=75
    trimAfterDocuments=76 trimAfterCopies=77 trimAfterJob=78
enum printJobProcessingState
    unknown=0 pending=1 processing=2 paused=3 stopped=4 completed=5 canceled=6 aborted=7
    unknownFutureValue=8
enum printJobStateDetail
    uploadPending=0 transforming=1 completedSuccessfully=2 completedWithWarnings=3
    completedWithErrors=4 releaseWait=5 interpreting=6 unknownFutureValue=7
enum printMultipageLayout
    clockwiseFromTopLeft=0 counterclockwiseFromTopLeft=1 counterclockwiseFromTopRight=2
    clockwiseFromTopRight=3 counterclockwiseFromBottomLeft=4 clockwiseFromBottomLeft=5
    counterclockwiseFromBottomRight=6 clockwiseFromBottomRight=7 unknownFutureValue=8
enum printOperationProcessingState
    notStarted=0 running=1 succeeded=2 failed=3 unknownFutureValue=4
enum printOrientation
    portrait=3 landscape=4 reverseLandscape=5 reversePortrait=6 unknownFutureValue=7
enum printQuality
    low=0 medium=1 high=2 unknownFutureValue=3
enum printScaling
    auto=0 shrinkToFit=1 fill=2 fit=3 none=4 unknownFutureValue=5
enum printTaskProcessingState
    pending=0 processing=1 completed=2 aborted=3 unknownFutureValue=4
complex airPrintSettings
    incompatiblePrinters incompatiblePrinterSettings!
complex appIdentity
    appId String
    displayName String
    servicePrincipalId String
    servicePrincipalName String
complex archivedPrintJob
    acquiredByPrinter Boolean!
    acquiredDateTime DateTimeOffset
    completionDateTime DateTimeOffset
    copiesPrinted Int32!
    createdBy userIdentity
    createdDateTime DateTimeOffset!
    id String!
    printerId String
    printerName String
    processingState printJobProcessingState!
    beta pageCount Int32
    beta blackAndWhitePageCount Int32
    beta colorPageCount Int32
    beta simplexPageCount Int32
    beta duplexPageCount Int32
complex identity open
    displayName String
    id String
complex integerRange
    end Int64
    start Int64
    beta minimum Int64
    beta maximum Int64
complex printCertificateSigningRequest
    content String!
    transportKey String!
complex printDocumentUploadProperties
    contentType String!
    documentName String!
    size Int64!
complex printerCapabilities
    bottomMargins Int32*
    collation Boolean
    colorModes printColorMode*
    contentTypes String*
    copiesPerJob integerRange
    dpis Int32*
    duplexModes printDuplexMode*
    feedOrientations printerFeedOrientation*
    finishings printFinishing*
    inputBins String*
    isColorPrintingSupported Boolean
    isPageRangeSupported Boolean
    leftMargins Int32*
    mediaColors String*
    mediaSizes String*
    mediaTypes String*
    multipageLayouts printMultipageLayout*
    orientations printOrientation*
    outputBins String*
    pagesPerSheet Int32*
    qualities printQuality*
    rightMargins Int32*
    scalings printScaling*
    supportsFitPdfToPage Boolean
    topMargins Int32*
    beta feedDirections printerFeedDirection*
    beta supportedColorConfigurations printColorConfiguration*
    beta supportedCopiesPerJob integerRange
    beta supportedDocumentMimeTypes String*
    beta supportedDuplexConfigurations printDuplexConfiguration*
    beta supportedFinishings printFinishing*
    beta supportedMediaColors String*
    beta supportedMediaSizes String*
    beta supportedOutputBins String*
    beta supportedMediaTypes printMediaType*
    beta supportedOrientations printOrientation*
    beta supportedPagesPerSheet integerRange
    beta supportedPresentationDirections printPresentationDirection*
    beta supportedPrintQualities printQuality*
complex printerDefaults
    colorMode printColorMode
    contentType String
    copiesPerJob Int32
    dpi Int32
    duplexMode printDuplexMode
    finishings printFinishing*
    fitPdfToPage Boolean
    inputBin String
    mediaColor String
    mediaSize String
    mediaType String
    multipageLayout printMultipageLayout
    orientation printOrientation
    outputBin String
    pagesPerSheet Int32
    quality printQuality
    scaling printScaling
    beta documentMimeType String
    beta duplexConfiguration printDuplexConfiguration
    beta pdfFitToPage Boolean
    beta presentationDirection printPresentationDirection
    beta printColorConfiguration printColorConfiguration
    beta printQuality printQuality
complex printerDiscoverySettings
    airPrint airPrintSettings!
complex printerLocation
    altitudeInMeters Int32
    building String
    city String
    countryOrRegion String
    floor String
    floorDescription String
    latitude Double
    longitude Double
    organization String*
    postalCode String
    roomDescription String
    roomName String
    site String
    stateOrProvince String
    streetAddress String
    subdivision String*
    subunit String*
    beta floorNumber Int32
    beta roomNumber Int32
complex printerShareViewpoint
    lastUsedDateTime DateTimeOffset
complex printerStatus
    description String
    details printerProcessingStateDetail*!
    state printerProcessingState!
    beta processingState printerProcessingState
    beta processingStateDescription String
    beta processingStateReasons printerProcessingStateReason*
complex printJobConfiguration
    collate Boolean
    colorMode printColorMode
    copies Int32
    dpi Int32
    duplexMode printDuplexMode
    feedOrientation printerFeedOrientation
    finishings printFinishing*
    fitPdfToPage Boolean
    inputBin String
    margin printMargin
    mediaSize String
    mediaType String
    multipageLayout printMultipageLayout
    orientation printOrientation
    outputBin String
    pageRanges integerRange*
    pagesPerSheet Int32
    quality printQuality
    scaling printScaling
complex printJobStatus
    description String!
    details printJobStateDetail*!
    isAcquiredByPrinter Boolean!
    state printJobProcessingState!
    beta processingState printJobProcessingState
    beta processingStateDescription String
    beta acquiredByPrinter Boolean
complex printMargin
    bottom Int32
    left Int32
    right Int32
    top Int32
complex printOperationStatus
    description String!
    state printOperationProcessingState!
complex printSettings
    documentConversionEnabled Boolean!
    printerDiscoverySettings printerDiscoverySettings
complex printTaskStatus
    description String!
    state printTaskProcessingState!
complex uploadSession
    expirationDateTime DateTimeOffset
    nextExpectedRanges String*
    uploadUrl String
complex userIdentity : identity open
    ipAddress String
    userPrincipalName String
complex userPrint
    -> recentPrinterShares printerShare* contained
complex verifiedDomain
    isDefault Boolean
    isInitial Boolean
    name String
    type String
entity directoryObject : entity open
    deletedDateTime DateTimeOffset
entity entity abstract
    id String!
entity group : directoryObject open
    description String
    displayName String
    groupTypes String*!
    mail String
    mailEnabled Boolean
    mailNickname String
    securityEnabled Boolean
    -> members directoryObject*
entity organization : directoryObject open
    createdDateTime DateTimeOffset
    displayName String
    tenantType String
    verifiedDomains verifiedDomain*!
entity print
    settings printSettings
    -> connectors printConnector* contained
    -> operations printOperation* contained
    -> printers printer* contained
    -> services printService* contained
    -> shares printerShare* contained
    -> taskDefinitions printTaskDefinition* contained
    beta -> printerShares printerShare* contained
entity printConnector : entity
    appVersion String!
    displayName String!
    fullyQualifiedDomainName String!
    location printerLocation
    operatingSystem String!
    registeredDateTime DateTimeOffset!
    beta name String
    beta deviceHealth deviceHealth
entity printDocument : entity stream
    contentType String
    displayName String
    downloadedDateTime DateTimeOffset
    size Int64!
    uploadedDateTime DateTimeOffset
    beta configuration printerDocumentConfiguration
entity printer : printerBase
    hasPhysicalDevice Boolean!
    isShared Boolean!
    lastSeenDateTime DateTimeOffset
    registeredDateTime DateTimeOffset!
    -> connectors printConnector*
    -> shares printerShare*
    -> taskTriggers printTaskTrigger* contained
    beta acceptingJobs Boolean
    beta releaseMechanisms printerReleaseMechanism*
    beta -> share printerShare
entity printerBase : entity abstract
    capabilities printerCapabilities
    defaults printerDefaults
    displayName String!
    isAcceptingJobs Boolean
    location printerLocation
    manufacturer String
    model String
    status printerStatus!
    -> jobs printJob* contained
    beta name String
entity printerCreateOperation : printOperation
    certificate String
    -> printer printer
entity printerShare : printerBase
    allowAllUsers Boolean!
    createdDateTime DateTimeOffset!
    viewPoint printerShareViewpoint
    -> allowedGroups group*
    -> allowedUsers user*
    -> printer printer
    beta holdJobsForSecureRelease Boolean!
entity printJob : entity
    acknowledgedDateTime DateTimeOffset
    configuration printJobConfiguration!
    createdBy userIdentity
    createdDateTime DateTimeOffset!
    errorCode Int32
    isFetchable Boolean!
    redirectedFrom String
    redirectedTo String
    status printJobStatus!
    -> documents printDocument* contained
    -> tasks printTask*
    beta displayName String
    beta completedDateTime DateTimeOffset
entity printOperation : entity abstract
    createdDateTime DateTimeOffset!
    status printOperationStatus!
entity printService : entity
    -> endpoints printServiceEndpoint* contained
entity printServiceEndpoint : entity
    displayName String!
    uri String!
    beta name String
entity printTask : entity
    parentUrl String!
    status printTaskStatus!
    -> definition printTaskDefinition!
    -> trigger printTaskTrigger!
entity printTaskDefinition : entity
    createdBy appIdentity!
    displayName String!
    -> tasks printTask* contained
entity printTaskTrigger : entity
    event printEvent!
    -> definition printTaskDefinition!
entity printUsage : entity abstract
    blackAndWhitePageCount Int64
    colorPageCount Int64
    completedBlackAndWhiteJobCount Int64!
    completedColorJobCount Int64!
    completedJobCount Int64
    doubleSidedSheetCount Int64
    incompleteJobCount Int64!
    mediaSheetCount Int64
    pageCount Int64
    singleSidedSheetCount Int64
    usageDate Date!
entity printUsageByPrinter : printUsage
    printerId String!
    printerName String
entity printUsageByUser : printUsage
    userPrincipalName String!
entity reportRoot
    -> dailyPrintUsageByPrinter printUsageByPrinter* contained
    -> dailyPrintUsageByUser printUsageByUser* contained
    -> monthlyPrintUsageByPrinter printUsageByPrinter* contained
    -> monthlyPrintUsageByUser printUsageByUser* contained
    beta -> dailyPrintUsage printUsage* contained
    beta -> dailyPrintUsageSummariesByPrinter printUsageByPrinter* contained
    beta -> dailyPrintUsageSummariesByUser printUsageByUser* contained
    beta -> monthlyPrintUsageSummariesByPrinter printUsageByPrinter* contained
    beta -> monthlyPrintUsageSummariesByUser printUsageByUser* contained
entity subscription : entity
    applicationId String
    changeType String!
    clientState String
    creatorId String
    encryptionCertificate String
    encryptionCertificateId String
    expirationDateTime DateTimeOffset!
    includeResourceData Boolean
    latestSupportedTlsVersion String
    lifecycleNotificationUrl String
    notificationQueryOptions String
    notificationUrl String!
    notificationUrlAppId String
    resource String!
entity user : directoryObject open
    accountEnabled Boolean
    department String
    displayName String
    givenName String
    jobTitle String
    mail String
    officeLocation String
    print userPrint
    surname String
    userPrincipalName String
action abort
    bindingParameter printJob
    reason String
action cancel
    bindingParameter printJob
action create
    bindingParameter printer*
    displayName String!
    manufacturer String!
    model String!
    physicalDeviceId String
    hasPhysicalDevice Boolean
    certificateSigningRequest printCertificateSigningRequest!
    connectorId String
action createUploadSession
    bindingParameter printDocument
    properties printDocumentUploadProperties!
    = uploadSession
action redirect
    bindingParameter printJob
    destinationPrinterId String!
    configuration printJobConfiguration
    = printJob
action restoreFactoryDefaults
    bindingParameter printer
action start
    bindingParameter printJob
    = printJobStatus
function getGroupArchivedPrintJobs
    bindingParameter reportRoot
    groupId String!
    startDateTime DateTimeOffset
    endDateTime DateTimeOffset
    = archivedPrintJob*
function getPrinterArchivedPrintJobs
    bindingParameter reportRoot
    printerId String!
    startDateTime DateTimeOffset
    endDateTime DateTimeOffset
    = archivedPrintJob*
function getUserArchivedPrintJobs
    bindingParameter reportRoot
    userId String!
    startDateTime DateTimeOffset
    endDateTime DateTimeOffset
    = archivedPrintJob*
beta enum printColorConfiguration
    blackAndWhite=0 grayscale=1 color=2 auto=3
beta enum printDuplexConfiguration
    twoSidedLongEdge=0 twoSidedShortEdge=1 oneSided=2
beta enum printMediaType
    stationery=0 transparency=1 envelope=2 envelopePlain=3 continuous=4 screen=5 screenPaged=6 continuousLong=7
    continuousShort=8 envelopeWindow=9 multiPartForm=10 multiLayer=11 labels=12
beta enum printPresentationDirection
    clockwiseFromTopLeft=0 counterClockwiseFromTopLeft=1 counterClockwiseFromTopRight=2 clockwiseFromTopRight=3
    counterClockwiseFromBottomLeft=4 clockwiseFromBottomLeft=5 counterClockwiseFromBottomRight=6
    clockwiseFromBottomRight=7
beta enum printerFeedDirection
    longEdgeFirst=0 shortEdgeFirst=1
beta enum printerProcessingStateReason
    paused=0 mediaJam=2 mediaNeeded=3 mediaLow=4 mediaEmpty=5 coverOpen=6 interlockOpen=7 outputTrayMissing=9
    outputAreaFull=10 markerSupplyLow=11 markerSupplyEmpty=12 inputTrayMissing=13 outputAreaAlmostFull=14
    markerWasteAlmostFull=15 markerWasteFull=16 fuserOverTemp=17 fuserUnderTemp=18 other=19 none=20
    movingToPaused=21 shutdown=22 connectingToDevice=23 timedOut=24 stopping=25 stoppedPartially=26 tonerLow=27
    tonerEmpty=28 spoolAreaFull=29 doorOpen=30 opticalPhotoConductorNearEndOfLife=31
    opticalPhotoConductorLifeOver=32 developerLow=33 developerEmpty=34 interpreterResourceUnavailable=35
    unknownFutureValue=36
beta complex deviceHealth
    lastConnectionTime DateTimeOffset
beta complex printerReleaseMechanism
    releaseType String!
beta complex printerDocumentConfiguration
    collate Boolean
    colorMode printColorMode
    copies Int32
    dpi Int32
    duplexMode printDuplexMode
    feedDirection printerFeedDirection
    feedOrientation printerFeedOrientation
    finishings printFinishing*
    fitPdfToPage Boolean
    inputBin String
    margin printMargin
    mediaSize String
    mediaType String
    multipageLayout printMultipageLayout
    orientation printOrientation
    outputBin String
    pageRanges integerRange*
    pagesPerSheet Int32
    quality printQuality
    scaling printScaling
beta function getCapabilities
    bindingParameter printer
    = printerCapabilities
beta action resetDefaults
    bindingParameter printer
beta action startPrintJob
    bindingParameter printJob
    = printJobStatus
beta action cancelPrintJob
    bindingParameter printJob
"""


@cache
def schema_of(version: str) -> Schema:
    """Return the schema of `v1.0` or `beta`."""
    types: dict[str, EnumType | ComplexType] = {}
    operations: list[Operation] = []
    for opening, members in _blocks(version):
        kind, name, *rest = opening.split()
        if kind == "enum":
            types[name] = _enum(name, members)
        elif kind in {"action", "function"}:
            operations.append(_operation(kind, name, members))
        else:
            types[name] = _structured(kind, name, rest, members)
    return Schema(types=types, operations=tuple(operations), container=_CONTAINER)


_CONTAINER = (
    EntitySet("groups", "group"),
    EntitySet("organization", "organization"),
    EntitySet("subscriptions", "subscription"),
    EntitySet("users", "user"),
    Singleton("me", "user"),
    Singleton("print", "print"),
    Singleton("reports", "reportRoot"),
)


def members_before_sentinel(enum: EnumType) -> frozenset[str]:
    """Members that a client gets without `Prefer: include-unknown-enum-members`."""
    sentinel = enum.members.get(_SENTINEL)
    if sentinel is None:
        return frozenset(enum.members)
    return frozenset(name for name, number in enum.members.items() if number <= sentinel)


def _blocks(version: str) -> Iterator[tuple[str, list[str]]]:
    opening = ""
    members: list[str] = []
    for line in _MODEL.strip().splitlines():
        text = line.strip()
        is_beta = text.startswith("beta ")
        if is_beta:
            text = text.removeprefix("beta ")
        if not line.startswith(" "):
            if opening:
                yield opening, members
            opening, members = ("" if is_beta and version != "beta" else text), []
        elif not is_beta or version == "beta":
            members.append(text)
    if opening:
        yield opening, members


def _enum(name: str, lines: list[str]) -> EnumType:
    numbered = [word.partition("=") for line in lines for word in line.split()]
    members = {member: int(number) for member, _, number in numbered}
    if name == "printerProcessingStateDetail":
        first = members[_SENTINEL] + 1
        members |= {member: first + index for index, member in enumerate(LATER_MEMBERS.split())}
    return EnumType(name, members)


def _structured(kind: str, name: str, rest: list[str], lines: list[str]) -> ComplexType:
    base = rest[rest.index(":") + 1] if ":" in rest else None
    properties: dict[str, PropertyType] = {}
    navigation: dict[str, NavigationType] = {}
    for line in lines:
        words = line.split()
        if words[0] == "->":
            described = _type(words[2])
            navigation[words[1]] = NavigationType(
                described.type, described.collection, described.nullable, contained="contained" in words
            )
        else:
            described = _type(words[1])
            properties[words[0]] = PropertyType(described.type, described.collection, described.nullable)
    is_open, is_abstract = "open" in rest, "abstract" in rest
    if kind == "complex":
        return ComplexType(name, properties, navigation, base, is_abstract, is_open)
    key = ("id",) if name == "entity" else ()
    return EntityType(name, properties, navigation, base, is_abstract, is_open, key, "stream" in rest)


def _operation(kind: str, name: str, lines: list[str]) -> Operation:
    parameters, returns = [], None
    for line in lines:
        first, written = line.split()
        described = _type(written)
        if first == "=":
            returns = described
        else:
            parameters.append(Parameter(described.type, described.collection, described.nullable, name=first))
    return Operation("Action" if kind == "action" else "Function", name, tuple(parameters), returns)


def _type(written: str) -> TypeReference:
    name = written.rstrip("!*")
    qualified = f"Edm.{name}" if name in _PRIMITIVES else name
    return TypeReference(qualified, "*" in written, not written.endswith("!"))
