"""Runs mutations: arguments in, one transaction per field, payload read back with the viewer's own rights.

Expected outcomes become `userErrors` and leave nothing behind; a command that the role may not run at all is a
top-level FORBIDDEN. Serialization failures and deadlocks are retried inside the idempotent envelope.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from strawberry.types.arguments import convert_arguments

from auth.grants import may_do
from auth.roles import Viewer
from hub.base.clock import Clock
from hub.base.errors import Conflict, Denied, HubError, Invalid, LimitExceeded, Unavailable
from hub.base.idempotency import once, store
from hub.base.ids import Ids
from hub.base.limits import MAX_BATCH
from hub.base.metrics import COMMANDS
from hub.base.seal import Vault
from hub.base.transaction import transaction
from hub.documents.papers import Papers
from schema.argument_paths import argument_path
from schema.documents import Prepared
from schema.engine import Engine
from schema.envelope import Envelope, Outcome
from schema.errors import field_error
from schema.http import Reply, SessionEnded
from schema.mutation import MUTATIONS, Done
from schema.planner.actions import camel
from schema.planner.compile import dump
from schema.planner.registry import named
from schema.planner.selection import Document, Selected, read

PAUSES = (0.02, 0.04, 0.08, 0.16)
"""Seconds before each further attempt at a command that lost a deadlock or a serialization race."""

RETRYABLE_STATES = ("40001", "40P01")
BUSY_STATES = ("55P03", "57014")
REFUSALS = ("22", "23")
"""Classes of SQLSTATE: a value out of range, a violated constraint."""

CONSTRAINT_ERRORS: Mapping[str, tuple[str, str]] = {
    "conflict_of_interest": ("stake_in_partner", "CONFLICT_OF_INTEREST"),
    "illegal_move": ("conflict", "WRONG_STATE"),
    "immutable": ("conflict", "WRONG_STATE"),
    "four_eyes": ("four_eyes", "FOUR_EYES"),
    "ck_funds_available": ("fund_overdrawn", "CONFLICT"),
    "line_quantity": ("line_overdrawn", "QUANTITY_EXCEEDED"),
    "line_missing": ("offer_line_required", "REQUIRED"),
    "agreement_active": ("agreement_left_active", "WRONG_STATE"),
    "partner_qualified": ("partner_unqualified", "NOT_QUALIFIED"),
    "delivery_outside_agreement": ("delivery_outside_agreement", "WRONG_STATE"),
    "delivery_beyond_offer": ("delivery_refused", "QUANTITY_EXCEEDED"),
    "delivery_unproven": ("delivery_not_due", "WRONG_STATE"),
    "wrong_hands": ("wrong_hands", "FORBIDDEN"),
    "second_review": ("second_review", "FOUR_EYES"),
    "billed": ("billed", "WRONG_STATE"),
    "not_billable": ("not_billable", "WRONG_STATE"),
    "claim_not_open": ("conflict", "WRONG_STATE"),
    "stage_standing": ("conflict", "WRONG_STATE"),
    "request_standing": ("conflict", "WRONG_STATE"),
    "accepted_as_reviewed": ("conflict", "WRONG_STATE"),
    "appeal_not_open": ("appeal_closed", "WRONG_STATE"),
    "final_claimed": ("final_claimed", "WRONG_STATE"),
    "invoice_taken": ("invoice_taken", "WRONG_STATE"),
    "billed_twice": ("billed_twice", "DUPLICATE"),
    "uq_submission_deliveries_live": ("billed_twice", "DUPLICATE"),
    "child_before_parent": ("child_before_parent", "WRONG_STATE"),
    "step_missing": ("child_before_parent", "WRONG_STATE"),
    "account_not_usable": ("account_not_usable", "WRONG_STATE"),
    "accepted_within_milestone": ("more_than_accepted", "QUANTITY_EXCEEDED"),
    "claim_within_milestone": ("more_than_accepted", "QUANTITY_EXCEEDED"),
    "paid_within_accepted": ("more_than_accepted", "QUANTITY_EXCEEDED"),
    "uq_submissions_live": ("request_live", "DUPLICATE"),
    "uq_payment_requests_live": ("request_live", "DUPLICATE"),
    "uq_payments_live": ("already_paid", "DUPLICATE"),
    "uq_payments_bank_reference": ("bank_reference_used", "DUPLICATE"),
    "uq_payments_refund_reference": ("bank_reference_used", "DUPLICATE"),
    "uq_invoices_number": ("invoice_number_used", "DUPLICATE"),
    "uq_bank_accounts_verified": ("account_verified_meanwhile", "WRONG_STATE"),
    **dict.fromkeys(
        (
            "uq_persons_street_id_id_number_index",
            "ex_eligibility_spells_overlap",
            "uq_organizations_code",
            "uq_users_sign_in_name",
            "uq_conflict_declarations_user_id_partner_id",
            "uq_qualifications_partner_id_type_number",
            "uq_donations_street_id_voucher_number",
            "uq_invoices_request",
            "uq_bank_accounts_number",
            "uq_deductions_delivery",
            "uq_appeals_review",
            "uq_appeals_deduction",
            "uq_payment_requests_appeal",
            "uq_deliveries_visit",
            "uq_deliveries_session",
            "uq_deliveries_moment",
            "uq_delivery_documents_delivery_id_document_id",
            "uq_capacities_partner_id_service_type_id_community_id",
            "ex_substitutions_overlap",
            "uq_enrolments_series_id_person_id",
        ),
        ("duplicate", "DUPLICATE"),
    ),
}
"""Named constraints whose violation has a sentence of its own; any other is a plain conflict."""


class Commands:
    """The `Mutations` of `schema/engine.py`."""

    def __init__(
        self,
        schema: strawberry.Schema,
        writer: AsyncEngine,
        clock: Clock,
        ids: Ids,
        vault: Vault,
        papers: Papers | None = None,
    ) -> None:
        self._schema = schema
        self._declared = _declared(schema)
        self._writer = writer
        self._clock = clock
        self._ids = ids
        self._vault = vault
        self._papers = papers

    async def run(self, engine: Engine, document: Document, prepared: Prepared, viewer: Viewer) -> Reply:
        """Every mutation field, one after another."""
        root = engine.registry.object_type("Mutation")
        parts: list[bytes] = []
        errors: list[dict[str, object]] = []
        for selected in document.select(root, [prepared.operation.selection_set]):
            text = await self._field(Envelope(engine, document, viewer, errors), selected)
            parts.append(f'"{selected.key}":'.encode() + text)
        body = b'{"data":{' + b",".join(parts) + b"}"
        if errors:
            body += b',"errors":' + dump(errors).encode()
        return Reply(body + b"}")

    async def _field(self, payload: Envelope, selected: Selected) -> bytes:
        if selected.name == "__typename":
            return b'"Mutation"'
        done, viewer = MUTATIONS[selected.name], payload.viewer
        given = {name: read(bound, payload.document.variables) for name, bound in selected.args.items()}
        try:
            if not may_do(done.command.__name__, viewer):
                raise Denied(
                    "command_denied"
                )  # before any id is looked at, so that nothing about an object is told
            type_name = named(payload.engine.registry.object_type("Mutation").fields[selected.name].type)
            if done.each:
                return await self._many(payload, done, given, selected, type_name)
            payload.prepare(type_name, selected.sets, (selected.key,), 1)
            outcome = _pointed(payload, done, await self.attempt(done, given, viewer))
            return await payload.write(type_name, selected.sets, outcome, (selected.key,))
        except HubError as error:
            payload.errors.append(field_error(error, viewer.language, (selected.key,)))
            return b"null"

    async def _many(
        self, payload: Envelope, batch: Done, given: dict[str, Any], selected: Selected, type_name: str
    ) -> bytes:
        """`{ results: […] }`: every item is tried, whatever became of those before it."""
        done, items, key = MUTATIONS[batch.each or ""], given[batch.items], given.get("idempotencyKey")
        if len(items) > MAX_BATCH:
            raise LimitExceeded("batch_too_large", most=MAX_BATCH)
        payload.prepare_many(type_name, selected, len(items))
        outcomes: list[Outcome] = []
        for number, item in enumerate(items):
            one = {batch.item: item, "idempotencyKey": f"{key}:{number}" if key else None}
            try:
                outcomes.append(_pointed(payload, done, await self.attempt(done, one, payload.viewer)))
            except (Denied, Unavailable) as error:
                outcomes.append(Outcome({}, error))
        return await payload.write_many(type_name, selected, outcomes)

    async def attempt(self, done: Done, given: Mapping[str, Any], viewer: Viewer) -> Outcome:
        """One command in one transaction. Raises Denied and Unavailable; other refusals are part of the outcome."""
        try:
            outcome = await self._tried(done, given, viewer)
        except HubError as error:
            COMMANDS.labels(done.command.__name__, error.code).inc()
            raise
        COMMANDS.labels(done.command.__name__, outcome.error.code if outcome.error else "DONE").inc()
        return outcome

    async def _tried(self, done: Done, given: Mapping[str, Any], viewer: Viewer) -> Outcome:
        for pause in (*PAUSES, None):
            try:
                return Outcome(await self._transact(done, given, viewer))
            except (Denied, Unavailable):
                raise
            except HubError as error:
                if done.target != ("id",) and error.path == ("id",):
                    error.path = done.target
                return Outcome({}, error)
            except DBAPIError as error:
                state, constraint = _diagnosis(error)
                if state[:2] in REFUSALS:
                    return Outcome({}, _refused(state, constraint))
                if state not in (*RETRYABLE_STATES, *BUSY_STATES) and not error.connection_invalidated:
                    raise
                if pause is None or state not in RETRYABLE_STATES:
                    raise Unavailable("database_unavailable") from None
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            except OSError:
                raise Unavailable("database_unavailable") from None
        raise Unavailable("database_unavailable")

    async def _transact(self, done: Done, given: Mapping[str, Any], viewer: Viewer) -> Mapping[str, Any]:
        arguments = self._arguments(done.name, given)
        key = arguments.pop("idempotency_key", None)
        made = self._clock, self._ids, self._vault, self._papers
        async with transaction(self._writer, viewer, *made) as tx:
            if not tx.live:
                raise SessionEnded  # (I15)
            principal = viewer.membership_id
            if key is not None and principal is not None:
                request = {name: _plain(value) for name, value in given.items() if name != "idempotencyKey"}
                replay = await once(tx, principal, key, done.name, request)
                if replay is not None:
                    made = {name: UUID(value) for name, value in replay.result.items()}
                    return {**made, **(await done.again(tx, made) if done.again else {})}
            shown = _shown(done, await done.command(tx, **arguments))
            if key is not None and principal is not None:
                await store(tx, principal, key, {k: str(v) for k, v in shown.items() if isinstance(v, UUID)})
            return shown

    def _arguments(self, field: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as Strawberry's input objects."""
        converter = self._schema.schema_converter
        return convert_arguments(
            dict(given),
            self._declared[field],
            scalar_registry=converter.scalar_registry,
            config=self._schema.config,
        )


def _declared(schema: strawberry.Schema) -> dict[str, Any]:
    """The arguments of every mutation, as Strawberry knows them."""
    mutation: Any = schema.get_type_by_name("Mutation")
    return {(each.graphql_name or camel(each.python_name)): each.arguments for each in mutation.fields}


def _pointed(payload: Envelope, done: Done, outcome: Outcome) -> Outcome:
    """The outcome, its error pointing at the argument as the client calls it."""
    if outcome.error is not None:
        field = payload.engine.registry.object_type("Mutation").fields[done.name]
        outcome.error.path = argument_path(field, outcome.error.path)
    return outcome


def _shown(done: Done, result: Any) -> Mapping[str, Any]:
    """What the payload shows: a row stands for its id."""
    values = result if isinstance(result, dict) else {done.shows[0]: result}
    return {name: value.id if isinstance(value, Row) else value for name, value in values.items()}


def _diagnosis(error: DBAPIError) -> tuple[str, str]:
    cause: Any = getattr(error.orig, "__cause__", None)
    return getattr(cause, "sqlstate", "") or "", getattr(cause, "constraint_name", "") or ""


def _refused(state: str, constraint: str) -> HubError:
    """What the database refused, as the client can act on it: a rule that a command had not asked about, or a value
    that the column cannot hold."""
    if state.startswith("22"):
        return Invalid("value_refused")
    key, code = CONSTRAINT_ERRORS.get(constraint, ("conflict", "CONFLICT"))
    return Conflict(key, code=code)


def _plain(value: Any) -> Any:
    """A value for the request hash."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.name if isinstance(value, Enum) else value
