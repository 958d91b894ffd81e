"""The IPP codec, as a ratio to a loop of plain Python that is measured beside it."""

import statistics
import time
from collections.abc import Callable, Iterator

from upsim.actors.printer import LASER_PRINTER
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import decode
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.tags import GroupTag

ATTRIBUTES = 100
LOOPS = 40


def figures() -> Iterator[tuple[str, float, float, str]]:
    """Name, ratio, goal and detail. The reference loop takes about a microsecond a turn on the study's machine."""
    attributes = (LASER_PRINTER * 4)[:ATTRIBUTES]
    message = Message((2, 0), 0, 1, (build.group(GroupTag.PRINTER, *attributes),))
    data = encode(message)
    encoding, decoding, reference = _in_turn(lambda: encode(message), lambda: decode(data), _reference)
    yield "IPP encode an attribute, reference turns", encoding / reference, 3.0, f"{encoding:.2f} µs"
    yield "IPP decode an attribute, reference turns", decoding / reference, 5.0, f"{decoding:.2f} µs"


def _reference() -> None:
    """Do the least work for each attribute: a tuple, a dictionary, a string and its bytes."""
    for number in range(ATTRIBUTES):
        item = {"name": "media-supported", "number": number}
        (item["name"] + "-default").encode().hex()[:8].upper()


def _in_turn(*works: Callable[[], object]) -> list[float]:
    """Microseconds an attribute for each work, the median of rounds taken in turn."""
    rounds: list[list[float]] = [[] for _ in works]
    for _ in range(LOOPS):
        for index, work in enumerate(works):
            began = time.process_time()
            for _ in range(10):
                work()
            rounds[index].append((time.process_time() - began) / 10 / ATTRIBUTES * 1e6)
    return [statistics.median(each) for each in rounds]
