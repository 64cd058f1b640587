"""`waitingFor`: whose turn it is and since when, as the partner sees it; also where invoice or account is wanting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agreements.office import ERRORS
from tests.payments.desk import PROPOSE, SEND, VERIFY, Desk, on_payment, step
from tests.payments.test_races import REFUSE, VOID, account_of, invoice_of, only

pytestmark = pytest.mark.anyio

RETURN = (
    'mutation($id: ID!) { paymentRequestReturn(id: $id, reasonCode: INVOICE_WRONG, reason: "抬头有误")'
    f" {{ paymentRequest {{ status }} {ERRORS} }} }}"
)


async def waits(desk: Desk, request: str, who: str = "bo") -> tuple[str, bool]:
    """Post of whose turn it is (the finance officer by her duty), and whether it became so just now."""
    seen: dict[str, Any] = (await desk.look(who, request, "waitingFor { role duty since }"))["waitingFor"]
    now = desk.office.hub.clock.instant.astimezone(desk.office.hub.clock.zone)
    return seen["duty"] or seen["role"], seen["since"][:16] == now.isoformat()[:16]


async def later(desk: Desk) -> None:
    """Tomorrow."""
    await desk.tick(1)


async def test_the_accountant_has_it_since_the_invoice_came(desk: Desk) -> None:
    await desk.account()
    request = await desk.accepted("M1")
    assert await waits(desk, request) == ("STATION_WORKER", True)
    await later(desk)
    await desk.done("mei", step("paymentRequestConfirm"), id=request)
    assert await waits(desk, request) == ("PARTNER_MANAGER", True)
    await later(desk)
    assert (await desk.invoice(request))["userErrors"] == []
    assert await waits(desk, request) == ("ACCOUNTANT", True)
    await later(desk)
    assert await waits(desk, request) == ("ACCOUNTANT", False)
    await desk.done("qian", REFUSE, id=await only(desk, "invoices"))
    assert await waits(desk, request) == ("PARTNER_MANAGER", True)
    await later(desk)
    assert (await desk.invoice(request))["userErrors"] == []
    assert await waits(desk, request) == ("ACCOUNTANT", True)


async def test_without_an_account_it_is_the_partners_turn(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.done("mei", step("paymentRequestConfirm"), id=request)
    assert await waits(desk, request) == ("PARTNER_MANAGER", True)
    await later(desk)
    await desk.done("bo", PROPOSE, i=await account_of(desk, "6222020200112233445"))
    assert await waits(desk, request) == ("ACCOUNTANT", True), "to verify it"


async def test_after_the_bank_refused_an_account_the_partner_names_another(desk: Desk) -> None:
    await desk.account()
    request = await desk.payable("M1")
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    assert await waits(desk, request) == ("ACCOUNTANT", True)
    await later(desk)
    await desk.done("qian", on_payment("paymentFail", 'reasonCode: ACCOUNT_WRONG, reason: "x"'), id=payment)
    assert await waits(desk, request) == ("PARTNER_MANAGER", True)
    await later(desk)
    proposed = await desk.done("bo", PROPOSE, i=await account_of(desk, "6222020200112233999"))
    assert await waits(desk, request) == ("ACCOUNTANT", True)
    await desk.done("qian", VERIFY, id=proposed["bankAccount"]["id"])
    await desk.tick(3)
    assert await waits(desk, request) == ("ACCOUNTANT", False)
    await desk.done("qian", step("paymentRequestCheck"), id=request)
    assert await waits(desk, request) == ("STREET_DIRECTOR", True)


async def test_a_payment_that_failed_otherwise_is_the_cashiers_to_send_again(desk: Desk) -> None:
    await desk.account()
    request = await desk.payable("M1")
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    await desk.done("qian", on_payment("paymentFail", 'reasonCode: BANK_REFUSED, reason: "x"'), id=payment)
    assert await waits(desk, request, "shen") == ("CASHIER", True)
    payment = (await desk.done("sun", SEND, id=request))["payment"]["id"]
    assert (await desk.settle(payment))["userErrors"] == []
    assert (await desk.look("bo", request, "waitingFor { role }"))["waitingFor"] is None


async def test_an_invoice_that_was_matched_is_taken_back_when_the_request_comes_back_for_it(
    desk: Desk,
) -> None:
    """Whoever is told that it is her turn can do something about it."""
    await desk.account()
    request = await desk.payable("M1")
    await desk.bring_to("paymentRequestCheck", request)
    invoice = await only(desk, "invoices")
    assert await desk.refused("bo", VOID, id=invoice) == ["WRONG_STATE"], "it is checked upon"
    await later(desk)
    await desk.done("zhao", RETURN, id=request)
    assert await waits(desk, request) == ("PARTNER_MANAGER", True)
    await later(desk)
    await desk.done("bo", VOID, id=invoice)
    assert await waits(desk, request) == ("PARTNER_MANAGER", True)
    said = await invoice_of(desk, request, "INV-NEW-1")
    await later(desk)
    assert (await desk.invoice(request, "INV-NEW-1", document=said["document"]))["userErrors"] == []
    assert await waits(desk, request) == ("STATION_WORKER", True)
    await desk.done("mei", step("paymentRequestReopen"), id=request)
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    assert (await desk.settle(payment))["userErrors"] == []
