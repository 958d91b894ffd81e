"""Syntaxes as the standards write them."""

import pytest

from upsim.wire.ipp.registry.syntax import INTEGER_MAX, INTEGER_MIN, Alternative, Syntax, parse


@pytest.mark.parametrize(
    ("text", "is_set", "alternatives"),
    [
        ("boolean", False, [("boolean", None, None)]),
        ("integer(1:MAX)", False, [("integer", 1, INTEGER_MAX)]),
        ("integer(MIN:MAX)", False, [("integer", INTEGER_MIN, INTEGER_MAX)]),
        ("integer(-273:MAX)", False, [("integer", -273, INTEGER_MAX)]),
        ("integer", False, [("integer", INTEGER_MIN, INTEGER_MAX)]),
        ("rangeOfInteger(MAX)", False, [("rangeOfInteger", INTEGER_MIN, INTEGER_MAX)]),
        ("text(127)", False, [("text", None, 127)]),
        ("name(MAX)", False, [("name", None, 255)]),
        ("uri", False, [("uri", None, 1023)]),
        ("uriScheme", False, [("uriScheme", None, 63)]),
        ("1setOf type2 enum", True, [("enum", None, None)]),
        ("type2 keyword | name(MAX)", False, [("keyword", None, 255), ("name", None, 255)]),
        ("1setOf (keyword | name)", True, [("keyword", None, 255), ("name", None, 255)]),
        ("dateTime | no-value", False, [("dateTime", None, None), ("no-value", None, None)]),
        ("text(255) | 'no-value'", False, [("text", None, 255), ("no-value", None, None)]),
        ("1setOf (name(MAX)", True, [("name", None, 255)]),
        ("integer (0:MAX)", False, [("integer", 0, INTEGER_MAX)]),
        ("integer:0:MAX", False, [("integer", 0, INTEGER_MAX)]),
        ("1setOf (integer(0: 67108863) | rangeOfInteger(0:67108863))", True,
         [("integer", 0, 67108863), ("rangeOfInteger", 0, 67108863)]),
        ("type2 keyword]", False, [("keyword", None, 255)]),
        ("", False, []),
    ],
)  # fmt: skip
def test_a_syntax_is_read_as_it_is_meant(text, is_set, alternatives):
    assert parse(text) == Syntax(is_set, tuple(Alternative(*alternative) for alternative in alternatives))
