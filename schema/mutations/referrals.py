"""Mutations on referrals and offers."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from hub.base.limits import MAX_BATCH
from hub.base.transaction import Transaction
from hub.cases import commands as case_commands
from hub.referrals import commands, commands_offers
from hub.visits import commands_ending
from schema.mutation import Target, Version, mutation, mutation_of_many, name_of, uuid_of, uuids_of
from schema.types import enums
from schema.types.referrals import Offer, Referral

Reason = Annotated[enums.ReasonCode, strawberry.argument(description="Why, as a code. 原因代码")]
Words = Annotated[
    str, strawberry.argument(description="Why, in words; the referrer always sees them. 原因说明")
]


@strawberry.input(description="A referral. 转介")
class ReferralSubmitInput:
    """A person, one service, why, and which of her needs."""

    person: strawberry.ID = strawberry.field(description="For whom (id of a Person). 居民")
    service_type: str = strawberry.field(description="Code of the service type. 服务项目代码")
    urgency: enums.Urgency | None = strawberry.field(
        default=None, description="ROUTINE when nothing is said. 紧急程度"
    )
    reason: str = strawberry.field(description="Why help is asked for, in words. 转介事由")
    needs: list[strawberry.ID] = strawberry.field(
        description="Which needs (ids of Needs of the person). 需求"
    )


@mutation(
    "Submit a referral, or a returned one again with `id`. 提交转介",
    target=("input", "person"),
    referral=(Referral, "The referral. 转介"),
)
async def referral_submit(
    tx: Transaction,
    input: ReferralSubmitInput,
    id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="A returned referral to submit again. 被退回的转介"),
    ] = None,
    expected_version: Version = None,
) -> Any:
    return await commands.referral_submit(
        tx,
        uuid_of("person", input.person),
        service_type_code=input.service_type,
        urgency=name_of(input.urgency) or "ROUTINE",
        reason=input.reason,
        need_ids=uuids_of("need", input.needs),
        referral_id=uuid_of("referral", id),
        version=expected_version,
    )


referral_submit_many = mutation_of_many(
    "Submit many referrals: n single commands, n results. 批量提交转介",
    "referralSubmit",
    {
        "inputs": Annotated[
            list[ReferralSubmitInput], strawberry.argument(description="The referrals. 转介列表")
        ]
    },
    MAX_BATCH,
)


@mutation("Accept a submitted referral for placement. 分流转介", referral=(Referral, "The referral. 转介"))
async def referral_triage(
    tx: Transaction,
    id: Target,
    note: Annotated[str | None, strawberry.argument(description="Note of the station. 备注")] = None,
    expected_version: Version = None,
) -> Any:
    return await commands.referral_triage(tx, uuid_of("referral", id), note=note, version=expected_version)


@mutation(
    "Take a triaged referral oneself; opens a case. 自行承接", referral=(Referral, "The referral. 转介")
)
async def referral_take(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await case_commands.referral_take(tx, uuid_of("referral", id), version=expected_version)


@mutation(
    "Offer a triaged referral to one partner: names and reserves what an agreement has bought. 派单",
    referral=(Referral, "The referral. 转介"),
)
async def referral_offer(
    tx: Transaction,
    id: Target,
    partner: Annotated[strawberry.ID, strawberry.argument(description="To whom (id of a Partner). 社会组织")],
    line: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="Which line of an agreement with the partner pays (id of an AgreementLine); required. 服务条目"
        ),
    ] = None,
    quantity: Annotated[
        int | None,
        strawberry.argument(
            description="How much of the line is hers, in its unit; 1 for a case or a place in a group; required. 数量"
        ),
    ] = None,
    expires_at: Annotated[
        datetime | None,
        strawberry.argument(description="Until when; 72 hours when nothing is said. 有效期至"),
    ] = None,
    note: Annotated[
        str | None, strawberry.argument(description="Note for the partner, no names. 备注")
    ] = None,
    expected_version: Version = None,
) -> Any:
    return await commands_offers.referral_offer(
        tx,
        uuid_of("referral", id),
        partner_id=uuid_of("partner", partner),
        line_id=uuid_of("agreement_line", line),
        quantity=quantity,
        expires_at=expires_at,
        note=note,
        version=expected_version,
    )


@mutation("Return a submitted referral for correction. 退回转介", referral=(Referral, "The referral. 转介"))
async def referral_return(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await commands.referral_return(
        tx,
        uuid_of("referral", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation("Reject a submitted referral for good. 不予受理", referral=(Referral, "The referral. 转介"))
async def referral_reject(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await commands.referral_reject(
        tx,
        uuid_of("referral", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation(
    "Cancel a referral before it is completed; ends its offer, case and visits. 撤销转介",
    referral=(Referral, "The referral. 转介"),
)
async def referral_cancel(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await commands_ending.referral_cancel(
        tx,
        uuid_of("referral", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation("Acknowledge a completed referral; closes it. 确认完成", referral=(Referral, "The referral. 转介"))
async def referral_acknowledge(
    tx: Transaction,
    id: Target,
    words: Annotated[str | None, strawberry.argument(description="What the referrer says. 确认说明")] = None,
    expected_version: Version = None,
) -> Any:
    return await commands.referral_acknowledge(
        tx, uuid_of("referral", id), words=words, version=expected_version
    )


@mutation("Accept an offer; opens a case. 接单", offer=(Offer, "The offer. 派单"))
async def offer_accept(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await case_commands.offer_accept(tx, uuid_of("offer", id), version=expected_version)


@mutation("Decline an offer; the referral goes back to the station. 拒单", offer=(Offer, "The offer. 派单"))
async def offer_decline(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await commands_offers.offer_decline(
        tx,
        uuid_of("offer", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation("Withdraw an offer that has not been decided. 撤回派单", offer=(Offer, "The offer. 派单"))
async def offer_withdraw(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands_offers.offer_withdraw(tx, uuid_of("offer", id), version=expected_version)
