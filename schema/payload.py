"""The parameters of a GraphQL request, read strictly: anything doubtful is refused, nothing is guessed.

JSON here is RFC 8259 and no more: no NaN, no duplicate keys, no byte order mark, no lone surrogates; depth
and numbers are bounded before the parser sees them. U+0000 is refused too, since PostgreSQL cannot store it
in text.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from hub.base.limits import MAX_FORM_FIELDS, MAX_JSON_DEPTH, MAX_JSON_NUMBER_CHARS

# Possessive, and an unterminated string matches too, so that no input makes it go back: one pass.
JSON_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
BRACKETS = re.compile(r"[\[{\]}]")
# The only escapes that can put a lone surrogate or U+0000 into a parsed string.
DOUBTFUL_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
PARAMETERS = ("query", "operationName", "variables", "extensions")


class Malformed(Exception):
    """The request is not a GraphQL request. `reason` is one of our own constant sentences, for the client."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclasses.dataclass(frozen=True)
class Parameters:
    """One GraphQL request. An empty operation name counts as none, as GraphQL over HTTP has it for GET."""

    query: str
    operation_name: str | None
    variables: Mapping[str, object]


def from_body(body: bytes) -> Parameters:
    """The parameters of a POST body. Raises Malformed."""
    if not body.strip():
        raise Malformed("The request body is empty. Send a JSON object with a query.")
    return _parameters(_parse(_text(body)))


def from_query_string(query_string: bytes) -> Parameters:
    """The parameters of a GET request; variables and extensions are JSON texts there. Raises Malformed."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except ValueError:
        raise Malformed("The query string is malformed.") from None
    known = [(name, value) for name, value in pairs if name in PARAMETERS]
    given: dict[str, Any] = dict(known)
    if len(given) != len(known):
        raise Malformed("A parameter occurs twice in the query string.")
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _parse(given[name]) if given[name].strip() else None
    if any("\x00" in value for _, value in known):
        raise Malformed("Text must not contain the character U+0000.")
    return _parameters(given)


def _parameters(given: object) -> Parameters:
    if isinstance(given, list):
        raise Malformed("Batches are not supported. Send one JSON object per request.")
    if not isinstance(given, dict):
        raise Malformed("The request body must be a JSON object.")
    query = given.get("query")
    if not isinstance(query, str) or not query:
        raise Malformed('The parameter "query" must be a string that is not empty.')
    operation_name = given.get("operationName")
    if not isinstance(operation_name, str | None):
        raise Malformed('The parameter "operationName" must be a string or null.')
    variables = given.get("variables")
    if not isinstance(variables, dict | None):
        raise Malformed('The parameter "variables" must be an object or null.')
    if not isinstance(given.get("extensions"), dict | None):
        raise Malformed('The parameter "extensions" must be an object or null.')
    return Parameters(query, operation_name or None, variables or {})


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The request body is not valid UTF-8.") from None


def _parse(text: str) -> object:
    """The value of a JSON text, within the bounds. Raises Malformed."""
    # Counting is enough for nearly every request; only one with many brackets is looked at closely.
    if text.count("[") + text.count("{") > MAX_JSON_DEPTH and _depth_exceeds(text, MAX_JSON_DEPTH):
        raise Malformed("The JSON is nested too deeply.")
    try:
        value = DECODER.decode(text)
    except ValueError:
        raise Malformed("The request is not valid JSON.") from None
    if DOUBTFUL_ESCAPE.search(text) and any(UNSTORABLE.search(found) for found in _strings(value)):
        raise Malformed("Text must not contain lone surrogates or the character U+0000.")
    return value


def _depth_exceeds(text: str, limit: int) -> bool:
    depth = 0
    for bracket in BRACKETS.findall(JSON_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > limit:
            return True
    return False


def _strings(value: object) -> Iterator[str]:
    """Every string in a parsed JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError  # a duplicate key: which one was meant nobody can know
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_JSON_NUMBER_CHARS:
        raise ValueError
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= MAX_JSON_NUMBER_CHARS else math.inf
    if math.isinf(value):
        raise ValueError  # 1e999 is not infinity
    return value


def _constant(_: str) -> NoReturn:
    raise ValueError  # NaN, Infinity and -Infinity are not JSON


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
