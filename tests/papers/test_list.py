"""The list of a street's requests and payments in a period, as the accounts take it over."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from hub.payments import list_book
from tests.papers.desk import LIST, Desk
from tests.payments.desk import REASON, bare, on_payment, step

pytestmark = pytest.mark.anyio
MAY = {"from": "2026-05-01", "to": "2026-05-31"}


async def sheets(desk: Desk, who: str = "qian", **period: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by the titles of their columns, the totals last; by sheet."""
    paper = (await desk.done(who, LIST, **(MAY | period)))["xlsx"]
    reply = await desk.fetch(paper)
    assert reply.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(reply.content))
    found = {}
    for name in book.sheet_names:
        _, _, titles, *rows = book.get_sheet_by_name(name).to_python()
        found[name] = [dict(zip(titles, row, strict=True)) for row in rows]
    return found


async def test_requests_and_payments_with_ids_as_text_and_amounts_as_numbers(desk: Desk) -> None:
    request, payment = await desk.paid("M1")
    found = await sheets(desk)
    row, total = found["付款申请"]
    facts = await desk.look("qian", request, "reference dueOn invoice { number }")
    assert row["付款申请"] == facts["reference"]
    assert (row["状态"], row["付款阶段"], row["票据号码"]) == (
        "已支付",
        "M1 首款",
        facts["invoice"]["number"],
    )
    assert [row[one] for one in ("验收金额", "扣减金额", "应付金额", "已支付金额")] == [
        30000.0,
        0.0,
        30000.0,
        30000.0,
    ]
    assert (row["应付日期"], row["到账日期"]) == (date.fromisoformat(facts["dueOn"]), date(2026, 5, 9))
    assert (total["付款申请"], total["应付金额"]) == ("合计 1 笔", 30000.0)
    sent, paid = found["付款"]
    slip = await desk.look("qian", payment, "reference bankReference")
    assert (sent["付款编号"], sent["银行流水号"]) == (slip["reference"], slip["bankReference"])
    assert (sent["账号后四位"], sent["出纳"], sent["入账会计"]) == ("3445", "孙浩", "钱莉")
    assert (paid["付款金额"], paid["已到账金额"]) == (30000.0, 30000.0)
    assert isinstance(sent["账号后四位"], str)


async def test_what_is_still_to_be_paid_adds_up(desk: Desk) -> None:
    """A rejected request and a reversed one are told, and owed by nobody."""
    _, payment = await desk.paid("M1")
    came_back = f'{REASON}, refundReference: "TK0001"'
    await desk.done("qian", on_payment("paymentReverse", came_back), id=payment)  # 30,000 owed anew
    again = await desk.run("select id from payment_requests where replaces_id is not null")
    await desk.done("zhao", step("paymentRequestReject", REASON), id=f"payment_request_{again[0]['id']}")
    assert (await desk.accepted("M1")) is not None
    found = await sheets(desk)
    assert found["付款"][0]["退款流水号"] == "TK0001"
    *rows, total = found["付款申请"]
    assert [(row["状态"], row["待付金额"], row["已支付金额"]) for row in rows] == [
        ("已冲销", 0.0, 0.0),
        ("已否决", 0.0, 0.0),
        ("待确认", 30000.0, 0.0),
    ]
    assert (total["应付金额"], total["待付金额"], total["已支付金额"]) == (90000.0, 30000.0, 0.0)


async def test_the_period_holds_both_its_days_and_the_street_is_ones_own(desk: Desk) -> None:
    request, _ = await desk.paid("M1")  # on 9 May
    for period, count in (
        ({"from": "2026-05-09", "to": "2026-05-09"}, 1),
        ({"from": "2026-05-01", "to": "2026-05-08"}, 0),
        ({"from": "2026-05-10", "to": "2026-05-31"}, 0),
    ):
        found = await sheets(desk, **period)
        assert [len(rows) - 1 for rows in found.values()] == [count, count], period
    elsewhere = (
        await desk.run("select id from organizations where kind = 'STREET' and id <> $1 limit 1", desk.street)
    )[0]
    await desk.plant(
        "update payment_requests set street_id = $2 where id = $1 returning id",
        bare(request),
        elsewhere["id"],
    )
    await desk.plant(
        "update payments set street_id = $2 where request_id = $1 returning id",
        bare(request),
        elsewhere["id"],
    )
    assert [len(rows) - 1 for rows in (await sheets(desk)).values()] == [0, 0]


async def test_who_has_one_made(desk: Desk) -> None:
    for who in ("qian", "sun", "zhao"):
        assert set(await sheets(desk, who)) == {"付款申请", "付款"}
    for who in ("wang", "mei", "bo", "an", "shen", "root"):
        assert await desk.payload(who, LIST, **MAY) is None
    events = await desk.events("payment_list_make")
    assert [one["actor_name"] for one in events] == ["钱莉", "孙浩", "赵刚"]


@pytest.mark.parametrize("period", [("2026-05-31", "2026-05-01"), ("2025-05-01", "2026-05-31")])
async def test_a_period_is_in_order_and_at_most_a_year(desk: Desk, period: tuple[str, str]) -> None:
    begin, end = period
    payload = await desk.payload("qian", LIST, **{"from": begin, "to": end})
    assert [(one["code"], one["path"]) for one in payload["userErrors"]] == [("OUT_OF_RANGE", ["to"])]


async def test_a_list_too_long_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.paid("M1")
    monkeypatch.setattr(list_book, "MAX_PAPER_ROWS", 0)
    assert await desk.refused("qian", LIST, **MAY) == ["LIMIT_EXCEEDED"]
