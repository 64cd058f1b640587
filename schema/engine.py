"""Executes operations: queries through the planner, mutations through commands, introspection by graphql-core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import structlog
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    type_from_ast,
)
from graphql.execution import get_variable_values

from auth.roles import Role, Viewer
from hub.base.bounded import Bounded
from hub.base.clock import Clock
from hub.base.errors import HubError, Unavailable
from hub.base.limits import MAX_CACHED_PLANS
from schema.documents import Prepared, RequestErrors, formatted
from schema.errors import request_failed
from schema.http import Reply, SessionEnded
from schema.planner.compile import Compiler, dump
from schema.planner.fetch import Statement, shape_of, to_statement
from schema.planner.registry import Registry
from schema.planner.selection import Const, Document
from schema.planner.values import Moment

log = structlog.get_logger(__name__)
INTROSPECTION = ("__schema", "__type")
RETRYABLE = (asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, OSError)


class Readers(Protocol):
    """One lazily opened pool per role."""

    async def fetchval(self, role: Role, query: str, values: list[Any]) -> Any: ...


class Mutations(Protocol):
    """What runs the mutation fields of an operation."""

    async def run(self, engine: Engine, document: Document, prepared: Prepared, viewer: Viewer) -> Reply: ...


class Engine:
    """The `Engine` of `schema/http.py`."""

    def __init__(
        self,
        registry: Registry,
        readers: Readers,
        mutations: Mutations,
        clock: Clock,
        settings: Mapping[Role, tuple[str, ...]],
    ) -> None:
        self.registry = registry
        self._readers = readers
        self._mutations = mutations
        self._clock = clock
        self._settings = settings
        self._statements: Bounded[Any, Statement] = Bounded(MAX_CACHED_PLANS)
        self._variable_types: Bounded[str, Mapping[str, Any]] = Bounded(MAX_CACHED_PLANS)

    async def execute(self, prepared: Prepared, variables: Mapping[str, object], viewer: Viewer) -> Reply:
        """Run the operation. See `schema.http.Engine`."""
        coerced = self._coerce(prepared, variables)
        document = Document(self.registry.schema, prepared.fragments, coerced)
        if prepared.type is OperationType.MUTATION:
            return await self._mutations.run(self, document, prepared, viewer)
        try:
            found = self._query(prepared, document, viewer)
            data = await self.fetch(found, coerced, viewer)
        except HubError as error:
            return Reply(request_failed(error, viewer.language))
        return Reply(b'{"data":' + data + found.tail)

    async def fetch(self, found: Statement, variables: Mapping[str, Any], viewer: Viewer) -> bytes:
        """Ask the database once. Raises SessionEnded when the membership is no longer live, Unavailable when the
        database does not answer, LimitExceeded when it takes too long."""
        moment = Moment(self._clock.now(), self._clock.today())
        values = found.values(variables, viewer, moment)
        try:
            data = await self._readers.fetchval(viewer.role, found.sql, values)
        except asyncpg.QueryCanceledError:
            raise Unavailable("statement_timeout", code="LIMIT_EXCEEDED") from None
        except RETRYABLE:
            raise Unavailable("database_unavailable") from None
        if data is None:
            raise SessionEnded
        return data

    async def payload(
        self,
        document: Document,
        viewer: Viewer,
        type_name: str,
        sets: list[SelectionSetNode],
        global_id: str,
        path: tuple[str, ...],
    ) -> tuple[bytes, tuple[dict[str, object], ...]]:
        """The object of a mutation's payload, through the viewer's own rights; JSON `null` when it left them."""
        compiler = Compiler(self.registry, document, viewer)
        plan = compiler.payload(type_name, sets, Const(global_id), path)
        found = to_statement(plan, self._settings[viewer.role])
        data = await self.fetch(found, document.variables, viewer)
        return data[len(b'{"object":') : -1], plan.errors

    def compiled(self, prepared: Prepared, variables: Mapping[str, Any], viewer: Viewer) -> Statement:
        """The statement of a query, for golden tests and `hub bench`."""
        coerced = self._coerce(prepared, variables)
        return self._query(prepared, Document(self.registry.schema, prepared.fragments, coerced), viewer)

    def _query(self, prepared: Prepared, document: Document, viewer: Viewer) -> Statement:
        shape = shape_of(document.variables, self._types(prepared))
        key = (
            prepared.hash,
            _name(prepared.operation),
            viewer.role,
            viewer.duty,
            viewer.scopes,
            viewer.language,
            shape,
        )
        found = self._statements.get(key)
        if found is None:
            found = self._compile(prepared, document, viewer, key)
        return found

    def _compile(self, prepared: Prepared, document: Document, viewer: Viewer, key: Any) -> Statement:
        operation = prepared.operation
        introspected = _introspect(self.registry.schema, prepared, document)
        plan = Compiler(self.registry, document, viewer).operation(operation.selection_set, introspected)
        found = to_statement(plan, self._settings[viewer.role])
        if plan.cacheable and not (introspected and document.variables):
            self._statements.put(key, found)
        return found

    def _types(self, prepared: Prepared) -> Mapping[str, Any]:
        found = self._variable_types.get(prepared.hash + _name(prepared.operation))
        if found is None:
            found = {
                definition.variable.name.value: type_from_ast(self.registry.schema, definition.type)
                for definition in prepared.operation.variable_definitions or ()
            }
            self._variable_types.put(prepared.hash + _name(prepared.operation), found)
        return found

    def _coerce(self, prepared: Prepared, variables: Mapping[str, object]) -> dict[str, Any]:
        definitions = prepared.operation.variable_definitions
        if not definitions:
            return {}
        found: Any = get_variable_values(
            self.registry.schema, definitions, dict(variables), max_errors=5, hide_suggestions=True
        )
        if isinstance(found, list):
            raise RequestErrors([formatted(error, "BAD_USER_INPUT") for error in found])
        return dict(found.coerced)


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""


def _introspect(schema: GraphQLSchema, prepared: Prepared, document: Document) -> dict[str, str]:
    """The introspection roots of a query, answered by graphql-core, as JSON by response key."""
    query = cast("GraphQLObjectType", schema.query_type)
    roots = [
        each
        for each in document.select(query, [prepared.operation.selection_set])
        if each.name in INTROSPECTION
    ]
    if not roots:
        return {}
    keys = {each.key for each in roots}
    fields = tuple(
        node for node in document.fields(query, prepared.operation.selection_set) if _key(node) in keys
    )
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=prepared.operation.variable_definitions,
        selection_set=SelectionSetNode(selections=fields),
    )
    narrowed = DocumentNode(definitions=(operation, *prepared.fragments.values()))
    result: Any = execute_sync(schema, narrowed, variable_values=dict(document.variables))
    return {key: dump(value) for key, value in (result.data or {}).items()}


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
