"""Pull printing by a third party: definitions, triggers and tasks (Microsoft Graph printTaskDefinition).

An application defines a task; an administrator hangs a trigger with it on a printer; every job that starts there
is then held under a task of its own until the application says that the task is done.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from upsim.domain.entity import Entity, Index

JOB_STARTED = "jobStarted"
"""The only printEvent."""


class TaskState(StrEnum):
    """Graph's printTaskProcessingState."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ABORTED = "aborted"

    @property
    def is_terminal(self) -> bool:
        return self in {TaskState.COMPLETED, TaskState.ABORTED}


class TaskDefinition(Entity, frozen=True, kw_only=True):
    """What an application wants to do with jobs; seen and changed by that application only."""

    kind: ClassVar[str] = "task-definition"

    display_name: str
    app_id: str
    app_display_name: str | None = None
    created_at: datetime

    def index(self) -> Index:
        return Index(owner=self.app_id, at=self.created_at)


class TaskTrigger(Entity, frozen=True, kw_only=True):
    """Hangs a definition on a printer; a printer has at most one."""

    kind: ClassVar[str] = "task-trigger"

    printer_id: str
    definition_id: str
    event: str = JOB_STARTED
    created_at: datetime

    def index(self) -> Index:
        return Index(parent=self.printer_id, key=self.definition_id, at=self.created_at)


class Task(Entity, frozen=True, kw_only=True):
    """One job held for one definition. While it is being processed, its application may change the job."""

    kind: ClassVar[str] = "task"

    job_id: str
    definition_id: str
    trigger_id: str
    app_id: str
    state: TaskState = TaskState.PROCESSING
    description: str = "The task is being processed."
    created_at: datetime
    expires_at: datetime | None = None
    """When a task that nobody ended is given up, with its job."""

    def index(self) -> Index:
        return Index(
            parent=self.job_id,
            key=self.definition_id,
            tag=self.state.value,
            at=self.created_at,
            due=None if self.state.is_terminal else self.expires_at,
        )
