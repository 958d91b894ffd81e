"""Updates of single values of a 1setOf: `name.N` and `name.N-M` (PWG 5100.18, Update-Output-Device-Attributes).

Values are numbered from 1. A range may be replaced by another number of values, or deleted; a number one behind
the last appends.
"""

import re
from collections.abc import Collection

from upsim.domain.attributes import Attributes
from upsim.domain.refusals import Refusal, RefusalKind

_SPARSE = re.compile(r"(?P<name>.+)\.(?P<first>[1-9][0-9]{0,8})(?:-(?P<last>[1-9][0-9]{0,8}))?")


def base_name(name: str) -> str:
    """Return the attribute that a possibly sparse name refers to."""
    found = _SPARSE.fullmatch(name)
    return found["name"] if found else name


def merged(current: Attributes, reported: Attributes, deleted: Collection[str]) -> Attributes:
    """Return the attributes after a report.

    Deletions of values count from the end, so that earlier numbers stay valid.
    """
    attributes = {**current}
    for name, values in reported.items():
        found = _SPARSE.fullmatch(name)
        if found is None:
            attributes[name] = values
        else:
            start, stop = _slice(found, len(attributes.get(found["name"], ())), may_append=True)
            old = attributes.get(found["name"], ())
            attributes[found["name"]] = (*old[:start], *values, *old[stop:])
    for name in sorted(deleted, key=_order, reverse=True):
        found = _SPARSE.fullmatch(name)
        if found is None:
            attributes.pop(name, None)
        elif found["name"] in attributes:
            old = attributes[found["name"]]
            start, stop = _slice(found, len(old), may_append=False)
            attributes[found["name"]] = (*old[:start], *old[stop:])
            if not attributes[found["name"]]:
                del attributes[found["name"]]
    return attributes


def _slice(found: re.Match[str], count: int, *, may_append: bool) -> tuple[int, int]:
    first = int(found["first"])
    last = int(found["last"] or first)
    highest = count + 1 if may_append else count
    if not first <= last or first > highest or last > max(count, first):
        raise Refusal(
            RefusalKind.INVALID,
            f"{found[0]} names values that {found['name']} does not have; it has {count}.",
            reason="sparse-index",
        )
    return first - 1, last


def _order(name: str) -> tuple[str, int]:
    found = _SPARSE.fullmatch(name)
    return (found["name"], int(found["first"])) if found else (name, 0)
