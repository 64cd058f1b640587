"""A schema with fields that functions compute, of shapes that the product need not have: `Case.gaps`, over the cases of
all streets. The policy hides them from the auditor.
"""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from auth import grants
from auth.roles import READ_ROLES, Role
from hub.base.db import Server
from hub.machines import MACHINES
from schema.build import built
from schema.documents import Documents
from schema.planner.describe import Kind, describe
from schema.planner.registry import Registry, build_registry
from schema.types.base import (
    Money,
    computed,
    day,
    derived,
    derived_one,
    edge,
    instant,
    money,
    number,
    prose,
    struct,
    word,
    words,
)
from schema.types.cases import Case
from schema.types.refs import CaseRef, CommunityRef, MembershipRef, PersonRef, VisitRef
from schema.walls import read_wall
from tests import harness
from tests.schema.asking import Hub

if TYPE_CHECKING:
    from schema.types.organizations import Client

ClientRef = Annotated["Client", strawberry.lazy("schema.types.organizations")]

FUNCTIONS = """
create function case_gaps(of_case uuid, of_offer uuid, today date)
    returns table (case_id uuid, other_id uuid, person_id uuid, worker_id uuid, community_id uuid, place int,
                   status text, note text, fen bigint, since_on date, opened_at timestamptz, reasons text[])
    language sql stable security definer rows 20 set search_path = public, pg_temp
as $$
    select of_case, c.id, c.person_id, c.lead_worker_id, c.community_id,
           (row_number() over (order by c.reference desc))::int, c.status, c.summary,
           case when c.summary is null then 1234 * c.open_visit_count end, today, c.opened_at, array[c.kind, c.outcome]
      from cases c
     where exists (select from cases o where o.id = of_case and o.offer_id = of_offer and o.status <> 'CLOSED')
     order by c.reference desc limit 20
$$;
create function case_gap_units(of_case uuid, of_place int) returns table (place int, visit_id uuid)
    language sql stable security definer rows 5 set search_path = public, pg_temp
as $$
    select of_place, v.id from visits v where v.case_id = of_case order by v.kind desc, v.id desc limit 5
$$;
"""
"""What a revision would hold, made by the owner. `cases.offer_id` stands behind no field of the product, so no read
role may select it but for this."""

SECRET = frozenset(("gaps", "firstGap"))


@describe()
@strawberry.type(description="Part of a computed object. 组成部分")
class GapDetail:
    """The same row of the function, one level deeper."""

    note: str | None = prose("note", "Text. 说明")
    since: date | None = day("since_on", "Day. 日期")
    mine: bool | None = computed("{t}.worker_id = {membership}", Kind.YES_NO, "Whether it is mine. 是否本人")
    community: CommunityRef | None = edge("Community", "Where. 社区", via="community_id")


@describe()
@strawberry.type(description="Computed from a computed object. 明细")
class GapUnit:
    """A row of a function of a row of a function."""

    place: int | None = number("place", "Place of its gap. 序号")
    visit: VisitRef | None = edge("Visit", "Visit. 走访", via="visit_id")


@describe()
@strawberry.type(description="A computed object. 缺口")
class Gap:
    """A row of a function of the case."""

    place: int | None = number("place", "Place. 序号")
    status: str | None = word("status", "State. 状态")
    note: str | None = prose("note", "Text. 说明")
    price: Money | None = money("{t}.fen", "Amount. 金额")
    since: date | None = day("since_on", "Day. 日期")
    opened_at: datetime | None = instant("opened_at", "Instant. 时间")
    reasons: list[str | None] | None = words("reasons", "Reasons. 原因")
    itself: bool | None = computed(
        "{t}.case_id = {t}.other_id", Kind.YES_NO, "Whether it is this case. 是否本单"
    )
    detail: GapDetail | None = struct("GapDetail", "Part of it. 组成部分", absent_when="{t}.note is null")
    case: CaseRef | None = edge("Case", "Which case. 个案", via="other_id")
    person: PersonRef | None = edge("Person", "Whose. 居民", via="person_id")
    worker: MembershipRef | None = edge("Membership", "Whose work. 社工", via="worker_id")
    client: ClientRef | None = edge("Client", "Nobody's but the administrator's. 客户端", via="worker_id")
    units: list[GapUnit] | None = derived(
        "GapUnit", "case_gap_units({t}.other_id, {t}.place)", "What it consists of. 明细"
    )
    first_unit: GapUnit | None = derived_one(
        "GapUnit", "case_gap_units({t}.other_id, {t}.place + 100)", "The first of it. 首条明细"
    )


@strawberry.type(description="What is added to a case. 附加")
class Added:
    """The list and its first."""

    gaps: list[Gap] | None = derived(
        "Gap", "case_gaps({t}.id, {t}.offer_id, {today})", "What is missing. 缺口"
    )
    first_gap: Gap | None = derived_one(
        "Gap", "case_gaps({t}.id, {t}.offer_id, {today})", "The first of it. 首个缺口"
    )


@strawberry.type(description="Not compiled. 未编译")
class _Plain:
    place: int | None = strawberry.field(description="Place. 序号")


@strawberry.type(description="What is added to a case. 附加")
class ToNothing:
    """Leads to a type that is not compiled."""

    wrong: list[_Plain] | None = derived("_Plain", "case_gaps({t}.id)", "Wrong. 错误")


@describe()
@strawberry.type(description="Half described. 描述不全")
class Bare:
    """One of its fields comes from nowhere."""

    place: int | None = number("place", "Place. 序号")
    note: str | None = strawberry.field(description="Text. 说明")


@strawberry.type(description="What is added to a case. 附加")
class ToBare:
    """Leads to a type that says of one field neither column nor edge."""

    wrong: Bare | None = derived_one("Bare", "case_gaps({t}.id)", "Wrong. 错误")


def with_fields(*added: Any) -> Registry:
    """The product's schema, built anew with the fields of these Strawberry types added to Case."""
    definition: Any = Case.__strawberry_definition__  # type: ignore[attr-defined]
    before = definition.fields
    definition.fields = [
        *before,
        *(field for each in added for field in each.__strawberry_definition__.fields),
    ]
    try:
        return build_registry(built.__wrapped__()._schema, MACHINES)
    finally:
        definition.fields = before


GAPS = with_fields(Added)


@contextlib.contextmanager
def hidden_from(role: Role) -> Iterator[None]:
    """As if the policy said `hide="gaps firstGap"` on that role's row of Case."""
    before = grants._reads["Case", role]
    grants._reads["Case", role] = dataclasses.replace(before, hidden=before.hidden | SECRET)
    try:
        yield
    finally:
        grants._reads["Case", role] = before


def grants_of_the_wall() -> list[str]:
    """The privileges that the wall gives for this schema; its policies do not depend on it."""
    return [line for role in READ_ROLES for line in read_wall(GAPS, role) if line.startswith("grant ")]


async def make(server: Server, *, granted: bool = True) -> None:
    """The functions and their wall."""
    async with harness.connect_as(server, "owner") as connection:
        await connection.execute(FUNCTIONS)
        for line in grants_of_the_wall() if granted else ():
            await connection.execute(line.replace("{prefix}", server.prefix))


def use(hub: Hub) -> None:
    """The hub answers by this schema."""
    hub.app.engine.registry = GAPS
    hub.app.endpoint._documents = Documents(GAPS.schema)
