"""A part of the directory that has administrators of its own (Microsoft Entra administrative units)."""

from typing import ClassVar

from upsim.domain.entity import Entity, Index


class AdministrativeUnit(Entity, frozen=True, kw_only=True):
    """A set of users and printers. A Printer Administrator of the unit is one for its printers only."""

    kind: ClassVar[str] = "administrative-unit"

    display_name: str
    members: tuple[str, ...] = ()
    """Ids of users, groups and printers alike."""
    printer_administrators: tuple[str, ...] = ()
    """Ids of the users who hold the Printer Administrator role over this unit alone."""

    def index(self) -> Index:
        return Index(key=self.display_name.lower())
