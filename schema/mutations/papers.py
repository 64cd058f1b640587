"""Mutations that make papers: the acceptance pack, the payment file, the payment list. Making one is reading it: the
answer is a link for minutes, and the same call makes another."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from hub.acceptance import pack
from hub.base.transaction import Transaction
from hub.payments import file, list_book
from schema.mutation import Target, mutation, uuid_of
from schema.types.papers import Paper
from schema.uploads import paper_shown


@mutation(
    "Make the acceptance pack of a claim: what the viewer may read of it; audited. 生成验收包",
    idempotent=False,
    pdf=(Paper, "Claim, amount, records by line and criterion, index of evidence. 验收包（PDF）"),
    zip=(Paper, "The same with all evidence; null where none may be opened. 验收包（ZIP）"),
)
async def acceptance_pack_make(
    tx: Transaction,
    id: Target,
    evidence: Annotated[
        bool, strawberry.argument(description="False leaves the ZIP with the evidence out. 是否附佐证")
    ] = True,
) -> Any:
    made = await pack.acceptance_pack_make(tx, uuid_of("submission", id), evidence=evidence)
    return {key: one and paper_shown(tx, one) for key, one in made.items()}


@mutation(
    "Make the payment file of a request, with the plain account for accountant and cashier; audited. 生成付款卷宗",
    idempotent=False,
    pdf=(Paper, "Agreement, decision, acceptance, invoice, account, signatures, slip. 付款卷宗（PDF）"),
)
async def payment_file_make(tx: Transaction, id: Target) -> Any:
    return {"pdf": paper_shown(tx, await file.payment_file_make(tx, uuid_of("payment_request", id)))}


@mutation(
    "Make the list of a street's payment requests and payments in a period; audited. 生成付款清单",
    idempotent=False,
    xlsx=(Paper, "Requests and payments, a sheet each. 付款清单（XLSX）"),
)
async def payment_list_make(
    tx: Transaction,
    from_on: Annotated[date, strawberry.argument(name="from", description="First day. 开始日期")],
    to_on: Annotated[date, strawberry.argument(name="to", description="Last day. 结束日期")],
) -> Any:
    return {"xlsx": paper_shown(tx, await list_book.payment_list_make(tx, from_on, to_on))}
