"""What happened at the door, and what begins with it: shared by recording a visit and what was delivered on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select

from hub.base.inputs import one_of, optional
from hub.base.limits import MAX_OWN_WORDS_CHARS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.cases.states import CASE
from hub.cases.workers import members_today
from hub.people.locks import lock_persons
from hub.people.tables import persons
from hub.referrals.carrying import begin_referral
from hub.referrals.commands import scope_of
from hub.visits.rules import is_late, require_kept
from hub.visits.states import VISIT, VISIT_OUTCOMES
from hub.visits.tables import visit_findings, visits


async def settle_visit(
    tx: Transaction,
    visit: Row[Any],
    *,
    outcome: str,
    kept_at: datetime,
    text: str | None = None,
    own_words: str | None = None,
) -> tuple[Row[Any], dict[str, object]]:
    """Write on a claimed visit what happened and when. Returns it as it now is, and the facts of its event.

    The caller closes what was served with it, and emits `visit_record`. The person is locked, before her case.
    """
    VISIT.require(visit, "visit_record")
    one_of(outcome, VISIT_OUTCOMES, ("input", "outcome"))
    require_kept(kept_at, visit.created_at, tx.now)
    await lock_persons(tx, persons.c.id == visit.person_id)
    by = {"recorded_at": tx.now, "recorded_by_id": tx.actor.membership_id}
    visit = await VISIT.move(tx, visit, "visit_record", to=outcome, kept_at=kept_at, **by)
    await _note_findings(tx, visit, text, own_words)
    facts: dict[str, object] = {"outcome": outcome, "late": is_late(kept_at, visit.promised_to_at)}
    facts["caseId"] = visit.case_id
    if outcome == "NOT_HOME":
        facts["firstNotHome"] = await _is_first_not_home(tx, visit)
    return visit, facts


async def _note_findings(tx: Transaction, visit: Row[Any], text: str | None, own_words: str | None) -> None:
    found = optional(text, ("input", "text"), MAX_TEXT_CHARS)
    said = optional(own_words, ("input", "ownWords"), MAX_OWN_WORDS_CHARS)
    if found is None and said is None:
        return
    place = {"visit_id": visit.id, "case_id": visit.case_id, "person_id": visit.person_id, **scope_of(visit)}
    await tx.insert(visit_findings, text=found, own_words=said, created_at=tx.now, **place)


async def _is_first_not_home(tx: Transaction, visit: Row[Any]) -> bool:
    """Whether nobody has stood before a closed door since the person was last met: the moment to ask how she is."""
    of_person = visits.c.person_id == visit.person_id
    met = (
        select(func.max(visits.c.kept_at)).where(of_person, visits.c.status == "COMPLETED").scalar_subquery()
    )
    since_met = or_(met.is_(None), visits.c.kept_at > met)
    earlier = select(visits.c.id).where(
        of_person, visits.c.status == "NOT_HOME", visits.c.id != visit.id, since_met
    )
    return (await tx.execute(earlier.limit(1))).one_or_none() is None


async def begin_work(tx: Transaction, case: Row[Any], organization_id: UUID) -> dict[str, str]:
    """Work begins with the first promise of an organization that is on the case, or with what it delivers without one.

    Returns the carried moves: those of `visit_promise`, whichever of the two it was.
    """
    served = case.kind == "SERVICE"
    if served and case.status not in CASE.find("visit_promise").sources:
        return {}  # begun, and its referral with it
    if organization_id not in {member.organization_id for member in await members_today(tx, case.id)}:
        return {}
    carried = await begin_referral(tx, case.referral_id, "visit_promise")
    if served:
        carried["Case"] = (await CASE.move(tx, case, "visit_promise")).status
    return carried
