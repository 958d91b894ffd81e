"""The shared SQL in PostgreSQL's words."""

import re
from functools import cache

from upsim.storage._sql.statements import SKIP_LOCKED

_PARAMETER = re.compile(r"(?<!:):(\w+)")
_TYPES = {"TEXT": 'TEXT COLLATE "C"', "BLOB": "BYTEA"}
"""Text is compared byte by byte, as the embedded engine does: the order of a list must not depend on a locale."""


@cache
def translated(sql: str) -> str:
    """A statement with psycopg's placeholders."""
    return _PARAMETER.sub(r"%(\1)s", sql).replace(SKIP_LOCKED, "FOR UPDATE SKIP LOCKED")


def translated_schema(script: str) -> str:
    """A script of `_sql/schema` with PostgreSQL's types."""
    return re.sub(r"\b(TEXT|BLOB)\b", lambda match: _TYPES[match[1]], script)
