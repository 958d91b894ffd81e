"""A tenant, whose state, clock, seed, settings and limits touch no other tenant."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from upsim.domain.clock import Clock
from upsim.domain.entity import Entity, Index
from upsim.domain.injection import Imposed
from upsim.domain.limits import LimitSettings
from upsim.domain.pacing import Pace

Seconds = Annotated[float, Meta(ge=0)]
Whole = Annotated[int, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0)]


class _Group(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Settings that belong together. Units stand last in each name; what a setting means is its description."""


class TokenSettings(_Group, frozen=True, kw_only=True):
    """Tokens, codes and nonces."""

    issuer: Annotated[
        Literal["local", "microsoft"],
        Meta(description="Whom tokens name as issuer: `local` this server, `microsoft` Microsoft's own hosts."),
    ] = "local"
    user_seconds: Annotated[Whole, Meta(description="How long a user's or an application's token is valid.")] = (
        3600
    )
    device_seconds: Annotated[Whole, Meta(description="How long a device's token is valid.")] = 3600
    refresh_seconds: Annotated[Whole, Meta(description="How long a refresh token is valid.")] = 90 * 86400
    authorization_code_seconds: Annotated[Whole, Meta(description="How long an authorization code is valid.")] = (
        600
    )
    device_code_seconds: Annotated[Whole, Meta(description="How long a device code waits for its user.")] = 900
    device_code_interval_seconds: Annotated[
        Whole, Meta(description="The poll interval of the device code flow.")
    ] = 5
    nonce_seconds: Annotated[Whole, Meta(description="How long a nonce for a device's token is valid.")] = 300


class RegistrationSettings(_Group, frozen=True, kw_only=True):
    """Registration of printers and connectors."""

    seconds: Annotated[
        Seconds, Meta(description="How long a registration runs before it has succeeded; 0: at once.")
    ] = 1.0
    interval_seconds: Annotated[
        Whole, Meta(description="The poll interval that the registering device is given.")
    ] = 1
    certificate_seconds: Annotated[Whole, Meta(description="How long a device's certificate is valid.")] = (
        10 * 365 * 86400
    )


class UploadSettings(_Group, frozen=True, kw_only=True):
    """Documents on their way in and out."""

    session_seconds: Annotated[
        Whole,
        Meta(description="How long an upload over Graph may take before its job is aborted (documented: 1 hour)."),
    ] = 3600
    ipp_seconds: Annotated[
        Whole,
        Meta(
            description="How long an upload over IPP may take before its job is aborted (documented: 30 minutes)."
        ),
    ] = 1800
    completed_seconds: Annotated[
        Whole, Meta(description="How long a finished upload session still answers a repeated range.")
    ] = 60
    request_bytes_max: Annotated[
        AtLeastOne, Meta(description="A PUT to an upload URL must stay below this (documented: less than 10 MB).")
    ] = 10 * 1000 * 1000
    repeated_range: Annotated[
        Literal["accept", "refuse"],
        Meta(description="A range repeated after completion: `accept` as the SDKs need, `refuse` answers 416."),
    ] = "accept"
    download_url_seconds: Annotated[Whole, Meta(description="How long a download URL is valid.")] = 600


class JobSettings(_Group, frozen=True, kw_only=True):
    """Jobs, their pace and their tasks."""

    size_bytes_max: Annotated[AtLeastOne, Meta(description="The size of a job's document (documented: 1 GB).")] = (
        1 << 30
    )
    pace: Annotated[
        Pace | None,
        Meta(
            description="At what pace new jobs move where their printer has none of its own; null: as the service."
        ),
    ] = None
    task_seconds: Annotated[
        Whole | None,
        Meta(description="How long a task may hold a job before both are given up; null: for ever."),
    ] = 86400
    conversion_seconds: Annotated[
        Seconds, Meta(description="How long the service takes to convert an XPS document (chosen).")
    ] = 0.0


class IppSettings(_Group, frozen=True, kw_only=True):
    """The IPP API."""

    open_printer_attributes: Annotated[
        bool,
        Meta(
            description="Whether Get-Printer-Attributes on a printer's own URL needs no credentials, as CUPS asks."
        ),
    ] = False
    not_fetchable_status: Annotated[
        Literal["not-fetchable", "not-possible"],
        Meta(description="The IPP status when a device asks for a job that it cannot fetch."),
    ] = "not-fetchable"
    finished_job_update_status: Annotated[
        Literal["not-possible", "internal-error"],
        Meta(
            description="The IPP status when a device updates an ended job (seen in the service: internal-error)."
        ),
    ] = "not-possible"


class BadgeSettings(_Group, frozen=True, kw_only=True):
    """Badges and their collection."""

    enrolled: Annotated[
        bool, Meta(description="Whether the tenant is enrolled in the preview of badge release.")
    ] = True
    collection_id: Annotated[str, Meta(description="The id of the badge collection.")] = "0"
    provisioning_seconds: Annotated[
        Seconds, Meta(description="How long making or deleting a badge collection runs (chosen).")
    ] = 1.0
    settling_seconds: Annotated[
        Seconds,
        Meta(description="How long a new collection still takes no badges (seen in the service: up to minutes)."),
    ] = 0.0
    listing: Annotated[
        Literal["not-implemented", "served"],
        Meta(description="The answer to listing badges; the service has no list today."),
    ] = "not-implemented"
    cache_seconds: Annotated[
        Seconds, Meta(description="How long a badge that was read once is answered as it was, changed or not.")
    ] = 0.0


class WebhookSettings(_Group, frozen=True, kw_only=True):
    """Change notifications: subscriptions and deliveries."""

    subscription_minutes_max: Annotated[
        AtLeastOne, Meta(description="How long a subscription may last (documented for print resources).")
    ] = 4230
    printer_subscriptions_max: Annotated[
        Whole, Meta(description="Subscriptions to the jobs of one printer (documented: one for each print queue).")
    ] = 1
    http: Annotated[
        Literal["accept", "refuse"],
        Meta(description="Whether a notificationUrl may be plain http, as none of the real service may."),
    ] = "accept"
    validation_seconds: Annotated[
        Seconds, Meta(description="Real time in which a receiver must answer the validation token (documented).")
    ] = 10.0
    timeout_seconds: Annotated[
        Seconds, Meta(description="Real time in which a receiver must answer a notification.")
    ] = 10.0
    backoff_seconds: Annotated[
        Positive, Meta(description="The pause after a first failed delivery; each further one is twice as long.")
    ] = 10.0
    backoff_seconds_max: Annotated[Positive, Meta(description="The longest pause between deliveries.")] = 1800.0
    retry_seconds: Annotated[
        Seconds, Meta(description="After this time a notification is dropped (documented: about 4 hours).")
    ] = 4 * 3600.0
    batch_max: Annotated[AtLeastOne, Meta(description="Notifications in one call.")] = 20


class QuerySettings(_Group, frozen=True, kw_only=True):
    """OData queries."""

    page_size: Annotated[
        AtLeastOne, Meta(description="Entries of a page where the caller asks for no number.")
    ] = 100
    unsupported_options: Annotated[
        Literal["refuse", "ignore"],
        Meta(description="A query option that the collection is documented not to support."),
    ] = "refuse"


class HistorySettings(_Group, frozen=True, kw_only=True):
    """The tenant's past."""

    changes_max: Annotated[
        Whole, Meta(description="How many changes back the state can be read, snapshots aside.")
    ] = 10_000
    rows_max: Annotated[Whole, Meta(description="How many replaced versions are stored for it.")] = 50_000
    snapshots_max: Annotated[Whole, Meta(description="How many snapshots the tenant may have at a time.")] = 100


class JournalSettings(_Group, frozen=True, kw_only=True):
    """The journal of calls."""

    calls_max: Annotated[Whole, Meta(description="How many calls it holds; 0: none.")] = 2_000
    bytes_max: Annotated[Whole, Meta(description="How many bytes of bodies it holds in all.")] = 8 << 20
    body_bytes_max: Annotated[Whole, Meta(description="Longer bodies are not held.")] = 64 << 10


class TenantSettings(_Group, frozen=True, kw_only=True):
    """What the service decides and a test may want to decide."""

    tokens: TokenSettings = TokenSettings()
    registration: RegistrationSettings = RegistrationSettings()
    uploads: UploadSettings = UploadSettings()
    jobs: JobSettings = JobSettings()
    ipp: IppSettings = IppSettings()
    limits: LimitSettings = LimitSettings()
    badges: BadgeSettings = BadgeSettings()
    webhooks: WebhookSettings = WebhookSettings()
    queries: QuerySettings = QuerySettings()
    history: HistorySettings = HistorySettings()
    journal: JournalSettings = JournalSettings()


class Tenant(Entity, frozen=True, kw_only=True):
    """A directory and everything under it. `domains[0]` is the default domain."""

    kind: ClassVar[str] = "tenant"

    display_name: str
    domains: tuple[str, ...]
    seed: str
    """Ids and secrets of the tenant are derived from this and the number of the change."""
    is_repeatable: bool = False
    """Whether somebody chose `seed`, so that keys must follow from it too; a random key is made faster."""
    created_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    """On its own clock."""
    planted_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    """Real time, which says what tenant came first; a reset does not change it."""
    clock: Clock = Clock()
    settings: TenantSettings = TenantSettings()
    imposed: Imposed = Imposed()
    family: str = ""
    """The tenant that it was forked from first of all: those of one family may share documents."""

    @property
    def domain(self) -> str:
        return self.domains[0]

    def index(self) -> Index:
        return Index(key=self.domain.lower())
