"""What the demo street has bought for the year: three agreements of weight, three small ones, and the fund that pays.

The county contract is a real one (a civil-affairs purchase of 2022 for 1.05 million yuan), to every figure known of it.
Two of its amounts are not known, the social workers' pay and the volunteers' development; ours are chosen so that the
lines add up to the ceiling: 14 workers × 12 months × 5,800 yuan, 350 volunteers × 70 yuan. Its stages are ours too.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hub.agreements.commands import (
    agreement_approve,
    agreement_certify,
    agreement_draft,
    agreement_propose,
)
from hub.agreements.commands_ending import agreement_send_back
from hub.agreements.drafting import Terms
from hub.agreements.rules import CriterionTerms, LineTerms, MilestoneTerms
from hub.catalogue.commands import packaged_services
from hub.demo.agreements import communities_of_street, conclude, give, open_fund
from hub.demo.cast import PARTNERS
from hub.demo.stage import Stage

COUNTY = "county"
FUND = "charity"
TERM_DAYS = 365

LATE, LATE_FROM = "shiliu", -68
"""Who joins later than the others, and on which day."""

NEXT_BEGINS = 36
"""Days from today on which the next terms begin."""

GIFTS = (
    (0, "1400000.00", "徐州市慈善总会", "ORGANIZATION"),
    (74, "60000.00", "七里沟商会", "ORGANIZATION"),
    (151, "20000.00", "陈先生", "PERSON"),
    (238, "35000.00", None, "ANONYMOUS"),
)
"""Days after the term began, yuan, donor and its kind: what the fund was given in the year."""

PRICES: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "nuanchao": {
        "HOME_HAIRCUT": ("30.00", 300),
        "SAFETY_CHECK": ("60.00", 150),
        "COMPANIONSHIP": ("40.00", 300),
        "VISITING": ("30.00", 120),
        "CARE": ("45.00", 120),
        "RESOURCES": ("300.00", 20),
        "SKILLS": ("400.00", 15),
    },
    "kangle": {
        "CARE": ("45.00", 400),
        "REHABILITATION": ("150.00", 60),
        "ESCORT": ("120.00", 60),
        "HOME_HAIRCUT": ("30.00", 60),
        "COMPANIONSHIP": ("40.00", 60),
        "SAFETY_CHECK": ("60.00", 40),
    },
    "xinquan": {"COUNSELLING": ("300.00", 80)},
    "qingmiao": {"INTEGRATION": ("800.00", 24), "SKILLS": ("400.00", 12)},
    "shiliu": {"COMPANIONSHIP": ("40.00", 100)},
}
"""Partner → service → price of a unit in yuan, and how many of them."""

TITLES = {
    "nuanchao": "居家养老与生活服务协议",
    "kangle": "为老照护服务协议",
    "xinquan": "心理关爱服务协议",
    "qingmiao": "困境儿童社会融入服务协议",
    "shiliu": "陪伴服务协议",
}

COUNTY_LINES = {
    "大型活动": "LARGE_EVENT",
    "小型活动": "SMALL_EVENT",
    "个案": "CASEWORK",
    "小组": "GROUP",
    "志愿者培育": "VOLUNTEERS",
    "社工人员经费（14名社工×12个月）": "PAY",
}
"""Titles of the county contract's lines → how the stories call them: `county.GROUP`."""


@dataclasses.dataclass(frozen=True)
class Span:
    """The term of an agreement, and where it is for."""

    begins: date
    communities: Sequence[UUID]

    @property
    def ends(self) -> date:
        """Its last day."""
        return self.begins + timedelta(days=TERM_DAYS)

    def on(self, day: int) -> date:
        """A day of the term."""
        return self.begins + timedelta(days=day)


async def sign_contracts(stage: Stage) -> None:
    """Money in the fund, then each agreement from draft to active, by those whose steps they are."""
    await open_fund(stage, FUND, "七里沟街道慈善救助专项基金", Decimal(GIFTS[0][1]))
    span = Span(stage.clock.today(), communities_of_street(stage))
    for partner in PRICES:
        if partner != LATE:
            await _sign(stage, span, partner)
    await conclude(stage, COUNTY, FUND, county_contract(span), partner="nuanchao", keys=COUNTY_LINES)
    await stage.tick()


async def _sign(stage: Stage, span: Span, partner: str) -> None:
    lines = [_unit_line(span, code, *price) for code, price in PRICES[partner].items()]
    await conclude(stage, partner, FUND, _terms(span, partner, lines))


async def late_contract(stage: Stage) -> None:
    """One partner joins in the last quarter."""
    await stage.until(stage.office(LATE_FROM, 9, 5))
    await _sign(stage, Span(stage.clock.today(), communities_of_street(stage)), LATE)
    await stage.tick()


async def next_year(stage: Stage) -> None:
    """The terms end soon: the next ones are on their way, one waiting for each who has a step to take."""
    await stage.until(stage.office(-9, 9, 25))
    span = Span(stage.today + timedelta(days=NEXT_BEGINS), communities_of_street(stage))
    drafts = {partner: await _draft_next(stage, span, partner) for partner in TITLES if partner != LATE}
    certified = (drafts["kangle"], drafts["nuanchao"])
    await stage.until(stage.office(-6, 15, 25))
    for agreement_id in certified:
        await stage.do("qian", agreement_certify, agreement_id)
    text = "单价高于上年，请补充询价依据。"
    await stage.do("qian", agreement_send_back, drafts["qingmiao"], reason_code="PRICE", reason_text=text)
    await stage.until(stage.office(-2, 16, 40))
    said = {"decision_reference": "街党工委会议纪要第21号"}
    await stage.do("zhao", agreement_approve, drafts["nuanchao"], **said)


async def _draft_next(stage: Stage, span: Span, partner: str) -> UUID:
    """The same terms once more, drafted and proposed."""
    terms = _terms(span, partner, [_unit_line(span, code, *price) for code, price in PRICES[partner].items()])
    fund_id, partner_id = stage.named["funds"][FUND], stage.organizations[partner]
    row = await stage.do("tao", agreement_draft, fund_id, partner_id=partner_id, terms=terms)
    stage.name("agreements", f"{partner}_next", row.id)
    await stage.do("tao", agreement_propose, row.id)
    return row.id


async def further_gifts(stage: Stage) -> None:
    """What the fund is given while the year goes on."""
    begins = (stage.clock.today() - stage.today).days
    for number, (day, yuan, donor, kind) in enumerate(GIFTS[1:], 2):
        await stage.until(stage.office(begins + day, 10, 45))
        await give(stage, FUND, number, Decimal(yuan), donor, kind)


def _unit_line(span: Span, code: str, price: str, quantity: int) -> LineTerms:
    names = {service.code: service.name_zh for service in packaged_services()}
    return LineTerms(
        names[code],
        code,
        "UNIT",
        span.communities,
        unit_price=Decimal(price),
        quantity_cap=quantity,
    )


def _terms(span: Span, partner: str, lines: Sequence[LineTerms]) -> Terms:
    """The first stage on signing, then by units: what was done is what is paid, the rest at the end."""
    ceiling = Decimal(0)
    for price, quantity in PRICES[partner].values():
        ceiling += Decimal(price) * quantity
    stages = STAGES[partner](span, ceiling)
    name = next(one.name for one in PARTNERS if one.key == partner)
    return Terms(f"{name}{TITLES[partner]}", ceiling, span.begins, span.ends, lines, stages)


def _quarterly(span: Span, ceiling: Decimal) -> list[MilestoneTerms]:
    """首款 20 %, three settlements by units of 20 % each at most, 尾款."""
    fifth = ceiling / 5
    first = MilestoneTerms("M1", "首款", "FIRST_STAGE", span.on(30), amount=fifth)
    units = [
        MilestoneTerms(
            f"M{number}",
            f"第{'一二三'[number - 2]}次结算",
            "DELIVERY",
            span.on(day),
            amount=fifth,
            depends_on=["M1"],
        )
        for number, day in ((2, 112), (3, 230), (4, 320))
    ]
    last = MilestoneTerms(
        "M5", "尾款", "FINAL", span.on(TERM_DAYS - 10), amount=fifth, depends_on=["M2", "M3", "M4"]
    )
    return [first, *units, last]


def _with_report(
    span: Span, ceiling: Decimal, days: tuple[int, int, int] = (30, 205, 320)
) -> list[MilestoneTerms]:
    """首款 30 %, on the mid-term report 30 %, on the assessment 20 %, 尾款 20 %."""
    return [
        MilestoneTerms("M1", "首款", "FIRST_STAGE", span.on(days[0]), share_percent=Decimal(30)),
        MilestoneTerms(
            "M2", "中期报告", "REPORTING", span.on(days[1]), share_percent=Decimal(30), depends_on=["M1"]
        ),
        MilestoneTerms(
            "M3", "第三方评估", "ASSESSMENT", span.on(days[2]), share_percent=Decimal(20), depends_on=["M2"]
        ),
        MilestoneTerms(
            "M4", "尾款", "FINAL", span.on(TERM_DAYS + 20), share_percent=Decimal(20), depends_on=["M3"]
        ),
    ]


STAGES: Mapping[str, Callable[[Span, Decimal], list[MilestoneTerms]]] = {
    "nuanchao": _quarterly,
    "kangle": _quarterly,
    "xinquan": _with_report,
    "qingmiao": _with_report,
    "shiliu": functools.partial(_with_report, days=(15, 52, 66)),
}


def county_contract(span: Span) -> Terms:
    """Blocks and units in one agreement, with the quality each unit must have."""
    return Terms(
        title="社会工作服务项目",
        ceiling=Decimal("1050000.00"),
        effective_from_on=span.begins,
        ends_on=span.ends,
        retention_percent=Decimal(5),
        procurement_method="OPEN",
        lines=_county_lines(span.communities),
        milestones=_county_stages(span),
    )


def _county_lines(communities: Sequence[UUID]) -> list[LineTerms]:
    def unit(
        title: str, code: str, price: str, *criteria: CriterionTerms, of: str | None = None
    ) -> LineTerms:
        return LineTerms(title, code, "UNIT", communities, of, Decimal(price), 7, None, criteria)

    def block(title: str, code: str, quantity: int, amount: str, *criteria: CriterionTerms) -> LineTerms:
        return LineTerms(
            title, code, "BLOCK", communities, "PERSON", None, quantity, Decimal(amount), criteria
        )

    return [
        block("社工人员经费（14名社工×12个月）", "INTEGRATION", 168, "974400.00"),
        unit("大型活动", "INTEGRATION", "4000.00", CriterionTerms("PARTICIPANTS", 200, per_unit=True)),
        unit("小型活动", "INTEGRATION", "2000.00", CriterionTerms("AVERAGE_PARTICIPANTS", 25)),
        unit("个案", "INTEGRATION", "300.00", CriterionTerms("FOLLOW_UPS", 6, per_unit=True), of="CASE"),
        unit(
            "小组",
            "SKILLS",
            "1000.00",
            CriterionTerms("SESSIONS", 6, per_unit=True),
            CriterionTerms("ATTENDANCES", 42, per_unit=True),
            of="SERIES",
        ),
        block("志愿者培育", "TRAINING", 350, "24500.00", CriterionTerms("PERSONS", 350)),
    ]


def _county_stages(span: Span) -> list[MilestoneTerms]:
    """40 % when it is signed, 40 % after half a year, 20 % at the end."""
    return [
        MilestoneTerms("M1", "首款", "FIRST_STAGE", span.on(26), share_percent=Decimal(40)),
        MilestoneTerms(
            "M2",
            "中期款",
            "DELIVERY",
            span.on(208),
            share_percent=Decimal(40),
            depends_on=["M1"],
            criteria=[CriterionTerms("QUANTITY", 14)],
        ),
        MilestoneTerms(
            "M3",
            "尾款",
            "FINAL",
            span.on(TERM_DAYS + 25),
            share_percent=Decimal(20),
            depends_on=["M1", "M2"],
        ),
    ]
