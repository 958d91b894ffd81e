"""A tenant: its state, clock, seed, settings and limits are independent of other tenants."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Struct

from upsim.domain.clock import Clock
from upsim.domain.entity import Entity, Index
from upsim.domain.injection import Imposed
from upsim.domain.limits import LimitSettings
from upsim.domain.pacing import Pace

Positive = Annotated[float, msgspec.Meta(gt=0)]


class TenantSettings(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Choices of the service that a test may change. Units stand last in each name."""

    issuer: Literal["local", "microsoft"] = "local"
    """`local`: tokens name this server as issuer; `microsoft`: they name Microsoft's own hosts."""
    user_token_seconds: int = 3600
    device_token_seconds: int = 3600
    refresh_token_seconds: int = 90 * 86400
    authorization_code_seconds: int = 600
    device_code_seconds: int = 900
    device_code_interval_seconds: int = 5
    nonce_seconds: int = 300
    registration_seconds: float = 1.0
    """How long a printer registration runs before it has succeeded."""
    registration_interval_seconds: int = 1
    """The poll interval that the registering device is given."""
    certificate_seconds: int = 10 * 365 * 86400
    upload_session_seconds: int = 3600
    """How long an upload over Graph may take (documented: 1 hour); then the job is aborted."""
    ipp_upload_seconds: int = 1800
    """How long an upload over IPP may take (documented: 30 minutes); then the job is aborted."""
    completed_upload_seconds: int = 60
    """How long a finished upload session still answers a repeated range."""
    download_url_seconds: int = 600
    task_seconds: int | None = 86400
    """How long a task may hold a job before both are given up (documented without a time); None: for ever."""
    job_pace: Pace | None = None
    """At what pace jobs to come move, where their printer has none of its own; None: as the service moves them."""
    limits: LimitSettings = LimitSettings()
    job_size_bytes_max: int = 1 << 30
    """Universal Print's documented limit of 1 GB a job."""
    upload_request_bytes_max: int = 10 * 1000 * 1000
    """A PUT to an upload URL must stay below this (documented: 'less than 10 MB')."""
    repeated_range: Literal["accept", "refuse"] = "accept"
    """The answer to a range repeated after completion: `accept` answers as the SDKs need, `refuse` says 416."""
    document_conversion_seconds: float = 0.0
    """How long the service takes to convert an XPS document, where print settings have it do so (chosen)."""
    open_printer_attributes: bool = False
    """Whether Get-Printer-Attributes on a printer's own URL needs no credentials; CUPS sets up queues so."""
    not_fetchable_status: Literal["not-fetchable", "not-possible"] = "not-fetchable"
    """The IPP status when a device asks for a job that it cannot fetch."""
    finished_job_update_status: Literal["not-possible", "internal-error"] = "not-possible"
    """The IPP status when a device updates an ended job (seen in the service: internal-error)."""
    has_badges: bool = True
    """Whether the tenant is enrolled in the preview of badge release."""
    badge_collection_id: str = "0"
    badge_provisioning_seconds: float = 1.0
    """How long the making of a badge collection runs, and its deletion (chosen)."""
    badge_settling_seconds: float = 0.0
    """How long a collection that was made still takes no badges (seen in the service: up to minutes)."""
    badge_list: Literal["not-implemented", "served"] = "not-implemented"
    """The answer to listing badges; the service has no list today."""
    badge_cache_seconds: float = 0.0
    """How long the lookup of a badge is cached, changed or not."""
    subscription_minutes_max: int = 4230
    """How long a change notification subscription may last (documented for print resources)."""
    printer_subscriptions_max: int = 1
    """Subscriptions to the jobs of one printer (documented: one for each print queue)."""
    webhook_http: Literal["accept", "refuse"] = "accept"
    """Whether a notificationUrl may be plain http, as no receiver of the real service may."""
    webhook_validation_seconds: float = 10.0
    """Real time in which a receiver must answer the validation token (documented)."""
    webhook_timeout_seconds: float = 10.0
    """Real time in which a receiver must answer a notification."""
    webhook_backoff_seconds: Positive = 10.0
    """The pause after a first failed delivery; each further one is twice as long."""
    webhook_backoff_seconds_max: Positive = 1800.0
    webhook_retry_seconds: float = 4 * 3600.0
    """A notification that could not be delivered is dropped after this time (documented: about 4 hours)."""
    webhook_batch_max: Annotated[int, msgspec.Meta(ge=1)] = 20
    """The most notifications in one call."""
    page_size: int = 100
    unsupported_query_options: Literal["refuse", "ignore"] = "refuse"
    """The answer to a query option that the collection is documented not to support."""
    history_changes_max: int = 10_000
    """The number of changes back to which the state of the tenant can be read, snapshots aside."""
    history_rows_max: int = 50_000
    """The most replaced versions of rows that are stored for the tenant."""
    snapshots_max: int = 100
    """The most snapshots of the tenant at a time."""
    journal_calls_max: int = 2_000
    """The most calls in the journal; 0: none."""
    journal_bytes_max: int = 8 << 20
    """The most bytes of bodies in the journal."""
    journal_body_bytes_max: int = 64 << 10
    """Longer bodies are left out of the journal."""


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
