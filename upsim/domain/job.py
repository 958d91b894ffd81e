"""A print job. Its life is `upsim.domain.job_lifecycle`; this module defines its data."""

from datetime import datetime
from enum import IntEnum
from typing import ClassVar

import msgspec
from msgspec import Struct

from upsim.domain.attributes import Attributes
from upsim.domain.document import Document
from upsim.domain.entity import Entity, Index
from upsim.domain.pacing import Pace

JOB_FETCHABLE = "job-fetchable"
JOB_INCOMING = "job-incoming"
JOB_DATA_INSUFFICIENT = "job-data-insufficient"
JOB_QUEUED = "job-queued"
JOB_TRANSFORMING = "job-transforming"
JOB_HOLD_UNTIL_SPECIFIED = "job-hold-until-specified"
JOB_HELD_FOR_RELEASE = "job-held-for-release"
"""Held until its owner is at the printer (PWG 5100.11; it replaces job-release-wait)."""
JOB_FETCHABLE_BY_USER = "job-fetchable-by-user"
"""The reason that a device sees of such a job while its owner is at the printer (Microsoft)."""
JOB_HELD_FOR_TASK = "job-held-for-review"
"""Held until its task ends; RFC 8011 has no reason that names a task."""


class JobState(IntEnum):
    """IPP job-state, RFC 8011 section 5.3.7."""

    PENDING = 3
    PENDING_HELD = 4
    PROCESSING = 5
    PROCESSING_STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def keyword(self) -> str:
        """The state as IPP writes it, such as `pending-held`."""
        return self.name.lower().replace("_", "-")

    @property
    def is_terminal(self) -> bool:
        return self >= JobState.CANCELED


class Progress(Struct, frozen=True):
    """A job's state and reasons (RFC 8011); a move may be legal by reason alone."""

    state: JobState
    reasons: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join([self.state.keyword, *sorted(self.reasons)])


class Originator(Struct, frozen=True, kw_only=True):
    """The user who submitted the job."""

    user_id: str
    user_principal_name: str
    display_name: str


class Job(Entity, frozen=True, kw_only=True):
    """A job on a printer. `id` is a decimal number as text, the same in Graph and as IPP job-id."""

    kind: ClassVar[str] = "job"
    is_numbered: ClassVar[bool] = True

    name: str
    printer_id: str
    share_id: str | None = None
    created_by: Originator
    created_by_app_id: str = ""
    created_at: datetime
    progress: Progress
    document: Document
    template: Attributes = msgspec.field(default_factory=dict)
    """Job Template attributes (RFC 8011 section 5.2): what Graph calls the job's configuration."""
    upload_until: datetime | None = None
    """When a job that still waits for its document is given up."""
    transforming_until: datetime | None = None
    """When a job whose document is being converted has its payload."""
    state_message: str = ""
    started_at: datetime | None = None
    fetchable_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    """The printer whose device took the job."""
    processing_at: datetime | None = None
    ended_at: datetime | None = None
    reported: Attributes = msgspec.field(default_factory=dict)
    """Counters and vendor attributes that the device reported with the job's status."""
    redirected_from: str | None = None
    redirected_to: str | None = None
    pace: Pace | None = None
    """The pace of its next move, where a test sets one."""
    reads: int = 0
    """How often it was read since its last move, where that counts."""
    move_at: datetime | None = None
    """When its next timed move is due."""
    is_secured: bool = False
    """Whether its owner must release it before a device may see it."""
    released_at: datetime | None = None
    released_to: str | None = None
    """The printer at which it was released: its own, or a member of its pull-print printer."""

    @property
    def state(self) -> JobState:
        return self.progress.state

    @property
    def is_held_for_release(self) -> bool:
        return JOB_HELD_FOR_RELEASE in self.progress.reasons

    @property
    def is_hidden(self) -> bool:
        """Whether it is invisible to devices: its owner has not released it."""
        return self.is_secured and self.released_at is None

    @property
    def place(self) -> str:
        """The printer that prints it: where it was released, else where it was sent."""
        return self.released_to or self.printer_id

    @property
    def is_fetchable(self) -> bool:
        return JOB_FETCHABLE in self.progress.reasons

    @property
    def is_incoming(self) -> bool:
        """Whether it is being submitted: created and not started."""
        return JOB_INCOMING in self.progress.reasons

    @property
    def is_queued(self) -> bool:
        """Whether it waits for upsim itself."""
        return JOB_QUEUED in self.progress.reasons and not self.is_transforming

    @property
    def is_transforming(self) -> bool:
        return JOB_TRANSFORMING in self.progress.reasons

    @property
    def is_led(self) -> bool:
        """Whether a test leads it all the way, so that no simulated device may."""
        return self.pace is not None and self.pace.up_to == "completed"

    @property
    def moves_by_reads(self) -> bool:
        return self.pace is not None and self.pace.mode == "reads"

    @property
    def number(self) -> int:
        """IPP job-id."""
        return int(self.id)

    def index(self) -> Index:
        return Index(
            parent=self.printer_id,
            owner=self.created_by.user_id,
            key=self.share_id,
            tag=self._tag,
            at=self.created_at,
            due=self.due_at,
        )

    @property
    def due_at(self) -> datetime | None:
        """When it is given up for want of its document, its document is converted, or its timed move is due."""
        if self.is_incoming:
            return self.upload_until if self.document.uploaded_at is None else None
        return self.transforming_until if self.is_transforming else self.move_at

    @property
    def _tag(self) -> str:
        if self.state.is_terminal:
            return "ended"
        if self.is_incoming:
            return "incoming"
        return "fetchable" if self.is_fetchable else "waiting"
