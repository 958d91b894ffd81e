"""A printer simulated inside upsim: its current job and next steps. Its jobs complete by themselves."""

from datetime import datetime
from typing import ClassVar

from upsim.domain.entity import Entity, Index
from upsim.domain.persona import Persona, Step


class SimulatedDevice(Entity, frozen=True, kw_only=True):
    """The device of one printer; `id` is the printer's."""

    kind: ClassVar[str] = "simulated-device"

    persona: Persona
    since: datetime
    due_at: datetime | None = None
    """When it acts next; None: waiting for a job."""
    tried: int = 0
    """The number of jobs it has tried."""
    tray: int = 0
    job_id: str | None = None
    steps: tuple[Step, ...] = ()
    """The remaining steps of that job."""

    def index(self) -> Index:
        return Index(due=self.due_at)
