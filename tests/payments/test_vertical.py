"""From a claim to the settled payment, every step as whoever takes it, with the ledger after each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.payments.desk import CHAIN, SEND, Desk, step

pytestmark = pytest.mark.anyio


async def test_first_stage_on_documents_from_claim_to_settled(desk: Desk) -> None:
    claim = await desk.submit("M1")
    assert claim["status"] == "SUBMITTED"
    assert (claim["rule"], claim["claimed"]) == ("DOCUMENTS", {"amount": "30000.00"})
    assert await desk.stage("M1") == "SUBMITTED"
    payload = await desk.review(claim["id"])
    request = payload["paymentRequest"]
    assert payload["submission"]["status"] == "ACCEPTED"
    assert (request["status"], request["payable"]) == ("CREATED", {"amount": "30000.00"})
    assert request["match"] == {
        "agreement": "OK",
        "acceptance": "OK",
        "invoice": "INVOICE_MISSING",
        "account": "ACCOUNT_MISSING",
        "fund": "OK",
    }
    held = {"available": "1900000.00", "encumbered": "70000.00", "payable": "30000.00", "paid": "0.00"}
    assert await desk.office.balance() == held
    await desk.account()
    assert (await desk.invoice(request["id"]))["userErrors"] == []
    done: dict[str, Any] = {}
    reached = ["CONFIRMED", "CHECKED", "APPROVED", "SENT"]
    for (name, who), status in zip(CHAIN.items(), reached, strict=True):
        done = await desk.done(who, SEND if name == "paymentSend" else step(name), id=request["id"])
        assert done["paymentRequest"]["status"] == status
        assert set(done["paymentRequest"]["match"].values()) == {"OK"}
        assert await desk.office.balance() == held
    assert (await desk.settle(done["payment"]["id"]))["userErrors"] == []
    assert await desk.office.balance() == {**held, "payable": "0.00", "paid": "30000.00"}
    assert await desk.stage("M1") == "SETTLED"
