"""Cases that an agreement line pays for: when they close, and who reads them when the agreement has ended (I11)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hub.base.limits import HANDOVER_DAYS
from tests import harness
from tests.referrals.offering import ACCEPT, Desk
from tests.schema.asking import gid

pytestmark = pytest.mark.anyio

ERRORS = "userErrors { code message path }"
ASSIGN = (
    "mutation($id: ID!, $w: ID!) { caseAssignWorker(id: $id, worker: $w) {"
    f" case {{ leadWorker {{ id }} }} {ERRORS} }} }}"
)
PROMISE = f"mutation($i: VisitPromiseInput!) {{ visitPromise(input: $i) {{ visit {{ id }} {ERRORS} }} }}"
RECORD = (
    "mutation($id: ID!, $i: VisitRecordInput!) { visitRecord(id: $id, input: $i) {"
    f" visit {{ status case {{ status referral {{ status }} }} }} {ERRORS} }} }}"
)
CANCEL = (
    'mutation($id: ID!) { visitCancel(id: $id, reasonCode: OTHER, reason: "多约了一次") {'
    f" visit {{ case {{ status referral {{ status }} }} }} {ERRORS} }} }}"
)
SEEN = """query($c: ID!, $v: ID!) {
  case: node(id: $c) { id }
  visit: node(id: $v) { ... on Visit { id person { name } } }
}"""


class PaidCase:
    """A case of `an` on the line for visits, and a promise of today."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.id = self.visit = ""

    async def begin(self, quantity: int = 1) -> PaidCase:
        """Offered, accepted, assigned, promised."""
        desk = self.desk
        offer = await desk.offered("visits", quantity)
        accepted = await desk.payload("bo", ACCEPT, {"id": offer})
        self.id = accepted["offer"]["referral"]["case"]["id"]
        worker = gid("membership", desk.world.memberships["an"])
        await desk.hub.do(desk.world.viewers["bo"], ASSIGN, {"id": self.id, "w": worker})
        self.visit = await self.promise()
        return self

    async def promise(self) -> str:
        """A visit in an hour."""
        now = self.desk.hub.clock.now()
        window = {
            "promisedFrom": now + timedelta(hours=1),
            "promisedTo": now + timedelta(hours=2),
        }
        given = {"case": self.id, "kind": "SERVICE", **{key: at.isoformat() for key, at in window.items()}}
        return (await self.desk.hub.do(self.desk.world.viewers["an"], PROMISE, {"i": given}))["visit"]["id"]

    async def record(self, outcome: str = "COMPLETED", visit: str | None = None) -> tuple[str, str]:
        """What became of a visit; the case's and the referral's state."""
        self.desk.hub.clock.instant += timedelta(hours=2)
        told = {
            "outcome": outcome,
            "keptAt": (self.desk.hub.clock.now() - timedelta(minutes=30)).isoformat(),
        }
        given = {"id": visit or self.visit, "i": told}
        case = (await self.desk.hub.do(self.desk.world.viewers["an"], RECORD, given))["visit"]["case"]
        return case["status"], case["referral"]["status"]

    async def cancel(self, visit: str) -> tuple[str, str]:
        """A promise taken back; the case's and the referral's state."""
        viewer = self.desk.world.viewers["an"]
        case = (await self.desk.hub.do(viewer, CANCEL, {"id": visit}))["visit"]["case"]
        return case["status"], case["referral"]["status"]

    async def deliver(self, count: int) -> None:
        """So much has been delivered; by hand, since deliveries are no matter here."""
        delivered = "update cases set delivered_count = $2 where id = $1"
        await harness.run_sql(self.desk.server, delivered, self.id.rpartition("_")[2], count)

    async def seen_by(self, who: str) -> tuple[bool, bool, str | None]:
        """Whether the case is there, whether the visit is, and the person's name on it."""
        answer = (
            await self.desk.hub.ask(self.desk.world.viewers[who], SEEN, {"c": self.id, "v": self.visit})
        ).data
        visit = answer["visit"]
        person = None if visit is None or visit["person"] is None else visit["person"]["name"]
        return answer["case"] is not None, visit is not None, person


async def test_a_visit_alone_does_not_close_what_a_line_pays_for(desk: Desk) -> None:
    case = await PaidCase(desk).begin()
    assert await case.record() == ("ACTIVE", "IN_PROGRESS")


async def test_part_of_what_was_offered_does_not_close_it(desk: Desk) -> None:
    case = await PaidCase(desk).begin(2)
    await case.deliver(1)
    assert await case.record() == ("ACTIVE", "IN_PROGRESS")


@pytest.mark.parametrize("outcome", ["COMPLETED", "NOT_HOME", "REFUSED"])
async def test_the_last_promise_closes_what_was_delivered(desk: Desk, outcome: str) -> None:
    """Also when it was one too many: nothing is owed any more."""
    case = await PaidCase(desk).begin()
    second = await case.promise()
    await case.deliver(1)
    assert await case.record() == ("ACTIVE", "IN_PROGRESS")
    assert await case.record(outcome, second) == ("CLOSED", "COMPLETED")


async def test_cancelling_a_promise_too_many_closes_it_as_well(desk: Desk) -> None:
    case = await PaidCase(desk).begin()
    assert await case.cancel(await case.promise()) == ("ACTIVE", "IN_PROGRESS")
    await case.deliver(1)
    assert await case.cancel(case.visit) == ("CLOSED", "COMPLETED")


async def test_i11_with_the_agreement_terminated_the_next_request_sees_nobody(desk: Desk) -> None:
    case = await PaidCase(desk).begin()
    for who in ("an", "bo"):
        there, visit, name = await case.seen_by(who)
        assert (there, visit, name is None) == (True, True, False)
    await desk.terminate()
    for who in ("an", "bo"):
        assert await case.seen_by(who) == (False, True, None)
    there, visit, name = await case.seen_by("mei")
    assert (there, visit, name is None) == (True, True, False)


async def test_i11_what_another_agreement_pays_for_stays_open(desk: Desk) -> None:
    """The person of the small world's story `today`, and her worker, have nothing to do with the one that ended."""
    await PaidCase(desk).begin()
    await desk.terminate()
    names = "query($id: ID!) { node(id: $id) { ... on Case { person { name } } } }"
    asked = {"id": gid("case", desk.world.cases["today"])}
    answer = (await desk.hub.ask(desk.world.viewers["an"], names, asked)).data
    assert answer["node"]["person"]["name"]


async def test_i11_access_ends_a_week_after_the_term(desk: Desk) -> None:
    case = await PaidCase(desk).begin()
    term = await desk.look("mei", "currentVersion { endsOn }", desk.agreement)
    ends_on = date.fromisoformat(term["data"]["node"]["currentVersion"]["endsOn"])
    await desk.tick((ends_on - desk.hub.clock.today()).days + 1)
    assert (await desk.look("mei", "status", desk.agreement))["data"]["node"]["status"] == "CLOSING"
    await desk.tick(HANDOVER_DAYS - 1)
    there, _, name = await case.seen_by("an")
    assert (there, name is None) == (True, False)
    await desk.tick(1)
    assert await case.seen_by("an") == (False, True, None)
