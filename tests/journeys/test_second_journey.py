"""The second journey, over real HTTP: what was bought, who did it, who says so, and how far the stage of payment is.

From the donation to the last row of the milestone's progress, with what must be refused on the way, word by word. Each
function is a step of the story; the test tells them in order. Call-backs, group work, and whose hands may not do what,
have tests of their own beside this one.
"""

from __future__ import annotations

from typing import Any

import pytest

from hub.base.db import Server
from hub.deliveries import evidence
from hub.settings import Settings
from tests.journeys.beginnings import organization_of
from tests.journeys.purchasing import (
    JPEG,
    Purchase,
    announced,
    changed,
    everything,
    offer,
    photo,
    promised,
    referred,
    street_of,
)
from tests.journeys.running import running, said
from tests.journeys.summer import DECISION, LADIES, TITLE, WISH, ladies_are_taken, on_paper, progress, usage

pytestmark = pytest.mark.anyio

NOT_ITS_FIELD = (
    "Your role may not read or use this field; select only fields within its rights (see hub policy explain)."
)
FOUND, OWN_WORDS = "精神很好，头发长到肩了", "剪短了真清爽"


@pytest.fixture(autouse=True)
def _only_what_is_odd_is_called_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random sample would draw somebody else in every run."""
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 0)


async def test_the_second_journey(world_database: Server, settings: Settings) -> None:
    async with running(settings, world_database) as hub:
        purchase = Purchase(hub, world_database)
        await mei_drafts_and_qian_certifies(purchase)
        await who_drafted_does_not_approve(purchase)
        await zhao_approves_and_bo_signs(purchase)
        await prices_are_no_matter_of_an_and_wang(purchase)
        await three_ladies_take_all_twelve(purchase)
        await a_thirteenth_is_refused(purchase)
        await an_promises_two_visits(purchase)
        await the_cases_page_has_what_the_day_needs(purchase, None)
        await an_opens_her_day_sheet(purchase)
        await a_photo_is_brought_in_two_steps(purchase)
        delivered = await a_haircut_is_sent_twice_and_counts_once(purchase)
        await the_next_one_overlaps(purchase)
        await the_cases_page_has_what_the_day_needs(purchase, delivered)
        await before_anybody_verifies(purchase)
        await wang_verifies_and_mei_many(purchase)
        await after_it_was_verified(purchase)
        await every_step_was_audited(purchase)


# ------------------------------------------------------------------------------------------------------- the agreement
async def balance(purchase: Purchase) -> tuple[str, str]:
    """What is available in the fund, and what is encumbered."""
    funds = (await purchase.hub.ask("qian", "FundBalance"))["funds"]["nodes"]
    fund = next(one for one in funds if one["id"] == purchase.ids["fund"])
    return fund["available"]["amount"], fund["encumbered"]["amount"]


async def mei_drafts_and_qian_certifies(purchase: Purchase) -> None:
    hub, agreement = purchase.hub, await on_paper(purchase)
    before = await everything(purchase.database)
    assert await hub.do("mei", "AgreementPropose", id=agreement) == {"status": "IN_REVIEW"}
    after = await everything(purchase.database)
    assert {"agreements", "agreement_versions", "audit_events"} <= set(
        changed(before, after)
    )  # it notices changes
    assert await hub.do("qian", "AgreementCertify", id=agreement) == {"status": "CERTIFIED"}
    assert await balance(purchase) == ("5000.00", "0.00")


async def who_drafted_does_not_approve(purchase: Purchase) -> None:
    """I4: Mei stands in for the director, under a second membership. She is still the one who drafted it."""
    hub, agreement = purchase.hub, purchase.ids[TITLE]
    station = (await hub.ask("mei", "WhoAmI"))["viewer"]["membership"]["id"]
    grant = {"organization": await street_of(hub), "signInName": "mei", "role": "STREET_DIRECTOR"}
    deputy = (await hub.do("root", "MembershipGrant", input=grant))["id"]
    hub.act_as("mei", deputy)
    assert await purchase.refused("mei", "AgreementApprove", id=agreement, decision=DECISION) == (
        "FOUR_EYES",
        ["id"],
        "You drafted or proposed this agreement, under whatever role, so somebody else has to approve it."
        " Ask your deputy.",
    )
    actions = (await hub.ask("mei", "AgreementSeen", id=agreement))["node"]["availableActions"]
    assert {"action": "agreementApprove", "allowed": False, "blockedBy": "NOT_THE_DRAFTER"} in actions
    hub.act_as("mei", station)


async def zhao_approves_and_bo_signs(purchase: Purchase) -> None:
    """With the reference of the decision the money is encumbered; SYSTEM puts it into force."""
    hub, agreement = purchase.hub, purchase.ids[TITLE]
    code, path, _ = await purchase.refused("zhao", "AgreementApprove", id=agreement, decision="  ")
    assert (code, path) == ("REQUIRED", ["decisionReference"])
    approved = await hub.do("zhao", "AgreementApprove", id=agreement, decision=DECISION)
    assert approved == {"status": "APPROVED", "encumbered": {"amount": "3000.00"}}
    assert await balance(purchase) == ("2000.00", "3000.00")
    assert await hub.do("bo", "AgreementAccept", id=agreement) == {"status": "PARTNER_ACCEPTED"}
    await hub.day_goes_by()
    assert (await hub.ask("bo", "AgreementSeen", id=agreement))["node"]["status"] == "ACTIVE"


async def prices_are_no_matter_of_an_and_wang(purchase: Purchase) -> None:
    """Who does the work and whose people they are know what was bought and how much of it, not for how much."""
    hub, agreement = purchase.hub, {"id": purchase.ids[TITLE]}
    seen = (await hub.ask("bo", "Prices", **agreement))["node"]
    assert seen["ceiling"] == {"amount": "3000.00"}
    assert seen["lines"]["nodes"][0]["unitPrice"] == {"amount": "40.00"}
    for name in ("an", "wang"):
        data, told = await purchase.forbidden(name, "Prices", **agreement)
        assert told == [
            ("FORBIDDEN", ["node", "ceiling"], NOT_ITS_FIELD),
            ("FORBIDDEN", ["node", "lines", "nodes", "unitPrice"], NOT_ITS_FIELD),
        ]
        assert (data["node"]["title"], data["node"]["ceiling"]) == (TITLE, None)
        assert data["node"]["lines"]["nodes"][0] == {
            "title": "上门理发",
            "quantityCap": 12,
            "unitPrice": None,
        }
        data, told = await purchase.forbidden(name, "UnitPrice", id=purchase.ids["上门理发"])
        assert told == [("FORBIDDEN", ["node", "unitPrice"], NOT_ITS_FIELD)]
        assert data["node"] == {"title": "上门理发", "quantityCap": 12, "unitPrice": None}


# ----------------------------------------------------------------------------------------------------- offers and cases
async def three_ladies_take_all_twelve(purchase: Purchase) -> None:
    await ladies_are_taken(purchase)
    left = await usage(purchase, "上门理发", "quantityCap", "used", "reserved", "remaining")
    assert left == {"quantityCap": 12, "used": 0, "reserved": 12, "remaining": 0}


async def a_thirteenth_is_refused(purchase: Purchase) -> None:
    """I17: a fourth lady would be the thirteenth haircut."""
    _, referral = await referred(purchase, "吴凤英", "19450317", 128, WISH)
    offering = await offer(purchase, "bo", referral, "上门理发", 1)
    assert await purchase.refused("mei", "ReferralOffer", **offering) == (
        "QUANTITY_EXCEEDED",
        ["quantity"],
        f"“上门理发” of {purchase.references[TITLE]} has 0 left, fewer than you offer."
        " Lower the quantity, or choose another line.",
    )


# ---------------------------------------------------------------------------------------------------- the partner's day
async def an_promises_two_visits(purchase: Purchase) -> None:
    morning = purchase.day(1)
    for what, name, (hour, minute) in (("first", "秦桂兰", (10, 0)), ("second", "孟秀英", (10, 30))):
        begin = morning.replace(hour=hour, minute=minute)
        purchase.ids[what] = await promised(purchase, "an", purchase.ids[name], begin)


async def the_cases_page_has_what_the_day_needs(purchase: Purchase, delivered: dict[str, Any] | None) -> None:
    """One request: person, community, next promise and latest deliveries of each case; and filters of four kinds.

    `delivered`: what the page shows of the delivery that was recorded meanwhile.
    """
    hub, ours = purchase.hub, {purchase.ids[name] for name in LADIES}
    community = await organization_of(hub, "wang", "community")
    for who in ("bo", "an"):
        page = (await hub.ask(who, "CasesPage", where={"status": ["OPEN", "ACTIVE"]}))["cases"]["nodes"]
        assert ours <= {one["id"] for one in page}
        found = next(one for one in page if one["id"] == purchase.ids["秦桂兰"])
        service = found["serviceType"].pop("id")
        assert found == {
            "id": purchase.ids["秦桂兰"],
            "reference": purchase.references["秦桂兰"],
            "status": "ACTIVE",
            "quantity": 5,
            "delivered": 1 if delivered else 0,
            "nextPromiseAt": None if delivered else said(purchase.day(1).replace(hour=10, minute=30)),
            "person": {"name": "秦桂兰", "ageGroup": "AGE_80_PLUS", "phone": None},
            "community": {"name": "七里沟社区居委会"},
            "serviceType": {"code": "HOME_HAIRCUT"},
            "line": {"title": "上门理发"},
            "deliveries": {"nodes": [delivered] if delivered else []},
        }
        unpromised = {
            "promise": "NONE",
            "serviceType": service,
            "community": community,
            "status": ["OPEN", "ACTIVE"],
        }
        page = (await hub.ask(who, "CasesPage", where=unpromised))["cases"]["nodes"]
        assert {one["id"] for one in page} & ours == (ours if delivered else {purchase.ids["周玉珍"]})


async def an_opens_her_day_sheet(purchase: Purchase) -> None:
    hub, day = purchase.hub, purchase.day(1)
    hub.move_to(day, 8)
    await hub.day_goes_by()
    entries = await hub.do("an", "DaySheetOpen", date=day.date().isoformat())
    shown = {one["visit"]: (one["name"], one["promisedFrom"]) for one in entries}
    assert shown[purchase.ids["first"]] == ("秦桂兰", said(day.replace(hour=10)))
    assert shown[purchase.ids["second"]] == ("孟秀英", said(day.replace(hour=10, minute=30)))


async def a_photo_is_brought_in_two_steps(purchase: Purchase) -> None:
    """Announced with its digest, then brought to a signed link: other bytes are refused, the same again are no harm."""
    hub, data = purchase.hub, photo("秦桂兰")
    hub.move_to(purchase.day(0), 10, 45)
    file = await announced(purchase, "an", "PHOTO", data)
    url = purchase.ids["link"] = file["upload"]["url"]
    purchase.ids["photo"] = file["document"]["id"]
    assert (file["document"]["status"], file["upload"]["method"]) == ("PENDING", "PUT")
    unproven = {
        "visit": purchase.ids["first"],
        "happenedAt": said(hub.clock.instant),
        "documents": [purchase.ids["photo"]],
    }
    assert (await purchase.refused("an", "Delivered", input=unproven))[:2] == (
        "WRONG_STATE",
        ["input", "documents"],
    )
    other = await hub.put(url, photo("秦桂花"), JPEG)
    assert (other.status_code, other.json()["code"]) == (422, "SHA256_MISMATCH")
    for _ in range(2):
        brought = await hub.put(url, data, JPEG)
        assert (brought.status_code, brought.json()["status"]) == (200, "STORED")
    assert (await hub.put(url.replace("signature=", "signature=0"), data, JPEG)).status_code == 404


async def a_haircut_is_sent_twice_and_counts_once(purchase: Purchase) -> dict[str, Any]:
    """Visit and delivery in one call, twice under one key; under another key it is refused, whoever sends it.

    Returns what the page of cases shows of it.
    """
    hub, day = purchase.hub, purchase.day(0)
    kept_at = said(day.replace(hour=10, minute=2))
    told = {
        "visit": purchase.ids["first"],
        "happenedAt": kept_at,
        "lastedMinutes": 40,
        "findings": FOUND,
        "ownWords": OWN_WORDS,
        "documents": [purchase.ids["photo"]],
    }
    first = purchase.keep("haircut", await hub.do("an", "Delivered", input=told, key="friday-1"))
    assert first == {
        "id": purchase.ids["haircut"],
        "reference": purchase.references["haircut"],
        "status": "RECORDED",
        "flags": [],
        "evidenceComplete": True,
        "visit": {
            "id": purchase.ids["first"],
            "status": "COMPLETED",
            "keptAt": kept_at,
            "kept": True,
            "findings": {"text": FOUND, "ownWords": OWN_WORDS},
        },
        "case": {"id": purchase.ids["秦桂兰"], "status": "ACTIVE", "delivered": 1},
    }
    assert await hub.do("an", "Delivered", input=told, key="friday-1") == first
    assert await purchase.refused("an", "Delivered", input=told, key="friday-2") == (
        "DUPLICATE",
        ["input", "visit"],
        f"This was recorded already, as {purchase.references['haircut']}."
        " If that record is wrong, ask the station to void it first.",
    )
    recorded = await hub.ask("an", "VisitDelivered", visit=purchase.ids["first"])
    of_visit = [
        one
        for one in recorded["deliveries"]["nodes"]
        if (one["visit"] or {}).get("id") == purchase.ids["first"]
    ]
    assert [one["reference"] for one in of_visit] == [purchase.references["haircut"]]
    return {"reference": first["reference"], "status": "RECORDED", "happenedAt": kept_at, "quantity": 1}


async def the_next_one_overlaps(purchase: Purchase) -> None:
    """By her own account An was still with the first lady: the hub finds it odd, and somebody will ask."""
    hub, day = purchase.hub, purchase.day(0)
    hub.move_to(day, 11, 20)
    told = {"visit": purchase.ids["second"], "happenedAt": said(day.replace(hour=10, minute=30))}
    second = purchase.keep("overlapping", await hub.do("an", "Delivered", input=told, key="friday-3"))
    assert (second["status"], second["flags"], second["evidenceComplete"]) == ("FLAGGED", ["OVERLAP"], False)


# -------------------------------------------------------------------------------------------- who says that it was done
async def before_anybody_verifies(purchase: Purchase) -> None:
    """Two haircuts given, none of them counts; what is missing is explained down to the records and the cases."""
    of = purchase.references
    unverified = [("TO_VERIFY", reference, 1) for reference in sorted((of["haircut"], of["overlapping"]))]
    expected = {
        "value": 0,
        "target": 12,
        "met": False,
        "missing": [
            *unverified,
            *(("TO_DELIVER", of[name], left) for name, left in (("秦桂兰", 4), ("孟秀英", 3), ("周玉珍", 3))),
        ],
    }
    for who in ("bo", "mei", "qian"):
        assert await progress(purchase, "上门理发", "QUANTITY", who) == expected
    persons = {"value": 0, "target": 2, "met": False, "missing": [("NOT_REACHED", None, 2), *unverified]}
    assert await progress(purchase, None, "PERSONS") == persons
    left = await usage(purchase, "上门理发", "done", "unverified", "owed", "remaining")
    assert left == {"done": 0, "unverified": 2, "owed": 12, "remaining": 0}


async def wang_verifies_and_mei_many(purchase: Purchase) -> None:
    """Not who did it: An's role may not. The community may, the station may; a batch is as many single commands."""
    hub, first, second = purchase.hub, purchase.ids["haircut"], purchase.ids["overlapping"]
    data, told = await purchase.forbidden("an", "DeliveryVerify", id=first)
    assert data == {"deliveryVerify": None}
    assert [(code, path) for code, path, _ in told] == [("FORBIDDEN", ["deliveryVerify"])]
    verified = await hub.do("wang", "DeliveryVerify", id=first)
    assert (verified["status"], verified["verification"]) == ("VERIFIED", "COMMUNITY")
    unknown = "delivery_00000000-0000-7000-8000-000000000000"
    results = await hub.post("mei", "DeliveryVerifyMany", {"ids": [second, unknown, first]})
    done, missing, again = results.json()["data"]["deliveryVerifyMany"]["results"]
    assert done["delivery"] == {"id": second, "status": "VERIFIED", "verification": "STATION"}
    assert [error["code"] for error in missing["userErrors"]] == ["NOT_FOUND"]
    assert [error["code"] for error in again["userErrors"]] == ["WRONG_STATE"]


async def after_it_was_verified(purchase: Purchase) -> None:
    of = purchase.references
    left = [("TO_DELIVER", of[name], left) for name, left in (("秦桂兰", 4), ("孟秀英", 3), ("周玉珍", 3))]
    for who in ("bo", "mei", "qian"):
        found = await progress(purchase, "上门理发", "QUANTITY", who)
        assert found == {"value": 2, "target": 12, "met": False, "missing": left}
    assert await progress(purchase, None, "PERSONS") == {"value": 2, "target": 2, "met": True, "missing": []}
    glance = await usage(purchase, "上门理发", "done", "unverified", "owed", "remaining")
    assert glance == {"done": 2, "unverified": 0, "owed": 10, "remaining": 0}


async def every_step_was_audited(purchase: Purchase) -> None:
    """Each step once, by whose role it was; what was refused left nothing."""
    trail = (await purchase.hub.ask("zhao", "AuditOf"))["auditEvents"]["nodes"]
    ours = [one for one in trail if one["subjectReference"] == purchase.references[TITLE]]
    assert sorted((one["action"], one["actorRole"]) for one in ours) == [
        ("agreement_accept", "PARTNER_MANAGER"),
        ("agreement_activate", "SYSTEM"),
        ("agreement_approve", "STREET_DIRECTOR"),
        ("agreement_certify", "FINANCE_OFFICER"),
        ("agreement_draft", "STATION_WORKER"),
        ("agreement_propose", "STATION_WORKER"),
    ]
