"""How a journey begins that is about something later: people with needs, and referrals that the station has triaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.journeys.running import STREET_CODE, Hub, id_number


async def organization_of(hub: Hub, name: str, tag: str) -> str:
    """The id of where somebody works, as a Community, Partner or Street (`tag`)."""
    viewer = (await hub.ask(name, "WhoAmI"))["viewer"]
    return f"{tag}_{viewer['membership']['organization']['id'].removeprefix('organization_')}"


async def registered(hub: Hub, name: str, born: str, serial: int) -> str:
    """Somebody who lives alone in Wang's community. `born`: YYYYMMDD; `serial` odd for men, even for women."""
    community = await organization_of(hub, "wang", "community")
    person = {
        "community": community,
        "name": name,
        "idNumber": id_number("320311", born, f"{serial:03}"),
        "estate": "槐香苑",
        "livesAlone": True,
    }
    return (await hub.do("wang", "PersonRegister", input=person))["id"]


async def line_of(hub: Hub, referral: str, partner: str) -> str:
    """The line of the partner's that the station is told to offer a triaged referral on."""
    suggested = (await hub.ask("mei", "Suggestions", referral=referral))["node"]["partnerSuggestions"]
    return next(one["line"]["id"] for one in suggested if one["partner"]["id"] == partner)


async def consented(hub: Hub, person: str) -> str:
    """Her consent to be helped by the street's partners."""
    street = (await hub.ask("wang", "Street", code=STREET_CODE))["streets"]["nodes"][0]["id"]
    return (await hub.do("wang", "ConsentGive", input={"person": person, "grantee": street}))["id"]


async def needing(hub: Hub, person: str, domain: str, statement: str) -> str:
    """A need that she expressed herself."""
    need = {
        "person": person,
        "domain": domain,
        "bradshawType": "EXPRESSED",
        "statement": statement,
        "statedBy": "本人",
    }
    return (await hub.do("wang", "NeedState", input=need))["id"]


def wished(person: str, service: str, needs: Sequence[str]) -> dict[str, Any]:
    """The input of a referral."""
    return {"person": person, "serviceType": service, "reason": "本人希望得到帮助", "needs": list(needs)}


async def triaged(hub: Hub, person: str, service: str, needs: Sequence[str]) -> str:
    """A referral that the station has taken up."""
    referral = await hub.do("wang", "ReferralSubmit", input=wished(person, service, needs))
    await hub.do("mei", "ReferralTriage", id=referral["id"])
    return referral["id"]
