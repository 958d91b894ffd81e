"""The printer attributes of an `application/ipp` body, as the core stores attributes (printer: update)."""

from upsim.domain.attributes import Attributes
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.ipp_attributes import read_attributes
from upsim.wire.ipp.decode import Malformed, decode_group


def read_printer_attributes(body: bytes) -> Attributes:
    """Read the attributes of the one printer group; header and end tag are optional, as the sample has neither."""
    try:
        return read_attributes(decode_group(body))
    except Malformed as error:
        raise Refusal(
            RefusalKind.INVALID,
            f"The body is not an IPP printer attributes group: {error}.",
            reason="ipp-malformed",
        ) from error
