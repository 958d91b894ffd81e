"""Coverage-guided fuzzing of the codec with atheris: `make fuzz`, or `make fuzz FUZZ_SECONDS=3600`.

Whatever the octets, they decode or are `Malformed`, and nothing else is raised; in pieces they fare as the whole;
and what was decoded means the same once it was encoded and decoded again. It begins with the goldens.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["upsim.wire.ipp"]):
    from upsim.wire.ipp.decode import Decoder, Malformed, decode
    from upsim.wire.ipp.encode import encode
    from upsim.wire.ipp.message import Message
    from upsim.wire.ipp.text import format_request

from tests.support.ipp.goldens import MESSAGES, read_hex

OCTETS_MAX = 4096


def try_one(data: bytes) -> None:
    """One input: the first octet says in what pieces the others come."""
    size, octets = (data[0] or 1) if data else 1, data[1:]
    message = _decoded(octets)
    assert _decoded_in_pieces(octets, size) == message
    if message is not None:
        again, end = decode(octets_again := encode(message))
        assert (again, end) == (message, len(octets_again))
        format_request(message)


def _decoded(octets: bytes) -> Message | None:
    try:
        return decode(octets)[0]
    except Malformed:
        return None


def _decoded_in_pieces(octets: bytes, size: int) -> Message | None:
    decoder = Decoder()
    try:
        for start in range(0, len(octets), size):
            if (message := decoder.feed(octets[start : start + size])) is not None:
                return message
        return decoder.finish()
    except Malformed:
        return None


def main() -> None:
    """Fuzz for as long as the first argument says, in seconds; libFuzzer ends the process, 0 where all is well."""
    with tempfile.TemporaryDirectory() as corpus:
        for name in MESSAGES:
            (Path(corpus) / name).write_bytes(b"\x07" + read_hex(name))
        options = [f"-max_total_time={sys.argv[1]}", f"-max_len={OCTETS_MAX}", "-timeout=30", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", corpus], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
