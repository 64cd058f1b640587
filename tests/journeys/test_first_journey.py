"""The first journey, over real HTTP: a community refers, the station triages, a partner keeps its promise.

One old lady, two referrals, one week. Each function below is a step of the story, with what must not be possible at
that point; the test tells them in order.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
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
OWN_WORDS = "你们真是准时，太谢谢了"
FOUND = "精神很好，阳台插线板老化，已提醒"
REASON = "独居，行动不便，两个月没有理发"
ERRORS = "userErrors { code message path }"


@dataclasses.dataclass
class Story:
    """Ids of the story, by what they are in it."""

    hub: Hub
    ids: dict[str, str] = dataclasses.field(default_factory=dict)
    references: dict[str, str] = dataclasses.field(default_factory=dict)
    began_at: str = ""

    def keep(self, what: str, found: dict[str, Any]) -> dict[str, Any]:
        """Remember an object's id and reference."""
        self.ids[what] = found["id"]
        if found.get("reference"):
            self.references[what] = found["reference"]
        return found

    def secrets(self) -> list[str]:
        """What nobody outside may read anywhere: her values, and the ids and references of everything about her."""
        said_of_her = [NAME, ID_NUMBER, PHONE, ADDRESS, DOOR_NOTES, OWN_WORDS, FOUND, REASON]
        places = ("community", "street", "partner1", "partner2", "an", "offer2")
        hers = [value for what, value in self.ids.items() if what not in places]
        return [*said_of_her, *hers, *self.references.values()]


async def test_the_first_journey(world_database: Server, settings: Settings) -> None:
    async with running(settings, world_database) as hub:
        story = Story(hub, began_at=said(hub.clock.instant.astimezone(hub.clock.zone)))
        await everybody_is_there(story)
        await wang_registers_the_lady(story)
        await wang_states_what_she_needs(story)
        await wang_records_her_consent(story)
        await wang_refers(story)
        await the_station_returns_it_once(story)
        await the_station_triages(story)
        await hua_may_not_offer_to_her_employer(story)
        await partner_2_declines_without_knowing_whom(story)
        await partner_1_accepts(story)
        await an_promises_friday(story)
        await an_opens_the_day_sheet(story)
        await an_records_the_visit_twice_and_it_counts_once(story)
        await wang_sees_that_the_promise_was_kept(story)
        await wang_acknowledges(story)
        await every_step_was_told_and_audited(story)
        await the_station_takes_a_second_referral_itself(story)
        await li_and_partner_2_find_nothing(story)
        await consent_is_withdrawn_and_the_person_is_gone(story)


async def everybody_is_there(story: Story) -> None:
    hub = story.hub
    found = await hub.ask(
        "wang",
        "query($code: String) { viewer { membership { organization { id } } permissions }"
        " streets(where: {code: $code}) { nodes { id } } }",
        code=STREET_CODE,
    )
    organization = found["viewer"]["membership"]["organization"]["id"]
    story.ids["community"] = organization.replace("organization_", "community_")
    story.ids["street"] = found["streets"]["nodes"][0]["id"]
    assert "referralSubmit" in found["viewer"]["permissions"]
    assert "referralOffer" not in found["viewer"]["permissions"]
    for manager, partner in (("bo", "partner1"), ("kai", "partner2")):
        works_at = await hub.ask(manager, "{ viewer { membership { organization { id } } } }")
        organization = works_at["viewer"]["membership"]["organization"]["id"]
        story.ids[partner] = organization.replace("organization_", "partner_")
    story.ids["an"] = (await hub.ask("an", "{ viewer { membership { id } } }"))["viewer"]["membership"]["id"]
    await hua_says_as_whom_she_acts(story)


async def hua_says_as_whom_she_acts(story: Story) -> None:
    """She has two memberships; a request that names none is told which there are."""
    hub = story.hub
    answer = await hub.post("hua", "{ viewer { permissions } }", {})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "MEMBERSHIP_REQUIRED"
    choices = {choice["role"]: choice["id"] for choice in error["extensions"]["memberships"]}
    assert set(choices) == {"STATION_WORKER", "PARTNER_WORKER"}
    hub.act_as("hua", choices["STATION_WORKER"])


async def wang_registers_the_lady(story: Story) -> None:
    lady = {
        "community": story.ids["community"],
        "name": NAME,
        "idNumber": ID_NUMBER,
        "phone": PHONE,
        "address": ADDRESS,
        "estate": "槐香苑",
        "doorNotes": DOOR_NOTES,
        "livesAlone": True,
        "riskClass": "A",
        "emergencyContacts": [{"name": "秦建国", "relation": "儿子", "phone": "13805200932"}],
        "eligibility": [{"category": "DIBAO_EDGE", "fromOn": "2026-01-01"}],
    }
    register = (
        "mutation($i: PersonRegisterInput!) { personRegister(input: $i) { person { id reference name birthDate"
        f" ageGroup sex idNumber phone address livesAlone household {{ id }} }} {ERRORS} }} }}"
    )
    person = await story.hub.do("wang", register, i=lady)
    story.keep("person", person)
    story.ids["household"] = person["household"]["id"]
    shown = {key: value for key, value in person.items() if key not in ("id", "reference", "household")}
    assert shown == {
        "name": NAME,
        "birthDate": "1941-03-08",
        "ageGroup": "AGE_80_PLUS",
        "sex": "FEMALE",
        "idNumber": ID_NUMBER[:4] + "**********" + ID_NUMBER[-4:],
        "phone": "139****0417",
        "address": shown["address"],
        "livesAlone": True,
    }
    assert "301" not in shown["address"]
    refusals = await story.hub.refused("wang", register, i=lady)
    assert [code for code, _ in refusals] == ["DUPLICATE"]


NEED = (
    "mutation($i: NeedStateInput!) { needState(input: $i) { need { id bradshawType statedBy status"
    f" comparator {{ metric cohort value cohortValue }} }} {ERRORS} }} }}"
)


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
    need = story.keep("felt", await story.hub.do("wang", NEED, i=felt))
    assert need == {
        "id": story.ids["felt"],
        "bradshawType": "FELT",
        "statedBy": "本人",
        "status": "OPEN",
        "comparator": None,
    }
    missing = {key: value for key, value in felt.items() if key != "statedBy"}
    assert [code for code, _ in await story.hub.refused("wang", NEED, i=missing)] == ["REQUIRED"]
    compared = {
        "person": story.ids["person"],
        "domain": "VISITING",
        "bradshawType": "COMPARATIVE",
        "severity": 4,
        "statement": "很少有人上门看望",
        "comparator": {"metric": "VISITS_90D"},
    }
    need = story.keep("comparative", await story.hub.do("wang", NEED, i=compared))
    assert need["comparator"] == {
        "metric": "VISITS_90D",
        "cohort": "ALONE_60_PLUS",
        "value": "0",
        "cohortValue": await cohort_value(story),
    }


async def cohort_value(story: Story) -> str:
    """Visits in the last 90 days to each of those in the community who are over 60 and live alone, counted by hand."""
    hub, today = story.hub, story.hub.clock.today()
    found = await hub.ask(
        "wang",
        "query($born: Date, $from: DateTime) {"
        " people(first: 100, where: {livesAlone: true, status: [LIVING], bornTo: $born}) { totalCount nodes { id } }"
        " visits(first: 100, where: {status: [COMPLETED], keptFrom: $from})"
        " { totalCount nodes { person { id } } } }",
        born=today.replace(year=today.year - 60).isoformat(),
        **{"from": said(hub.clock.at(today - timedelta(days=89), 0).astimezone(hub.clock.zone))},
    )
    people, visits = found["people"], found["visits"]
    assert people["totalCount"] <= 100
    assert visits["totalCount"] <= 100
    cohort = {person["id"] for person in people["nodes"]}
    count = sum(visit["person"]["id"] in cohort for visit in visits["nodes"])
    return f"{round(count / len(cohort) + 1e-9, 2):.2f}".rstrip("0").rstrip(".")


async def wang_records_her_consent(story: Story) -> None:
    """Without one, the station can offer her to nobody; that is tried when it triages."""
    give = (
        "mutation($i: ConsentGiveInput!) { consentGive(input: $i) { consent { id status purpose basis"
        f" dataCategories grantee {{ kind }} }} {ERRORS} }} }}"
    )
    given = {"person": story.ids["person"], "grantee": story.ids["street"]}
    consent = story.keep("consent", await story.hub.do("wang", give, i=given))
    assert consent == {
        "id": story.ids["consent"],
        "status": "ACTIVE",
        "purpose": "SERVICE",
        "basis": "CONSENT",
        "dataCategories": ["CONTACT", "NEEDS"],
        "grantee": {"kind": "STREET"},
    }


SUBMIT = (
    "mutation($i: ReferralSubmitInput!, $id: ID, $version: Int) { referralSubmit(input: $i, id: $id,"
    " expectedVersion: $version) { referral { id reference status urgency version needs { totalCount }"
    f" availableActions {{ action allowed blockedBy }} }} {ERRORS} }} }}"
)


async def wang_refers(story: Story) -> None:
    """In one call: person, service and words."""
    request = {
        "person": story.ids["person"],
        "serviceType": "HOME_HAIRCUT",
        "urgency": "SOON",
        "reason": "想理发",
        "needs": [story.ids["felt"], story.ids["comparative"]],
    }
    referral = story.keep("referral", await story.hub.do("wang", SUBMIT, i=request))
    assert (referral["status"], referral["urgency"], referral["needs"]) == (
        "SUBMITTED",
        "SOON",
        {"totalCount": 2},
    )
    allowed = {each["action"]: (each["allowed"], each["blockedBy"]) for each in referral["availableActions"]}
    assert allowed["referralCancel"] == (True, None)
    assert allowed["referralTriage"] == (False, "ROLE")
    await story.hub.day_goes_by()
    queue = (await story.hub.ask("mei", "{ viewer { queue { kind count } } }"))["viewer"]["queue"]
    waiting = {line["kind"]: line["count"] for line in queue}
    assert waiting["REFERRALS_TO_TRIAGE"] >= 1


async def the_station_returns_it_once(story: Story) -> None:
    why = "请写明行动是否方便、多久没有理发，理发师要带什么"
    back = (
        "mutation($id: ID!, $why: String!) { referralReturn(id: $id, reasonCode: MISSING_DATA, reason: $why)"
        f" {{ referral {{ status }} {ERRORS} }} }}"
    )
    returned = await story.hub.do("mei", back, id=story.ids["referral"], why=why)
    assert returned == {"status": "RETURNED"}
    await story.hub.day_goes_by()
    seen = await story.hub.ask(
        "wang",
        "query($id: ID!) { node(id: $id) { ... on Referral { status statusReasonCode statusReason version } }"
        " notices(first: 1) { nodes { kind subjectReference dueAt } } }",
        id=story.ids["referral"],
    )
    version = seen["node"].pop("version")
    assert seen["node"] == {"status": "RETURNED", "statusReasonCode": "MISSING_DATA", "statusReason": why}
    (notice,) = seen["notices"]["nodes"]
    assert (notice["kind"], notice["subjectReference"]) == ("referral_returned", story.references["referral"])
    again = {
        "person": story.ids["person"],
        "serviceType": "HOME_HAIRCUT",
        "urgency": "SOON",
        "reason": REASON,
        "needs": [story.ids["felt"], story.ids["comparative"]],
    }
    where = {"id": story.ids["referral"]}
    stale = await story.hub.refused("wang", SUBMIT, i=again, version=version - 1, **where)
    assert [code for code, _ in stale] == ["STALE"]
    referral = await story.hub.do("wang", SUBMIT, i=again, version=version, **where)
    assert (referral["id"], referral["status"]) == (story.ids["referral"], "SUBMITTED")
    await story.hub.day_goes_by()


async def the_station_triages(story: Story) -> None:
    triage = f"mutation($id: ID!) {{ referralTriage(id: $id) {{ referral {{ status }} {ERRORS} }} }}"
    assert await story.hub.do("mei", triage, id=story.ids["referral"]) == {"status": "TRIAGED"}
    await story.hub.day_goes_by()


OFFER = (
    "mutation($id: ID!, $partner: ID!) { referralOffer(id: $id, partner: $partner)"
    f" {{ referral {{ status offers(first: 1) {{ nodes {{ id status }} }} }} {ERRORS} }} }}"
)


async def hua_may_not_offer_to_her_employer(story: Story) -> None:
    """She works for partner 2 besides; to partner 1 she could."""
    refusals = await story.hub.refused("hua", OFFER, id=story.ids["referral"], partner=story.ids["partner2"])
    assert [code for code, _ in refusals] == ["CONFLICT_OF_INTEREST"]
    after = await story.hub.ask(
        "hua",
        "query($id: ID!) { node(id: $id) { ... on Referral { status offers { totalCount } } } }",
        id=story.ids["referral"],
    )
    assert after["node"] == {"status": "TRIAGED", "offers": {"totalCount": 0}}


async def partner_2_declines_without_knowing_whom(story: Story) -> None:
    hub = story.hub
    referral = await hub.do("mei", OFFER, id=story.ids["referral"], partner=story.ids["partner2"])
    assert referral["status"] == "OFFERED"
    story.keep("offer2", referral["offers"]["nodes"][0])
    await hub.day_goes_by()
    offer = await kai_looks_at_it(story)
    assert (offer["ageGroup"], offer["estate"], offer["urgency"]) == ("AGE_80_PLUS", "槐香苑", "SOON")
    assert sorted(offer["needs"], key=lambda need: need["domain"]) == [
        {"domain": "DAILY_LIVING", "bradshawType": "FELT", "severity": 3},
        {"domain": "VISITING", "bradshawType": "COMPARATIVE", "severity": 4},
    ]
    assert offer["referral"] is None
    everything = await comb(hub, "kai", registry())
    assert story.ids["offer2"] in everything
    # An offer is known by its referral's reference: that is all there is of it.
    hidden = [secret for secret in story.secrets() if secret != story.references["referral"]]
    assert [secret for secret in hidden if secret in everything and secret != story.ids["referral"]] == []
    decline = (
        'mutation($id: ID!) { offerDecline(id: $id, reasonCode: NO_CAPACITY, reason: "本周理发师排满")'
        f" {{ offer {{ status declineReason }} {ERRORS} }} }}"
    )
    declined = await hub.do("kai", decline, id=story.ids["offer2"])
    assert declined == {"status": "DECLINED", "declineReason": "本周理发师排满"}
    await hub.day_goes_by()
    seen = await hub.ask(
        "wang",
        "query($id: ID!) { node(id: $id) { ... on Referral { status statusReasonCode statusReason } } }",
        id=story.ids["referral"],
    )
    assert seen["node"] == {
        "status": "TRIAGED",
        "statusReasonCode": "NO_CAPACITY",
        "statusReason": "本周理发师排满",
    }


async def kai_looks_at_it(story: Story) -> dict[str, Any]:
    """The offer as his inbox and his list show it; by no id does he get further."""
    hub = story.hub
    found = await hub.ask(
        "kai",
        "query($id: ID!) { node(id: $id) { ... on Offer { ageGroup estate urgency needs { domain bradshawType severity }"
        " referral { id } availableActions { action allowed } } } }",
        id=story.ids["offer2"],
    )
    hidden = [value for what, value in story.ids.items() if what in HERS]
    missing = await hub.ask("kai", "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=hidden)
    assert missing["nodes"] == [None] * len(hidden)
    assert len(hidden) >= 6
    offer = found["node"]
    allowed = {each["action"] for each in offer["availableActions"] if each["allowed"]}
    assert allowed == {"offerAccept", "offerDecline"}
    return offer


HERS = (
    "person",
    "household",
    "felt",
    "comparative",
    "consent",
    "referral",
    "case",
    "visit",
    "offer1",
    "referral2",
)


async def partner_1_accepts(story: Story) -> None:
    hub = story.hub
    referral = await hub.do("mei", OFFER, id=story.ids["referral"], partner=story.ids["partner1"])
    story.keep("offer1", referral["offers"]["nodes"][0])
    await hub.day_goes_by()
    assert await bo_sees(story, "person") is None
    accept = f"mutation($id: ID!) {{ offerAccept(id: $id) {{ offer {{ status referral {{ case {{ id reference status }} }} }} {ERRORS} }} }}"
    offer = await hub.do("bo", accept, id=story.ids["offer1"])
    case = story.keep("case", offer["referral"]["case"])
    assert (offer["status"], case["status"]) == ("ACCEPTED", "OPEN")
    assert await bo_sees(story, "person") == {"name": NAME, "phone": "139****0417"}
    people = await hub.ask("bo", "{ memberships(first: 50) { nodes { id displayName role } } }")
    workers = [each["id"] for each in people["memberships"]["nodes"] if each["role"] == "PARTNER_WORKER"]
    assert story.ids["an"] in workers
    assign = (
        "mutation($id: ID!, $worker: ID!) { caseAssignWorker(id: $id, worker: $worker)"
        f" {{ case {{ status leadWorker {{ id }} }} {ERRORS} }} }}"
    )
    assert (await hub.ask("an", "{ cases(first: 100) { nodes { id } } }"))["cases"]["nodes"].count(
        {"id": story.ids["case"]}
    ) == 0
    assigned = await hub.do("bo", assign, id=story.ids["case"], worker=story.ids["an"])
    assert assigned == {"status": "OPEN", "leadWorker": {"id": story.ids["an"]}}
    await hub.day_goes_by()


async def bo_sees(story: Story, what: str) -> Any:
    found = await story.hub.ask(
        "bo", "query($id: ID!) { node(id: $id) { ... on Person { name phone } } }", id=story.ids[what]
    )
    return found["node"]


async def an_promises_friday(story: Story) -> None:
    hub, friday = story.hub, story.hub.friday()
    promise = (
        "mutation($i: VisitPromiseInput!) { visitPromise(input: $i)"
        f" {{ visit {{ id reference status promisedFrom promisedTo case {{ status }} }} {ERRORS} }} }}"
    )
    window = {
        "promisedFrom": said(friday.replace(hour=10)),
        "promisedTo": said(friday.replace(hour=10, minute=30)),
    }
    visit = await hub.do("an", promise, i={"case": story.ids["case"], "kind": "SERVICE", **window})
    story.keep("visit", visit)
    assert {key: visit[key] for key in ("status", "promisedFrom", "promisedTo", "case")} == {
        "status": "PLANNED",
        **window,
        "case": {"status": "ACTIVE"},
    }
    await hub.day_goes_by()


async def an_opens_the_day_sheet(story: Story) -> None:
    """On the morning itself; before, the plain address is not hers to browse."""
    hub, friday = story.hub, story.hub.friday()
    open_sheet = (
        "mutation($day: Date!) { daySheetOpen(date: $day) { entries { visit name address phone doorNotes livesAlone"
        f" promisedFrom emergencyContacts {{ name relation phone }} }} {ERRORS} }} }}"
    )
    early = await hub.refused("an", open_sheet, day=friday.date().isoformat())
    assert [code for code, _ in early] == ["OUT_OF_RANGE"]
    hub.move_to(friday, 8)
    await hub.day_goes_by()
    entries = await hub.do("an", open_sheet, day=friday.date().isoformat())
    (entry,) = [entry for entry in entries if entry["visit"] == story.ids["visit"]]
    assert entry == {
        "visit": story.ids["visit"],
        "name": NAME,
        "address": ADDRESS,
        "phone": PHONE,
        "doorNotes": DOOR_NOTES,
        "livesAlone": True,
        "promisedFrom": said(friday.replace(hour=10)),
        "emergencyContacts": [{"name": "秦建国", "relation": "儿子", "phone": "13805200932"}],
    }
    assert ID_NUMBER not in text_of(entries)


RECORD = (
    "mutation($id: ID!, $i: VisitRecordInput!, $key: String) { visitRecord(id: $id, input: $i, idempotencyKey: $key)"
    " { visit { id status outcome keptAt kept late missed findings { text ownWords }"
    f" case {{ status visits {{ totalCount }} }} }} {ERRORS} }} }}"
)


async def an_records_the_visit_twice_and_it_counts_once(story: Story) -> None:
    hub, friday = story.hub, story.hub.clock.instant.astimezone(story.hub.clock.zone)
    kept_at = hub.move_to(friday, 10, 2)
    hub.move_to(friday, 10, 40)
    record = {"outcome": "COMPLETED", "keptAt": kept_at, "findings": FOUND, "ownWords": OWN_WORDS}
    sent = {"id": story.ids["visit"], "i": record, "key": "friday-10-02"}
    first = await hub.do("an", RECORD, **sent)
    assert first == {
        "id": story.ids["visit"],
        "status": "COMPLETED",
        "outcome": "COMPLETED",
        "keptAt": kept_at,
        "kept": True,
        "late": False,
        "missed": False,
        "findings": {"text": FOUND, "ownWords": OWN_WORDS},
        "case": {"status": "CLOSED", "visits": {"totalCount": 1}},
    }
    assert await hub.do("an", RECORD, **sent) == first
    other = {**sent, "i": {**record, "ownWords": "……"}}
    assert [code for code, _ in await hub.refused("an", RECORD, **other)] == ["IDEMPOTENCY_MISMATCH"]
    fresh = {**sent, "key": "another-key"}
    assert [code for code, _ in await hub.refused("an", RECORD, **fresh)] == ["WRONG_STATE"]
    await hub.day_goes_by()


async def wang_sees_that_the_promise_was_kept(story: Story) -> None:
    hub = story.hub
    friday = hub.clock.instant.astimezone(hub.clock.zone)
    seen = await hub.ask(
        "wang",
        "query($id: ID!) { node(id: $id) { ... on Referral { status case { status outcome leadOrganization { name }"
        " visits { nodes { promisedFrom keptAt kept findings { ownWords } } } }"
        " needs { nodes { status } } } } notices(first: 2) { nodes { kind text } } }",
        id=story.ids["referral"],
    )
    referral = seen["node"]
    assert referral["status"] == "COMPLETED"
    assert (referral["case"]["status"], referral["case"]["outcome"]) == ("CLOSED", "COMPLETED")
    assert referral["case"]["visits"]["nodes"] == [
        {
            "promisedFrom": said(friday.replace(hour=10, minute=0)),
            "keptAt": said(friday.replace(hour=10, minute=2)),
            "kept": True,
            "findings": {"ownWords": OWN_WORDS},
        }
    ]
    assert referral["needs"]["nodes"] == [{"status": "MET"}, {"status": "MET"}]
    texts = {notice["kind"]: notice["text"] for notice in seen["notices"]["nodes"]}
    day = f"Friday {friday.day} {friday:%B}"
    reference = story.references["referral"]
    assert texts["visit_kept"] == (
        f"Referral {reference} (Haircut at home): promised {day} 10:00–10:30, came 10:02. The promise was kept."
    )


async def wang_acknowledges(story: Story) -> None:
    acknowledge = (
        'mutation($id: ID!) { referralAcknowledge(id: $id, words: "老人很满意")'
        f" {{ referral {{ status acknowledgement availableActions {{ allowed }} }} {ERRORS} }} }}"
    )
    referral = await story.hub.do("wang", acknowledge, id=story.ids["referral"])
    assert (referral["status"], referral["acknowledgement"]) == ("CLOSED", "老人很满意")
    assert not any(each["allowed"] for each in referral["availableActions"])
    await story.hub.day_goes_by()


async def every_step_was_told_and_audited(story: Story) -> None:
    """Her notices, of everything that others did; and the trail, of everything that anybody did."""
    hub = story.hub
    told = await hub.ask("wang", "{ notices(first: 100) { nodes { kind text subject createdAt } } }")
    ours = [each for each in reversed(told["notices"]["nodes"]) if each["createdAt"] >= story.began_at]
    ours = [each for each in ours if any(one in each["text"] for one in story.references.values())]
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
    trail = await hub.ask(
        "wang",
        "query($from: DateTime) { auditEvents(first: 100, where: {occurredFrom: $from}, orderBy: OCCURRED_AT_ASC)"
        " { nodes { action actorName subjectType subjectReference } } }",
        **{"from": story.began_at},
    )
    about = [*story.references.values(), None]
    events = [each for each in trail["auditEvents"]["nodes"] if each["subjectReference"] in about]
    # In the order in which they happened: time stands still within a step, so steps are compared as a set there.
    assert sorted(
        (each["action"], each["actorRole"] if "actorRole" in each else each["subjectType"]) for each in events
    ) == sorted(
        [
            ("person_register", "Person"),
            ("need_state", "Need"),
            ("need_state", "Need"),
            ("consent_give", "Consent"),
            ("referral_submit", "Referral"),
            ("referral_return", "Referral"),
            ("referral_submit", "Referral"),
            ("referral_triage", "Referral"),
            ("referral_offer", "Referral"),
            ("offer_decline", "Offer"),
            ("referral_offer", "Referral"),
            ("offer_accept", "Offer"),
            ("offer_accept", "Case"),
            ("case_assign_worker", "Case"),
            ("visit_promise", "Visit"),
            ("day_sheet_open", "Person"),
            ("visit_record", "Visit"),
            ("visit_record", "Case"),
            ("referral_acknowledge", "Referral"),
        ]
    )


async def the_station_takes_a_second_referral_itself(story: Story) -> None:
    hub = story.hub
    seen = {
        "person": story.ids["person"],
        "domain": "SAFETY",
        "bradshawType": "NORMATIVE",
        "statement": "阳台插线板老化",
    }
    need = story.keep("need2", await hub.do("wang", NEED, i=seen))
    request = {
        "person": story.ids["person"],
        "serviceType": "SAFETY_CHECK",
        "reason": "独居老人不懂用电安全",
        "needs": [need["id"]],
    }
    story.keep("referral2", await hub.do("wang", SUBMIT, i=request))
    triage = f"mutation($id: ID!) {{ referralTriage(id: $id) {{ referral {{ status }} {ERRORS} }} }}"
    await hub.do("mei", triage, id=story.ids["referral2"])
    take = (
        "mutation($id: ID!) { referralTake(id: $id) { referral { status case { id reference status leadWorker { id }"
        f" leadOrganization {{ kind }} }} }} {ERRORS} }} }}"
    )
    referral = await hub.do("mei", take, id=story.ids["referral2"])
    case = story.keep("case2", referral["case"])
    me = (await hub.ask("mei", "{ viewer { membership { id } } }"))["viewer"]["membership"]
    assert referral["status"] == "TAKEN"
    assert (case["leadOrganization"], case["leadWorker"]) == ({"kind": "STREET"}, me)
    await hub.day_goes_by()
    gone = await hub.ask(
        "bo",
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        ids=[story.ids["referral2"], story.ids["case2"]],
    )
    assert gone["nodes"] == [None, None]


async def li_and_partner_2_find_nothing(story: Story) -> None:
    """By no list, no step from a row, no id and no search; nor may they do anything with it."""
    hub = story.hub
    hers = [value for what, value in story.ids.items() if what in (*HERS, "need2", "case2")]
    for name in ("li", "kai", "lin"):
        missing = await hub.ask(name, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=hers)
        assert missing["nodes"] == [None] * len(hers)
        everything = await comb(hub, name, registry())
        found = [secret for secret in story.secrets() if secret in everything]
        # Partner 2's inbox names the referral it was offered, and nothing else of it.
        known = [story.ids["referral"], story.references["referral"]] if name == "kai" else []
        assert sorted(set(found) - set(known)) == [], name
    triage = f'mutation($id: ID!) {{ referralCancel(id: $id, reasonCode: OTHER, reason: "x") {{ referral {{ id }} {ERRORS} }} }}'
    foreign = await hub.refused("li", triage, id=story.ids["referral2"])
    unknown = await hub.refused("li", triage, id="referral_00000000-0000-7000-8000-000000000000")
    assert foreign == unknown
    assert [code for code, _ in foreign] == ["NOT_FOUND"]


async def consent_is_withdrawn_and_the_person_is_gone(story: Story) -> None:
    """With the partner's next request. What it recorded itself stays, without her."""
    hub = story.hub
    look = (
        "query($person: ID!, $visit: ID!) { person: node(id: $person) { id } visit: node(id: $visit) { ... on Visit {"
        " reference status kept serviceType { code } personPseudonym person { id } case { id } findings { ownWords } } }"
        " }"
    )
    before = await hub.ask("an", look, person=story.ids["person"], visit=story.ids["visit"])
    assert before["person"] == {"id": story.ids["person"]}
    assert before["visit"]["findings"] == {"ownWords": OWN_WORDS}
    withdraw = (
        'mutation($id: ID!) { consentWithdraw(id: $id, reason: "不想再让别人知道")'
        f" {{ consent {{ status }} {ERRORS} }} }}"
    )
    assert await hub.do("wang", withdraw, id=story.ids["consent"]) == {"status": "WITHDRAWN"}
    after = await hub.ask("an", look, person=story.ids["person"], visit=story.ids["visit"])
    assert after["person"] is None
    assert after["visit"] == {
        "reference": story.references["visit"],
        "status": "COMPLETED",
        "kept": True,
        "serviceType": {"code": "HOME_HAIRCUT"},
        "personPseudonym": before["visit"]["personPseudonym"],
        "person": None,
        "case": None,
        "findings": None,
    }
    for name in ("an", "bo"):
        everything = await comb(hub, name, registry())
        kept = (story.ids["visit"], story.references["visit"], story.ids["offer1"])
        lost = [NAME, ID_NUMBER, PHONE, ADDRESS, DOOR_NOTES, OWN_WORDS, FOUND, REASON, story.ids["person"]]
        assert [secret for secret in lost if secret in everything] == [], name
        assert kept[0] in everything
