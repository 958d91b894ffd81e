"""Messages from bytes. The decoders are held against goldens, against each other and against noise."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ipp.goldens import MESSAGES, read_hex
from tests.support.ipp.strategies import messages
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import (
    Decoder,
    Header,
    Limits,
    Malformed,
    decode,
    decode_attributes,
    decode_group,
    decode_header,
    message_without_request_id,
    request_id_of,
)
from upsim.wire.ipp.encode import encode, encode_attribute
from upsim.wire.ipp.message import Message

every_golden = pytest.mark.parametrize("name", MESSAGES)


@st.composite
def damaged_goldens(draw):
    data = bytearray(read_hex(draw(st.sampled_from(sorted(MESSAGES)))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        data[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


# Mere noise rarely gets past the header.
noise = st.one_of(
    damaged_goldens(),
    st.binary(max_size=200),
    st.binary(max_size=200).map(lambda tail: b"\x02\x00\x00\x0a\x00\x00\x00\x01\x01" + tail),
    st.lists(
        st.sampled_from(
            [b"\x34\x00\x01a\x00\x00", b"\x4a\x00\x00\x00\x01b", b"\x37\x00\x00\x00\x00", b"\x02", b"\x03"]
        )
        | st.binary(max_size=6)
    ).map(lambda parts: b"\x02\x00\x00\x0a\x00\x00\x00\x01\x01" + b"".join(parts)),
)


def in_pieces(data, size):
    decoder = Decoder()
    for start in range(0, len(data), size):
        if decoder.feed(data[start : start + size]):
            return decoder, start + size
    return decoder, len(data)


def outcome(data):
    try:
        return None, *decode(data)
    except Malformed as malformed:
        return malformed, None, None


@every_golden
def test_a_golden_decodes_to_what_it_says(name):
    data = read_hex(name)
    assert decode(data) == (MESSAGES[name], len(data))


def test_the_sample_of_get_jobs_has_the_length_that_was_observed():
    assert len(read_hex("get-jobs-request.hex")) == 352
    assert len(read_hex("minimal-response.hex")) == 75


@every_golden
def test_a_golden_cut_short_anywhere_is_malformed(name):
    data = read_hex(name)
    for size in range(len(data)):
        with pytest.raises(Malformed) as malformed:
            decode(data[:size])
        assert malformed.value.offset == size


@every_golden
def test_a_golden_cut_short_anywhere_leaves_the_decoder_waiting(name):
    data = read_hex(name)
    for size in range(len(data)):
        decoder = Decoder()
        assert decoder.feed(data[:size]) is None
        with pytest.raises(Malformed) as malformed:
            decoder.finish()
        assert malformed.value.offset == size


@every_golden
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_a_golden_decodes_in_pieces_of_any_size(name, size):
    decoder, _ = in_pieces(read_hex(name), size)
    assert decoder.message == MESSAGES[name]
    assert decoder.finish() == MESSAGES[name]
    assert decoder.rest == b""


def test_document_data_begins_behind_the_end_of_attributes_tag():
    message = read_hex("print-job-request.hex")
    assert decode(message + b"%PDF-1.7\x03")[1] == len(message)


def test_a_memoryview_decodes_like_bytes():
    data = read_hex("collections.hex")
    assert decode(memoryview(data + b"document")) == decode(data + b"document")


def test_what_came_with_the_last_piece_is_document_data():
    decoder = Decoder()
    decoder.feed(read_hex("print-job-request.hex") + b"%PDF")
    assert decoder.rest == b"%PDF"


def test_a_complete_decoder_takes_no_more():
    decoder = Decoder()
    decoder.feed(read_hex("minimal-response.hex"))
    with pytest.raises(RuntimeError):
        decoder.feed(b"x")


def test_the_decoder_shows_the_header_before_the_rest_is_there():
    decoder = Decoder()
    decoder.feed(b"\x02\x00\x00\x0a\x00\x00\x00")
    assert decoder.header is None
    decoder.feed(b"\x05")
    assert decoder.header == Header((2, 0), 0x000A, 5)


def test_the_decoder_refuses_as_soon_as_the_fault_is_there():
    decoder = Decoder()
    decoder.feed(b"\x02\x00\x00\x0a\x00\x00\x00\x05\x01")
    with pytest.raises(Malformed, match=r"4 octets|not 4") as malformed:
        decoder.feed(b"\x21\x00\x01a\x00\x02\x00\x00\x41")
    assert malformed.value.offset == 9


def test_a_large_message_byte_by_byte_takes_no_unreasonable_time():
    long = Message((2, 0), 0, 1, (build.group(4, *(build.text(f"text-{n}", "x" * 30_000) for n in range(20))),))
    data = encode(long)
    decoder, _ = in_pieces(data, 1)  # 600 KB; a decoder that copied what it holds would be here for minutes
    assert decoder.message == long


@pytest.mark.parametrize("version", [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (9, 255)])
def test_any_version_decodes(version):
    data = bytes(version) + read_hex("minimal-response.hex")[2:]
    assert decode(data)[0].version == version


def test_the_header_decodes_alone():
    assert decode_header(b"\x02\x01\x04\x06\x00\x00\x01\x00garbage") == ((2, 1), 0x0406, 256)


def test_the_same_words_have_many_request_ids():
    one, other = b"\x02\x01\x04\x06\x00\x00\x01\x00words", b"\x02\x01\x04\x06\xff\xff\xff\xffwords"
    assert (request_id_of(one), request_id_of(other), request_id_of(one[:7])) == (256, -1, 0)
    assert message_without_request_id(one) == message_without_request_id(other) == b"\x02\x01\x04\x06words"


def test_less_than_a_header_is_malformed():
    with pytest.raises(Malformed, match="stops"):
        decode_header(b"\x02\x00\x00")


def test_duplicate_names_are_left_to_the_reader_of_the_message():
    attributes = (build.integer("job-id", 1), build.integer("copies", 1), build.integer("job-id", 2))
    message = Message((2, 0), 2, 1, (build.group(1, *attributes),))
    decoded, _ = decode(encode(message))
    assert decoded.operation.duplicates() == ("job-id",)


@given(messages)
def test_a_message_survives_the_wire(message):
    data = encode(message)
    assert decode(data) == (message, len(data))


@given(messages, st.integers(1, 40))
def test_a_message_survives_the_wire_in_pieces(message, size):
    decoder, _ = in_pieces(encode(message), size)
    assert decoder.message == message


@given(noise)
def test_any_bytes_decode_or_are_malformed(data):
    fault, message, end = outcome(data)
    if fault:
        assert 0 <= fault.offset <= len(data)
    else:
        assert encode(message) == data[:end]


@given(noise, st.integers(1, 12))
def test_pieces_fare_as_the_whole(data, size):
    fault, message, end = outcome(data)
    if fault:
        with pytest.raises(Malformed) as in_piece:
            in_pieces(data, size)[0].finish()
        assert str(in_piece.value) == str(fault)
    else:
        decoder, fed = in_pieces(data, size)
        assert (decoder.message, decoder.rest) == (message, data[end:fed])


@given(st.binary(max_size=60), st.integers(0, 15))
def test_any_bytes_are_a_group_or_malformed(data, tag):
    for body in (data, bytes([tag]) + data):
        with suppress(Malformed):
            assert decode_group(body, tag).tag == tag


PRINTER = build.group(4, build.text("printer-info", "Foyer"), build.delete_attribute("printer-location"))


def test_a_bare_group_decodes():
    assert decode_group(read_hex("bare/printer-attributes.hex")) == PRINTER


def test_a_bare_group_may_have_its_end():
    assert decode_group(read_hex("bare/printer-attributes.hex") + b"\x03") == PRINTER


def test_a_bare_group_may_have_a_header_and_other_groups():
    message = Message((2, 0), 0x0013, 1, (build.group(1, build.charset("attributes-charset", "utf-8")), PRINTER))
    assert decode_group(encode(message)) == PRINTER
    assert decode_group(encode(message)[:-1]) == PRINTER


@pytest.mark.parametrize("tag", [1, 2, 4, 9])
def test_a_group_of_another_tag_is_not_mistaken_for_a_header(tag):
    group = build.group(tag, build.integer("number-of-documents", 1))
    body = encode(Message((0, 0), 0, 0, (group,)))[8:]
    assert decode_group(body, tag) == group
    assert decode_group(memoryview(body), tag) == group


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "0 groups"),
        (b"\x02", "0 groups"),
        (b"\x04\x04", "2 groups"),
        (b"\x04\x03x", "follow"),
        (b"\x04\x41\x00", "stops"),
        (b"\x04\x34\x00\x01a\x00\x00", "inside a collection"),
    ],
)
def test_a_body_without_its_one_group_is_malformed(body, reason):
    with pytest.raises(Malformed, match=reason):
        decode_group(body)


def test_bare_attributes_decode():
    attributes = (build.integer("copies", 2), build.keyword("sides", "one-sided"))
    octets = b"".join(map(encode_attribute, attributes))
    assert decode_attributes(octets) == attributes
    assert decode_attributes(memoryview(octets)) == attributes
    assert decode_attributes(b"") == ()


def test_a_delimiter_is_no_bare_attribute():
    with pytest.raises(Malformed, match="delimiter"):
        decode_attributes(encode_attribute(build.integer("copies", 2)) + b"\x04")


def test_faults_of_bare_attributes_are_counted_from_their_start():
    with pytest.raises(Malformed) as malformed:
        decode_attributes(b"\x21\x00\x01a\x00\x01\x00")
    assert malformed.value.offset == 0


def test_attributes_beyond_the_limit_are_malformed_everywhere():
    data = read_hex("minimal-response.hex")
    limits = Limits(message_bytes=len(data) - 1)
    for read in (decode, Decoder(limits).feed, decode_group, decode_attributes):
        with pytest.raises(Malformed, match="longer than 74 octets"):
            read(data) if read.__name__ == "feed" else read(data, limits=limits)


def test_a_message_as_long_as_the_limit_is_read():
    data = read_hex("minimal-response.hex")
    limits = Limits(message_bytes=len(data))
    assert decode(data + b"document", limits)[1] == len(data)
    assert Decoder(limits).feed(data + b"document") is not None


def test_the_decoder_holds_no_more_than_the_limit():
    decoder = Decoder(Limits(message_bytes=100))
    decoder.feed(b"\x02\x00\x00\x0a\x00\x00\x00\x05\x01\x30\x00\x01a\x7f\xff")
    decoder.feed(b"x" * 85)
    with pytest.raises(Malformed, match="longer than 100 octets"):
        decoder.feed(b"x")
