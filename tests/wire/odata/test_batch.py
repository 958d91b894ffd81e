import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsim.wire.odata.batch import (
    FAILED_DEPENDENCY,
    BatchRequest,
    execution_order,
    failed_dependency,
    parse_batch,
)
from upsim.wire.odata.errors import BadQuery

JSON = {"Content-Type": "application/json"}


def a_request(request_id="1", **changes):
    return {"id": request_id, "method": "GET", "url": "/print/shares", **changes}


def the_only(**changes):
    (request,) = parse_batch({"requests": [a_request(**changes)]})
    return request


def refusal(*requests):
    with pytest.raises(BadQuery) as refusal:
        parse_batch({"requests": list(requests)})
    return refusal.value.message


def test_a_plain_request_is_read():
    assert the_only() == BatchRequest("1", "GET", "/print/shares")


@pytest.mark.parametrize(
    ("url", "version", "path"),
    [
        ("/print/printers", None, "/print/printers"),
        ("print/printers?$top=1", None, "/print/printers?$top=1"),
        ("/v1.0/print/printers", "v1.0", "/print/printers"),
        ("/Beta/print/printers", "beta", "/print/printers"),
        ("https://graph.microsoft.com/v1.0/print/shares?$top=2#x", "v1.0", "/print/shares?$top=2"),
        ("HTTP://localhost:8443/beta/me", "beta", "/me"),
        ("/betamax", None, "/betamax"),
        ("/v1.0", "v1.0", "/"),
    ],
)
def test_a_url_is_taken_from_its_version_on(url, version, path):
    request = the_only(url=url)
    assert (request.version, request.url) == (version, path)


def test_header_names_are_in_lower_case():
    assert the_only(headers={"Content-Type": "x", "ETag": "y"}).headers == {"content-type": "x", "etag": "y"}


def test_a_json_body_is_taken_as_it_is():
    request = the_only(method="post", headers=JSON, body={"configuration": {}})
    assert (request.method, request.body) == ("POST", {"configuration": {}})


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/merge-patch+JSON"])
def test_json_has_many_names(content_type):
    assert the_only(headers={"content-type": content_type}, body=[1]).body == [1]


@given(st.binary(), st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]), st.booleans())
def test_any_other_body_is_base64_in_either_alphabet(content, encode, padded):
    text = encode(content).decode()
    body = text if padded else text.rstrip("=")
    assert the_only(method="PATCH", headers={"Content-Type": "application/ipp"}, body=body).body == content


def test_a_write_without_a_body_needs_no_content_type():
    assert the_only(method="POST", url="/print/shares/s/jobs/1/start").body is None


@pytest.mark.parametrize("key", ["dependsOn", "depends_on"])
def test_dependencies_have_two_spellings(key):
    first, second = parse_batch({"requests": [a_request("1"), a_request("2", **{key: ["1", "1"]})]})
    assert (first.depends_on, second.depends_on) == ((), ("1",))


def test_the_empty_list_of_the_python_sdk_is_no_dependency():
    assert the_only(depends_on=[], headers={}).depends_on == ()


@pytest.mark.parametrize("payload", [None, [], "", {}, {"requests": None}, {"requests": {}}, {"requests": []}])
def test_a_batch_is_an_object_with_requests(payload):
    with pytest.raises(BadQuery, match=r"^Invalid batch payload format\.$"):
        parse_batch(payload)


def test_a_batch_has_at_most_twenty_requests():
    requests = [a_request(str(number)) for number in range(21)]
    assert len(parse_batch({"requests": requests[:20]})) == 20
    assert refusal(*requests) == "Number of batch request steps exceeds the maximum value of 20."


@pytest.mark.parametrize("name", ["id", "method", "url"])
@pytest.mark.parametrize("value", [None, "", 1, {}])
def test_id_method_and_url_are_texts(name, value):
    assert refusal({**a_request(), name: value}).startswith("Invalid batch payload format")


def test_ids_are_unique():
    assert "more than once" in refusal(a_request("1"), a_request("1"))


@pytest.mark.parametrize(
    "item",
    [
        7,
        a_request(method="BREW"),
        a_request(url="/$batch"),
        a_request(url="/v1.0/%24BATCH?x"),
        a_request(url="https://graph.microsoft.com/beta/$batch"),
        a_request(headers=["a"]),
        a_request(headers={"a": 1}),
        a_request(dependsOn="1"),
        a_request(dependsOn=[1]),
        a_request(dependsOn=["9"]),
        a_request(dependsOn=["1"]),
        a_request(body="not base64!", headers={"Content-Type": "text/plain"}),
        a_request(body={"a": 1}, headers={"Content-Type": "application/ipp"}),
    ],
)
def test_a_malformed_request_refuses_the_batch(item):
    assert refusal(item)


def test_a_body_without_a_content_type_is_refused_in_the_words_of_graph():
    message = refusal(a_request(method="POST", body={}))
    assert message == "Write request with id '1' does not contain a Content-Type header."


def test_a_cycle_is_refused():
    message = refusal(a_request("0"), a_request("1", dependsOn=["2"]), a_request("2", dependsOn=["1"]))
    assert message == "The requests '1', '2' of the batch depend on each other."


def test_requests_wait_for_what_they_depend_on():
    requests = parse_batch(
        {
            "requests": [
                a_request("3", dependsOn=["2"]),
                a_request("1"),
                a_request("2", dependsOn=["1"]),
                a_request("4"),
            ]
        }
    )
    assert [[request.id for request in group] for group in execution_order(requests)] == [["1", "4"], ["2"], ["3"]]


def test_a_request_fails_with_what_it_depends_on():
    request = BatchRequest("3", "GET", "/", depends_on=("1", "2"))
    assert failed_dependency(request, {"1": 200, "2": 302}) is None
    assert failed_dependency(request, {"1": 200, "2": FAILED_DEPENDENCY}) == "2"


EDGES = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda edge: edge[0] > edge[1]))


@given(EDGES, st.permutations(range(10)))
def test_every_request_runs_once_and_after_its_dependencies(edges, order):
    requests = [
        BatchRequest(str(number), "GET", "/", depends_on=tuple(str(low) for high, low in edges if high == number))
        for number in order
    ]
    done = set()
    for group in execution_order(requests):
        assert all(done.issuperset(request.depends_on) for request in group)
        done.update(request.id for request in group)
    assert done == {request.id for request in requests}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["requests", "id", "method", "url", "headers", "body", "dependsOn"]), inner
        )
    ),
)


@given(JSON_VALUES, JSON_VALUES)
def test_any_json_is_a_batch_or_refused(payload, item):
    for value in (payload, {"requests": [item]}, {"requests": [a_request(headers=item, body=payload)]}):
        with suppress(BadQuery):
            parse_batch(value)
