"""Mutations on cases and goals."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from hub.base.transaction import Transaction
from hub.cases import commands, commands_plan
from hub.visits import assigning, commands_ending
from schema.mutation import Target, Version, mutation, name_of, uuid_of
from schema.mutations.referrals import Reason, Words
from schema.types import enums
from schema.types.cases import Case, Goal


@strawberry.input(description="A goal of the plan. 目标")
class GoalInput:
    """What is to be reached."""

    title: str = strawberry.field(description="The goal. 目标")
    target: str = strawberry.field(description="Where it should end. 预期")
    baseline: str | None = strawberry.field(default=None, description="Where it starts. 基线")
    due_on: date | None = strawberry.field(default=None, description="By when. 期限")
    self_reliance: bool = strawberry.field(
        default=False, description="Whether it is about standing on one's own feet. 自立目标"
    )


@mutation("Assign a worker of the lead organization. 分派社工", case=(Case, "The case. 服务单"))
async def case_assign_worker(
    tx: Transaction,
    id: Target,
    worker: Annotated[strawberry.ID, strawberry.argument(description="Who (id of a Membership). 社工")],
    expected_version: Version = None,
) -> Any:
    return await assigning.case_assign_worker(
        tx,
        uuid_of("case", id),
        worker_id=uuid_of("membership", worker),
        version=expected_version,
    )


@mutation(
    "Add a helping partner; the lead organization stays responsible. 增加协助方",
    case=(Case, "The case. 服务单"),
)
async def case_add_helper(
    tx: Transaction,
    id: Target,
    partner: Annotated[
        strawberry.ID, strawberry.argument(description="Who helps (id of a Partner). 社会组织")
    ],
    worker: Annotated[
        strawberry.ID | None, strawberry.argument(description="Its worker (id of a Membership). 社工")
    ] = None,
    until_on: Annotated[date | None, strawberry.argument(description="Last day of helping. 截止日")] = None,
    expected_version: Version = None,
) -> Any:
    return await commands.case_add_helper(
        tx,
        uuid_of("case", id),
        partner_id=uuid_of("partner", partner),
        worker_id=uuid_of("membership", worker),
        until_on=until_on,
        version=expected_version,
    )


@mutation("Begin the assessment of a casework case. 开始评估", case=(Case, "The case. 服务单"))
async def case_assess(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands_plan.case_assess(tx, uuid_of("case", id), version=expected_version)


@mutation("Set the plan of a casework case: its goals. 制定计划", case=(Case, "The case. 服务单"))
async def case_plan(
    tx: Transaction,
    id: Target,
    goals: Annotated[list[GoalInput], strawberry.argument(description="The goals. 目标")],
    expected_version: Version = None,
) -> Any:
    planned = [vars(goal) for goal in goals]
    return await commands_plan.case_plan(tx, uuid_of("case", id), goals=planned, version=expected_version)


@mutation("Start the work of a planned case. 开始服务", case=(Case, "The case. 服务单"))
async def case_start(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands_plan.case_start(tx, uuid_of("case", id), version=expected_version)


@mutation("Settle a goal: say what was reached. 了结目标", goal=(Goal, "The goal. 目标"))
async def goal_settle(
    tx: Transaction,
    id: Target,
    status: Annotated[enums.GoalStatus, strawberry.argument(description="A final state. 结果状态")],
    outcome: Annotated[str | None, strawberry.argument(description="What was reached. 结果")] = None,
    expected_version: Version = None,
) -> Any:
    return await commands_plan.goal_settle(
        tx, uuid_of("goal", id), status=name_of(status), outcome=outcome, version=expected_version
    )


@mutation("Propose the closure of a casework case. 申请结案", case=(Case, "The case. 服务单"))
async def case_propose_closure(
    tx: Transaction,
    id: Target,
    outcome: Annotated[enums.CaseOutcome, strawberry.argument(description="How it ended. 服务结果")],
    summary: Annotated[str, strawberry.argument(description="Closing words. 结案小结")],
    expected_version: Version = None,
) -> Any:
    return await commands_plan.case_propose_closure(
        tx, uuid_of("case", id), outcome=name_of(outcome), summary=summary, version=expected_version
    )


@mutation(
    "Approve a proposed closure; by someone other than the proposer. 审批结案",
    case=(Case, "The case. 服务单"),
)
async def case_close(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands_plan.case_close(tx, uuid_of("case", id), version=expected_version)


@mutation(
    "Do not approve a proposed closure, or take it back: the work goes on. 退回结案申请",
    case=(Case, "The case. 服务单"),
)
async def case_reopen(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await commands_plan.case_reopen(
        tx,
        uuid_of("case", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation(
    "Hand a case back; the referral returns to the station. 退回服务单", case=(Case, "The case. 服务单")
)
async def case_hand_back(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await commands_ending.case_hand_back(
        tx,
        uuid_of("case", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )
