"""Who may know of an agreement when: what the street has not decided is nobody else's business."""

from __future__ import annotations

from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.agreements.office import DRAFT, ORDER, REASON, Office, step
from tests.agreements.test_journey import tick

pytestmark = pytest.mark.anyio

OUTSIDE = ("bo", "an", "wang")
"""The partner's manager, its worker, a community that is served."""

LINE = "lines(first: 1, orderBy: NUMBER_ASC) { nodes { id criteria { id } } }"
STAGE = "milestones(first: 1, orderBy: SEQUENCE_DESC) { nodes { id criteria { id } } }"


LISTED = """query($agreement: ID!) {
  agreements(first: 100) { nodes { id } } milestones(first: 100, where: {agreement: $agreement}) { totalCount } }"""


async def known(office: Office, agreement: str) -> dict[str, tuple[bool, int, int]]:
    """Whether each of them reads the agreement by its id, how often she lists it, and how many of its milestones."""
    found: dict[str, tuple[bool, int, int]] = {}
    for who in OUTSIDE:
        node = (await office.look(who, "id", agreement))["data"]["node"]
        data = (await office.hub.ask(office.world.viewers[who], LISTED, {"agreement": agreement})).data
        ids = [one["id"] for one in data["agreements"]["nodes"]]
        found[who] = (node is not None, ids.count(agreement), data["milestones"]["totalCount"])
    return found


NOTHING, ALL = (False, 0, 0), (True, 1, 3)


def seen_by(*names: str) -> dict[str, tuple[bool, int, int]]:
    return {who: ALL if who in names else NOTHING for who in OUTSIDE}


async def test_the_partner_knows_from_the_approval_on_and_the_others_when_it_is_in_force(
    office: Office, world_database: Server, settings: Settings
) -> None:
    agreement = await office.draft()
    assert await known(office, agreement) == seen_by()
    for name in ORDER:
        await office.take(name, agreement)
        reached = name in ("agreementApprove", "agreementAccept")
        assert await known(office, agreement) == seen_by(*["bo"] * reached), name
    await tick(office, world_database, settings)
    assert await known(office, agreement) == seen_by(*OUTSIDE)
    await tick(office, world_database, settings, 365)
    assert await known(office, agreement) == seen_by(*OUTSIDE)
    await office.payload("zhao", step("agreementTerminate", REASON), {"id": agreement})
    assert await known(office, agreement) == seen_by(*OUTSIDE)


@pytest.mark.parametrize("who", OUTSIDE)
async def test_what_an_agreement_says_is_as_hidden_as_the_agreement(
    office: Office, world_database: Server, settings: Settings, who: str
) -> None:
    agreement = await office.bring_to("agreementCertify")
    fields = f"currentVersion {{ id }} versions {{ id }} {LINE} {STAGE}"
    node = (await office.look("zhao", fields.replace("first: 1", "first: 5"), agreement))["data"]["node"]
    version = node["currentVersion"]["id"]
    lines, stages = node["lines"]["nodes"], node["milestones"]["nodes"]
    criteria = [each["id"] for one in (*lines, *stages) for each in one["criteria"]]
    ids = [agreement, version, *(one["id"] for one in (*lines, *stages)), *criteria]
    assert len(criteria) > 3
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    async def read() -> list[Any]:
        return (await office.hub.ask(office.world.viewers[who], query, {"ids": ids})).data["nodes"]

    assert await read() == [None] * len(ids)
    for name in ORDER[2:]:
        await office.take(name, agreement)
    await tick(office, world_database, settings)
    assert await read() == [{"id": one} for one in ids]


async def test_the_partner_sees_what_it_sent_back_but_not_what_the_street_makes_of_it(
    office: Office,
) -> None:
    agreement = await office.bring_to("agreementApprove")
    payload = await office.payload("bo", step("agreementSendBack", REASON), {"id": agreement})
    assert payload["agreement"]["status"] == "DRAFT"
    assert await known(office, agreement) == seen_by("bo")
    await office.payload("mei", DRAFT, {"i": office.terms(ceiling="1060000.00"), "id": agreement})
    for name in ORDER[:3]:
        # The wording that was put to the partner, and its milestones, stay with the partner.
        assert (await known(office, agreement))["bo"] == (False, 0, 3), name
        await office.take(name, agreement)
    node = (await office.look("bo", "ceiling { amount } versions { number }", agreement))["data"]["node"]
    assert node == {"ceiling": {"amount": "1060000.00"}, "versions": [{"number": 1}, {"number": 2}]}


async def test_the_partner_sees_that_the_street_took_it_back(office: Office) -> None:
    never, approved = await office.bring_to("agreementCertify"), await office.bring_to("agreementApprove")
    for agreement in (approved, never):
        await office.payload("zhao", step("agreementCancel", REASON), {"id": agreement})
    assert await known(office, approved) == seen_by("bo")
    assert not (await known(office, never))["bo"][0]


@pytest.mark.parametrize("mutation", ["agreementAccept", "agreementDecline", "agreementSendBack"])
async def test_the_partner_finds_nothing_to_answer_before_the_approval(office: Office, mutation: str) -> None:
    agreement = await office.bring_to("agreementCertify")
    extra = "" if mutation == "agreementAccept" else REASON
    assert await office.refused("bo", step(mutation, extra), {"id": agreement}) == [("NOT_FOUND", ["id"])]
    await office.take("agreementApprove", agreement)
    payload = await office.payload("bo", step(mutation, extra), {"id": agreement})
    assert payload["userErrors"] == []


async def test_a_partner_that_knows_of_it_is_not_exchanged(office: Office) -> None:
    """Otherwise the next partner would read what the street wrote about the first one."""
    agreement = await office.bring_to("agreementApprove")
    await office.payload("bo", step("agreementSendBack", REASON), {"id": agreement})
    refused = await office.refused("mei", DRAFT, {"i": office.terms("kangle"), "id": agreement})
    assert refused == [("WRONG_STATE", ["input", "partner"])]
    draft = await office.draft()
    payload = await office.payload("mei", DRAFT, {"i": office.terms("kangle"), "id": draft})
    assert payload["userErrors"] == []


async def actions(office: Office, who: str, agreement: str) -> dict[str, str | None]:
    """The actions of an agreement, and what stands in the way of each."""
    body = await office.look(who, "availableActions { action blockedBy }", agreement)
    return {one["action"]: one["blockedBy"] for one in body["data"]["node"]["availableActions"]}


async def test_available_actions_say_what_the_commands_do(office: Office) -> None:
    agreement = await office.bring_to("agreementApprove")
    assert await actions(office, "zhao", agreement) == {
        "agreementSendBack": "NOT_PUT_TO_PARTNER",
        "agreementAccept": "ROLE",
        "agreementDecline": "ROLE",
        "agreementCancel": None,
    }
    assert (await actions(office, "bo", agreement))["agreementSendBack"] is None
    back = step("agreementSendBack", REASON)
    assert await office.refused("zhao", back, {"id": agreement}) == [("WRONG_STATE", [])]


async def test_a_stage_is_not_offered_to_be_claimed_before_the_agreement_is_in_force(office: Office) -> None:
    agreement = await office.bring_to("agreementApprove")
    fields = "milestones { nodes { availableActions { action allowed blockedBy } } }"
    nodes = (await office.look("bo", fields, agreement))["data"]["node"]["milestones"]["nodes"]
    refused = {"action": "milestoneSubmit", "allowed": False, "blockedBy": "IN_FORCE"}
    assert [node["availableActions"] for node in nodes] == [[refused]] * len(nodes)


async def test_only_the_director_takes_back_what_she_has_approved(office: Office) -> None:
    cancel = step("agreementCancel", REASON)
    for last in ("agreementApprove", "agreementAccept"):
        agreement = await office.bring_to(last)
        assert (await actions(office, "mei", agreement))["agreementCancel"] == "NOT_YOURS"
        assert await office.refused("mei", cancel, {"id": agreement}) == [("NOT_FOUND", ["id"])]
        assert (await office.payload("zhao", cancel, {"id": agreement}))["userErrors"] == []
    draft = await office.bring_to("agreementCertify")
    assert (await office.payload("mei", cancel, {"id": draft}))["userErrors"] == []
