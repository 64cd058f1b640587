"""What the journeys about purchased work stand on: agreements, cases on their lines, files.

And whether anything has changed at all, when something was refused.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hub.base.db import Server
from tests import harness
from tests.journeys.beginnings import consented, needing, organization_of, registered, triaged
from tests.journeys.running import STREET_CODE, Hub, said

JPEG = "image/jpeg"
Refusal = tuple[str, list[str], str]
"""Code, path and words of why something was not done."""


@dataclasses.dataclass
class Purchase:
    """A hub, the database under it, and the ids of what was bought: by the names the journey gives them."""

    hub: Hub
    database: Server
    ids: dict[str, str] = dataclasses.field(default_factory=dict)
    references: dict[str, str] = dataclasses.field(default_factory=dict)
    due: str = ""  # the day by which the stages of the agreement are due

    def keep(self, what: str, found: dict[str, Any]) -> dict[str, Any]:
        """Remember an object's id and reference."""
        self.ids[what] = found["id"]
        if found.get("reference"):
            self.references[what] = found["reference"]
        return found

    def day(self, after: int) -> datetime:
        """Midnight of a day from today, in the hub's zone."""
        clock = self.hub.clock
        return clock.at(clock.today() + timedelta(days=after), 0).astimezone(clock.zone)

    async def refused(self, name: str, mutation: str, **variables: Any) -> Refusal:
        """The one reason why a mutation was not done. No row of the database has changed, appeared or gone."""
        before = await everything(self.database)
        answer = (await self.hub.post(name, mutation, variables)).json()
        assert "errors" not in answer, answer["errors"]
        (payload,) = answer["data"].values()
        (error,) = payload.pop("userErrors")
        assert set(payload.values()) == {None}
        assert changed(before, await everything(self.database)) == []
        return error["code"], error["path"], error["message"]

    async def forbidden(self, name: str, request: str, **variables: Any) -> tuple[Any, list[Refusal]]:
        """What is left of an answer when the role may not have part of it, and what is said of that part."""
        before = await everything(self.database)
        answer = (await self.hub.post(name, request, variables)).json()
        assert changed(before, await everything(self.database)) == []
        told = [(one["extensions"]["code"], one["path"], one["message"]) for one in answer["errors"]]
        return answer["data"], told


async def everything(database: Server) -> Mapping[str, str]:
    """A digest of each table of the database."""
    tables = await harness.run_sql(
        database,
        "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'public' and c.relkind = 'r' order by 1",
    )
    digests = " union all ".join(
        f"select '{table['name']}' as name, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as digest"
        f" from {table['name']} t"
        for table in tables
    )
    return {row["name"]: row["digest"] for row in await harness.run_sql(database, digests)}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The tables that are not what they were."""
    return [name for name in before if before[name] != after[name]]


# ----------------------------------------------------------------------------------------------------------- agreements
async def street_of(hub: Hub) -> str:
    """The id of the street."""
    return (await hub.ask("mei", "Street", code=STREET_CODE))["streets"]["nodes"][0]["id"]


async def fund_with(purchase: Purchase, amount: str) -> None:
    """A fund of the street for Wang's community, kept as `fund`, and the money in it."""
    hub = purchase.hub
    fund = {
        "street": await street_of(hub),
        "name": "街道夏季敬老专项资金",
        "kind": "CHARITY",
        "channel": "BANK",
        "purposes": ["PURCHASED", "RESOURCES"],
        "communities": [await organization_of(hub, "wang", "community")],
    }
    purchase.keep("fund", await hub.do("qian", "FundRegister", input=fund))
    gift = {
        "fund": purchase.ids["fund"],
        "amount": amount,
        "voucherNumber": "YHHD-2026-0507",
        "receivedOn": hub.clock.today().isoformat(),
        "donorName": "徐州市慈善总会",
    }
    await hub.do("qian", "DonationRecord", input=gift)


async def drafted(
    purchase: Purchase, by: str, manager: str, title: str, ceiling: str, terms: dict[str, Any]
) -> str:
    """An agreement of sixty days with the partner of `manager`. Its lines are kept by title, its milestones by code."""
    today = purchase.hub.clock.today()
    draft = {
        "fund": purchase.ids["fund"],
        "partner": await organization_of(purchase.hub, manager, "partner"),
        "title": title,
        "ceiling": ceiling,
        "effectiveFrom": today.isoformat(),
        "endsOn": (today + timedelta(days=60)).isoformat(),
        **terms,
    }
    agreement = purchase.keep(title, await purchase.hub.do(by, "AgreementDraft", input=draft))
    for line in agreement["lines"]["nodes"]:
        purchase.ids[line["title"]] = line["id"]
    for milestone in agreement["milestones"]["nodes"]:
        purchase.ids[milestone["code"]] = milestone["id"]
    return agreement["id"]


# ---------------------------------------------------------------------------------------------------------------- cases
async def referred(
    purchase: Purchase, name: str, born: str, serial: int, wish: tuple[str, str, str]
) -> tuple[str, str]:
    """Somebody of Wang's, and the triaged referral for what she wishes: service, domain of the need, her words."""
    service, domain, words = wish
    hub = purchase.hub
    person = await registered(hub, name, born, serial)
    await consented(hub, person)
    need = await needing(hub, person, domain, words)
    purchase.ids[f"{name} herself"] = person
    return person, await triaged(hub, person, service, [need])


async def offer(purchase: Purchase, manager: str, referral: str, line: str, quantity: int) -> dict[str, Any]:
    """The variables of an offer on a line that is kept under its title."""
    partner = await organization_of(purchase.hub, manager, "partner")
    return {"id": referral, "partner": partner, "line": purchase.ids[line], "quantity": quantity}


async def accepted(purchase: Purchase, manager: str, worker: str, offering: dict[str, Any], what: str) -> str:
    """The offer made by Mei, accepted and given to a worker (her membership). The case is kept as `what`."""
    hub = purchase.hub
    (offered,) = (await hub.do("mei", "ReferralOffer", **offering))["offers"]["nodes"]
    taken = await hub.do(manager, "OfferAccept", id=offered["id"])
    case = purchase.keep(what, taken["referral"]["case"])
    await hub.do(manager, "CaseAssignWorker", id=case["id"], worker=worker)
    return case["id"]


async def promised(purchase: Purchase, who: str, case: str, begin: datetime) -> str:
    """A visit of half an hour; its id."""
    window = {"promisedFrom": said(begin), "promisedTo": said(begin + timedelta(minutes=30))}
    return (await purchase.hub.do(who, "VisitPromise", input={"case": case, "kind": "SERVICE", **window}))[
        "id"
    ]


# ---------------------------------------------------------------------------------------------------------------- files
def photo(of: str) -> bytes:
    """Bytes that begin like a JPEG, others for everything it shows."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + of.encode()


async def announced(purchase: Purchase, who: str, kind: str, data: bytes) -> dict[str, Any]:
    """The first step of an upload, about Wang's community: the document, and the signed link for its bytes."""
    file = {
        "community": await organization_of(purchase.hub, "wang", "community"),
        "kind": kind,
        "name": "照片.jpg",
        "mediaType": JPEG,
        "sizeBytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    answer = (await purchase.hub.post(who, "DocumentPrepare", {"input": file})).json()
    payload = answer["data"]["documentPrepare"]
    assert payload["userErrors"] == []
    return payload


async def stored(purchase: Purchase, who: str, kind: str, of: str) -> str:
    """A file that has come the whole way; its id."""
    file = await announced(purchase, who, kind, photo(of))
    brought = await purchase.hub.put(file["upload"]["url"], photo(of), JPEG)
    assert brought.status_code == 200, brought.text
    return file["document"]["id"]
