"""Mutations on claims, deductions and appeals; the accepting review among them, which writes a payment request."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from decimal import Decimal
from typing import Any

import strawberry

from hub.acceptance import deducting, submitting
from hub.base.transaction import Transaction
from hub.payments import appealing, reviewing
from schema.mutation import Target, Version, mutation, name_of, uuid_of, uuids_of
from schema.types import enums
from schema.types.acceptance import Appeal, Deduction, Submission
from schema.types.payments import PaymentRequest

CLAIM = (Submission, "The claim. 验收申请")
REQUEST = (PaymentRequest, "What became payable; null where nothing did. 付款申请")


@strawberry.input(description="What a partner hands in with a claim. 验收材料")
class MilestoneSubmitInput:
    """The amount is computed; documents and a note are all there is to say."""

    documents: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Documents of the claim (ids of Documents); a stage on documents needs some. 材料",
    )
    note: str | None = strawberry.field(default=None, description="A word to the reviewer. 说明")


@mutation("Claim that a milestone is met; the amount is computed. 提交验收申请", submission=CLAIM)
async def milestone_submit(
    tx: Transaction, id: Target, input: MilestoneSubmitInput, expected_version: Version = None
) -> Any:
    return await submitting.milestone_submit(
        tx,
        uuid_of("milestone", id),
        document_ids=uuids_of("document", input.documents or []),
        note=input.note,
        version=expected_version,
    )


@mutation("Take a claim back before it is decided. 撤回验收申请", submission=CLAIM)
async def submission_withdraw(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await submitting.submission_withdraw(tx, uuid_of("submission", id), version=expected_version)


@strawberry.input(description="A decision on a claim. 验收决定")
class SubmissionReviewInput:
    """`accepted` only for a part; anything but a whole acceptance says why."""

    decision: enums.ReviewDecision = strawberry.field(
        description="ACCEPT, ACCEPT_IN_PART, RETURN or REJECT. 结论"
    )
    accepted: Decimal | None = strawberry.field(
        default=None, description="What is accepted of the claim, in yuan. 验收金额（元）"
    )
    reason_code: enums.ReviewReason | None = strawberry.field(
        default=None, description="Why, as a code. 原因代码"
    )
    comment: str | None = strawberry.field(default=None, description="In words. 意见")


@mutation(
    "Accept a claim, whole or in part, return or reject it. 验收",
    submission=CLAIM,
    payment_request=REQUEST,
)
async def submission_review(
    tx: Transaction, id: Target, input: SubmissionReviewInput, expected_version: Version = None
) -> Any:
    done = await reviewing.submission_review(
        tx,
        uuid_of("submission", id),
        decision=name_of(input.decision),
        accepted=input.accepted,
        reason_code=name_of(input.reason_code),
        comment=input.comment,
        version=expected_version,
    )
    return {"submission": done["submission"], "paymentRequest": done["request"]}


@strawberry.input(description="The second reviewer's word. 社区复核")
class SubmissionSecondInput:
    """An objection says why."""

    confirmed: bool = strawberry.field(description="Whether the work was done as accepted. 是否同意")
    reason_code: enums.ReviewReason | None = strawberry.field(
        default=None, description="Why not, as a code. 原因代码"
    )
    comment: str | None = strawberry.field(default=None, description="In words. 意见")


@mutation("Confirm an acceptance above the limit, or object to it. 社区复核", submission=CLAIM)
async def submission_second(
    tx: Transaction, id: Target, input: SubmissionSecondInput, expected_version: Version = None
) -> Any:
    done = await reviewing.submission_second(
        tx,
        uuid_of("submission", id),
        confirmed=input.confirmed,
        reason_code=name_of(input.reason_code),
        comment=input.comment,
        version=expected_version,
    )
    return done["submission"]


@strawberry.input(description="A deduction. 扣减")
class DeductionProposeInput:
    """Under a rule of the agreement, with the reason."""

    submission: strawberry.ID = strawberry.field(description="Of which claim (id of a Submission). 验收申请")
    kind: enums.DeductionKind = strawberry.field(description="Kind. 类别")
    amount: Decimal = strawberry.field(description="How much, in yuan. 金额（元）")
    rule: str = strawberry.field(description="Under which rule of the agreement. 扣减依据")
    reason: str = strawberry.field(description="Why. 扣减理由")
    delivery: strawberry.ID | None = strawberry.field(
        default=None,
        description="About which billed delivery (id of a Delivery); also after the review. 服务记录",
    )


@mutation(
    "Propose a deduction. 提出扣减",
    target=("input", "submission"),
    deduction=(Deduction, "The deduction. 扣减"),
)
async def deduction_propose(tx: Transaction, input: DeductionProposeInput) -> Any:
    return await deducting.deduction_propose(
        tx,
        uuid_of("submission", input.submission),
        kind=name_of(input.kind),
        amount=input.amount,
        rule=input.rule,
        reason=input.reason,
        delivery_id=uuid_of("delivery", input.delivery),
    )


@mutation("Give up a proposed deduction. 撤回扣减", deduction=(Deduction, "The deduction. 扣减"))
async def deduction_withdraw(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await deducting.deduction_withdraw(tx, uuid_of("deduction", id), version=expected_version)


@strawberry.input(description="An appeal. 申诉")
class AppealFileInput:
    """Against the review, or one deduction."""

    submission: strawberry.ID = strawberry.field(
        description="About which claim (id of a Submission). 验收申请"
    )
    grounds: str = strawberry.field(description="Why. 申诉理由")
    deduction: strawberry.ID | None = strawberry.field(
        default=None, description="Against this deduction (id of a Deduction). 扣减"
    )


@mutation(
    "Appeal against a decision. 提出申诉", target=("input", "submission"), appeal=(Appeal, "The appeal. 申诉")
)
async def appeal_file(tx: Transaction, input: AppealFileInput) -> Any:
    return await appealing.appeal_file(
        tx,
        uuid_of("submission", input.submission),
        grounds=input.grounds,
        deduction_id=uuid_of("deduction", input.deduction),
    )


@strawberry.input(description="The decision of an appeal. 裁定")
class AppealDecideInput:
    """`awarded` when an appeal against a review is upheld; a deduction is lifted whole."""

    upheld: bool = strawberry.field(description="Whether it is upheld. 是否支持")
    decision: str = strawberry.field(description="The decision in words. 裁定意见")
    awarded: Decimal | None = strawberry.field(
        default=None, description="What is accepted on top, in yuan. 支持金额（元）"
    )


@mutation(
    "Decide an appeal. 裁定申诉",
    appeal=(Appeal, "The appeal. 申诉"),
    payment_request=REQUEST,
)
async def appeal_decide(
    tx: Transaction,
    id: Target,
    input: AppealDecideInput,
    expected_version: Version = None,
) -> Any:
    done = await appealing.appeal_decide(
        tx,
        uuid_of("appeal", id),
        upheld=input.upheld,
        decision=input.decision,
        awarded=input.awarded,
        version=expected_version,
    )
    return {"appeal": done["appeal"], "paymentRequest": done["request"]}
