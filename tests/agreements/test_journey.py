"""An agreement from draft to force and out of it again, over GraphQL, with every refusal on its way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.agreements.county import OURS
from tests.agreements.office import DRAFT, ORDER, REASON, STEPS, Office, step
from tests.agreements.test_hostile import bare, plant

pytestmark = pytest.mark.anyio

FULL = {"available": "2000000.00", "encumbered": "0.00", "payable": "0.00", "paid": "0.00"}
HELD = {"available": "950000.00", "encumbered": "1050000.00", "payable": "0.00", "paid": "0.00"}


async def tick(office: Office, server: Server, settings: Settings, days: int = 0) -> None:
    """The worker, some days later."""
    office.hub.clock.instant += timedelta(days=days)
    await office.hub.worker().tick()


async def status(office: Office, agreement: str) -> str:
    return (await office.look("mei", "status", agreement))["data"]["node"]["status"]


async def test_draft_propose_certify_approve_accept_active(
    office: Office, world_database: Server, settings: Settings
) -> None:
    agreement = await office.draft()
    expected = ["IN_REVIEW", "CERTIFIED", "APPROVED", "PARTNER_ACCEPTED"]
    for name, reached in zip(ORDER, expected, strict=True):
        payload = await office.take(name, agreement)
        assert payload["userErrors"] == []
        assert payload["agreement"]["status"] == reached
        assert await office.balance() == (HELD if reached in ("APPROVED", "PARTNER_ACCEPTED") else FULL)
    await tick(office, world_database, settings)
    fields = (
        "status activatedAt milestones { nodes { status overdue dueSoon } }"
        " availableActions { action allowed blockedBy }"
    )
    node = (await office.look("zhao", fields, agreement))["data"]["node"]
    assert (node["status"], node["activatedAt"] is None) == ("ACTIVE", False)
    assert node["availableActions"] == [{"action": "agreementTerminate", "allowed": True, "blockedBy": None}]
    assert [one["dueSoon"] for one in node["milestones"]["nodes"]] == [False, False, True]
    await tick(office, world_database, settings, 364)
    assert await status(office, agreement) == "ACTIVE"
    await tick(office, world_database, settings, 1)
    assert await status(office, agreement) == "CLOSING"


async def test_the_county_contract_to_every_figure(office: Office) -> None:
    agreement = await office.draft()
    fields = (
        "ceiling { amount currency } communities { name }"
        " currentVersion { number retentionPercent preparedBy { displayName } effectiveFrom endsOn }"
        " lines(orderBy: NUMBER_ASC) { nodes { title kind unit quantityCap unitPrice { amount } amountCap { amount }"
        " serviceType { code } criteria { metric operator target perUnit } } }"
        " milestones(orderBy: SEQUENCE_ASC) { nodes { sequence code kind dueOn amount { amount } sharePercent"
        " dependsOn { code } criteria { metric target } status } }"
    )
    node = (await office.look("zhao", fields, agreement))["data"]["node"]
    assert node["ceiling"] == {"amount": "1050000.00", "currency": "CNY"}
    assert node["currentVersion"]["number"] == 1
    assert node["currentVersion"]["retentionPercent"] == "5.00"
    found = [
        (one["kind"], one["quantityCap"], (one["unitPrice"] or {}).get("amount"), one["amountCap"]["amount"])
        for one in node["lines"]["nodes"]
    ]
    assert found == [
        ("BLOCK", 168, None, "974400.00"),
        ("UNIT", 7, "4000.00", "28000.00"),
        ("UNIT", 7, "2000.00", "14000.00"),
        ("UNIT", 7, "300.00", "2100.00"),
        ("UNIT", 7, "1000.00", "7000.00"),
        ("BLOCK", 350, None, "24500.00"),
    ]
    assert sum(round(float(one[3]) * 100) for one in found) == 105_000_000
    assert {one[3] for one in found if one[0] == "BLOCK"} == set(OURS)
    quality = [
        [(each["metric"], each["target"], each["perUnit"]) for each in one["criteria"]]
        for one in node["lines"]["nodes"]
    ]
    assert quality == [
        [],
        [("PARTICIPANTS", 200, True)],
        [("AVERAGE_PARTICIPANTS", 25, False)],
        [("FOLLOW_UPS", 6, True)],
        [("SESSIONS", 6, True), ("ATTENDANCES", 42, True)],
        [("PERSONS", 350, False)],
    ]
    stages = [
        (
            one["code"],
            one["amount"]["amount"],
            one["sharePercent"],
            [each["code"] for each in one["dependsOn"]],
        )
        for one in node["milestones"]["nodes"]
    ]
    assert stages == [
        ("M1", "420000.00", "40.00", []),
        ("M2", "420000.00", "40.00", ["M1"]),
        ("M3", "210000.00", "20.00", ["M1", "M2"]),
    ]


EVERYBODY = ("wang", "mei", "zhao", "qian", "sun", "bo", "an", "shen", "root")


async def test_a_step_is_one_roles_alone(office: Office) -> None:
    agreement = await office.draft()
    for name in ORDER:
        before = await status(office, agreement)
        actor, _ = STEPS[name]
        for who in EVERYBODY:
            if who != actor:
                assert await office.take(name, agreement, who) is None
        assert await status(office, agreement) == before
        await office.take(name, agreement)


async def test_another_partners_manager_finds_nothing(office: Office) -> None:
    agreement = await office.bring_to("agreementApprove")
    payload = await office.take("agreementAccept", agreement, "kai")
    assert [one["code"] for one in payload["userErrors"]] == ["NOT_FOUND"]
    assert (await office.look("kai", "status", agreement))["data"]["node"] is None


async def test_steps_out_of_order_are_refused(office: Office) -> None:
    agreement = await office.draft()
    for name in ORDER[1:]:
        payload = await office.take(name, agreement)
        # To the partner there is nothing yet.
        expected = "NOT_FOUND" if name == "agreementAccept" else "WRONG_STATE"
        assert [one["code"] for one in payload["userErrors"]] == [expected], name


async def test_without_the_money_it_is_neither_certified_nor_approved(office: Office) -> None:
    first = await office.bring_to("agreementCertify")
    second = await office.bring_to("agreementCertify")
    assert (await office.take("agreementApprove", first))["userErrors"] == []
    (error,) = (await office.take("agreementApprove", second))["userErrors"]
    assert (error["code"], "950000.00" in error["message"]) == ("CONFLICT", True)
    third = await office.draft()
    await office.take("agreementPropose", third)
    assert [one["code"] for one in (await office.take("agreementCertify", third))["userErrors"]] == [
        "CONFLICT"
    ]
    assert await office.balance() == HELD
    await office.give("100000.00", "V-2")
    assert (await office.take("agreementApprove", second))["userErrors"] == []
    assert (await office.balance())["available"] == "0.00"


async def test_a_decision_reference_is_required(office: Office) -> None:
    agreement = await office.bring_to("agreementCertify")
    blank = step("agreementApprove", 'decisionReference: "  "')
    assert await office.refused("zhao", blank, {"id": agreement}) == [("REQUIRED", ["decisionReference"])]
    assert await office.balance() == FULL


async def test_a_partner_without_the_qualification_is_refused(office: Office) -> None:
    agreement = await office.draft(partner="shiliu")
    (error,) = (await office.take("agreementPropose", agreement))["userErrors"]
    assert error["code"] == "NOT_QUALIFIED"


async def test_i4_who_drafted_does_not_approve_under_a_second_membership(
    office: Office, world_database: Server
) -> None:
    agreement = await office.bring_to("agreementCertify")
    await harness.run_sql(
        world_database,
        "update memberships set user_id = $1 where id = $2",
        office.world.viewers["mei"].user_id,
        office.world.memberships["zhao"],
    )
    office.also("mei@street", "zhao", user_id=office.world.viewers["mei"].user_id)
    payload = await office.take("agreementApprove", agreement, "mei@street")
    assert [one["code"] for one in payload["userErrors"]] == ["FOUR_EYES"]
    node = (await office.look("mei@street", "availableActions { action blockedBy }", agreement))["data"][
        "node"
    ]
    assert {"action": "agreementApprove", "blockedBy": "NOT_THE_DRAFTER"} in node["availableActions"]
    assert await office.balance() == FULL


async def test_i5_nobody_with_a_stake_drafts(office: Office) -> None:
    refused = await office.refused("hua", DRAFT, {"i": office.terms("kangle")})
    assert refused == [("CONFLICT_OF_INTEREST", ["input", "partner"])]


@pytest.mark.parametrize(
    ("who", "mutation", "at", "reached"),
    [
        ("qian", "agreementSendBack", "agreementPropose", "RETURNED"),
        ("zhao", "agreementSendBack", "agreementCertify", "RETURNED"),
        ("bo", "agreementSendBack", "agreementApprove", "DRAFT"),
        ("bo", "agreementDecline", "agreementApprove", "DECLINED"),
        ("mei", "agreementCancel", "agreementPropose", "CANCELLED"),
        ("zhao", "agreementCancel", "agreementAccept", "CANCELLED"),
    ],
)
async def test_ways_back_and_out_give_the_money_back(
    office: Office, who: str, mutation: str, at: str, reached: str
) -> None:
    agreement = await office.bring_to(at)
    payload = await office.payload(who, step(mutation, REASON), {"id": agreement})
    assert payload["userErrors"] == []
    assert await status(office, agreement) == reached
    assert await office.balance() == FULL
    fields = "statusReasonCode statusReason milestones { nodes { status } }"
    node = (await office.look("mei", fields, agreement))["data"]["node"]
    assert (node["statusReasonCode"], node["statusReason"]) == ("TERMS_WRONG", "条款要改")
    ended = reached in ("DECLINED", "CANCELLED")
    assert {one["status"] for one in node["milestones"]["nodes"]} == {"CANCELLED" if ended else "SCHEDULED"}


async def test_terminating_releases_the_rest(
    office: Office, world_database: Server, settings: Settings
) -> None:
    agreement = await office.bring_to("agreementAccept")
    await tick(office, world_database, settings)
    accepted = "update milestones set status = 'ACCEPTED' where agreement_id = $1 and code = 'M1'"
    await plant(world_database, accepted, bare(agreement))
    payload = await office.payload("zhao", step("agreementTerminate", REASON), {"id": agreement})
    assert payload["agreement"]["status"] == "TERMINATED"
    assert await office.balance() == FULL
    fields = "milestones(orderBy: SEQUENCE_ASC) { nodes { status } }"
    node = (await office.look("zhao", fields, agreement))["data"]["node"]
    # What was accepted stays payable, the rest will never be claimed.
    states = [one["status"] for one in node["milestones"]["nodes"]]
    assert states == ["ACCEPTED", "CANCELLED", "CANCELLED"]


async def test_a_version_sent_back_by_the_partner_stays_and_the_next_is_written(office: Office) -> None:
    agreement = await office.bring_to("agreementApprove")
    await office.payload("bo", step("agreementSendBack", REASON), {"id": agreement})
    assert [one["code"] for one in (await office.take("agreementPropose", agreement))["userErrors"]] == [
        "WRONG_STATE"
    ]
    payload = await office.payload("mei", DRAFT, {"i": office.terms(), "id": agreement})
    assert payload["userErrors"] == []
    fields = (
        "currentVersion { number approvedAt } versions { number approvedAt decisionReference }"
        " lines { totalCount } milestones { nodes { status } }"
    )
    node = (await office.look("zhao", fields, agreement))["data"]["node"]
    assert node["currentVersion"] == {"number": 2, "approvedAt": None}
    assert [(one["number"], one["approvedAt"] is not None) for one in node["versions"]] == [
        (1, True),
        (2, False),
    ]
    assert node["lines"]["totalCount"] == 6
    for name in ORDER:
        assert (await office.take(name, agreement))["userErrors"] == [], name
    assert await office.balance() == HELD


async def test_a_returned_draft_is_written_over(office: Office) -> None:
    agreement = await office.bring_to("agreementPropose")
    await office.payload("qian", step("agreementSendBack", REASON), {"id": agreement})
    terms = office.terms(lines=office.terms()["lines"][1:2], ceiling="28000.00")
    payload = await office.payload("mei", DRAFT, {"i": terms, "id": agreement})
    assert payload["userErrors"] == []
    assert payload["agreement"]["ceiling"] == {"amount": "28000.00"}
    node = (
        await office.look(
            "mei", "currentVersion { number } lines { totalCount } milestones { totalCount }", agreement
        )
    )["data"]["node"]
    assert node == {
        "currentVersion": {"number": 1},
        "lines": {"totalCount": 1},
        "milestones": {"totalCount": 3},
    }


PRICED = (
    ("ceiling { amount }", ["node", "ceiling"]),
    ("encumbered { amount }", ["node", "encumbered"]),
    ("lines { nodes { unitPrice { amount } } }", ["node", "lines", "nodes", "unitPrice"]),
    ("lines { nodes { amountCap { amount } } }", ["node", "lines", "nodes", "amountCap"]),
    ("milestones { nodes { amount { amount } } }", ["node", "milestones", "nodes", "amount"]),
    ("milestones { nodes { sharePercent } }", ["node", "milestones", "nodes", "sharePercent"]),
    ("currentVersion { ceiling { amount } }", ["node", "currentVersion", "ceiling"]),
    ("fund { id }", ["node", "fund"]),
)


@pytest.mark.parametrize("who", ["an", "wang"])
async def test_prices_are_hidden_from_partner_workers_and_communities(
    office: Office, world_database: Server, settings: Settings, who: str
) -> None:
    agreement = await office.bring_to("agreementAccept")
    await tick(office, world_database, settings)
    for fields, path in PRICED:
        body = await office.look(who, fields, agreement)
        assert [(one["extensions"]["code"], one["path"]) for one in body["errors"]] == [("FORBIDDEN", path)]
        assert "000.00" not in str(body["data"])
    body = await office.look(
        who, "title lines { nodes { title quantityCap criteria { metric } } }", agreement
    )
    assert [one["quantityCap"] for one in body["data"]["node"]["lines"]["nodes"]] == [350, 7, 7, 7, 7, 168]


async def test_a_community_that_is_not_served_and_another_partner_see_nothing(
    office: Office, world_database: Server, settings: Settings
) -> None:
    one = [office.place("七里沟", "community")]
    terms = office.terms()
    for line in terms["lines"]:
        line["communities"] = one
    seeing = (("wang", 1), ("li", 0), ("an", 1), ("kai", 0), ("lin", 0), ("qian", 1), ("shen", 1))
    before = {who: await counted(office, who) for who, _ in seeing}
    agreement = await office.bring_to("agreementAccept", lines=terms["lines"])
    await tick(office, world_database, settings)
    for who, more in seeing:
        agreements, milestones = before[who]
        assert await counted(office, who) == (agreements + more, milestones + 3 * more), who
        assert ((await office.look(who, "id", agreement))["data"]["node"] is None) == (more == 0)


async def counted(office: Office, who: str) -> tuple[int, int]:
    """How many agreements and milestones somebody sees."""
    query = "{ agreements { totalCount } milestones { totalCount } }"
    data = (await office.hub.ask(office.world.viewers[who], query)).data
    return data["agreements"]["totalCount"], data["milestones"]["totalCount"]


async def test_queues_and_notices_follow_the_steps(
    office: Office, world_database: Server, settings: Settings
) -> None:
    async def waits(who: str) -> dict[str, int]:
        query = "{ viewer { queue { kind count dueAt } } }"
        lines = (await office.hub.ask(office.world.viewers[who], query)).data["viewer"]["queue"]
        return {
            one["kind"]: one["count"]
            for one in lines
            if one["count"] and one["kind"].startswith(("AGR", "MIL"))
        }

    agreement = await office.bring_to("agreementPropose")
    assert (await waits("qian"), await waits("sun")) == ({"AGREEMENTS_TO_CERTIFY": 1}, {})
    await office.take("agreementCertify", agreement)
    assert (await waits("qian"), await waits("zhao")) == ({}, {"AGREEMENTS_TO_APPROVE": 1})
    await office.take("agreementApprove", agreement)
    assert await waits("bo") == {"AGREEMENTS_TO_ACCEPT": 1}
    await office.take("agreementAccept", agreement)
    await tick(office, world_database, settings)
    assert await waits("bo") == {"MILESTONES_DUE": 1}
    told = await harness.run_sql(
        world_database,
        "select u.sign_in_name as who, n.kind from notices n join memberships m on m.id = n.recipient_id"
        " join users u on u.id = m.user_id where n.kind like 'agreement%' and n.created_at >= $1"
        " order by n.created_at, n.kind, 1",
        office.world.now,
    )
    kinds: dict[str, set[str]] = {}
    for row in told:
        kinds.setdefault(row["kind"], set()).add(row["who"])
    station = {"mei", "tao", "hua"}
    assert kinds == {
        "agreement_to_certify": {"qian"},
        "agreement_to_approve": {"zhao", "guo"},
        "agreement_to_accept": {"bo"},
        "agreement_approved": station | {"qian"},
        "agreement_signed": station | {"zhao", "guo", "qian"},
        "agreement_in_force": station | {"qian", "bo"},
    }


async def test_every_step_is_audited(office: Office, world_database: Server) -> None:
    agreement = await office.bring_to("agreementAccept")
    query = "select action from audit_events where subject_id = $1 order by id"
    rows = await harness.run_sql(world_database, query, agreement.removeprefix("agreement_"))
    assert [row["action"] for row in rows] == [
        "agreement_draft",
        "agreement_propose",
        "agreement_certify",
        "agreement_approve",
        "agreement_accept",
    ]
