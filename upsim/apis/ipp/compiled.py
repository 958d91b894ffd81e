"""A printer's attributes as octets, made once for as long as the printer, its share and the settings stay so.

They are kept with the words of the message that asked (`IppRequest.kept`). The store gives the very same object
for the same row, so comparing costs nothing while nothing changes. What moves by itself, such as the up-time, is
encoded anew when it has moved.
"""

from datetime import datetime
from typing import Any, NamedTuple

from upsim.apis.ipp.printer_attributes import (
    Moment,
    PrinterView,
    group_of,
    moving_attributes,
    standing_attributes,
)
from upsim.apis.ipp.request import IppRequest, in_order
from upsim.apis.ipp.requested import Requested
from upsim.wire.ipp.encode import EncodedGroup, encode_attribute, encode_groups
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute

ONLY_BY_NAME = frozenset({"media-col-database"})
"""Too long to be sent unasked (PWG 5100.7 section 6.5.4)."""


class Compiled(NamedTuple):
    """An answer, and what it was made of."""

    basis: tuple[Any, ...]
    standing: bytes
    moving: frozenset[str]
    """Names of those wanted that move."""
    queued_job_count: int
    begins: datetime
    ends: datetime
    """From and until when nothing of it moves."""
    octets: bytes
    """What an answer says behind its header."""


def recall_printer(request: IppRequest, queued_job_count: int) -> Compiled | None:
    """The answer that the same message had, if nothing has moved since."""
    found: Compiled | None = request.kept.get("printer")
    if found is None or not found.begins <= request.printer.now < found.ends:
        return None
    if found.queued_job_count != queued_job_count or found.basis != _basis(request):
        return None
    return found


def compile_printer(view: PrinterView, request: IppRequest) -> Compiled:
    """The answer: the printer's group, with those attributes that were asked for."""
    found: Compiled | None = request.kept.get("printer")
    basis = _basis(request)
    if found is None or found.basis != basis:
        requested = Requested.of(request.attributes)
        wanted = [item for item in standing_attributes(view) if _is_wanted(item, requested)]
        standing = b"".join([encode_attribute(item) for item in wanted])
        moving = frozenset([item.name for item in moving_attributes(view.moment) if _is_wanted(item, requested)])
    else:
        standing, moving = found.standing, found.moving
    octets = _joined(view.moment, moving, standing)
    compiled = Compiled(basis, standing, moving, view.queued_job_count, view.target.now, view.moves_at, octets)
    request.kept["printer"] = compiled
    return compiled


def _basis(request: IppRequest) -> tuple[Any, ...]:
    target = request.printer
    return request.call.base_url, target.printer, target.share, target.settings, request.operations


def _joined(moment: Moment, moving: frozenset[str], standing: bytes) -> bytes:
    parts = [encode_attribute(item) for item in moving_attributes(moment) if item.name in moving]
    return encode_groups(in_order([EncodedGroup(GroupTag.PRINTER, (*parts, standing))]))


def _is_wanted(attribute: Attribute, requested: Requested) -> bool:
    name = attribute.name
    return requested.names(name) or (name not in ONLY_BY_NAME and requested.admits(name, (group_of(name),)))
