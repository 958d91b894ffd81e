"""A wish that a printer shows where it stands (PWG 5100.13 Identify-Printer), until its device takes note."""

from datetime import datetime
from typing import ClassVar

from upsim.domain.entity import Entity, Index

IDENTIFY_PRINTER_REQUESTED = "identify-printer-requested"
"""The printer-state-reason that tells a device to ask (PWG 5100.18)."""


class IdentifyRequest(Entity, frozen=True, kw_only=True):
    """The pending wish; `id` is the printer's id, so a later wish replaces an earlier one."""

    kind: ClassVar[str] = "identify-request"

    actions: tuple[str, ...]
    message: str = ""
    created_at: datetime

    def index(self) -> Index:
        return Index(parent=self.id, at=self.created_at)
