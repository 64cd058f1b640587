"""Group work: series with their sessions, who is enrolled, and who was there.

What a session delivers is recorded by `delivery_record`, which holds it by `hold_session`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, any_, func, literal, select
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql

from auth.gate import claim
from auth.roles import Role
from hub.agreements.tables import agreement_lines, agreement_versions, agreements
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import one_of, optional, required
from hub.base.limits import MAX_LINE_CHARS, MAX_SERIES_SESSIONS
from hub.base.transaction import Transaction
from hub.cases.tables import cases
from hub.cases.workers import worker_of
from hub.deliveries.attending import serve_series
from hub.deliveries.group_rules import (
    ATTENDED,
    CASES,
    require_enrollable,
    require_group_line,
    require_head_count,
    require_held_time,
    require_in_term,
    require_names,
    require_session_left,
    require_session_time,
)
from hub.deliveries.states import SERIES, SESSION
from hub.deliveries.tables import SERIES_KINDS, activity_series, attendances, enrolments, group_sessions
from hub.people.tables import persons
from hub.referrals.commands import scope_of
from hub.referrals.lines import lock_line, require_active
from hub.referrals.rules import reasons

LINE = ("input", "lineId")
BOUGHT = ("partner_id", "agreement_id", "line_id")


async def series_open(
    tx: Transaction, *, line_id: UUID, community_id: UUID, title: str, kind: str
) -> Row[Any]:
    """Open group work in a community that the line serves. Of a line that buys series it takes one (I17)."""
    await lock_line(tx, line_id)
    line = await claim(tx, agreement_lines, line_id, "series_open", path=LINE)
    agreement, _ = await _in_force(tx, line.agreement_id, LINE)
    if line.version_id != agreement.current_version_id:
        raise Conflict("line_replaced", code="WRONG_STATE", path=LINE, reference=agreement.reference)
    require_group_line(line, community_id)
    await _require_series_left(tx, line, agreement.reference)
    series = await tx.insert_numbered(
        activity_series,
        "G",
        title=required(title, ("input", "title"), MAX_LINE_CHARS),
        kind=one_of(kind, SERIES_KINDS, ("input", "kind")),
        district_id=line.district_id,
        street_id=line.street_id,
        community_id=community_id,
        partner_id=line.partner_id,
        agreement_id=line.agreement_id,
        line_id=line.id,
        service_type_id=line.service_type_id,
        opened_by_id=tx.actor.membership_id,
        opened_at=tx.now,
    )
    await tx.emit("series_open", series, "ActivitySeries", facts={"lineId": line.id, "kind": kind})
    return series


async def series_enrol(
    tx: Transaction, series_id: UUID, *, case_ids: Sequence[UUID], version: int | None = None
) -> Row[Any]:
    """Enrol people by their cases: open ones of the partner, under this agreement, in this community. Each once."""
    series = await _claimed(tx, series_id, "series_enrol", version)
    if series.kind != "ENROLLED":
        raise Conflict("series_takes_no_names", path=("id",))
    enrolled = await _enrolled(tx, series.id)
    require_enrollable(len(enrolled), case_ids)
    taken = {row.person_id for row in enrolled}
    rows: list[dict[str, object]] = []
    for place, case in enumerate(await _cases_of(tx, series, case_ids)):
        if case.person_id in taken:
            path = (*CASES, str(place))
            raise Conflict("person_enrolled", code="DUPLICATE", path=path, reference=case.reference)
        taken.add(case.person_id)
        rows.append(_enrolment(tx, series, case))
    await tx.insert_many(enrolments, rows)
    facts = {"caseIds": list(case_ids), "enrolled": len(taken)}
    await tx.emit("series_enrol", series, "ActivitySeries", facts=facts)
    return series


async def series_close(tx: Transaction, series_id: UUID, *, version: int | None = None) -> Row[Any]:
    """The series is over; nothing of it is planned any more. Who had a place in it, and came, has been served."""
    series = await claim(tx, activity_series, series_id, "series_close", version=version)
    SERIES.require(series, "series_close")
    if series.planned_count:
        raise Conflict("series_sessions_planned", code="WRONG_STATE", count=series.planned_count)
    series = await SERIES.move(tx, series, "series_close", closed_at=tx.now)
    facts = {"held": series.held_count, "carried": {"casesClosed": await serve_series(tx, series)}}
    await tx.emit("series_close", series, "ActivitySeries", facts=facts)
    return series


async def series_cancel(
    tx: Transaction, series_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Give up a series of which nothing was held, with what is planned of it. Its unit of the line is free again."""
    planned = and_(group_sessions.c.series_id == series_id, group_sessions.c.status == "PLANNED")
    await _lock_sessions(tx, planned)
    series = await claim(tx, activity_series, series_id, "series_cancel", version=version)
    SERIES.require(series, "series_cancel")
    if series.held_count:
        raise Conflict("series_held", code="WRONG_STATE", count=series.held_count)
    code, words = reasons(reason_code, reason_text)
    why = {"cancel_reason_code": code, "cancel_reason": words}
    sessions = await _lock_sessions(tx, planned)
    for session in sessions:
        session = await SESSION.move(tx, session, "series_cancel", **why)
        await tx.emit(
            "series_cancel", session, "GroupSession", facts={"seriesId": series_id, "reasonCode": code}
        )
    series = await SERIES.move(tx, series, "series_cancel", closed_at=tx.now, **why)
    facts = {"reasonCode": code, "carried": {"sessionsCancelled": len(sessions)}}
    await tx.emit("series_cancel", series, "ActivitySeries", facts=facts)
    return series


async def session_plan(
    tx: Transaction,
    series_id: UUID,
    *,
    planned_from: datetime,
    planned_to: datetime,
    title: str | None = None,
    worker_id: UUID | None = None,
    version: int | None = None,
) -> Row[Any]:
    """Plan the next session of a series, within the agreement's term and what its line has left (I17).

    A worker who names nobody leads it herself. The line is locked before the series, as recording a session does it.
    """
    of_series = select(activity_series.c.line_id).where(activity_series.c.id == series_id)
    await lock_line(tx, (await tx.execute(of_series)).scalar_one_or_none())
    series = await _claimed(tx, series_id, "session_plan", version)
    agreement, terms = await _in_force(tx, series.agreement_id, ("id",))
    line = (await tx.execute(select(agreement_lines).where(agreement_lines.c.id == series.line_id))).one()
    require_session_left(line, agreement.reference, await _remaining(tx, line.id))
    require_session_time(planned_from, planned_to, tx.now)
    days = tx.clock.day(planned_from), tx.clock.day(planned_to)
    require_in_term(*days, terms.effective_from_on, terms.ends_on)
    worker = await _leader(tx, series.partner_id, worker_id)
    session = await tx.insert_numbered(
        group_sessions,
        "GS",
        series_id=series.id,
        number=await _next_number(tx, series.id),
        title=optional(title, ("input", "title"), MAX_LINE_CHARS),
        worker_id=worker.id,
        planned_from_at=planned_from,
        planned_to_at=planned_to,
        created_at=tx.now,
        **scope_of(series),
        **{name: series._mapping[name] for name in BOUGHT},
    )
    facts = {"seriesId": series.id, "number": session.number, "workerId": worker.id}
    await tx.emit("session_plan", session, "GroupSession", facts={**facts, "plannedFrom": planned_from})
    return session


async def session_assign_worker(
    tx: Transaction, session_id: UUID, *, worker_id: UUID, version: int | None = None
) -> Row[Any]:
    """Another worker of the partner leads a planned session: the first one is ill, say."""
    session = await claim(tx, group_sessions, session_id, "session_assign_worker", version=version)
    SESSION.require(session, "session_assign_worker")
    worker = await worker_of(tx, worker_id, session.partner_id)
    if worker.id == session.worker_id:
        raise Conflict("worker_already_leads", code="DUPLICATE", path=("input", "workerId"))
    facts = {"workerId": worker.id, "predecessorId": session.worker_id}
    given = {
        "worker_id": worker.id,
        "stands_in_for_id": None,
    }  # for good: the end of a substitution leaves it
    session = await SESSION.move(tx, session, "session_assign_worker", **given)
    await tx.emit("session_assign_worker", session, "GroupSession", facts=facts)
    return session


async def session_cancel(
    tx: Transaction, session_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The session does not take place; its number is not given again."""
    session = await claim(tx, group_sessions, session_id, "session_cancel", version=version)
    SESSION.require(session, "session_cancel")
    code, words = reasons(reason_code, reason_text)
    session = await SESSION.move(tx, session, "session_cancel", cancel_reason_code=code, cancel_reason=words)
    facts = {"seriesId": session.series_id, "reasonCode": code}
    await tx.emit("session_cancel", session, "GroupSession", facts=facts)
    return session


async def hold_session(
    tx: Transaction,
    session: Row[Any],
    *,
    held_at: datetime,
    case_ids: Sequence[UUID] = (),
    head_count: int | None = None,
) -> Row[Any]:
    """PLANNED → HELD, for `delivery_record`, which has claimed the session and tells of it.

    Of a series of enrolled people `case_ids` are those who were there, all of them enrolled; else `head_count` is how
    many. Raises NotFound for a case that is not enrolled, whatever the reason.
    """
    SESSION.require(session, "delivery_record")
    require_held_time(held_at, session.created_at, tx.now)
    kind = select(activity_series.c.kind).where(activity_series.c.id == session.series_id)
    if (await tx.execute(kind)).scalar_one() == "ENROLLED":
        require_names(head_count, case_ids)
        await tx.insert_many(attendances, await _attending(tx, session, case_ids))
        there = len(case_ids)
    else:
        there = require_head_count(head_count, case_ids)
    return await SESSION.move(tx, session, "delivery_record", held_at=held_at, participant_count=there)


# --------------------------------------------------------------------------------------------------------------- steps
async def _in_force(tx: Transaction, agreement_id: UUID, path: tuple[str, ...]) -> tuple[Row[Any], Row[Any]]:
    """The agreement of a claimed row and its current version. Raises Conflict unless ACTIVE."""
    wanted = select(agreements).where(agreements.c.id == agreement_id)
    agreement = (await tx.execute(wanted)).one()
    require_active(agreement.reference, agreement.status, path)
    current = select(agreement_versions).where(agreement_versions.c.id == agreement.current_version_id)
    return agreement, (await tx.execute(current)).one()


async def _require_series_left(tx: Transaction, line: Row[Any], reference: str) -> None:
    """Raise Conflict QUANTITY_EXCEEDED when every series that the line buys is taken."""
    if line.unit != "SERIES" or line.quantity_cap is None:
        return
    if (await _remaining(tx, line.id) or 0) < 1:
        params = {"line": line.title, "reference": reference, "remaining": 0}
        raise Conflict("line_used_up", code="QUANTITY_EXCEEDED", path=LINE, **params)


async def _remaining(tx: Transaction, line_id: UUID) -> int | None:
    """What is left of a line that is locked; None where it has no cap."""
    left = await tx.execute(sql("select remaining from line_usage(:line)"), {"line": line_id})
    return left.scalar_one()


async def _claimed(tx: Transaction, series_id: UUID, command: str, version: int | None) -> Row[Any]:
    series = await claim(tx, activity_series, series_id, command, version=version)
    if series.status != "OPEN":
        status = SERIES.said(series.status)
        raise Conflict("wrong_state", code="WRONG_STATE", path=("id",), status=status)
    return series


async def _enrolled(tx: Transaction, series_id: UUID) -> Sequence[Row[Any]]:
    return (await tx.execute(select(enrolments).where(enrolments.c.series_id == series_id))).all()


def _may_enrol(tx: Transaction) -> ColumnElement[bool]:
    """Cases that whoever acts may read: a manager those of the partner, a worker those she is on."""
    worker = tx.actor.role is Role.PARTNER_WORKER
    who = literal(tx.actor.membership_id if worker else tx.actor.partner_id, postgresql.UUID(as_uuid=True))
    listed = cases.c.worker_ids if worker else cases.c.partner_ids
    return and_(who == any_(listed), cases.c.access_until >= tx.today)


async def _cases_of(tx: Transaction, series: Row[Any], case_ids: Sequence[UUID]) -> list[Row[Any]]:
    """The cases in the order given, with the person's pseudonym. Raises NotFound, or Conflict for what is wrong."""
    statement = (
        select(cases, persons.c.pseudonym)
        .join(persons, persons.c.id == cases.c.person_id)
        .where(
            cases.c.id.in_(case_ids),
            cases.c.street_id == series.street_id,
            cases.c.partner_id == series.partner_id,
            _may_enrol(tx),
        )
    )
    found = {case.id: case for case in (await tx.execute(statement)).all()}
    for place, case_id in enumerate(case_ids):
        path = (*CASES, str(place))
        if case_id not in found:
            raise NotFound(path=path)
        _require_place(series, found[case_id], path)
    return [found[case_id] for case_id in case_ids]


def _require_place(series: Row[Any], case: Row[Any], path: tuple[str, ...]) -> None:
    """Raise Conflict unless the case is open, under the series' agreement and in its community."""
    if case.status == "CLOSED":
        raise Conflict("wrong_state", code="WRONG_STATE", path=path, status=f"CaseStatus.{case.status}")
    if case.agreement_id != series.agreement_id:
        raise Conflict("case_other_agreement", path=path, reference=case.reference)
    if case.community_id != series.community_id:
        raise Conflict("case_other_community", path=path, reference=case.reference)


def _enrolment(tx: Transaction, series: Row[Any], case: Row[Any]) -> dict[str, object]:
    return {
        "series_id": series.id,
        "partner_id": series.partner_id,
        "case_id": case.id,
        "person_id": case.person_id,
        "person_pseudonym": case.pseudonym,
        "enrolled_by_id": tx.actor.membership_id,
        "enrolled_at": tx.now,
        **scope_of(series),
    }


async def _lock_sessions(tx: Transaction, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Sessions before their series, as recording and cancelling one lock them; it tells nothing."""
    statement = select(group_sessions).where(which).order_by(group_sessions.c.id)
    return (await tx.execute(statement.with_for_update(key_share=True))).all()


async def _leader(tx: Transaction, partner_id: UUID, worker_id: UUID | None) -> Row[Any]:
    chosen = worker_id
    if chosen is None and tx.actor.role is Role.PARTNER_WORKER:
        chosen = tx.actor.membership_id
    if chosen is None:
        raise Invalid("required", code="REQUIRED", path=("input", "workerId"))
    return await worker_of(tx, chosen, partner_id)


async def _next_number(tx: Transaction, series_id: UUID) -> int:
    """One more than the last; the series is locked. Raises Conflict LIMIT_EXCEEDED."""
    last = select(func.coalesce(func.max(group_sessions.c.number), 0))
    number = (await tx.execute(last.where(group_sessions.c.series_id == series_id))).scalar_one() + 1
    if number > MAX_SERIES_SESSIONS:
        raise Conflict("series_too_long", code="LIMIT_EXCEEDED", most=MAX_SERIES_SESSIONS)
    return number


async def _attending(tx: Transaction, session: Row[Any], case_ids: Sequence[UUID]) -> list[dict[str, object]]:
    enrolled = {row.case_id: row for row in await _enrolled(tx, session.series_id)}
    for place, case_id in enumerate(case_ids):
        if case_id not in enrolled:
            raise NotFound(path=(*ATTENDED, str(place)))
    return [
        {
            "session_id": session.id,
            "partner_id": session.partner_id,
            "case_id": case_id,
            "person_id": enrolled[case_id].person_id,
            "person_pseudonym": enrolled[case_id].person_pseudonym,
            **scope_of(session),
        }
        for case_id in case_ids
    ]
