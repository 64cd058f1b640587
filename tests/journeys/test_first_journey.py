"""The first journey, over real HTTP: a community refers, the station triages, a partner keeps its promise.

One old lady, two referrals, one week. Each function is a step of the story, with what must not be possible just then;
the test tells them in order.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from schema.build import registry
from tests.journeys.combing import comb
from tests.journeys.running import STREET_CODE, Hub, id_number, running, said, text_of

pytestmark = pytest.mark.anyio

NAME = "秦玉兰"
ID_NUMBER = id_number("320311", "19410308", "962")
PHONE = "13905200417"
ADDRESS = "七里沟街道槐香苑7幢2单元301室"
DOOR_NOTES = "门铃坏了，请敲门并大声报名字"
CONTACT = {"name": "秦建国", "relation": "儿子", "phone": "13805200932"}
OWN_WORDS = "你们真是准时，太谢谢了"
FOUND = "精神很好，阳台插线板老化，已提醒"
REASON = "独居，行动不便，两个月没有理发"
DECLINED = "本周理发师排满"


@dataclasses.dataclass
class Story:
    """The hub, and the ids and references of what is in the story."""

    hub: Hub
    people: dict[str, str] = dataclasses.field(default_factory=dict)  # organizations and staff: no secret
    ids: dict[str, str] = dataclasses.field(default_factory=dict)  # hers
    references: dict[str, str] = dataclasses.field(default_factory=dict)
    began_at: str = ""
    friday: datetime = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.began_at = said(self.hub.clock.instant.astimezone(self.hub.clock.zone))
        self.friday = self.hub.friday()

    def keep(self, what: str, found: dict[str, Any]) -> dict[str, Any]:
        """Remember an object's id and reference."""
        self.ids[what] = found["id"]
        if found.get("reference"):
            self.references[what] = found["reference"]
        return found

    def found_in(self, text: str, *, but: tuple[str, ...] = ()) -> list[str]:
        """What of hers occurs in a text: her values, ids and references of all about her. `but`: ids allowed."""
        values = [NAME, ID_NUMBER, PHONE, ADDRESS, DOOR_NOTES, *CONTACT.values(), OWN_WORDS, FOUND, REASON]
        values.remove("儿子")
        known = [*(value for what, value in self.ids.items() if what not in but), *self.references.values()]
        return sorted(value for value in [*values, *known] if value in text)


async def test_the_first_journey(world_database: Server, settings: Settings) -> None:
    async with running(settings, world_database) as hub:
        story = Story(hub)
        await everybody_is_there(story)
        await hua_says_as_whom_she_acts(story)
        await wang_registers_the_lady(story)
        await wang_states_what_she_needs(story)
        await wang_refers(story)
        await the_station_returns_it_once(story)
        await without_consent_nobody_is_asked(story)
        await the_hub_suggests_whom_to_ask(story)
        await hua_may_not_offer_to_her_employer(story)
        await partner_2_declines_without_knowing_whom(story)
        await partner_1_accepts(story)
        await bo_assigns_an(story)
        await an_promises_friday(story)
        await an_opens_the_day_sheet(story)
        await an_records_the_haircut_twice_and_it_counts_once(story)
        await wang_sees_that_the_promise_was_kept(story)
        await wang_acknowledges(story)
        await every_step_was_told(story)
        await every_step_was_audited(story)
        await the_station_takes_a_second_referral_itself(story)
        await li_and_partner_2_find_nothing(story)
        await consent_is_withdrawn_and_the_person_is_gone(story)


async def everybody_is_there(story: Story) -> None:
    hub = story.hub
    viewer = (await hub.ask("wang", "WhoAmI"))["viewer"]
    story.people["community"] = of_type("community", viewer["membership"]["organization"]["id"])
    assert "referralSubmit" in viewer["permissions"]
    assert "referralOffer" not in viewer["permissions"]
    street = await hub.ask("wang", "Street", code=STREET_CODE)
    story.people["street"] = street["streets"]["nodes"][0]["id"]
    for manager, partner in (("bo", "partner1"), ("kai", "partner2")):
        viewer = (await hub.ask(manager, "WhoAmI"))["viewer"]
        story.people[partner] = of_type("partner", viewer["membership"]["organization"]["id"])
    story.people["an"] = (await hub.ask("an", "WhoAmI"))["viewer"]["membership"]["id"]
    story.people["mei"] = (await hub.ask("mei", "WhoAmI"))["viewer"]["membership"]["id"]


def of_type(tag: str, organization: str) -> str:
    """The id of the same organization as a Community, Partner or Street."""
    return f"{tag}_{organization.removeprefix('organization_')}"


async def hua_says_as_whom_she_acts(story: Story) -> None:
    """She has two memberships; a request that names none is told which there are."""
    answer = await story.hub.post("hua", "WhoAmI", {})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "MEMBERSHIP_REQUIRED"
    choices = {choice["role"]: choice["id"] for choice in error["extensions"]["memberships"]}
    assert set(choices) == {"STATION_WORKER", "PARTNER_WORKER"}
    story.hub.act_as("hua", choices["STATION_WORKER"])


async def wang_registers_the_lady(story: Story) -> None:
    lady = {
        "community": story.people["community"],
        "name": NAME,
        "idNumber": ID_NUMBER,
        "phone": PHONE,
        "address": ADDRESS,
        "estate": "槐香苑",
        "doorNotes": DOOR_NOTES,
        "livesAlone": True,
        "riskClass": "A",
        "emergencyContacts": [CONTACT],
        "eligibility": [{"category": "DIBAO_EDGE", "fromOn": "2026-01-01"}],
    }
    person = story.keep("person", await story.hub.do("wang", "PersonRegister", input=lady))
    story.ids["household"] = person["household"]["id"]
    shown = {
        key: person[key]
        for key in ("name", "birthDate", "ageGroup", "sex", "idNumber", "phone", "livesAlone")
    }
    assert shown == {
        "name": NAME,
        "birthDate": "1941-03-08",
        "ageGroup": "AGE_80_PLUS",
        "sex": "FEMALE",
        "idNumber": f"{ID_NUMBER[:4]}**********{ID_NUMBER[-4:]}",
        "phone": "139****0417",
        "livesAlone": True,
    }
    assert "301" not in person["address"]
    assert await story.hub.refused("wang", "PersonRegister", input=lady) == ["DUPLICATE"]


async def wang_states_what_she_needs(story: Story) -> None:
    """A felt need, in her own words, and a comparative one, whose figures the hub computes."""
    felt = {
        "person": story.ids["person"],
        "domain": "DAILY_LIVING",
        "bradshawType": "FELT",
        "severity": 3,
        "statement": "想在家里理个发",
        "statedBy": "本人",
    }
    need = story.keep("felt", await story.hub.do("wang", "NeedState", input=felt))
    assert (need["bradshawType"], need["statedBy"], need["comparator"]) == ("FELT", "本人", None)
    by_nobody = {key: value for key, value in felt.items() if key != "statedBy"}
    assert await story.hub.refused("wang", "NeedState", input=by_nobody) == ["REQUIRED"]
    compared = {
        "person": story.ids["person"],
        "domain": "VISITING",
        "bradshawType": "COMPARATIVE",
        "severity": 4,
        "statement": "很少有人上门看望",
        "comparator": {"metric": "VISITS_90D"},
    }
    need = story.keep("comparative", await story.hub.do("wang", "NeedState", input=compared))
    assert need["comparator"] == {
        "metric": "VISITS_90D",
        "cohort": "ALONE_60_PLUS",
        "value": "0",
        "cohortValue": await cohort_value(story),
    }


async def cohort_value(story: Story) -> str:
    """Visits in the last 90 days to each of those in the community who are over 60 and live alone, counted by hand."""
    clock = story.hub.clock
    today = clock.today()
    born = today.replace(year=today.year - 60).isoformat()
    since = clock.at(today - timedelta(days=89), 0).astimezone(clock.zone)
    found = await story.hub.ask("wang", "Cohort", born=born, **{"from": said(since)})
    people, visits = found["people"], found["visits"]
    assert max(people["totalCount"], visits["totalCount"]) <= 100, "the world has grown beyond one page"
    cohort = {person["id"] for person in people["nodes"]}
    count = sum(visit["person"]["id"] in cohort for visit in visits["nodes"])
    return f"{round(count / len(cohort) + 1e-9, 2):.2f}".rstrip("0").rstrip(".")


def request(story: Story, reason: str) -> dict[str, Any]:
    """What Wang asks for."""
    return {
        "person": story.ids["person"],
        "serviceType": "HOME_HAIRCUT",
        "urgency": "SOON",
        "reason": reason,
        "needs": [story.ids["felt"], story.ids["comparative"]],
    }


async def wang_refers(story: Story) -> None:
    """In one call: person, service and words."""
    wished = request(story, "想理发")
    referral = story.keep("referral", await story.hub.do("wang", "ReferralSubmit", input=wished))
    assert (referral["status"], referral["urgency"], referral["needs"]) == (
        "SUBMITTED",
        "SOON",
        {"totalCount": 2},
    )
    actions = {each["action"]: (each["allowed"], each["blockedBy"]) for each in referral["availableActions"]}
    assert actions["referralCancel"] == (True, None)
    assert actions["referralTriage"] == (False, "ROLE")
    await story.hub.day_goes_by()
    queue = (await story.hub.ask("mei", "Queue"))["viewer"]["queue"]
    assert {line["kind"]: line["count"] for line in queue}["REFERRALS_TO_TRIAGE"] >= 1


async def the_station_returns_it_once(story: Story) -> None:
    hub, referral = story.hub, story.ids["referral"]
    why = "请写明行动是否方便、多久没有理发"
    assert await hub.do("mei", "ReferralReturn", id=referral, reason=why) == {"status": "RETURNED"}
    await hub.day_goes_by()
    seen = await hub.ask("wang", "ReferralAndNews", id=referral)
    version = seen["node"]["version"]
    assert (seen["node"]["status"], seen["node"]["statusReasonCode"]) == ("RETURNED", "MISSING_DATA")
    assert seen["node"]["statusReason"] == why
    assert seen["notices"]["nodes"] == [
        {"kind": "referral_returned", "subjectReference": story.references["referral"]}
    ]
    again = {"input": request(story, REASON), "id": referral}
    assert await hub.refused("wang", "ReferralSubmit", **again, version=version - 1) == ["STALE"]
    resubmitted = await hub.do("wang", "ReferralSubmit", **again, version=version)
    assert (resubmitted["id"], resubmitted["status"]) == (referral, "SUBMITTED")
    await hub.day_goes_by()


async def without_consent_nobody_is_asked(story: Story) -> None:
    hub = story.hub
    assert await hub.do("mei", "ReferralTriage", id=story.ids["referral"]) == {"status": "TRIAGED"}
    offer = {"id": story.ids["referral"], "partner": story.people["partner2"]}
    assert await hub.refused("mei", "ReferralOffer", **offer) == ["CONSENT_MISSING"]
    given = {"person": story.ids["person"], "grantee": story.people["street"]}
    consent = story.keep("consent", await hub.do("wang", "ConsentGive", input=given))
    assert consent == {
        "id": story.ids["consent"],
        "status": "ACTIVE",
        "purpose": "SERVICE",
        "basis": "CONSENT",
        "dataCategories": ["CONTACT", "NEEDS"],
        "grantee": {"kind": "STREET"},
    }
    await hub.day_goes_by()


async def the_hub_suggests_whom_to_ask(story: Story) -> None:
    """Partners with a line for haircuts here, the best first. The offer has to name the line, and how much of it."""
    hub, referral = story.hub, story.ids["referral"]
    suggested = (await hub.ask("mei", "Suggestions", referral=referral))["node"]["partnerSuggestions"]
    assert {one["line"]["serviceType"]["code"] for one in suggested} == {"HOME_HAIRCUT"}
    assert all((one["fits"], one["reason"]) == (True, "SERVES_HERE") for one in suggested)
    for partner in ("partner1", "partner2"):
        of_partner = (one for one in suggested if one["partner"]["id"] == story.people[partner])
        story.people[f"line of {partner}"] = next(of_partner)["line"]["id"]
    offer = offer_to(story, "partner2")
    for missing in ("line", "quantity"):
        assert await hub.refused("mei", "ReferralOffer", **{**offer, missing: None}) == ["REQUIRED"]
    other = {"line": story.people["line of partner1"]}
    assert await hub.refused("mei", "ReferralOffer", **{**offer, **other}) == ["NOT_FOUND"]
    assert await hub.refused("mei", "ReferralOffer", **{**offer, "quantity": 100_000}) == [
        "QUANTITY_EXCEEDED"
    ]


def offer_to(story: Story, partner: str) -> dict[str, Any]:
    """The offer of one haircut to a partner, on its line."""
    line = {"line": story.people[f"line of {partner}"], "quantity": 1}
    return {"id": story.ids["referral"], "partner": story.people[partner], **line}


async def hua_may_not_offer_to_her_employer(story: Story) -> None:
    """She works for partner 2 besides. Nothing has changed after she tried."""
    before = await story.hub.ask("mei", "ReferralAndNews", id=story.ids["referral"])
    answer = (await story.hub.post("hua", "ReferralOffer", offer_to(story, "partner2"))).json()
    (error,) = answer["data"]["referralOffer"]["userErrors"]
    assert (error["code"], error["path"]) == ("CONFLICT_OF_INTEREST", ["partner"])
    assert "Ask a colleague" in error["message"]
    await story.hub.day_goes_by()
    assert await story.hub.ask("mei", "ReferralAndNews", id=story.ids["referral"]) == before
    assert (before["node"]["status"], before["node"]["offers"]) == ("TRIAGED", {"totalCount": 0})


async def partner_2_declines_without_knowing_whom(story: Story) -> None:
    hub = story.hub
    referral = await hub.do("mei", "ReferralOffer", **offer_to(story, "partner2"))
    assert referral["status"] == "OFFERED"
    offer = story.keep("offer2", referral["offers"]["nodes"][0])
    assert (offer["quantity"], offer["line"]) == (1, {"id": story.people["line of partner2"]})
    await hub.day_goes_by()
    await kai_sees_age_need_and_estate(story)
    declined = await hub.do("kai", "OfferDecline", id=offer["id"], reason=DECLINED)
    assert declined == {"status": "DECLINED", "declineReason": DECLINED}
    await hub.day_goes_by()
    node = (await hub.ask("wang", "ReferralAndNews", id=story.ids["referral"]))["node"]
    told = (node["status"], node["statusReasonCode"], node["statusReason"])
    assert told == ("TRIAGED", "NO_CAPACITY", DECLINED)


async def kai_sees_age_need_and_estate(story: Story) -> None:
    hub = story.hub
    seen = (await hub.ask("kai", "OfferSeen", id=story.ids["offer2"]))["node"]
    actions = seen.pop("availableActions")
    assert {each["action"] for each in actions if each["allowed"]} == {"offerAccept", "offerDecline"}
    seen["needs"].sort(key=lambda need: need["domain"])
    assert seen == {
        "ageGroup": "AGE_80_PLUS",
        "estate": "槐香苑",
        "urgency": "SOON",
        "serviceType": {"code": "HOME_HAIRCUT"},
        "needs": [
            {"domain": "DAILY_LIVING", "bradshawType": "FELT", "severity": 3},
            {"domain": "VISITING", "bradshawType": "COMPARATIVE", "severity": 4},
        ],
        "referral": None,
    }
    await kai_finds_no_path_to_her(story)


async def kai_finds_no_path_to_her(story: Story) -> None:
    """By no id and no list. His inbox knows the referral he was offered by its reference: that is all of it."""
    hidden = [value for what, value in story.ids.items() if what != "offer2"]
    assert len(hidden) == 6
    assert await story.hub.ask("kai", "Exists", ids=hidden) == {"nodes": [None] * len(hidden)}
    everything = await comb(story.hub, "kai", registry())
    assert story.ids["offer2"] in everything
    assert story.found_in(everything, but=("offer2",)) == [story.references["referral"]]


async def partner_1_accepts(story: Story) -> None:
    hub = story.hub
    suggested = (await hub.ask("mei", "Suggestions", referral=story.ids["referral"]))["node"][
        "partnerSuggestions"
    ]
    last = suggested[-1]
    assert (last["partner"]["id"], last["fits"], last["reason"]) == (
        story.people["partner2"],
        False,
        "DECLINED_BEFORE",
    )
    referral = await hub.do("mei", "ReferralOffer", **offer_to(story, "partner1"))
    offer = story.keep("offer1", referral["offers"]["nodes"][0])
    await hub.day_goes_by()
    assert await hub.ask("bo", "PersonSeen", id=story.ids["person"]) == {"node": None}
    accepted = await hub.do("bo", "OfferAccept", id=offer["id"])
    case = story.keep("case", accepted["referral"]["case"])
    assert (accepted["status"], case["kind"], case["status"]) == ("ACCEPTED", "SERVICE", "OPEN")
    seen = await hub.ask("bo", "PersonSeen", id=story.ids["person"])
    assert seen == {"node": {"name": NAME, "phone": "139****0417"}}
    await hub.day_goes_by()


async def bo_assigns_an(story: Story) -> None:
    """A worker sees the cases she is assigned to, and nobody else's."""
    hub, case = story.hub, {"id": story.ids["case"]}
    staff = (await hub.ask("bo", "Staff"))["memberships"]["nodes"]
    assert story.people["an"] in [each["id"] for each in staff if each["role"] == "PARTNER_WORKER"]
    assert case not in (await hub.ask("an", "MyCases"))["cases"]["nodes"]
    assert await hub.ask("an", "PersonSeen", id=story.ids["person"]) == {"node": None}
    assigned = await hub.do("bo", "CaseAssignWorker", **case, worker=story.people["an"])
    assert assigned == {"status": "OPEN", "leadWorker": {"id": story.people["an"]}}
    assert case in (await hub.ask("an", "MyCases"))["cases"]["nodes"]
    await hub.day_goes_by()


async def an_promises_friday(story: Story) -> None:
    hub, friday = story.hub, story.friday
    window = {
        "promisedFrom": said(friday.replace(hour=10)),
        "promisedTo": said(friday.replace(hour=10, minute=30)),
    }
    promise = {"case": story.ids["case"], "kind": "SERVICE", **window}
    visit = story.keep("visit", await hub.do("an", "VisitPromise", input=promise))
    assert {key: value for key, value in visit.items() if key not in ("id", "reference")} == {
        "status": "PLANNED",
        **window,
        "case": {"status": "ACTIVE"},
    }
    await hub.day_goes_by()


async def an_opens_the_day_sheet(story: Story) -> None:
    """On the morning itself: before, the plain address is not hers to browse."""
    hub, day = story.hub, story.friday.date().isoformat()
    assert await hub.refused("an", "DaySheetOpen", date=day) == ["OUT_OF_RANGE"]
    hub.move_to(story.friday, 8)
    await hub.day_goes_by()
    entries = await hub.do("an", "DaySheetOpen", date=day)
    assert [entry for entry in entries if entry["visit"] == story.ids["visit"]] == [
        {
            "visit": story.ids["visit"],
            "name": NAME,
            "address": ADDRESS,
            "phone": PHONE,
            "doorNotes": DOOR_NOTES,
            "livesAlone": True,
            "promisedFrom": said(story.friday.replace(hour=10)),
            "emergencyContacts": [CONTACT],
        }
    ]
    assert ID_NUMBER not in text_of(entries)


async def an_records_the_haircut_twice_and_it_counts_once(story: Story) -> None:
    """The visit and what was delivered on it, in one call. It was all that was offered: the case closes with it."""
    hub = story.hub
    kept_at = hub.move_to(story.friday, 10, 2)
    hub.move_to(story.friday, 10, 40)
    found = {
        "visit": story.ids["visit"],
        "happenedAt": kept_at,
        "findings": FOUND,
        "ownWords": OWN_WORDS,
    }
    sent = {"input": found, "key": "friday-10-02"}
    first = story.keep("delivery", await hub.do("an", "DeliveryRecord", **sent))
    assert first == {
        "id": story.ids["delivery"],
        "reference": story.references["delivery"],
        "status": "RECORDED",
        "quantity": 1,
        "unit": "VISIT",
        "happenedAt": kept_at,
        "line": {"id": story.people["line of partner1"]},
        "visit": {
            "id": story.ids["visit"],
            "status": "COMPLETED",
            "outcome": "COMPLETED",
            "keptAt": kept_at,
            "kept": True,
            "late": False,
            "missed": False,
            "findings": {"text": FOUND, "ownWords": OWN_WORDS},
        },
        "case": {"status": "CLOSED", "delivered": 1, "visits": {"totalCount": 1}},
    }
    assert await hub.do("an", "DeliveryRecord", **sent) == first
    other = {**sent, "input": {**found, "ownWords": "……"}}
    assert await hub.refused("an", "DeliveryRecord", **other) == ["IDEMPOTENCY_MISMATCH"]
    assert await hub.refused("an", "DeliveryRecord", **{**sent, "key": "another"}) == ["DUPLICATE"]
    told = {"outcome": "COMPLETED", "keptAt": kept_at}
    assert await hub.refused("an", "VisitRecord", id=story.ids["visit"], input=told) == ["WRONG_STATE"]
    await hub.day_goes_by()


async def wang_sees_that_the_promise_was_kept(story: Story) -> None:
    seen = await story.hub.ask("wang", "ReferralResult", id=story.ids["referral"])
    assert seen["node"] == {
        "status": "COMPLETED",
        "needs": {"nodes": [{"status": "MET"}, {"status": "MET"}]},
        "case": {
            "status": "CLOSED",
            "outcome": "COMPLETED",
            "visits": {
                "nodes": [
                    {
                        "promisedFrom": said(story.friday.replace(hour=10)),
                        "keptAt": said(story.friday.replace(hour=10, minute=2)),
                        "kept": True,
                        "findings": {"ownWords": OWN_WORDS},
                    }
                ]
            },
        },
    }
    texts = {notice["kind"]: notice["text"] for notice in seen["notices"]["nodes"]}
    reference, day = story.references["referral"], f"Friday {story.friday.day} {story.friday:%B}"
    assert texts["visit_kept"] == (
        f"Referral {reference} (Haircut at home): promised {day} 10:00–10:30, came 10:02. The promise was kept."
    )


async def wang_acknowledges(story: Story) -> None:
    said_so = {"id": story.ids["referral"], "words": "老人很满意"}
    referral = await story.hub.do("wang", "ReferralAcknowledge", **said_so)
    assert (referral["status"], referral["acknowledgement"]) == ("CLOSED", "老人很满意")
    assert not any(each["allowed"] for each in referral["availableActions"])
    await story.hub.day_goes_by()


async def every_step_was_told(story: Story) -> None:
    """Everything that others did is in Wang's inbox, in order, and without a name."""
    inbox = (await story.hub.ask("wang", "Inbox"))["notices"]["nodes"]
    ours = [each for each in reversed(inbox) if story.found_in(each["text"])]
    assert [each["kind"] for each in ours] == [
        "referral_returned",
        "referral_triaged",
        "referral_offered",
        "offer_declined",
        "referral_offered",
        "offer_accepted",
        "worker_assigned",
        "visit_promised",
        "visit_kept",
        "referral_completed",
    ]
    assert not any(NAME in each["text"] for each in ours)


async def every_step_was_audited(story: Story) -> None:
    """Everything that anybody did, once; what was refused left nothing."""
    trail = await story.hub.ask("wang", "Trail", **{"from": story.began_at})
    about = [*story.references.values(), None]
    events = [each for each in trail["auditEvents"]["nodes"] if each["subjectReference"] in about]
    assert sorted((each["action"], each["subjectType"]) for each in events) == [
        ("case_assign_worker", "Case"),
        ("consent_give", "Consent"),
        ("day_sheet_open", "Person"),
        ("delivery_record", "Case"),
        ("delivery_record", "Delivery"),
        ("need_state", "Need"),
        ("need_state", "Need"),
        ("offer_accept", "Case"),
        ("offer_accept", "Offer"),
        ("offer_decline", "Offer"),
        ("person_register", "Person"),
        ("referral_acknowledge", "Referral"),
        ("referral_offer", "Referral"),
        ("referral_offer", "Referral"),
        ("referral_return", "Referral"),
        ("referral_submit", "Referral"),
        ("referral_submit", "Referral"),
        ("referral_triage", "Referral"),
        ("visit_promise", "Visit"),
        ("visit_record", "Visit"),
    ]


async def the_station_takes_a_second_referral_itself(story: Story) -> None:
    """What `an` noticed at the balcony. Partner 1, which served her on Friday, has no part in it."""
    hub = story.hub
    unsafe = {
        "person": story.ids["person"],
        "domain": "SAFETY",
        "bradshawType": "NORMATIVE",
        "statement": "阳台插线板老化",
    }
    need = story.keep("need2", await hub.do("wang", "NeedState", input=unsafe))
    wished = {
        "person": story.ids["person"],
        "serviceType": "SAFETY_CHECK",
        "reason": "独居老人不懂用电安全",
        "needs": [need["id"]],
    }
    second = story.keep("referral2", await hub.do("wang", "ReferralSubmit", input=wished))["id"]
    await hub.do("mei", "ReferralTriage", id=second)
    referral = await hub.do("mei", "ReferralTake", id=second)
    case = story.keep("case2", referral["case"])
    assert (referral["status"], case["status"], case["leadOrganization"]) == (
        "TAKEN",
        "OPEN",
        {"kind": "STREET"},
    )
    assert case["leadWorker"] == {"id": story.people["mei"]}
    await hub.day_goes_by()
    for name in ("bo", "an"):
        assert await hub.ask(name, "Exists", ids=[second, case["id"]]) == {"nodes": [None, None]}


async def li_and_partner_2_find_nothing(story: Story) -> None:
    """By no id, no list and no step from a row; what they try with it is answered like a thing that never was."""
    hub = story.hub
    hers = [value for what, value in story.ids.items() if what != "offer2"]
    combed = story.found_in(await comb(hub, "wang", registry()))
    assert {NAME, REASON, OWN_WORDS, *story.references.values(), *story.ids.values()} <= set(
        combed
    )  # it finds things
    for name, known in (("li", []), ("lin", []), ("kai", [story.references["referral"]])):
        missing = await hub.ask(name, "Exists", ids=hers)
        assert missing == {"nodes": [None] * len(hers)}
        assert story.found_in(await comb(hub, name, registry()), but=("offer2",)) == known, name
    foreign = await hub.post("li", "ReferralCancel", {"id": story.ids["referral2"], "reason": "x"})
    unknown = await hub.post(
        "li", "ReferralCancel", {"id": "referral_" + "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "reason": "x"}
    )
    assert foreign.content == unknown.content
    assert foreign.json()["data"]["referralCancel"]["userErrors"][0]["code"] == "NOT_FOUND"


async def consent_is_withdrawn_and_the_person_is_gone(story: Story) -> None:
    """With the partner's next request. What it recorded itself stays, without her."""
    hub, asked = story.hub, {"person": story.ids["person"], "visit": story.ids["visit"]}
    before = await hub.ask("an", "VisitKept", **asked)
    assert before["person"] == {"id": story.ids["person"]}
    assert before["visit"]["findings"] == {"ownWords": OWN_WORDS}
    withdrawn = await hub.do("wang", "ConsentWithdraw", id=story.ids["consent"], reason="不想再让别人知道")
    assert withdrawn == {"status": "WITHDRAWN"}
    after = await hub.ask("an", "VisitKept", **asked)
    assert after["person"] is None
    assert after["visit"] == {
        "reference": story.references["visit"],
        "status": "COMPLETED",
        "kept": True,
        "personPseudonym": before["visit"]["personPseudonym"],
        "serviceType": {"code": "HOME_HAIRCUT"},
        "person": None,
        "case": None,
        "findings": None,
    }
    await hub.day_goes_by()
    for name in ("an", "bo"):
        found = story.found_in(
            await comb(hub, name, registry()), but=("visit", "delivery", "offer1", "case", "referral")
        )
        assert set(found) <= set(story.references.values()), name
        assert story.references["visit"] in found
