"""Universal Print Anywhere: queues without a device of their own, whose jobs are printed at member printers.

Microsoft publishes how members release jobs, not how queues are managed; these types are upsim's.
"""

from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from upsim.domain.entity import Entity, Index

Format = Literal["pdf", "pwg-raster", "pclm", "urf", "xps", "raw"]
"""The formats that a pull-print printer can be given (Microsoft's guide for partners)."""


class PrintOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options that an administrator offers users on a pull-print printer."""

    formats: tuple[Format, ...] = ("pdf",)
    media: tuple[str, ...] = ("iso_a4_210x297mm", "na_letter_8.5x11in")
    """PWG 5101.1 names; the first is the default."""
    color: bool = True
    duplex: bool = True


class PullPrinter(Entity, frozen=True, kw_only=True):
    """The pull-print configuration of a printer; `id` is that printer's."""

    kind: ClassVar[str] = "pull-printer"

    members: tuple[str, ...] = ()
    """Ids of the printers at which its jobs can be released."""
    has_all_printers: bool = False
    """Whether every configured printer is a member, whatever `members` says."""
    created_at: datetime

    def index(self) -> Index:
        return Index(at=self.created_at)


class RoutedJob(Entity, frozen=True, kw_only=True):
    """The member printer of a released job of a pull-print printer; `id` is the job's."""

    kind: ClassVar[str] = "routed-job"

    printer_id: str
    """The member at which it was released."""
    routed_at: datetime
    has_ended: bool = False

    def index(self) -> Index:
        return Index(parent=self.printer_id, tag="ended" if self.has_ended else "live", at=self.routed_at)
