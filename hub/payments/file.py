"""The payment file of a request: one PDF with everything its payment stands on, for whoever files it or checks it.

The plain account number stands in it only for whoever may reveal it, and making the file is revealing it: one audit
event of that kind, counted like any other (`hub.payments.accounts`). Everybody else finds the last four digits.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from auth.gate import claim
from auth.grants import may_do
from auth.roles import Role, Viewer
from hub.base.transaction import Transaction
from hub.documents.papers import keep_paper, print_paper, require_papers_left
from hub.payments.accounts import bank_account_reveal
from hub.payments.file_content import gather
from hub.payments.file_paper import file_paper
from hub.payments.tables import payment_requests

COMMAND = "payment_file_make"


async def payment_file_make(tx: Transaction, request_id: UUID) -> Row[Any]:
    """Make the file of a payment request, as it stands now. Returns the paper."""
    viewer: Viewer = tx.actor  # type: ignore[assignment]
    if viewer.role is Role.AUDITOR:
        # She sits at no street; whether this one is in her district is asked by `claim`.
        street = select(func.street_of_payment_request(request_id))
        await tx.enter_street((await tx.execute(street)).scalar_one())
    request = await claim(tx, payment_requests, request_id, COMMAND, locked=False)
    await require_papers_left(tx)
    number = None
    if request.account_id is not None and may_do("bank_account_reveal", viewer):
        revealed = await bank_account_reveal(tx, request.account_id, purpose="PAYMENT")
        number = revealed["number"]
    drawn = await print_paper(tx, file_paper(tx, await gather(tx, request), number))
    paper = await keep_paper(
        tx,
        request,
        "PAYMENT_FILE",
        f"付款卷宗-{request.reference}",
        "application/pdf",
        lambda out: _write(out, drawn),
    )
    facts = {"sha256": paper.sha256, "accountShown": number is not None}
    await tx.emit(COMMAND, request, "PaymentRequest", tell=False, facts=facts)
    return paper


def _write(out: Any, data: bytes) -> None:
    out.write(data)
