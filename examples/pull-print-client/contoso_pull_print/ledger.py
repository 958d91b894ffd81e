"""Which notifications were dealt with. Graph may tell the same twice; a restart must not forget it."""

import sqlite3
from pathlib import Path


class Ledger:
    """Task ids, in a file."""

    def __init__(self, file: Path | str) -> None:
        self._rows = sqlite3.connect(file, isolation_level=None)
        self._rows.execute("CREATE TABLE IF NOT EXISTS dealt_with (task TEXT PRIMARY KEY)")

    def claim(self, task_id: str) -> bool:
        """Whether this task is new. From now on it is not."""
        return self._rows.execute("INSERT OR IGNORE INTO dealt_with VALUES (?)", (task_id,)).rowcount == 1

    def give_back(self, task_id: str) -> None:
        """It could not be dealt with; let it be told again."""
        self._rows.execute("DELETE FROM dealt_with WHERE task = ?", (task_id,))

    def close(self) -> None:
        """Close the file."""
        self._rows.close()
