"""Mutations on visits, the day sheet and substitutions."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from hub.base.transaction import Transaction
from hub.deliveries import substitution
from hub.visits import commands, day_sheet
from schema.mutation import Target, Version, mutation, name_of, uuid_of
from schema.mutations.referrals import Reason, Words
from schema.types import enums
from schema.types.visits import Substitution, Visit


@strawberry.input(description="A promise to come. 走访约定")
class VisitPromiseInput:
    """For a case, or (station and community) for a person without one."""

    case: strawberry.ID | None = strawberry.field(
        default=None, description="For which case (id of a Case). 服务单"
    )
    person: strawberry.ID | None = strawberry.field(
        default=None, description="Or for whom, without a case (id of a Person). 居民"
    )
    kind: enums.VisitKind = strawberry.field(description="What it is for. 走访类型")
    promised_from: datetime = strawberry.field(description="Promised from. 约定开始")
    promised_to: datetime = strawberry.field(description="Promised until. 约定结束")
    worker: strawberry.ID | None = strawberry.field(
        default=None, description="Who goes (id of a Membership); the caller when nothing is said. 走访人"
    )


@strawberry.input(description="What happened on a visit. 走访记录")
class VisitRecordInput:
    """One call; may be sent twice under one key without harm."""

    outcome: enums.VisitOutcome = strawberry.field(description="What happened at the door. 走访结果")
    kept_at: datetime = strawberry.field(description="When somebody was at the door. 到访时间")
    findings: str | None = strawberry.field(default=None, description="What the worker found. 发现")
    own_words: str | None = strawberry.field(
        default=None, description="What the person said, in her own words. 本人原话"
    )


@strawberry.input(description="Somebody stands in for a worker who is ill. 代班安排")
class WorkerSubstituteInput:
    """Both days included; from today on it begins at once."""

    worker: strawberry.ID = strawberry.field(description="Who is away (id of a Membership). 缺勤社工")
    substitute: strawberry.ID = strawberry.field(description="Who stands in (id of a Membership). 代班社工")
    from_on: date = strawberry.field(description="First day. 开始日期")
    until_on: date = strawberry.field(description="Last day. 结束日期")
    street: strawberry.ID | None = strawberry.field(
        default=None,
        description="In which street (id of a Street); needed when she works in several. 街道",
    )
    reason: str | None = strawberry.field(default=None, description="Why. 事由")


@strawberry.type(description="Whom to call when nobody opens. 紧急联系人")
class EmergencyContact:
    """In order of calling."""

    name: str | None = strawberry.field(description="Name. 姓名")
    relation: str | None = strawberry.field(description="Relation. 关系")
    phone: str | None = strawberry.field(description="Phone. 电话")


@strawberry.type(description="A visit of the day with what is needed at the door, in plain. 当日走访")
class DaySheetEntry:
    """One promised visit; opening it is audited per person."""

    visit: strawberry.ID | None = strawberry.field(description="Id of the Visit. 走访标识")
    visit_reference: str | None = strawberry.field(description="Reference of the visit. 走访编号")
    kind: enums.VisitKind | None = strawberry.field(description="What it is for. 走访类型")
    service_type: str | None = strawberry.field(description="Code of the service type. 服务项目代码")
    promised_from: datetime | None = strawberry.field(description="Promised from. 约定开始")
    promised_to: datetime | None = strawberry.field(description="Promised until. 约定结束")
    person: strawberry.ID | None = strawberry.field(description="Id of the Person. 居民标识")
    name: str | None = strawberry.field(description="Name. 姓名")
    address: str | None = strawberry.field(description="Address with house number. 住址")
    phone: str | None = strawberry.field(description="Phone. 电话")
    emergency_contacts: list[EmergencyContact] | None = strawberry.field(
        description="In order of calling. 紧急联系人"
    )
    door_notes: str | None = strawberry.field(description="What helps at the door. 上门提示")
    lives_alone: bool | None = strawberry.field(description="Whether living alone. 独居")


@mutation("Promise a visit. 约定走访", target=("input", "case"), visit=(Visit, "The visit. 走访"))
async def visit_promise(tx: Transaction, input: VisitPromiseInput) -> Any:
    return await commands.visit_promise(
        tx,
        case_id=uuid_of("case", input.case),
        person_id=uuid_of("person", input.person),
        kind=name_of(input.kind),
        promised_from=input.promised_from,
        promised_to=input.promised_to,
        worker_id=uuid_of("membership", input.worker),
    )


@mutation("Record what happened on a promised visit. 记录走访", visit=(Visit, "The visit. 走访"))
async def visit_record(
    tx: Transaction, id: Target, input: VisitRecordInput, expected_version: Version = None
) -> Any:
    return await commands.visit_record(
        tx,
        uuid_of("visit", id),
        outcome=name_of(input.outcome),
        kept_at=input.kept_at,
        text=input.findings,
        own_words=input.own_words,
        version=expected_version,
    )


@mutation("Cancel a promised visit. 取消走访", visit=(Visit, "The visit. 走访"))
async def visit_cancel(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await commands.visit_cancel(
        tx,
        uuid_of("visit", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation(
    "Let a colleague stand in for a worker, with her promises of these days. 安排代班",
    target=("input", "worker"),
    substitution=(Substitution, "The substitution. 代班"),
)
async def worker_substitute(tx: Transaction, input: WorkerSubstituteInput) -> Any:
    return await substitution.worker_substitute(
        tx,
        uuid_of("membership", input.worker),
        substitute_id=uuid_of("membership", input.substitute),
        from_on=input.from_on,
        until_on=input.until_on,
        street_id=uuid_of("street", input.street),
        reason=input.reason,
    )


@mutation(
    "Cancel a substitution: what was not done is the worker's again. 取消代班",
    substitution=(Substitution, "The substitution. 代班"),
)
async def substitution_cancel(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await substitution.substitution_cancel(tx, uuid_of("substitution", id), version=expected_version)


@mutation(
    "Open one's own visits of today or tomorrow with plain addresses; audited per person. 打开当日走访单",
    idempotent=False,
    entries=(list[DaySheetEntry], "The visits, in the order of their promises. 当日走访"),
)
async def day_sheet_open(
    tx: Transaction, date: Annotated[date, strawberry.argument(description="Today or tomorrow. 日期")]
) -> Any:
    opened = await day_sheet.day_sheet_open(tx, day=date)
    return {"entries": [_entry(each, tx) for each in opened]}


def _entry(each: dict[str, Any], tx: Transaction) -> dict[str, Any]:
    def local(instant: datetime) -> str:
        return instant.astimezone(tx.clock.zone).isoformat(timespec="milliseconds")

    return {
        "visit": f"visit_{each['visit_id']}",
        "visitReference": each["visit_reference"],
        "kind": each["kind"],
        "serviceType": each["service_code"],
        "promisedFrom": local(each["promised_from"]),
        "promisedTo": local(each["promised_to"]),
        "person": f"person_{each['person_id']}",
        "name": each["name"],
        "address": each["address"],
        "phone": each["phone"],
        "emergencyContacts": each["emergency_contacts"] or [],
        "doorNotes": each["door_notes"],
        "livesAlone": each["lives_alone"],
    }
