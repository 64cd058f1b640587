"""`paymentTrace`: from the money back to the needs, in one statement, without a name."""

from __future__ import annotations

import pytest

from tests.payments.desk import Desk

pytestmark = pytest.mark.anyio

TRACE = """
query($id: ID!) {
  paymentTrace(paymentId: $id) {
    amount { amount }
    payment { reference status }
    paymentRequest {
      payable { amount } approvals { step madeBy { displayName } }
      submission { status reviews { decision reviewedBy { displayName } } }
    }
    deliveries {
      reference quantity serviceType { code } community { name } session participants
      person { pseudonym ageGroup } needs { domain bradshawType status goals goalStatus }
      cases { reference person { pseudonym } }
    }
  }
}
"""

TO_A_PERSON = """
insert into deliveries (id, reference, status, district_id, street_id, community_id, partner_id, agreement_id,
                        line_id, service_type_id, case_id, person_id, person_pseudonym, unit, quantity, worker_id,
                        worker_user_id, happened_at, happened_on, recorded_by_id, recorded_user_id, recorded_at,
                        verification, verified_by_id, verified_at)
select gen_random_uuid(), 'V-PERSON', 'VERIFIED', c.district_id, c.street_id, c.community_id, l.partner_id,
       l.agreement_id, l.id, l.service_type_id, c.id, p.id, p.pseudonym, l.unit, 2, m.id, m.user_id, '2026-05-06',
       '2026-05-06', m.id, m.user_id, '2026-05-06', 'STATION', $4, '2026-05-06'
  from cases c join persons p on p.id = c.person_id, agreement_lines l, memberships m
 where c.id = $1 and l.id = $2 and m.id = $3 returning person_pseudonym
"""


TO_A_SESSION = """
insert into attendances (id, session_id, district_id, street_id, community_id, partner_id, case_id, person_id,
                         person_pseudonym)
select gen_random_uuid(), s.id, s.district_id, s.street_id, s.community_id, s.partner_id, c.id, p.id, p.pseudonym
  from deliveries d join group_sessions s on s.id = d.session_id, cases c join persons p on p.id = c.person_id
 where d.id = $1 and c.id = any ($2)
"""


async def test_a_session_leads_to_the_needs_of_everybody_who_was_there(desk: Desk) -> None:
    """Those enrolled are told one by one, under pseudonyms, with case, goals and needs; heads are only counted."""
    await desk.paid("M1")
    cases = list(desk.office.world.cases.values())[:2]
    delivery = await desk.work("大型活动")
    await desk.plant(TO_A_SESSION, delivery, cases)
    await desk.plant(
        """insert into goals (id, case_id, person_id, district_id, street_id, community_id, partner_ids, title,
                              target, due_on, self_reliance, status, created_at)
           select gen_random_uuid(), c.id, c.person_id, c.district_id, c.street_id, c.community_id, c.partner_ids,
                  '不外传', '不外传', '2026-12-01', true, 'ACHIEVED', now() from cases c where c.id = $1""",
        cases[0],
    )
    _, payment = await desk.paid("M2")
    query = """query($id: ID!) { paymentTrace(paymentId: $id) { deliveries { session participants person { pseudonym }
        cases { reference kind status person { pseudonym ageGroup } goals { status dueOn selfReliance }
                needs { domain bradshawType status } } } } }"""
    asked = await desk.office.hub.ask(desk.office.world.viewers["qian"], query, {"id": payment})
    (session,) = asked.data["paymentTrace"]["deliveries"]
    assert (session["participants"], session["person"]) == (250, None)
    there = await desk.run(
        """select c.reference, c.kind, p.pseudonym, p.name,
                  (select count(*) from case_needs n where n.case_id = c.id) as needs
             from cases c join persons p on p.id = c.person_id where c.id = any ($1) order by c.reference""",
        cases,
    )
    told = [(one["reference"], one["kind"], one["person"]["pseudonym"]) for one in session["cases"]]
    assert told == [(row["reference"], row["kind"], row["pseudonym"]) for row in there]
    assert [len(one["needs"]) for one in session["cases"]] == [row["needs"] for row in there]
    goals = [goal for one in session["cases"] for goal in one["goals"]]
    assert {"status": "ACHIEVED", "dueOn": "2026-12-01", "selfReliance": True} in goals
    assert "不外传" not in asked.text
    assert not [row["name"] for row in there if row["name"] in asked.text]


async def test_from_the_payment_to_the_ladys_need(desk: Desk) -> None:
    await desk.paid("M1")
    world = desk.office.world
    pseudonym = await desk.plant(
        TO_A_PERSON,
        world.cases["kept"],
        desk.lines["陪伴"],
        world.memberships["an"],
        world.memberships["mei"],
    )
    await desk.work("大型活动")
    _, payment = await desk.paid("M2")
    person = (
        await desk.run(
            "select name from persons where id = (select person_id from cases where id = $1)",
            world.cases["kept"],
        )
    )[0]
    for who in ("qian", "zhao", "shen", "mei"):
        hub = desk.office.hub
        hub.statements.sent.clear()
        answer = await hub.ask(world.viewers[who], TRACE, {"id": payment})
        trace = answer.data["paymentTrace"]
        assert len(hub.statements.sent) == 1, "one statement"
        assert person["name"] not in answer.text
        assert trace["amount"] == {"amount": "4200.00"}
        assert [one["step"] for one in trace["paymentRequest"]["approvals"]] == [
            "CONFIRM",
            "CHECK",
            "APPROVE",
            "SEND",
            "SETTLE",
        ]
        assert [one["decision"] for one in trace["paymentRequest"]["submission"]["reviews"]] == ["ACCEPT"]
        bought = {one["session"] is None: one for one in trace["deliveries"]}
        assert bought[True]["person"]["pseudonym"] == pseudonym
        assert bought[True]["needs"]
        assert {need["status"] for need in bought[True]["needs"]} <= {"OPEN", "MET", "PARTLY_MET", "NOT_MET"}
        assert bought[False]["person"] is None
        assert (bought[False]["needs"], bought[False]["participants"]) == ([], 250)
        (case,) = bought[True]["cases"]
        assert (case["person"], bought[False]["cases"]) == ({"pseudonym": pseudonym}, [])
    assert (await hub.ask(world.viewers["kai"], TRACE, {"id": payment})).body["data"]["paymentTrace"] is None
    assert (await hub.ask(world.viewers["wang"], TRACE, {"id": payment})).codes == [
        ("FORBIDDEN", ["paymentTrace"])
    ]
    missing = f"payment_{world.cases['kept']}"
    assert (await hub.ask(world.viewers["qian"], TRACE, {"id": missing})).data == {"paymentTrace": None}
