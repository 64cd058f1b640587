"""Executes operations: queries through the planner, mutations through commands, introspection by graphql-core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import structlog
from graphql import (
    DocumentNode,
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
from hub.base.engine import LOST
from hub.base.errors import HubError, LimitExceeded, Unavailable
from hub.base.limits import MAX_CACHED_PLANS
from schema.documents import Prepared, RequestErrors, formatted
from schema.errors import request_failed
from schema.http import Reply, SessionEnded
from schema.planner.compile import Compiler, dump
from schema.planner.fetch import Statement, shape_of, to_statement
from schema.planner.registry import Registry
from schema.planner.selection import Document, Var
from schema.planner.values import Moment

log = structlog.get_logger(__name__)
INTROSPECTION = ("__schema", "__type")
OBJECT = Var("")
"""Where the statement of a payload finds the id of its object: a variable by a name that no document can spell."""


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
        document = self._document(prepared, variables)
        try:
            if prepared.type is OperationType.MUTATION:
                return await self._mutations.run(self, document, prepared, viewer)
            found = self._query(prepared, document, variables, viewer)
            data = await self.fetch(found, document.variables, viewer)
        except HubError as error:
            if error.code == Unavailable.default_code:
                raise  # nothing is wrong with the request: HTTP has a status for that
            return Reply(request_failed(error, viewer.language))
        return Reply(b'{"data":' + data + found.tail)

    async def fetch(self, found: Statement, variables: Mapping[str, Any], viewer: Viewer) -> bytes:
        """Ask the database once. Raises SessionEnded when the membership is no longer live, Unavailable when the
        database does not answer, LimitExceeded when it takes too long."""
        values = found.values(variables, viewer, self._moment())
        try:
            data = await self._readers.fetchval(viewer.role, found.sql, values)
        except (asyncpg.QueryCanceledError, asyncpg.ProgramLimitExceededError):
            raise LimitExceeded("statement_timeout") from None
        except (*LOST, asyncpg.LockNotAvailableError, asyncpg.InsufficientResourcesError):
            raise Unavailable("database_unavailable") from None
        if data is None:
            raise SessionEnded
        return data

    def payload(
        self,
        document: Document,
        viewer: Viewer,
        type_name: str,
        sets: list[SelectionSetNode],
        path: tuple[str, ...],
        times: int,
    ) -> Statement:
        """The statement that reads the object of a mutation's payload by its global id, by the viewer's own rights.

        Raises what a query with this selection would raise: made before the command runs, so that it then does not.
        """
        plan = Compiler(self.registry, document, viewer).payload(type_name, sets, OBJECT, path)
        found = to_statement(plan, self._settings[viewer.role])
        found.values({**document.variables, OBJECT.name: ""}, viewer, self._moment(), times=times)
        return found

    async def fetch_object(
        self, found: Statement, global_id: str, document: Document, viewer: Viewer
    ) -> bytes:
        """The JSON of one object with that `payload` statement; `null` when it has left the viewer's rows."""
        data = await self.fetch(found, {**document.variables, OBJECT.name: global_id}, viewer)
        return data[len(b'{"object":') : -1]

    def compiled(self, prepared: Prepared, variables: Mapping[str, object], viewer: Viewer) -> Statement:
        """The statement of a query, for golden tests and `hub bench`."""
        return self._query(prepared, self._document(prepared, variables), variables, viewer)

    def _query(
        self, prepared: Prepared, document: Document, variables: Mapping[str, object], viewer: Viewer
    ) -> Statement:
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
            introspected = _introspect(self.registry.schema, prepared, document, variables)
            plan = Compiler(self.registry, document, viewer).operation(
                prepared.operation.selection_set, introspected
            )
            found = to_statement(plan, self._settings[viewer.role])
            if plan.cacheable and not (introspected and variables):
                self._statements.put(key, found)
        return found

    def _moment(self) -> Moment:
        now = self._clock.now()
        return Moment(now, self._clock.day(now))

    def _types(self, prepared: Prepared) -> Mapping[str, Any]:
        found = self._variable_types.get(prepared.hash + _name(prepared.operation))
        if found is None:
            found = {
                definition.variable.name.value: type_from_ast(self.registry.schema, definition.type)
                for definition in prepared.operation.variable_definitions or ()
            }
            self._variable_types.put(prepared.hash + _name(prepared.operation), found)
        return found

    def _document(self, prepared: Prepared, variables: Mapping[str, object]) -> Document:
        """The document with its coerced variables. Raises RequestErrors for a value of the wrong type."""
        definitions = prepared.operation.variable_definitions
        if not definitions:
            return Document(self.registry.schema, prepared.fragments, {})
        found: Any = get_variable_values(
            self.registry.schema, definitions, dict(variables), max_errors=5, hide_suggestions=True
        )
        if isinstance(found, list):
            raise RequestErrors([formatted(error, "BAD_USER_INPUT") for error in found])
        return Document(self.registry.schema, prepared.fragments, dict(found.coerced))


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""


def _introspect(
    schema: GraphQLSchema, prepared: Prepared, document: Document, variables: Mapping[str, object]
) -> dict[str, str]:
    """The introspection roots of a query, answered by graphql-core, as JSON by response key.

    Raises RequestErrors when graphql-core refuses one.
    """
    query: Any = schema.query_type
    chosen = document.fields(query, prepared.operation.selection_set, set())
    fields = tuple(node for node in chosen if node.name.value in INTROSPECTION)
    if not fields:
        return {}
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=prepared.operation.variable_definitions,
        selection_set=SelectionSetNode(selections=fields),
    )
    narrowed = DocumentNode(definitions=(operation, *prepared.fragments.values()))
    result: Any = execute_sync(schema, narrowed, variable_values=dict(variables))
    if result.errors:
        raise RequestErrors([formatted(error, "BAD_USER_INPUT") for error in result.errors])
    return {key: dump(value) for key, value in result.data.items()}
