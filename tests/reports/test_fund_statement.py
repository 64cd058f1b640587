"""Finance's day: what a fund stood at on a day, what falls due of it, which stages are due and payable."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.payments.desk import Desk

pytestmark = pytest.mark.anyio

FOUR = ("available", "encumbered", "payable", "paid")
MONEY = " ".join(f"{name} {{ amount }}" for name in FOUR)
LINE = (
    f"reason stage amount {{ amount }} {MONEY} madeBy {{ displayName }} donation {{ id }} agreement {{ id }}"
)
STATEMENT = f"""on yearFrom opening {{ amount }} received {{ amount }} {MONEY} receivedThisYear {{ amount }}
    paidThisYear {{ amount }} lineCount lines {{ {LINE} milestone {{ code }} paymentRequest {{ id }} madeAt }}"""
DUE = """fallsDue { horizon until amount { amount } count planned { amount } plannedCount payable { amount }
    payableCount }"""


async def of_fund(desk: Desk, who: str, fields: str) -> Any:
    """The fund as somebody sees it."""
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on Fund {{ {fields} }} }} }}"
    viewer = desk.office.world.viewers[who]
    return (await desk.office.hub.ask(viewer, query, {"id": desk.office.fund})).data["node"]


async def statement(desk: Desk, on: str, who: str = "qian") -> dict[str, Any]:
    """Its statement of a day, amounts as they are written."""
    found = (await of_fund(desk, who, f'statement(on: "{on}") {{ {STATEMENT} }}'))["statement"]
    return {key: plain(value) for key, value in found.items()}


def plain(value: Any) -> Any:
    """The amount of a Money."""
    return value["amount"] if isinstance(value, dict) and set(value) == {"amount"} else value


def total(lines: list[dict[str, Any]], name: str) -> Decimal:
    """What the lines did to one of the four figures."""
    return sum((Decimal(line[name]["amount"]) for line in lines), Decimal(0))


async def test_a_statement_follows_the_fund_from_gift_to_payment(desk: Desk) -> None:
    await desk.open()
    await desk.paid("M1")  # 30,000 of 100,000, after three days of cooling
    assert await statement(desk, "2026-05-05") == {
        "on": "2026-05-05",
        "yearFrom": "2026-01-01",
        "opening": "0.00",
        "received": "0.00",
        **dict.fromkeys((*FOUR, "receivedThisYear", "paidThisYear"), "0.00"),
        "lineCount": 0,
        "lines": [],
    }
    first, now = await statement(desk, "2026-05-06"), await statement(desk, "2026-05-09")
    assert [first[name] for name in FOUR] == ["1900000.00", "100000.00", "0.00", "0.00"]
    assert [now[name] for name in FOUR] == ["1900000.00", "70000.00", "0.00", "30000.00"]
    assert (now["opening"], now["received"], now["receivedThisYear"]) == ("0.00", "2000000.00", "2000000.00")
    assert (now["paid"], now["paidThisYear"]) == ("30000.00", "30000.00")
    balance = await of_fund(desk, "qian", MONEY)
    assert {name: plain(amount) for name, amount in balance.items()} == {name: now[name] for name in FOUR}
    assert now["lineCount"] == len(now["lines"])
    for name in FOUR:
        assert total(now["lines"], name) == Decimal(now[name]), name
    newest = now["lines"][0]
    assert (newest["reason"], newest["stage"], newest["milestone"]) == ("PAYMENT", "POSTED", {"code": "M1"})
    assert (newest["payable"], newest["paid"]) == ({"amount": "-30000.00"}, {"amount": "30000.00"})
    oldest = now["lines"][-1]
    assert (oldest["reason"], oldest["amount"], oldest["milestone"]) == (
        "DONATION",
        {"amount": "2000000.00"},
        None,
    )
    assert oldest["donation"] is not None


async def test_the_year_after_opens_with_what_was_left(desk: Desk) -> None:
    await desk.open()
    await desk.paid("M1")
    later = await statement(desk, "2027-02-01")
    assert (later["yearFrom"], later["opening"]) == ("2027-01-01", "1970000.00")
    assert (later["receivedThisYear"], later["paidThisYear"], later["lines"]) == ("0.00", "0.00", [])
    assert [later[name] for name in FOUR] == ["1900000.00", "70000.00", "0.00", "30000.00"]
    held = sum(Decimal(later[name]) for name in FOUR[:3])
    assert held == Decimal(later["opening"])


async def test_who_reads_the_ledger(desk: Desk) -> None:
    for on in ("0001-01-01", "9999-12-31"):  # any day will do
        assert (await statement(desk, on))["on"] == on
    mine = await statement(desk, "2026-05-06")
    for who in ("zhao", "sun"):
        assert await statement(desk, "2026-05-06", who) == mine
    seen = await statement(desk, "2026-05-06", "shen")
    assert {**seen, "lines": []} == {**mine, "lines": []}
    query = 'query($id: ID!) { node(id: $id) { ... on Fund { statement(on: "2026-05-06") { paid { amount } } } } }'
    for who, fields in (("mei", "statement"), ("wang", None), ("bo", None)):
        reply = await desk.office.hub.ask(desk.office.world.viewers[who], query, {"id": desk.office.fund})
        if fields is None:
            assert reply.body == {"data": {"node": None}}
        else:
            assert reply.body["data"] == {"node": {"statement": None}}
            assert reply.codes == [("FORBIDDEN", ["node", "statement"])]


async def test_what_falls_due_counts_once(desk: Desk) -> None:
    await desk.open()

    async def due() -> dict[str, tuple[Any, ...]]:
        rows = (await of_fund(desk, "qian", DUE))["fallsDue"]
        return {
            row["horizon"]: tuple(plain(value) for key, value in row.items() if key != "horizon")
            for row in rows
        }

    nothing = ("0.00", 0, "0.00", 0, "0.00", 0)
    planned = ("30000.00", 1, "30000.00", 1, "0.00", 0)
    assert await due() == {  # M1 is due on 1 June, M2 on 30 November
        "OVERDUE": ("2026-05-05", *nothing),
        "DAYS_30": ("2026-06-05", *planned),
        "DAYS_60": ("2026-07-05", *planned),
        "DAYS_90": ("2026-08-04", *planned),
    }
    request = await desk.accepted("M1")
    asked = await desk.look("qian", request, "dueOn")
    assert "2026-06-05" >= asked["dueOn"] > "2026-05-06"
    payable = ("30000.00", 1, "0.00", 0, "30000.00", 1)
    assert {row[1:] for name, row in (await due()).items() if name != "OVERDUE"} == {payable}
    await desk.tick(40)
    assert (await due())["OVERDUE"][1:] == payable
    assert (await due())["DAYS_90"][1:] == nothing
    await desk.tick(150)  # 12 November: M2 is due in 18 days
    assert (await due())["DAYS_30"][1:] == planned


async def test_what_is_paid_no_longer_falls_due(desk: Desk) -> None:
    await desk.open()
    await desk.paid("M1")
    rows = (await of_fund(desk, "shen", DUE))["fallsDue"]
    assert {row["count"] for row in rows} == {0}


async def test_stages_due_overdue_and_payable_with_everything_finance_looks_at(desk: Desk) -> None:
    await desk.open()
    fields = """totalCount nodes { code agreement { reference fund { name } } partner { name }
        progress { met } money { accepted { amount } requested { amount } paid { amount } }
        paymentRequests { reference waitingFor { role duty since }
            match { agreement acceptance invoice account fund } } }"""

    async def found(where: str) -> Any:
        asked = f"milestones(orderBy: DUE_ON_ASC, where: {{agreement: $a, {where}}}) {{ {fields} }}"
        query = f"query($a: ID!) {{ {asked} }}"
        viewer = desk.office.world.viewers["qian"]
        return (await desk.office.hub.ask(viewer, query, {"a": desk.agreement})).data["milestones"]["nodes"]

    assert [one["code"] for one in await found("dueWithinDays: 26")] == ["M1"]  # 1 June
    assert await found("dueWithinDays: 25") == []
    assert await found("dueWithinDays: 2147483647") != []
    assert await found("dueWithinDays: -1") == []
    assert await found("payable: true") == []
    await desk.accepted("M1")
    assert await found("dueWithinDays: 26") == []
    (ready,) = await found("payable: true")
    assert ready["money"]["requested"] == {"amount": "30000.00"}
    (request,) = ready["paymentRequests"]
    assert request["match"] == {
        "agreement": "OK",
        "acceptance": "OK",
        "invoice": "INVOICE_MISSING",
        "account": "ACCOUNT_MISSING",
        "fund": "OK",
    }
    assert request["waitingFor"]["role"] == "STATION_WORKER"
    assert {one["code"] for one in await found("payable: false")} == {"M2", "M3"}


async def test_the_report_tells_money_by_fund_and_stage(desk: Desk) -> None:
    await desk.open()
    await desk.paid("M1")
    amounts = " ".join(
        f"{name} {{ amount }}" for name in ("encumbered", "accepted", "deducted", "requested", "paid")
    )
    query = f"""query($c: ID) {{ stationReport(from: "2026-05-01", to: "2026-05-31", community: $c) {{
        money {{ fund {{ id }} stage {amounts} }} moneyByStage {{ fund {{ id }} stage {amounts} }} }} }}"""
    viewer = desk.office.world.viewers["zhao"]
    report = (await desk.office.hub.ask(viewer, query)).data["stationReport"]
    whole = {name: plain(value) for name, value in report["money"].items()}
    assert (whole["encumbered"], whole["accepted"]) == ("100000.00", "30000.00")
    assert (whole["deducted"], whole["requested"], whole["paid"]) == ("0.00", "30000.00", "30000.00")
    assert {row["fund"]["id"] for row in report["moneyByStage"]} == {desk.office.fund}
    rows = {
        row["stage"]: tuple(plain(value) for value in list(row.values())[2:])
        for row in report["moneyByStage"]
    }
    assert rows == {
        "FIRST_STAGE": ("30000.00", "30000.00", "0.00", "30000.00", "30000.00"),
        "DELIVERY": ("30000.00", "0.00", "0.00", "0.00", "0.00"),
        "FINAL": ("40000.00", "0.00", "0.00", "0.00", "0.00"),
    }
    community = desk.office.place("七里沟", "community")
    alone = (await desk.office.hub.ask(viewer, query, {"c": community})).data["stationReport"]
    assert alone == {"money": None, "moneyByStage": []}
