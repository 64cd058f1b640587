"""The measured writes as Strawberry mutations; a refusal is a user error, and nothing is left of it."""

# pyright: reportInvalidTypeForm=false
from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import strawberry

from hub.base.errors import HubError
from hub.bench.contestants.orm import acceptance, deliveries
from hub.bench.contestants.orm.work import Work, work

Info = strawberry.Info[Any, Any]


@strawberry.type
class UserError:
    """Why something was not done."""

    code: str


@strawberry.type
class DeliveryShown:
    """A delivery."""

    id: strawberry.ID
    reference: str
    status: str


@strawberry.type
class RequestShown:
    """A payment request."""

    id: strawberry.ID
    reference: str
    status: str


@strawberry.type
class DeliveryPayload:
    """What became of a command on a delivery."""

    delivery: DeliveryShown | None
    user_errors: list[UserError]


@strawberry.type
class ManyPayload:
    """What became of many."""

    results: list[DeliveryPayload]


@strawberry.type
class ReviewPayload:
    """What became of a review."""

    payment_request: RequestShown | None
    user_errors: list[UserError]


@strawberry.input
class DeliveryRecordInput:
    """On which case, and when."""

    case: strawberry.ID
    happened_at: datetime.datetime


@strawberry.input
class SubmissionReviewInput:
    """The decision."""

    decision: str


def _uuid(global_id: str) -> UUID:
    return UUID(global_id.rpartition("_")[2])


async def _done(info: Info, command: Callable[[Work], Awaitable[Any]]) -> tuple[Any, list[UserError]]:
    context = info.context
    try:
        async with work(context["writing"], context["member"], context["clock"], context["ids"]) as session:
            return await command(session), []
    except HubError as error:
        return None, [UserError(code=str(error.code))]


def _delivery(row: Any, errors: list[UserError]) -> DeliveryPayload:
    shown = None
    if row is not None:
        shown = DeliveryShown(
            id=strawberry.ID(f"delivery_{row.id}"), reference=row.reference, status=row.status
        )
    return DeliveryPayload(delivery=shown, user_errors=errors)


@strawberry.type
class Mutation:
    """Everything that is written here."""

    @strawberry.mutation(name="deliveryRecord")
    async def delivery_record(self, info: Info, input: DeliveryRecordInput) -> DeliveryPayload:
        """Record a delivery."""
        case_id, happened_at, vault = _uuid(input.case), input.happened_at, info.context["vault"]
        return _delivery(
            *await _done(info, lambda work: deliveries.record(work, vault, case_id, happened_at))
        )

    @strawberry.mutation(name="deliveryVerifyMany")
    async def delivery_verify_many(self, info: Info, ids: list[strawberry.ID]) -> ManyPayload:
        """Verify each, whatever becomes of the others."""
        results: list[DeliveryPayload] = []
        for each in ids:
            row_id = _uuid(each)
            results.append(
                _delivery(*await _done(info, lambda work, row=row_id: deliveries.verify(work, row)))
            )
        return ManyPayload(results=results)

    @strawberry.mutation(name="submissionReview")
    async def submission_review(
        self,
        info: Info,
        id: strawberry.ID,
        input: SubmissionReviewInput,
    ) -> ReviewPayload:
        """Accept a claim."""
        row, errors = await _done(info, lambda work: acceptance.accept(work, _uuid(id)))
        shown = None
        if row is not None:
            shown = RequestShown(
                id=strawberry.ID(f"payment_request_{row.id}"), reference=row.reference, status=row.status
            )
        return ReviewPayload(payment_request=shown, user_errors=errors)
