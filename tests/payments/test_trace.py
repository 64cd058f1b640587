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
    assert (await hub.ask(world.viewers["kai"], TRACE, {"id": payment})).body["data"]["paymentTrace"] is None
    assert (await hub.ask(world.viewers["wang"], TRACE, {"id": payment})).codes == [
        ("FORBIDDEN", ["paymentTrace"])
    ]
    missing = f"payment_{world.cases['kept']}"
    assert (await hub.ask(world.viewers["qian"], TRACE, {"id": missing})).data == {"paymentTrace": None}
