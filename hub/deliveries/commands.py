"""Recording what was delivered, and the files that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from auth.gate import claim
from hub.base.errors import Invalid
from hub.base.transaction import Transaction
from hub.cases.opening import reread
from hub.cases.tables import cases
from hub.deliveries.attending import serve_attending
from hub.deliveries.commands_verifying import require_unbilled
from hub.deliveries.evidence import attach, draw_callback, flag_batch, flags_of
from hub.deliveries.recording import (
    Occasion,
    Told,
    happened,
    hold,
    line_of,
    lock_before_case,
    require_first,
    require_heads_left,
    require_holdable,
    require_moment_free,
    require_owed,
    require_purchased,
)
from hub.deliveries.rules import heads_of, require_lasted, require_purchase, require_unit
from hub.deliveries.states import DELIVERY, SESSION
from hub.deliveries.tables import deliveries, group_sessions
from hub.referrals.commands import scope_of
from hub.referrals.lines import lock_line
from hub.visits.closing import close_served_case
from hub.visits.states import VISIT
from hub.visits.tables import visits

ON_VISIT, ON_CASE, IN_SESSION = ("input", "visitId"), ("input", "caseId"), ("input", "sessionId")
AGREED = ("partner_id", "agreement_id", "line_id")


async def delivery_record(
    tx: Transaction,
    *,
    visit_id: UUID | None = None,
    case_id: UUID | None = None,
    session_id: UUID | None = None,
    happened_at: datetime | None = None,
    quantity: int | None = None,
    lasted_minutes: int | None = None,
    text: str | None = None,
    own_words: str | None = None,
    case_ids: Sequence[UUID] = (),
    head_count: int | None = None,
    document_ids: Sequence[UUID] = (),
) -> Row[Any]:
    """Record what the acting worker delivered: on a visit, on a case without one, or in a session.

    A planned visit is recorded with it, a planned session held. What is odd is flagged, call-backs are drawn, and a
    SERVICE case that has all it was offered, and nothing promised any more, closes: hers, or those of who was there.
    `quantity` is one unless told; in a session of a line that buys persons, as many as were there.
    """
    require_lasted(lasted_minutes)
    occasion, path = await _claimed(tx, visit_id, case_id, session_id)
    await require_first(tx, occasion, path)
    told = Told(happened_at, text, own_words, case_ids, head_count)
    moment = happened(tx, occasion, told)
    line = await line_of(tx, occasion.root.line_id)
    require_purchase(line, tx.clock.day(moment))
    units = 1 if quantity is None else quantity
    require_unit(line, units, in_session=occasion.session is not None)
    if occasion.case is not None:
        await require_moment_free(tx, occasion.case, moment)
        await require_owed(tx, occasion.case, line, moment, units)
    occasion = await hold(tx, occasion, told, moment)
    if occasion.session is not None:
        units = heads_of(line, occasion.session.participant_count, quantity)
        await require_heads_left(tx, line, occasion.session, units)
    given = {"happened_at": moment, "quantity": units, "lasted_minutes": lasted_minutes}
    delivery = await _insert(tx, occasion, line, given)
    await attach(tx, delivery, document_ids)
    delivery = await _look_at(tx, delivery)
    await _tell(tx, occasion, delivery)
    return delivery


async def _claimed(
    tx: Transaction, visit_id: UUID | None, case_id: UUID | None, session_id: UUID | None
) -> tuple[Occasion, tuple[str, ...]]:
    """The occasion, of which exactly one is named, and where. Locks visit or session, line, person, case: in order."""
    alone = sum(one is not None for one in (visit_id, case_id, session_id)) == 1
    if alone and visit_id is not None:
        visit = await claim(tx, visits, visit_id, "delivery_record", path=ON_VISIT)
        require_holdable(VISIT, visit, ON_VISIT)
        case = pseudonym = None
        if visit.case_id is not None:
            pseudonym = await lock_before_case(tx, visit.case_id)
            case = None if pseudonym is None else await reread(tx, visit.case_id)
        return Occasion(require_purchased(tx, case, ON_VISIT), pseudonym, visit=visit), ON_VISIT
    if alone and case_id is not None:
        pseudonym = await lock_before_case(tx, case_id)
        case = await claim(tx, cases, case_id, "delivery_record", path=ON_CASE)
        return Occasion(require_purchased(tx, case, ON_CASE), pseudonym), ON_CASE
    if alone and session_id is not None:
        session = await claim(tx, group_sessions, session_id, "delivery_record", path=IN_SESSION)
        require_holdable(SESSION, session, IN_SESSION)
        await lock_line(tx, session.line_id)
        return Occasion(session=session), IN_SESSION
    raise Invalid("delivery_of_one", path=("input",))


async def _insert(tx: Transaction, occasion: Occasion, line: Row[Any], given: dict[str, Any]) -> Row[Any]:
    root, case = occasion.root, occasion.case
    person: dict[str, Any] = {}
    if case is not None:
        person = {"case_id": case.id, "person_id": case.person_id, "person_pseudonym": occasion.pseudonym}
    return await tx.insert_numbered(
        deliveries,
        "SR",
        service_type_id=line.service_type_id,
        unit=line.unit,
        visit_id=None if occasion.visit is None else occasion.visit.id,
        session_id=None if occasion.session is None else occasion.session.id,
        worker_id=tx.actor.membership_id,
        happened_on=tx.clock.day(given["happened_at"]),
        recorded_by_id=tx.actor.membership_id,
        recorded_at=tx.now,
        **{name: root._mapping[name] for name in AGREED},
        **person,
        **given,
        **scope_of(root),
    )


async def _look_at(tx: Transaction, delivery: Row[Any]) -> Row[Any]:
    """Flag what is odd and draw call-backs. Returns the delivery as it now is."""
    flags = await flags_of(tx, delivery)
    if flags:
        delivery = await DELIVERY.move(tx, delivery, "delivery_record", flags=flags)
    if "SAME_MINUTE" in flags:
        await flag_batch(tx, delivery)
    await draw_callback(tx, delivery)
    return delivery


async def _tell(tx: Transaction, occasion: Occasion, delivery: Row[Any]) -> None:
    """The events: of the visit, when it was recorded with it; of the case, when it closes; and of the delivery."""
    facts: dict[str, object] = {
        "caseId": delivery.case_id,
        "visitId": delivery.visit_id,
        "sessionId": delivery.session_id,
        "lineId": delivery.line_id,
        "quantity": delivery.quantity,
        "flags": delivery.flags,
    }
    if occasion.visit is not None and occasion.visit_facts is not None:
        await tx.emit("visit_record", occasion.visit, "Visit", facts=occasion.visit_facts)
    if delivery.case_id is not None:
        facts |= await close_served_case(tx, await reread(tx, delivery.case_id), "delivery_record")
    if delivery.session_id is not None:
        facts["carried"] = await serve_attending(tx, delivery)
    await tx.emit("delivery_record", delivery, "Delivery", facts=facts)


async def delivery_attach(
    tx: Transaction, delivery_id: UUID, *, document_ids: Sequence[UUID], version: int | None = None
) -> Row[Any]:
    """Attach evidence, as long as the delivery counts: more of it never hurts. A file that proved another is odd."""
    delivery = await claim(tx, deliveries, delivery_id, "delivery_attach", version=version)
    DELIVERY.require(delivery, "delivery_attach")
    await require_unbilled(tx, delivery)
    if not document_ids:
        raise Invalid("required", code="REQUIRED", path=("input", "documentIds"))
    count = await attach(tx, delivery, document_ids)
    reused = "EVIDENCE_REUSED" in await flags_of(tx, delivery) and "EVIDENCE_REUSED" not in delivery.flags
    flags = [*delivery.flags, "EVIDENCE_REUSED"] if reused else delivery.flags
    to = "FLAGGED" if reused and delivery.status == "RECORDED" else delivery.status
    delivery = await DELIVERY.move(tx, delivery, "delivery_attach", to=to, flags=flags)
    if reused:
        await draw_callback(tx, delivery)
    facts = {"documents": count, "complete": delivery.evidence_complete, "flags": delivery.flags}
    await tx.emit("delivery_attach", delivery, "Delivery", facts=facts)
    return delivery
