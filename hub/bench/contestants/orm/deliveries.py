"""Recording and verifying deliveries in the manner of an ORM: load, check, change objects, let the session write.

The same checks, locks and rows as `hub.deliveries`, whose pure rules and functions of the database it uses.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from hub.base.errors import Conflict, NotFound
from hub.base.limits import CALLBACK_DAYS, CALLBACK_SAMPLE_BP, SAME_MINUTE_BATCH, USUAL_MINUTES
from hub.base.seal import Vault
from hub.bench.contestants.orm.work import SCOPE, Work, of
from hub.bench.contestants.orm.written import (
    Agreement,
    Callback,
    Case,
    CaseMember,
    ConflictDeclaration,
    Delivery,
    Line,
    Membership,
    Person,
    Referral,
    Version,
)
from hub.cases.states import CASE
from hub.deliveries.rules import (
    is_drawn,
    moment_of,
    require_left,
    require_purchase,
    require_unit,
    require_within_case,
)
from hub.deliveries.states import DELIVERY
from hub.referrals.states import REFERRAL


async def record(work: Work, vault: Vault, case_id: UUID, happened_at: datetime) -> Any:
    """Record one unit on a case without a visit."""
    session = work.session
    person = await _locked(work, case_id)
    own = select(Case).where(
        Case.id == case_id, Case.worker_ids.any(work.id("id")), Case.access_until >= work.today
    )
    case = await session.scalar(own.with_for_update(key_share=True))
    if case is None:
        raise NotFound(path=("input", "case"))
    if case.line_id is None or case.partner_id != work.id("partner_id"):
        raise Conflict("case_without_line")
    moment = moment_of(happened_at, None, work.now, work.clock.zone)
    line, agreement, version = await _line(work, case.line_id)
    bought: Any = _Purchase(line, agreement, version)
    require_purchase(bought, work.clock.day(moment))
    require_unit(line, 1, in_session=False)
    await _require_moment_free(work, case, moment)
    require_within_case(case, moment, work.clock.zone)
    require_left(case, line, 1)
    await _begin_work(work, case)
    delivery = work.add(
        Delivery,
        reference=await work.reference("SR"),
        status="RECORDED",
        service_type_id=line.service_type_id,
        unit=line.unit,
        case_id=case.id,
        person_id=case.person_id,
        person_pseudonym=person.pseudonym,
        worker_id=work.id("id"),
        happened_at=moment,
        happened_on=work.clock.day(moment),
        quantity=1,
        recorded_by_id=work.id("id"),
        recorded_at=work.now,
        **of(case, "partner_id", "agreement_id", "line_id", *SCOPE),
    )
    await session.flush()
    await _look_at(work, vault, delivery)
    if (
        case.kind == "SERVICE"
        and case.open_visit_count == 0
        and await session.scalar(func.case_served(case.id))
    ):
        raise Conflict("wrong_state")  # nothing measured here ends a case
    facts = {"caseId": case.id, "lineId": line.id, "quantity": 1, "flags": delivery.flags}
    await work.emit("delivery_record", delivery, "Delivery", facts)
    return delivery


async def _locked(work: Work, case_id: UUID) -> Any:
    """Line and agreement, then the person, locked in the order that every command keeps."""
    session = work.session
    found = await session.execute(select(Case.line_id, Case.person_id).where(Case.id == case_id))
    row = found.one_or_none()
    if row is None:
        raise NotFound(path=("input", "case"))
    await session.execute(select(func.lock_line(row.line_id)))
    return await session.scalar(
        select(Person).where(Person.id == row.person_id).with_for_update(key_share=True)
    )


async def _line(work: Work, line_id: UUID) -> Any:
    statement = (
        select(Line, Agreement, Version)
        .join(Agreement, Agreement.id == Line.agreement_id)
        .join(Version, Version.id == Agreement.current_version_id)
        .where(Line.id == line_id)
    )
    return (await work.session.execute(statement)).one()


class _Purchase:
    """What `require_purchase` looks at."""

    def __init__(self, line: Any, agreement: Any, version: Any) -> None:
        self.unit = line.unit
        self.agreement = agreement.reference
        self.agreement_status = agreement.status
        self.effective_from_on = version.effective_from_on
        self.ends_on = version.ends_on


async def _require_moment_free(work: Work, case: Any, moment: datetime) -> None:
    earlier = select(Delivery.reference).where(
        Delivery.case_id == case.id,
        Delivery.line_id == case.line_id,
        Delivery.happened_at == moment,
        Delivery.status != "VOIDED",
    )
    if (reference := await work.session.scalar(earlier)) is not None:
        raise Conflict("delivery_twice", code="DUPLICATE", reference=reference)


async def _begin_work(work: Work, case: Any) -> None:
    today = or_(CaseMember.until_on.is_(None), CaseMember.until_on >= work.today)
    members = await work.session.scalars(select(CaseMember).where(CaseMember.case_id == case.id, today))
    if case.lead_organization_id not in {member.organization_id for member in members}:
        return
    referral = await work.session.get_one(Referral, case.referral_id)
    if referral.status in REFERRAL.find("visit_promise").sources:
        _move(referral, "IN_PROGRESS")
    if case.kind == "SERVICE" and case.status in CASE.find("visit_promise").sources:
        _move(case, "ACTIVE")


def _move(row: Any, status: str) -> None:
    row.status = status
    row.version += 1


async def _look_at(work: Work, vault: Vault, delivery: Any) -> None:
    flags = await work.session.scalar(func.delivery_flags(delivery.id, USUAL_MINUTES, SAME_MINUTE_BATCH))
    if flags:
        _move(delivery, "FLAGGED")
        delivery.flags = list(flags)
    drawn = is_drawn(vault.index("callback", str(delivery.id)), CALLBACK_SAMPLE_BP)
    if drawn or flags:
        there = select(Callback.id).where(Callback.delivery_id == delivery.id)
        if await work.session.scalar(there) is None:
            work.add(
                Callback,
                delivery_id=delivery.id,
                status="DUE",
                cause="SAMPLE" if drawn else "FLAG",
                drawn_at=work.now,
                due_at=work.now + timedelta(days=CALLBACK_DAYS),
                **of(delivery, *SCOPE),
            )


async def verify(work: Work, delivery_id: UUID) -> Any:
    """The station says that it was done."""
    own = select(Delivery).where(Delivery.id == delivery_id, Delivery.street_id == work.id("street_id"))
    delivery = await work.session.scalar(own.with_for_update(key_share=True))
    if delivery is None:
        raise NotFound(path=("id",))
    DELIVERY.require(delivery, "delivery_verify")
    if work.id("user_id") in (delivery.worker_user_id, delivery.recorded_user_id):
        raise Conflict("delivery_own", code="FOUR_EYES", path=("id",))
    await require_no_stake(work, delivery.partner_id)
    was = delivery.status
    _move(delivery, "VERIFIED")
    delivery.verification = "STATION"
    delivery.verified_by_id = work.id("id")
    delivery.verified_at = work.now
    await work.emit("delivery_verify", delivery, "Delivery", {"verification": "STATION", "was": was})
    return delivery


async def require_no_stake(work: Work, partner_id: UUID) -> None:
    """Whoever acts must have no stake in the partner."""
    user_id = work.id("user_id")
    works = exists().where(
        Membership.user_id == user_id,
        Membership.partner_id == partner_id,
        Membership.ended_at.is_(None),
        or_(Membership.valid_to_on.is_(None), Membership.valid_to_on >= work.today),
    )
    declared = exists().where(
        ConflictDeclaration.user_id == user_id, ConflictDeclaration.partner_id == partner_id
    )
    if await work.session.scalar(select(or_(works, declared))):
        raise Conflict("stake_in_partner", code="CONFLICT_OF_INTEREST", path=("id",))
