"""A printer's attributes as octets, made once for as long as the printer, its share and the settings stay so.

The store gives the very same object for the same row, so comparing costs nothing while nothing changes. What
moves by itself, such as the up-time, is encoded anew each time.
"""

from collections import OrderedDict
from functools import lru_cache
from typing import Any, NamedTuple

from upsim.faces.ipp.printer_attributes import (
    Moment,
    PrinterView,
    group_of,
    moving_attributes,
    standing_attributes,
)
from upsim.faces.ipp.request import IppRequest, in_order
from upsim.faces.ipp.requested import Requested
from upsim.wire.ipp.encode import EncodedGroup, encode_attribute, encode_groups
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute

REMEMBERED_MAX = 64
"""Printers and sets of requested attributes whose octets are kept."""
ONLY_BY_NAME = frozenset({"media-col-database"})
"""Too long to be sent unasked (PWG 5100.7 section 6.5.4)."""


class _Compiled(NamedTuple):
    basis: tuple[Any, ...]
    octets: bytes
    moving: frozenset[str]
    """Names of those wanted that are encoded each time."""


_NOTHING = ((), b"")
_remembered: OrderedDict[tuple[str, str, frozenset[str]], _Compiled] = OrderedDict()


def answer_printer(view: PrinterView, request: IppRequest) -> bytes:
    """What an answer says behind its header. It is the same for all that ask in the same words within a moment."""
    target = view.target
    basis = (view.base_url, view.moment, target.printer, target.share, target.settings, view.operations)
    octets: bytes
    found, octets = request.kept.get("printer", _NOTHING)
    if found != basis:
        octets = encode_groups(in_order([represent_printer(view, Requested.of(request.attributes))]))
        request.kept["printer"] = basis, octets
    return octets


def represent_printer(view: PrinterView, requested: Requested) -> EncodedGroup:
    """The printer's group, with those of its attributes that were asked for."""
    compiled = _compiled(view, requested)
    if not compiled.moving:
        return EncodedGroup(GroupTag.PRINTER, (compiled.octets,))
    return EncodedGroup(GroupTag.PRINTER, (_moving(view.moment, compiled.moving), compiled.octets))


@lru_cache(REMEMBERED_MAX)
def _moving(moment: Moment, wanted: frozenset[str]) -> bytes:
    """The same octets for all that ask within a tenth of a second."""
    return b"".join([encode_attribute(item) for item in moving_attributes(moment) if item[0] in wanted])


def _compiled(view: PrinterView, requested: Requested) -> _Compiled:
    target = view.target
    key = (target.id, view.base_url, requested.asked)
    basis = (target.printer, target.share, target.settings, view.operations)
    found = _remembered.get(key)
    if found is None or found.basis != basis:
        wanted = [item for item in standing_attributes(view) if _is_wanted(item, requested)]
        moving = frozenset([item.name for item in moving_attributes(view.moment) if _is_wanted(item, requested)])
        octets = b"".join([encode_attribute(item) for item in wanted])
        found = _remembered[key] = _Compiled(basis, octets, moving)
        if len(_remembered) > REMEMBERED_MAX:
            _remembered.popitem(last=False)
    else:
        _remembered.move_to_end(key)
    return found


def _is_wanted(attribute: Attribute, requested: Requested) -> bool:
    name = attribute.name
    return requested.names(name) or (name not in ONLY_BY_NAME and requested.admits(name, (group_of(name),)))
