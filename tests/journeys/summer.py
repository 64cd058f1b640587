"""A summer of haircuts, casework and group work: the agreement of the second journey, and how far it is."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from hub.base.db import Server
from hub.settings import Settings
from tests.journeys.beginnings import organization_of
from tests.journeys.purchasing import Purchase, accepted, drafted, fund_with, offer, referred
from tests.journeys.running import running

TITLE = "夏季敬老服务协议"
DECISION = "街党工委会议纪要〔2026〕12号"
WISH = ("HOME_HAIRCUT", "DAILY_LIVING", "想在家里理个发")
LADIES = {"秦桂兰": ("19400211", 122, 5), "孟秀英": ("19430609", 124, 4), "周玉珍": ("19381120", 126, 3)}
"""Born when, serial of the id number, how many haircuts: twelve together, which is all that was bought."""


def terms(communities: list[str], last: str) -> dict[str, Any]:
    """Twelve haircuts, two cases of casework, a group, and gatherings as a block; half is paid for what is done."""
    unit, least = {"kind": "UNIT", "communities": communities}, {"perUnit": True}
    return {
        "lines": [
            {
                **unit,
                "title": "上门理发",
                "serviceType": "HOME_HAIRCUT",
                "unitPrice": "40.00",
                "quantityCap": 12,
            },
            {
                **unit,
                "title": "个案",
                "serviceType": "RESOURCES",
                "unitPrice": "300.00",
                "quantityCap": 2,
                "criteria": [{"metric": "FOLLOW_UPS", "target": 2, **least}],
            },
            {
                **unit,
                "title": "小组",
                "serviceType": "SKILLS",
                "unit": "SERIES",
                "unitPrice": "1000.00",
                "quantityCap": 1,
                "criteria": [
                    {"metric": "SESSIONS", "target": 2, **least},
                    {"metric": "ATTENDANCES", "target": 4, **least},
                ],
            },
            {
                "kind": "BLOCK",
                "communities": communities,
                "title": "社区活动",
                "serviceType": "INTEGRATION",
                "amountCap": "920.00",
            },
        ],
        "milestones": [
            {"code": "M1", "title": "首款", "kind": "FIRST_STAGE", "dueOn": last, "sharePercent": "30"},
            {
                "code": "M2",
                "title": "中期款",
                "kind": "DELIVERY",
                "dueOn": last,
                "sharePercent": "50",
                "dependsOn": ["M1"],
                "criteria": [{"metric": "PERSONS", "target": 2}],
            },
            {
                "code": "M3",
                "title": "尾款",
                "kind": "FINAL",
                "dueOn": last,
                "sharePercent": "20",
                "dependsOn": ["M2"],
            },
        ],
    }


async def on_paper(purchase: Purchase) -> str:
    """The draft of it, by Mei with Bo's partner, paid from a fund of 5,000 yuan; its id."""
    await fund_with(purchase, "5000.00")
    community = await organization_of(purchase.hub, "wang", "community")
    last = purchase.due = purchase.day(45).date().isoformat()
    return await drafted(purchase, "mei", "bo", TITLE, "3000.00", terms([community], last))


async def in_force(purchase: Purchase, agreement: str, manager: str = "bo") -> None:
    """The rest of the way of a draft, each step by whose it is."""
    hub = purchase.hub
    await hub.do("mei", "AgreementPropose", id=agreement)
    await hub.do("qian", "AgreementCertify", id=agreement)
    await hub.do("zhao", "AgreementApprove", id=agreement, decision=DECISION)
    await hub.do(manager, "AgreementAccept", id=agreement)
    await hub.day_goes_by()
    assert (await hub.ask(manager, "AgreementSeen", id=agreement))["node"]["status"] == "ACTIVE"


async def ladies_are_taken(purchase: Purchase) -> None:
    """The three ladies' referrals, offered on the line and accepted, all of them An's cases."""
    purchase.ids["an"] = (await purchase.hub.ask("an", "WhoAmI"))["viewer"]["membership"]["id"]
    for name, (born, serial, haircuts) in LADIES.items():
        _, referral = await referred(purchase, name, born, serial, WISH)
        offering = await offer(purchase, "bo", referral, "上门理发", haircuts)
        await accepted(purchase, "bo", purchase.ids["an"], offering, name)


@contextlib.asynccontextmanager
async def bought(settings: Settings, database: Server) -> AsyncIterator[Purchase]:
    """A hub where the agreement is in force."""
    async with running(settings, database) as hub:
        purchase = Purchase(hub, database)
        await in_force(purchase, await on_paper(purchase))
        yield purchase


async def given(
    purchase: Purchase, what: str, case: str, hour: int, minute: int = 0, **more: Any
) -> dict[str, Any]:
    """What An delivered today on a case of hers without a visit; kept as `what`. Then the clock shows a while later."""
    at = purchase.hub.move_to(purchase.day(0), hour, minute)
    told = {"case": purchase.ids[case], "happenedAt": at, **more}
    purchase.hub.move_to(purchase.day(0), hour, minute + 25)
    return purchase.keep(what, await purchase.hub.do("an", "Delivered", input=told))


async def usage(purchase: Purchase, line: str, *names: str) -> dict[str, int]:
    """A line at a glance: to the partner's manager the same as to finance and director."""
    seen = [
        (await purchase.hub.ask(who, "LinesAtAGlance", id=purchase.ids[TITLE]))["node"]["lines"]["nodes"]
        for who in ("bo", "qian", "zhao")
    ]
    assert seen[0] == seen[1] == seen[2]
    found = next(one for one in seen[0] if one["title"] == line)["usage"]
    return {name: found[name] for name in names}


async def progress(purchase: Purchase, line: str | None, metric: str, who: str = "bo") -> dict[str, Any]:
    """One row of what the second milestone asks for: `value` of `target`, whether `met`, and what is `missing`."""
    node = (await purchase.hub.ask(who, "MilestoneProgress", id=purchase.ids["M2"]))["node"]
    assert node["dueOn"] == purchase.due
    found = [
        one
        for one in node["progress"]
        if one["metric"] == metric and (one["line"] or {}).get("title") == line
    ]
    (row,) = found
    gaps = [(gap["reason"], gap["reference"], gap["lacking"]) for gap in row["missing"]]
    assert {gap["dueOn"] for gap in row["missing"]} <= {node["dueOn"]}
    return {"value": row["value"], "target": row["target"], "met": row["met"], "missing": gaps}
