"""Any message there can be, for Hypothesis."""

from hypothesis import strategies as st

from upsim.wire.ipp.message import Message
from upsim.wire.ipp.tags import CHARACTER_STRING_TAGS, OUT_OF_BAND_TAGS
from upsim.wire.ipp.values import (
    Attribute,
    AttributeGroup,
    Collection,
    DateTime,
    Range,
    Resolution,
    Value,
    WithLanguage,
)

int32 = st.integers(-(2**31), 2**31 - 1)

# Whatever octets a string value has, decoding them this way gives a string that encodes to the same octets.
strings = st.one_of(
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "ignore").decode()),
    st.binary(max_size=20).map(lambda octets: octets.decode("utf-8", "surrogateescape")),
)
names = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=30)
languages = st.builds(WithLanguage, strings, strings)

simple_values = st.one_of(
    st.builds(Value, st.sampled_from(list(OUT_OF_BAND_TAGS)), st.none()),
    st.builds(Value, st.sampled_from([0x21, 0x23]), int32),
    st.builds(Value, st.just(0x22), st.booleans()),
    st.builds(Value, st.just(0x31), st.binary(min_size=11, max_size=11).map(DateTime)),
    st.builds(Value, st.just(0x32), st.builds(Resolution, int32, int32, st.integers(-128, 127))),
    st.builds(Value, st.just(0x33), st.builds(Range, int32, int32)),
    st.builds(Value, st.sampled_from([0x35, 0x36]), languages),
    st.builds(Value, st.sampled_from(sorted(map(int, CHARACTER_STRING_TAGS))), strings),
    st.builds(Value, st.sampled_from([0x30, 0x20, 0x2F, 0x40, 0x43, 0x5F, 0x7F, 0xFF]), st.binary(max_size=20)),
)


def attributes_of(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Attribute]:
    return st.builds(Attribute, names, st.lists(values, min_size=1, max_size=4).map(tuple))


def collections_of(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    members = st.lists(attributes_of(values), max_size=3).map(tuple)
    return st.builds(Value, st.just(0x34), st.builds(Collection, members))


values = st.recursive(simple_values, collections_of, max_leaves=8)
attributes = attributes_of(values)
group_tags = st.sampled_from([0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 15])
groups = st.builds(AttributeGroup, group_tags, st.lists(attributes, max_size=4).map(tuple))
versions = st.tuples(st.integers(0, 255), st.integers(0, 255))
messages = st.builds(Message, versions, st.integers(0, 0xFFFF), int32, st.lists(groups, max_size=4).map(tuple))
