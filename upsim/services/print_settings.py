"""The tenant's print settings."""

from typing import Any

from msgspec.structs import replace

from upsim.domain.print_settings import SETTINGS_ID, PrintSettings
from upsim.services.ports import Transaction


def get(tx: Transaction) -> PrintSettings:
    return tx.get(PrintSettings, SETTINGS_ID) or PrintSettings()


def update(tx: Transaction, **changes: Any) -> PrintSettings:
    """Change what is named, leave the rest."""
    changed = replace(get(tx), **changes)
    tx.put(changed)
    return changed
