"""People of a tenant, the groups they are in and the directory roles they hold."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from upsim.domain.entity import Entity, Index


class Role(StrEnum):
    """Directory roles that matter to printing; the value is the role template id of Microsoft Entra."""

    PRINTER_ADMINISTRATOR = "644ef478-e28f-4e28-b9dc-3fdde9aa0b1f"
    PRINTER_TECHNICIAN = "e8cef6f1-e4bd-4ea8-bc07-4b8d950f4477"
    GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
    GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
    REPORTS_READER = "4a5d8f65-41da-4de4-8968-e035b65339cf"

    @property
    def display_name(self) -> str:
        return self.name.replace("_", " ").title()


class User(Entity, frozen=True, kw_only=True):
    """A person who signs in. Passwords of test users are public, so they are stored in clear."""

    kind: ClassVar[str] = "user"

    user_principal_name: str
    display_name: str
    password: str
    roles: tuple[Role, ...] = ()
    is_enabled: bool = True
    is_locked: bool = False
    """Whether sign-in is refused as after too many wrong passwords."""
    needs_second_factor: bool = False
    """Whether a password alone is not enough: only the sign-in page, where the second factor is a button, is."""
    asks_for_password: bool = False
    """Whether the password must be typed; otherwise choosing the account, or `login_hint`, signs in."""
    sessions_valid_from: datetime | None = None
    """Refresh tokens older than this are revoked, as after a change of password."""

    @property
    def is_printer_administrator(self) -> bool:
        return Role.PRINTER_ADMINISTRATOR in self.roles or Role.GLOBAL_ADMINISTRATOR in self.roles

    @property
    def is_global_administrator(self) -> bool:
        return Role.GLOBAL_ADMINISTRATOR in self.roles

    def index(self) -> Index:
        return Index(key=self.user_principal_name.lower())


class Group(Entity, frozen=True, kw_only=True):
    """A security group; `members` are user ids."""

    kind: ClassVar[str] = "group"

    display_name: str
    members: tuple[str, ...] = ()

    def index(self) -> Index:
        return Index(key=self.display_name.lower())
