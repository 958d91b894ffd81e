"""A tenant's settings for all printers (Microsoft Graph printSettings)."""

from typing import ClassVar, Literal

from upsim.domain.entity import Entity

SETTINGS_ID = "print"


class PrintSettings(Entity, frozen=True, kw_only=True):
    """One row a tenant, with the id `SETTINGS_ID`; absent until something is changed."""

    kind: ClassVar[str] = "print-settings"

    id: str = SETTINGS_ID
    is_document_conversion_enabled: bool = False
    air_print_incompatible_printers: Literal["show", "hide"] = "show"
