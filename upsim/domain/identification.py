"""A request that a printer identifies itself (PWG 5100.13 Identify-Printer), until its device acknowledges it."""

from datetime import datetime
from typing import ClassVar

from upsim.domain.entity import Entity, Index

IDENTIFY_PRINTER_REQUESTED = "identify-printer-requested"
"""The printer-state-reason that makes a device fetch the request (PWG 5100.18)."""


class IdentifyRequest(Entity, frozen=True, kw_only=True):
    """The pending request; `id` is the printer's id, so a later one replaces an earlier one."""

    kind: ClassVar[str] = "identify-request"

    actions: tuple[str, ...]
    message: str = ""
    created_at: datetime

    def index(self) -> Index:
        return Index(parent=self.id, at=self.created_at)
