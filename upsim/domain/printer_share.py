"""A printer share: a name and an access list in front of one printer, to which users print."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from upsim.domain.entity import Entity, Index

DISPLAY_NAME_LENGTH_MAX = 50
"""Characters in a share's display name (documented)."""


class PrinterShare(Entity, frozen=True, kw_only=True):
    """A share; `allowed_users` and `allowed_groups` hold ids. `allow_all_users` overrides both lists."""

    kind: ClassVar[str] = "printer-share"

    display_name: str
    printer_id: str
    created_at: datetime
    allow_all_users: bool = False
    holds_for_release: bool = False
    """Whether jobs wait until their owner releases them at the printer (beta's holdJobsForSecureRelease)."""
    allowed_users: tuple[str, ...] = ()
    allowed_groups: tuple[str, ...] = ()

    def index(self) -> Index:
        return Index(parent=self.printer_id, at=self.created_at)

    def admits(self, user_id: str, group_ids: Collection[str]) -> bool:
        """Return whether a user with these group memberships may print here."""
        return (
            self.allow_all_users
            or user_id in self.allowed_users
            or any(group in self.allowed_groups for group in group_ids)
        )
