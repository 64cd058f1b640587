"""Runs mutations: arguments in, one transaction per field, payload read back with the viewer's own rights.

Expected outcomes become `userErrors` and leave nothing behind; a command that the role may not run at all is a
top-level FORBIDDEN. Serialization failures and deadlocks are retried inside the idempotent envelope.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Row, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from strawberry.types.arguments import convert_arguments

from auth.grants import may_do
from auth.roles import Viewer
from hub.base.clock import Clock
from hub.base.errors import Conflict, Denied, HubError, Unavailable
from hub.base.idempotency import once, store
from hub.base.ids import Ids
from hub.base.limits import MAX_BATCH
from hub.base.seal import Vault
from hub.base.transaction import Transaction, transaction
from schema.documents import Prepared
from schema.engine import Engine
from schema.errors import field_error, user_error
from schema.http import Reply, SessionEnded
from schema.mutation import MUTATIONS, Done, camel
from schema.planner.compile import Compiler, dump
from schema.planner.registry import named
from schema.planner.selection import Bound, Document, Selected

RETRIES = 5
RETRYABLE_STATES = ("40001", "40P01")
BUSY_STATES = ("55P03", "57014")
CONSTRAINT_ERRORS: Mapping[str, tuple[str, str]] = {
    "conflict_of_interest": ("conflict_of_interest", "CONFLICT_OF_INTEREST"),
    **dict.fromkeys(
        (
            "uq_persons_street_id_id_number_index",
            "ex_eligibility_spells_overlap",
            "uq_organizations_code",
            "uq_users_sign_in_name",
            "uq_conflict_declarations_user_id_partner_id",
            "uq_qualifications_partner_id_type_number",
        ),
        ("duplicate", "DUPLICATE"),
    ),
}
"""Named constraints whose violation has a sentence of its own; any other is a plain conflict."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one command: what its payload shows, or why it was refused."""

    values: Mapping[str, Any]
    error: HubError | None = None


class Commands:
    """The `Mutations` of `schema/engine.py`."""

    def __init__(
        self, schema: strawberry.Schema, writer: AsyncEngine, clock: Clock, ids: Ids, vault: Vault
    ) -> None:
        self._schema = schema
        self._writer = writer
        self._clock = clock
        self._ids = ids
        self._vault = vault

    async def run(self, engine: Engine, document: Document, prepared: Prepared, viewer: Viewer) -> Reply:
        """Every mutation field, one after another."""
        root = engine.registry.object_type("Mutation")
        parts: list[bytes] = []
        errors: list[dict[str, object]] = []
        for selected in document.select(root, [prepared.operation.selection_set]):
            text = await self._field(engine, document, viewer, selected, errors)
            parts.append(f'"{selected.key}":'.encode() + text)
        body = b'{"data":{' + b",".join(parts) + b"}"
        if errors:
            body += b',"errors":' + dump(errors).encode()
        return Reply(body + b"}")

    async def _field(
        self,
        engine: Engine,
        document: Document,
        viewer: Viewer,
        selected: Selected,
        errors: list[dict[str, object]],
    ) -> bytes:
        if selected.name == "__typename":
            return b'"Mutation"'
        done = MUTATIONS[selected.name]
        given = {name: _value(bound, document.variables) for name, bound in selected.args.items()}
        field = engine.registry.object_type("Mutation").fields[selected.name]
        writing = Payload(self, engine, document, viewer, done, errors)
        try:
            if not may_do(done.command.__name__, viewer):
                raise Denied(
                    "command_denied"
                )  # before any id is looked at, so that nothing about an object is told
            if done.each:
                return await self._many(writing, done, given, viewer, selected, named(field.type))
            outcome = await self.attempt(done, done.name, given, viewer)
            return await writing.write(named(field.type), selected, outcome, (selected.key,))
        except (Denied, Unavailable) as error:
            errors.append(field_error(error, viewer.language, (selected.key,)))
            return b"null"

    async def _many(
        self,
        writing: Payload,
        done: Done,
        given: dict[str, Any],
        viewer: Viewer,
        selected: Selected,
        payload: str,
    ) -> bytes:
        items, key = given["inputs"], given.get("idempotencyKey")
        if len(items) > MAX_BATCH:
            raise Unavailable("batch_too_large", code="LIMIT_EXCEEDED", most=MAX_BATCH)
        outcomes = [
            await self.attempt(
                MUTATIONS[done.each or ""],
                done.each or "",
                {"input": item, "idempotencyKey": f"{key}:{number}" if key else None},
                viewer,
            )
            for number, item in enumerate(items)
        ]
        return await writing.write_many(payload, selected, outcomes)

    async def attempt(self, done: Done, field: str, given: Mapping[str, Any], viewer: Viewer) -> Outcome:
        """One command in one transaction. Raises Denied and Unavailable; other refusals are part of the outcome."""
        for attempt in range(RETRIES):
            try:
                return Outcome(await self._transact(done, field, given, viewer))
            except (Denied, Unavailable):
                raise
            except HubError as error:
                if done.target != ("id",) and error.path == ("id",):
                    error.path = done.target
                return Outcome({}, error)
            except DBAPIError as error:
                state, constraint = _diagnosis(error)
                if state in RETRYABLE_STATES and attempt + 1 < RETRIES:
                    await asyncio.sleep(random.uniform(0.005, 0.05) * 2**attempt)  # noqa: S311 - jitter
                elif state in RETRYABLE_STATES or state in BUSY_STATES or error.connection_invalidated:
                    raise Unavailable("database_unavailable") from None
                elif state.startswith("23"):
                    key, code = CONSTRAINT_ERRORS.get(constraint, ("conflict", "CONFLICT"))
                    return Outcome({}, Conflict(key, code=code))
                else:
                    raise
            except OSError:
                raise Unavailable("database_unavailable") from None
        raise AssertionError("the last attempt returns or raises")

    async def _transact(
        self, done: Done, field: str, given: Mapping[str, Any], viewer: Viewer
    ) -> Mapping[str, Any]:
        arguments = self._arguments(field, given)
        key = arguments.pop("idempotency_key", None)
        async with transaction(self._writer, viewer, self._clock, self._ids, self._vault) as tx:
            await _require_live(tx, viewer)
            principal = viewer.membership_id
            if key is not None and principal is not None:
                request = {name: _plain(value) for name, value in given.items() if name != "idempotencyKey"}
                replay = await once(tx, principal, key, field, request)
                if replay is not None:
                    return {name: UUID(value) for name, value in replay.result.items()}
            shown = _shown(done, await done.command(tx, **arguments))
            if key is not None and principal is not None:
                await store(tx, principal, key, {k: str(v) for k, v in shown.items() if isinstance(v, UUID)})
            return shown

    def _arguments(self, field: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as Strawberry's input objects."""
        mutation: Any = self._schema.get_type_by_name("Mutation")
        found = next(
            each for each in mutation.fields if (each.graphql_name or camel(each.python_name)) == field
        )
        converter = self._schema.schema_converter
        return convert_arguments(
            dict(given),
            found.arguments,
            scalar_registry=converter.scalar_registry,
            config=self._schema.config,
        )


@dataclasses.dataclass(frozen=True)
class Payload:
    """Writes the payload of one mutation field as JSON, in the shape of the client's selection."""

    commands: Commands
    engine: Engine
    document: Document
    viewer: Viewer
    done: Done
    errors: list[dict[str, object]]

    async def write(self, payload: str, selected: Selected, outcome: Outcome, path: tuple[str, ...]) -> bytes:
        """The payload object."""
        type_ = self.engine.registry.object_type(payload)
        parts: list[bytes] = []
        for each in self.document.select(type_, selected.sets):
            text = await self._part(payload, each, outcome, (*path, each.key))
            parts.append(f'"{each.key}":'.encode() + text)
        return b"{" + b",".join(parts) + b"}"

    async def write_many(self, payload: str, selected: Selected, outcomes: list[Outcome]) -> bytes:
        """`{ results: […] }`."""
        type_ = self.engine.registry.object_type(payload)
        parts: list[bytes] = []
        for each in self.document.select(type_, selected.sets):
            text = dump(payload).encode()
            if each.name == "results":
                inner = named(type_.fields["results"].type)
                path = (selected.key, each.key)
                text = b"[" + b",".join([await self.write(inner, each, one, path) for one in outcomes]) + b"]"
            parts.append(f'"{each.key}":'.encode() + text)
        return b"{" + b",".join(parts) + b"}"

    async def _part(self, payload: str, each: Selected, outcome: Outcome, path: tuple[str, ...]) -> bytes:
        if each.name == "__typename":
            return dump(payload).encode()
        shaper = Compiler(self.engine.registry, self.document, self.viewer)
        if each.name == "userErrors":
            errors = [user_error(outcome.error, self.viewer.language)] if outcome.error else []
            return dump(shaper.shape("UserError", errors, each.sets)).encode()
        value = outcome.values.get(each.name)
        if value is None:
            return b"null"
        target = named(self.engine.registry.object_type(payload).fields[each.name].type)
        info = self.engine.registry.types.get(target)
        if info is None or not info.table:
            return dump(shaper.shape(target, value, each.sets)).encode()
        text, errors = await self.engine.payload(
            self.document, self.viewer, target, each.sets, f"{info.tag}_{value}", path
        )
        self.errors.extend(error for error in errors if error not in self.errors)
        return text


async def _require_live(tx: Transaction, viewer: Viewer) -> None:
    """The membership, its user and the client must be live now, or the session has ended (I15)."""
    live = select(func.hub_live(viewer.membership_id, viewer.client_id, tx.today))
    if not (await tx.connection.execute(live)).scalar_one():
        raise SessionEnded


def _value(bound: Bound, variables: Mapping[str, Any]) -> Any:
    if isinstance(bound, dict):
        return {name: _value(inner, variables) for name, inner in bound.items()}
    return bound.read(variables)


def _shown(done: Done, result: Any) -> Mapping[str, Any]:
    """What the payload shows: a row stands for its id."""
    values = result if isinstance(result, dict) else {done.shows[0]: result}
    return {name: value.id if isinstance(value, Row) else value for name, value in values.items()}


def _diagnosis(error: DBAPIError) -> tuple[str, str]:
    cause: Any = getattr(error.orig, "__cause__", None)
    return getattr(cause, "sqlstate", "") or "", getattr(cause, "constraint_name", "") or ""


def _plain(value: Any) -> Any:
    """A value for the request hash."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.name if isinstance(value, Enum) else value
