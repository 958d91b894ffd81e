from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsim.wire.odata.errors import BadQuery
from upsim.wire.odata.paging import (
    Page,
    PageRequest,
    decode_skiptoken,
    encode_skiptoken,
    make_page,
    next_link,
    page_of,
    read_page,
)
from upsim.wire.odata.query import parse_query

URL = "https://graph.microsoft.com/v1.0/print/printers"
SIZES = {"size_default": 10, "size_max": 20}


def walk(rows, query=""):
    """Follow every nextLink, as a client does."""
    pages = []
    url = f"{URL}?{query}" if query else URL
    while url is not None:
        page = page_of(rows, parse_query(urlsplit(url).query), url, **SIZES)
        pages.append(page)
        url = page.next_link
    return pages


@given(st.lists(st.integers(), max_size=70), st.integers(1, 30), st.integers(0, 30))
def test_following_the_links_visits_every_row_once(rows, top, skip):
    pages = walk(rows, f"$top={top}&$skip={skip}&$select=id")
    assert [row for page in pages for row in page.items] == rows[skip:]
    assert all(len(page.items) == min(top, 20) for page in pages[:-1])


def test_the_last_page_has_no_link():
    assert [page.next_link is None for page in walk(range(20))] == [False, True]


def test_a_page_of_none_has_no_link():
    assert walk(range(5), "$top=0") == [Page((), None, None)]


def test_the_count_is_of_all_rows_and_only_on_request():
    assert [page.count for page in walk(range(15), "$count=true")] == [15, 15]
    assert [page.count for page in walk(range(15))] == [None, None]


def test_a_link_repeats_the_query_as_it_was_written():
    link = next_link(f"{URL}?%24filter=a%20eq%20'b'&$top=5&%24skip=3&$skipToken=x&client=1", "abc")
    assert link == f"{URL}?%24filter=a%20eq%20'b'&$top=5&client=1&$skiptoken=abc"


def test_a_link_from_a_plain_url_has_only_the_token():
    assert next_link(URL, "abc") == f"{URL}?$skiptoken=abc"


def test_a_page_may_continue_after_a_key():
    request = PageRequest(2, after="b")
    page = make_page(["c", "d", "e"], request, URL, key=str.upper, count=9)
    assert (page.items, page.count) == (("c", "d"), 9)
    (token,) = parse_qs(urlsplit(page.next_link).query)["$skiptoken"]
    assert read_page(parse_query(f"$skiptoken={token}"), **SIZES) == PageRequest(10, after="D")


def test_rows_at_hand_are_not_paged_by_key():
    with pytest.raises(BadQuery):
        page_of([1], parse_query(f"$skiptoken={encode_skiptoken('key')}"), URL, **SIZES)


@given(st.one_of(st.integers(0, 10**12), st.text()))
def test_a_token_carries_a_position_through_a_url_unchanged(position):
    token = encode_skiptoken(position)
    assert decode_skiptoken(parse_query(f"$skiptoken={token}").skiptoken) == position


@pytest.mark.parametrize("token", ["", "x", "!", "bzE=", "b25l", "b3gx", "-_-_", "MQ", "A" * 5000])
def test_an_invalid_token_is_refused(token):
    with pytest.raises(BadQuery) as refusal:
        decode_skiptoken(token)
    assert refusal.value.option == "$skiptoken"


@given(st.text())
def test_any_token_is_read_or_refused(token):
    with suppress(BadQuery):
        decode_skiptoken(token)
