"""The tags of RFC 8010 section 3.5: one octet that opens a group or gives the syntax of a value.

Group tags and value tags share one number space. Everything below 0x10 is a group (a delimiter), everything
from 0x10 on is a value.
"""

from enum import IntEnum

FIRST_VALUE_TAG = 0x10


class GroupTag(IntEnum):
    """RFC 8010 section 3.5.1, with the groups later standards added (IANA: Attribute Group Tags)."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05
    SUBSCRIPTION = 0x06
    EVENT_NOTIFICATION = 0x07
    RESOURCE = 0x08
    DOCUMENT = 0x09
    SYSTEM = 0x0A


class ValueTag(IntEnum):
    """RFC 8010 section 3.5.2, with the out-of-band values of RFC 3380 section 8."""

    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    NOT_SETTABLE = 0x15
    DELETE_ATTRIBUTE = 0x16
    ADMIN_DEFINE = 0x17
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTET_STRING = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE_OF_INTEGER = 0x33
    BEG_COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    NATURAL_LANGUAGE = 0x48
    MIME_MEDIA_TYPE = 0x49
    MEMBER_ATTR_NAME = 0x4A
    EXTENSION = 0x7F


CHARACTER_STRING_TAGS = frozenset(
    {
        ValueTag.TEXT,
        ValueTag.NAME,
        ValueTag.KEYWORD,
        ValueTag.URI,
        ValueTag.URI_SCHEME,
        ValueTag.CHARSET,
        ValueTag.NATURAL_LANGUAGE,
        ValueTag.MIME_MEDIA_TYPE,
    }
)

OUT_OF_BAND_TAGS = range(0x10, 0x20)

# These three are punctuation of a collection, never the tag of a value by itself (RFC 8010 section 3.1.6).
# BEG_COLLECTION also tags the whole collection among values.
COLLECTION_TAGS = frozenset({ValueTag.BEG_COLLECTION, ValueTag.END_COLLECTION, ValueTag.MEMBER_ATTR_NAME})


def is_group(tag: int) -> bool:
    """Return whether the tag opens an attribute group. Unassigned ones do too; only END does not."""
    return 0 <= tag < FIRST_VALUE_TAG and tag != GroupTag.END


def is_out_of_band(tag: int) -> bool:
    """Return whether the tag stands in place of a value: no-value, unknown, delete-attribute and the like."""
    return tag in OUT_OF_BAND_TAGS


def is_character_string(tag: int) -> bool:
    """Return whether the value is a plain string.

    Peers mix these tags up, so a reader should accept any of them.
    """
    return tag in CHARACTER_STRING_TAGS
