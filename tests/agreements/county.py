"""The county contract: a civil-affairs purchase of 2022 for 1.05 million yuan, to every figure that is known of it.

Two of its amounts are not known: the social workers' pay and the volunteers' development. Ours are chosen so that
the lines add up to the ceiling: 5,800 yuan a month for each of 14 workers, 70 yuan for each of 350 volunteers.
The stages of payment are ours as well.
"""

from __future__ import annotations

from typing import Any

CEILING = "1050000.00"
OURS = {"974400.00": "14 workers × 12 months × 5,800 yuan", "24500.00": "350 volunteers × 70 yuan"}
"""The two amounts that are not given, and how we chose them."""


def least(metric: str, target: int, *, per_unit: bool = True) -> dict[str, Any]:
    """A minimum."""
    return {"metric": metric, "target": target, "perUnit": per_unit}


def lines(communities: list[str]) -> list[dict[str, Any]]:
    """Blocks and units with the quality each unit must have."""
    unit = {"kind": "UNIT", "communities": communities}
    block = {"kind": "BLOCK", "communities": communities}
    return [
        {
            **block,
            "title": "社工人员经费（14名社工×12个月）",
            "serviceType": "INTEGRATION",
            "unit": "PERSON",
            "quantityCap": 168,
            "amountCap": "974400.00",
        },
        {
            **unit,
            "title": "大型活动",
            "serviceType": "INTEGRATION",
            "unitPrice": "4000.00",
            "quantityCap": 7,
            "criteria": [least("PARTICIPANTS", 200)],
        },
        {
            **unit,
            "title": "小型活动",
            "serviceType": "INTEGRATION",
            "unitPrice": "2000.00",
            "quantityCap": 7,
            "criteria": [least("AVERAGE_PARTICIPANTS", 25, per_unit=False)],
        },
        {
            **unit,
            "title": "个案",
            "serviceType": "INTEGRATION",
            "unit": "CASE",
            "unitPrice": "300.00",
            "quantityCap": 7,
            "criteria": [least("FOLLOW_UPS", 6)],
        },
        {
            **unit,
            "title": "小组",
            "serviceType": "SKILLS",
            "unitPrice": "1000.00",
            "quantityCap": 7,
            "criteria": [least("SESSIONS", 6), least("ATTENDANCES", 42)],
        },
        {
            **block,
            "title": "志愿者培育",
            "serviceType": "TRAINING",
            "unit": "PERSON",
            "quantityCap": 350,
            "amountCap": "24500.00",
            "criteria": [least("PERSONS", 350, per_unit=False)],
        },
    ]


def milestones() -> list[dict[str, Any]]:
    """Ours: 40 % when it is signed, 40 % after half a year, 20 % at the end."""
    return [
        {"code": "M1", "title": "首款", "kind": "FIRST_STAGE", "dueOn": "2026-06-01", "sharePercent": "40"},
        {
            "code": "M2",
            "title": "中期款",
            "kind": "DELIVERY",
            "dueOn": "2026-11-30",
            "sharePercent": "40",
            "dependsOn": ["M1"],
            "criteria": [{"metric": "QUANTITY", "target": 14}],
        },
        {
            "code": "M3",
            "title": "尾款",
            "kind": "FINAL",
            "dueOn": "2027-05-31",
            "sharePercent": "20",
            "dependsOn": ["M1", "M2"],
        },
    ]


def contract(fund: str, partner: str, communities: list[str]) -> dict[str, Any]:
    """The input of `agreementDraft`."""
    return {
        "fund": fund,
        "partner": partner,
        "title": "社会工作服务项目",
        "ceiling": CEILING,
        "effectiveFrom": "2026-05-06",
        "endsOn": "2027-05-05",
        "retentionPercent": "5",
        "procurementMethod": "OPEN",
        "lines": lines(communities),
        "milestones": milestones(),
    }
