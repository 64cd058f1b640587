"""From the text of a GraphQL document to a parsed, measured and validated operation, remembered by its text.

Order: length and tokens (while parsing), which operation is meant, size (`schema/limits.py`), then
validation, which is the costly step and only ever sees documents within the bounds. Errors never suggest
names.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    parse,
    validate,
)
from graphql.language import Visitor, visit

from hub.base.bounded import Bounded
from hub.base.limits import (
    MAX_CACHED_DOCUMENTS,
    MAX_DOCUMENT_CHARS,
    MAX_DOCUMENT_COMMENTS,
    MAX_DOCUMENT_TOKENS,
    MAX_VALIDATION_ERRORS,
)
from schema.limits import Size, exceeded, limits_of, measure, widest

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
OPERATION_UNCLEAR = "OPERATION_RESOLUTION_FAILURE"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"


class RequestErrors(Exception):
    """The request fails before anything is executed: `errors` are complete GraphQL errors, for the client.

    `malformed` marks what no media type may answer with 200, since no execution can be meant at all.
    """

    def __init__(self, errors: Sequence[Mapping[str, Any]], *, malformed: bool = False) -> None:
        super().__init__(len(errors))
        self.errors = list(errors)
        self.malformed = malformed


@dataclasses.dataclass(frozen=True, eq=False)
class Prepared:
    """One operation, ready to be planned or executed. Compared by identity; `hash` names the text."""

    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    hash: str  # SHA-256 of the document's text, hexadecimal
    type: OperationType
    size: Size


class Documents:
    """Prepares documents against one schema; keeps the recently used ones."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._widest = widest()
        self._prepared: Bounded[tuple[str, str | None], Prepared] = Bounded(MAX_CACHED_DOCUMENTS)

    def prepare(self, query: str, operation_name: str | None) -> Prepared:
        """The operation that is meant. Raises RequestErrors."""
        key = (query, operation_name)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepare(query, operation_name)
            self._prepared.put(key, prepared)
        return prepared

    def check_role(self, prepared: Prepared, role: str) -> None:
        """Raise RequestErrors when the operation is beyond what this role (its code) may send."""
        limits = limits_of(role)
        # Nearly always the bounds that were checked when the document was prepared.
        if limits is not self._widest and limits != self._widest:
            _within(exceeded(prepared.size, limits))

    def _prepare(self, query: str, operation_name: str | None) -> Prepared:
        document = _parse(query)
        operation = _meant(document, operation_name)
        try:
            size = measure(document)
        except GraphQLError as error:
            raise _failed([error], VALIDATION_FAILED) from None
        _within(exceeded(size, self._widest))
        errors = validate(self._schema, document, max_errors=MAX_VALIDATION_ERRORS, hide_suggestions=True)
        if errors:
            raise _failed(errors, VALIDATION_FAILED)
        return Prepared(
            document=document,
            operation=operation,
            fragments={
                node.name.value: node
                for node in document.definitions
                if isinstance(node, FragmentDefinitionNode)
            },
            hash=hashlib.sha256(query.encode()).hexdigest(),
            type=operation.operation,
            size=size,
        )


def request_error(message: str, code: str) -> dict[str, Any]:
    """A GraphQL error without a place in the document."""
    return {"message": message, "extensions": {"code": code}}


def formatted(error: GraphQLError, code: str) -> dict[str, Any]:
    """A GraphQL error of the library, which only ever repeats the client's own text and the schema's names."""
    shown = request_error(error.message, code)
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return shown


def _failed(errors: Iterable[GraphQLError], code: str) -> RequestErrors:
    return RequestErrors([formatted(error, code) for error in errors])


def _within(message: str | None) -> None:
    if message is not None:
        raise RequestErrors([request_error(message, LIMIT_EXCEEDED)])


def _parse(query: str) -> DocumentNode:
    if len(query) > MAX_DOCUMENT_CHARS:
        _within(f"The document is too long: at most {MAX_DOCUMENT_CHARS} characters.")
    try:
        document = parse(query, max_lexical_tokens=MAX_DOCUMENT_TOKENS, max_comments=MAX_DOCUMENT_COMMENTS)
    except GraphQLError as error:
        raise _failed([error], PARSE_FAILED) from None
    if "\\u" in query:
        visit(document, _StorableStrings())
    return document


class _StorableStrings(Visitor):
    """Refuses U+0000 in string literals, as `schema/payload.py` does in variables: no text column can hold
    it.
    """

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if "\x00" in node.value:
            raise _failed(
                [GraphQLError("Text must not contain the character U+0000.", node)], VALIDATION_FAILED
            )


def _meant(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """The operation to run: the named one, or the only one; never simply the first of several."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if operation_name is None and len(operations) == 1:
        return operations[0]
    if operation_name is None:
        message = "The document has several operations. Say which one with operationName."
        if not operations:
            message = "The document has no operation."
        raise RequestErrors([request_error(message, OPERATION_UNCLEAR)], malformed=True)
    named = [node for node in operations if node.name is not None and node.name.value == operation_name]
    if len(named) != 1:
        message = "The document has no operation of that name, or several."
        raise RequestErrors([request_error(message, OPERATION_UNCLEAR)], malformed=True)
    return named[0]
