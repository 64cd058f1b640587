"""The HTTP surface of the GraphQL endpoint. What executes is a recording engine: here the endpoint is what is
tested.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from hub.base.limits import MAX_JSON_DEPTH
from schema.documents import RequestErrors, request_error
from tests.schema.endpoint import DATA, VIEWER, Front, codes

pytestmark = pytest.mark.anyio

GRAPHQL = "application/graphql-response+json"
QUERY = '{"query":"{ thing { id } }"}'
URLQL = f"{GRAPHQL}, application/graphql+json, application/json, text/event-stream, multipart/mixed"


@pytest.fixture
async def front(anyio_backend: str) -> AsyncIterator[Front]:
    front = Front()
    async with front.client:
        yield front


MALFORMED: dict[str, bytes | str] = {
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "string": '"x"',
    "number": "1",
    "null": "null",
    "true": "true",
    "list": "[]",
    "batch": f"[{QUERY},{QUERY}]",
    "empty object": "{}",
    "truncated": '{"query":"{ thing',
    "two values": QUERY + QUERY,
    "trailing comma": '{"query":"{ thing { id } }",}',
    "single quotes": "{'query':'{ thing { id } }'}",
    "form": "query=%7B%20thing%20%7D",
    "bare document": "{ thing { id } }",
    "invalid UTF-8": b'{"query":"\xff\xfe"}',
    "truncated UTF-8": b'{"query":"{ thing { id } } # \xe4\xb8"}',
    "UTF-16": QUERY.encode("utf-16"),
    "UTF-32": QUERY.encode("utf-32-le"),
    "byte order mark": b"\xef\xbb\xbf" + QUERY.encode(),
    "100,000 brackets": "[" * 100_000,
    "100,000 closed brackets": "[" * 100_000 + "]" * 100_000,
    "100,000 braces": '{"a":' * 100_000,
    "deep variables": '{"query":"{ thing { id } }","variables":{"a":' + "[" * 40 + "]" * 40 + "}}",
    "5,000 digits": '{"query":"{ thing { id } }","variables":{"a":' + "9" * 5_000 + "}}",
    "5,000 digits after the point": '{"query":"{ thing { id } }","variables":{"a":0.' + "9" * 5_000 + "}}",
    "huge exponent": '{"query":"{ thing { id } }","variables":{"a":1e999}}',
    "NaN": '{"query":"{ thing { id } }","variables":{"a":NaN}}',
    "Infinity": '{"query":"{ thing { id } }","variables":{"a":-Infinity}}',
    "leading zero": '{"query":"{ thing { id } }","variables":{"a":01}}',
    "duplicate key": '{"query":"{ thing { id } }","query":"{ things { id } }"}',
    "duplicate key inside": '{"query":"{ thing { id } }","variables":{"a":1,"a":2}}',
    "raw control character": b'{"query":"{ thing { id } }","variables":{"a":"\x01"}}',
    "raw U+0000": b'{"query":"{ thing\x00 { id } }"}',
    "lone surrogate": r'{"query":"{ thing { id } }","variables":{"a":"\ud800"}}',
    "lone surrogate, capitals": r'{"query":"{ thing { id } }","variables":{"a":{"b":["\uDFFF"]}}}',
    "lone surrogate as key": r'{"query":"{ thing { id } }","variables":{"\udc00":1}}',
    "lone surrogate in the query": r'{"query":"{ thing { id } } # \ud800"}',
    "escaped U+0000": r'{"query":"{ thing { id } }","variables":{"a":"x\u0000"}}',
    "no query": '{"variables":{}}',
    "null query": '{"query":null}',
    "empty query": '{"query":""}',
    "number query": '{"query":1}',
    "list query": '{"query":["{ thing { id } }"]}',
    "object query": '{"query":{"a":1}}',
    "string variables": '{"query":"{ thing { id } }","variables":"{}"}',
    "list variables": '{"query":"{ thing { id } }","variables":[]}',
    "number variables": '{"query":"{ thing { id } }","variables":0}',
    "false variables": '{"query":"{ thing { id } }","variables":false}',
    "number operationName": '{"query":"{ thing { id } }","operationName":1}',
    "list operationName": '{"query":"{ thing { id } }","operationName":["Q"]}',
    "string extensions": '{"query":"{ thing { id } }","extensions":"x"}',
    "list extensions": '{"query":"{ thing { id } }","extensions":[]}',
}


@pytest.mark.parametrize("accept", ["*/*", GRAPHQL])
@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed_body_is_400(front: Front, name: str, accept: str) -> None:
    reply = await front.send(MALFORMED[name], accept=accept)
    assert (reply.status_code, codes(reply)) == (400, ["BAD_REQUEST"])
    assert front.engine.calls == []


@pytest.mark.parametrize("accept", ["*/*", GRAPHQL])
@pytest.mark.parametrize(
    ("query", "operation_name"),
    [
        ("{ thing { id } } { things { id } }", None),
        ("query A { thing { id } } query B { things { id } }", None),
        ("query A { thing { id } } query B { things { id } }", "C"),
        ("query A { thing { id } } query A { things { id } }", "A"),
        ("{ thing { id } }", "A"),
        ("fragment F on Thing { id }", None),
        ("type A { id: ID }", None),
    ],
)
async def test_an_operation_is_never_guessed(
    front: Front, query: str, operation_name: str | None, accept: str
) -> None:
    reply = await front.send(json.dumps({"query": query, "operationName": operation_name}), accept=accept)
    assert (reply.status_code, codes(reply)) == (400, ["OPERATION_RESOLUTION_FAILURE"])
    assert front.engine.calls == []


async def test_the_named_operation_runs(front: Front) -> None:
    body = {"query": "query A { thing { id } } query B { things { id } }", "operationName": "B"}
    assert (await front.send(json.dumps(body))).status_code == 200
    [(prepared, _, _)] = front.engine.calls
    assert prepared.operation.name is not None
    assert prepared.operation.name.value == "B"


@pytest.mark.parametrize(
    "body",
    [
        QUERY,
        '{"query":"{ thing { id } }","variables":null,"operationName":null,"extensions":null}',
        '{"query":"{ thing { id } }","operationName":""}',
        '{"query":"{ thing { id } }","unknown":[1]}',
        '{"query":"{ thing(text: \\"[[[[{{{{\\") { id } }","variables":{"a":"' + "[" * 100 + '"}}',
        '{"query":"{ thing { id } }","variables":{"a":"😀","b":"\\ud83d\\ude00","c":"\\\\u0000"}}',
        '{"query":"{ thing { id } }","variables":{"a":'
        + "[" * (MAX_JSON_DEPTH - 2)
        + "]" * (MAX_JSON_DEPTH - 2)
        + "}}",
    ],
)
async def test_well_formed_body_is_answered(front: Front, body: str) -> None:
    reply = await front.send(body)
    assert (reply.status_code, reply.content) == (200, DATA)


async def test_variables_reach_the_engine_as_sent(front: Front) -> None:
    variables = {"a": "老人", "b": [1, 1.5, None, True], "c": {"d": ""}}
    await front.send(json.dumps({"query": "{ thing { id } }", "variables": variables}))
    [(prepared, given, viewer)] = front.engine.calls
    assert (given, viewer, len(prepared.hash)) == (variables, VIEWER, 64)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL, GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, application/json; charset=utf-8", GRAPHQL),
        (f"application/json, {GRAPHQL}", GRAPHQL),
        (f"application/json, {GRAPHQL};q=0.9", "application/json"),
        (f"{GRAPHQL};q=0.1, application/json;q=0.2", "application/json"),
        (f"{GRAPHQL};q=0, */*", "application/json"),
        (f"{GRAPHQL};q=0.5, */*;q=0.4", GRAPHQL),
        ("text/event-stream, application/json;q=0.1", "application/json"),
        (URLQL, GRAPHQL),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("application/json;q=nonsense, */*;q=0.1", "application/json"),
    ],
)
async def test_negotiation(front: Front, accept: str | None, media: str) -> None:
    if accept is None:
        del front.client.headers["accept"]
    reply = await front.send(QUERY, **({} if accept is None else {"accept": accept}))
    assert (reply.status_code, reply.headers["content-type"]) == (200, f"{media}; charset=utf-8")


@pytest.mark.parametrize(
    "accept",
    [
        "text/event-stream",
        "text/html",
        "application/json;q=0",
        "multipart/mixed",
        "*/*;q=0",
        "nonsense",
        ";;,",
    ],
)
async def test_not_acceptable(front: Front, accept: str) -> None:
    reply = await front.send(QUERY, accept=accept)
    assert (reply.status_code, codes(reply)) == (406, ["BAD_REQUEST"])
    assert reply.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON ; Charset=UTF-8", 'application/json;charset="utf-8"'],
)
async def test_json_content_types(front: Front, content_type: str) -> None:
    assert (await front.send(QUERY, content_type=content_type)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},
        {"content_type": ""},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": "application/graphql"},
        {"content_type": "application/json; charset=utf-16"},
        {"content_type": "application/json; charset=gbk"},
        {"content_type": "application/json, text/plain"},
        {"content_type": "application/json-patch"},
        {"content_encoding": "gzip"},
    ],
)
async def test_other_body_types_are_415(front: Front, headers: dict[str, str]) -> None:
    reply = await front.send(QUERY, **headers)
    assert (reply.status_code, codes(reply)) == (415, ["BAD_REQUEST"])


async def test_without_content_type_is_415(front: Front) -> None:
    reply = await front.client.post("/graphql", content=QUERY)
    assert (reply.status_code, codes(reply)) == (415, ["BAD_REQUEST"])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
async def test_other_methods_are_405(front: Front, method: str) -> None:
    reply = await front.client.request(method, "/graphql", content=QUERY)
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, POST")


async def test_reply_headers(front: Front) -> None:
    reply = await front.send(QUERY)
    assert dict(reply.headers) == {
        "content-type": "application/json; charset=utf-8",
        "content-length": str(len(DATA)),
        "cache-control": "no-store",
        "vary": "Accept, Accept-Language, Authorization, Hub-Membership",
        "x-content-type-options": "nosniff",
    }


REQUEST_ERRORS = [
    ("{", "GRAPHQL_PARSE_FAILED"),
    ("{ 8f31403dfe404bccbb0e835f2629c6a7 }", "GRAPHQL_PARSE_FAILED"),
    ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ("query Q($x: Int) { thing { id } }", "GRAPHQL_VALIDATION_FAILED"),
    (
        "{ thing { id } ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    ("{}", "GRAPHQL_VALIDATION_FAILED"),
    ("{ thing {} }", "GRAPHQL_VALIDATION_FAILED"),
    ('{ thing(text: "\\u0000") { id } }', "GRAPHQL_VALIDATION_FAILED"),
    ('{ thing(text: "\\u{0}") { id } }', "GRAPHQL_VALIDATION_FAILED"),
    ('{ thing(text: "\\ud800") { id } }', "GRAPHQL_PARSE_FAILED"),
]


@pytest.mark.parametrize(("query", "code"), REQUEST_ERRORS)
@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (GRAPHQL, 400)])
async def test_request_errors_by_media_type(
    front: Front, query: str, code: str, accept: str, status: int
) -> None:
    reply = await front.send(json.dumps({"query": query}), accept=accept)
    assert reply.status_code == status
    assert set(codes(reply)) == {code}
    assert front.engine.calls == []


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (GRAPHQL, 400)])
async def test_variable_errors_of_the_engine(front: Front, accept: str, status: int) -> None:
    front.engine.error = RequestErrors([request_error("No.", "BAD_USER_INPUT")])
    reply = await front.send(QUERY, accept=accept)
    assert (reply.status_code, codes(reply)) == (status, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    "query", ["{ thin }", "{ thing { nam } }", "{ thing(it: 1) { id } }", "{ thing { ...on Thin { id } } }"]
)
async def test_no_error_suggests_a_name(front: Front, query: str) -> None:
    reply = await front.send(json.dumps({"query": query}))
    assert codes(reply) == ["GRAPHQL_VALIDATION_FAILED"]
    assert "mean" not in reply.text


async def test_many_validation_errors_are_cut_short(front: Front) -> None:
    query = "{ " + " ".join(f"nothing{number}" for number in range(20)) + " }"
    assert len(codes(await front.send(json.dumps({"query": query})))) == 11


# ---- GET ----


async def test_get_answers_queries(front: Front) -> None:
    parameters = {
        "query": "query A { thing { id } } query B($x: ID) { thing(id: $x) { id } }",
        "operationName": "B",
        "variables": '{"x":"一"}',
        "extensions": "{}",
    }
    reply = await front.client.get("/graphql", params=parameters)
    assert (reply.status_code, reply.content) == (200, DATA)
    assert front.engine.calls[0][1] == {"x": "一"}


async def test_get_reads_empty_parameters_as_absent(front: Front) -> None:
    reply = await front.client.get("/graphql?query={thing{id}}&operationName=&variables=&extensions=")
    assert reply.status_code == 200


@pytest.mark.parametrize("accept", ["*/*", GRAPHQL])
@pytest.mark.parametrize(
    "query",
    [
        'mutation { thingRename(name: "x") { id } }',
        "mutation { __typename }",
        "subscription { thingRenamed { id } }",
    ],
)
async def test_get_is_for_queries_only(front: Front, query: str, accept: str) -> None:
    reply = await front.client.get("/graphql", params={"query": query}, headers={"accept": accept})
    assert (reply.status_code, reply.headers["allow"], codes(reply)) == (405, "POST", ["BAD_REQUEST"])
    assert front.engine.calls == []


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=",
        "query=%ff",
        "query={thing{id}}&query={thing{id}}",
        "query={thing{id}}&variables=[]",
        "query={thing{id}}&variables={",
        "query={thing{id}}&variables=%22x%22",
        "query={thing{id}}&variables=" + "[" * 1_000,
        "query={thing{id}}&variables={%22a%22:%22%5Cud800%22}",
        "query={thing{id}}&extensions=1",
        "query={thing{id}}%00",
        "&".join(["query={thing{id}}", *(f"x{number}=1" for number in range(30))]),
    ],
)
async def test_malformed_query_string_is_400(front: Front, query_string: str) -> None:
    reply = await front.client.get("/graphql?" + query_string)
    assert (reply.status_code, codes(reply)) == (400, ["BAD_REQUEST"])
    assert front.engine.calls == []


async def test_long_query_string_is_414(front: Front) -> None:
    reply = await front.client.get("/graphql?query={thing{id}}&variables=" + "x" * 20_000)
    assert (reply.status_code, codes(reply)) == (414, ["BAD_REQUEST"])
