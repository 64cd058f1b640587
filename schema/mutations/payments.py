"""Mutations on payment requests, payments, invoices and bank accounts."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from hub.base.transaction import Transaction
from hub.payments import accounts, approving, invoicing, paying
from schema.mutation import Target, Version, mutation, name_of, uuid_of
from schema.types import enums
from schema.types.payments import BankAccount, Invoice, Payment, PaymentRequest

REQUEST = (PaymentRequest, "The payment request. 付款申请")
PAYMENT = (Payment, "The payment. 付款")
ACCOUNT = (BankAccount, "The account. 收款账户")
INVOICE = (Invoice, "The invoice. 票据")
Note = Annotated[str | None, strawberry.argument(description="A word to whoever comes next. 意见")]
Reason = Annotated[enums.PaymentReason, strawberry.argument(description="Why, as a code. 原因代码")]
Words = Annotated[str, strawberry.argument(description="Why, in words. 原因说明")]


@mutation("Confirm that what was accepted is to be paid. 确认付款申请", payment_request=REQUEST)
async def payment_request_confirm(
    tx: Transaction, id: Target, note: Note = None, expected_version: Version = None
) -> Any:
    target = uuid_of("payment_request", id)
    return await approving.payment_request_confirm(tx, target, note=note, version=expected_version)


@mutation("Check agreement, acceptance, invoice, account and fund. 审核付款申请", payment_request=REQUEST)
async def payment_request_check(
    tx: Transaction, id: Target, note: Note = None, expected_version: Version = None
) -> Any:
    target = uuid_of("payment_request", id)
    return await approving.payment_request_check(tx, target, note=note, version=expected_version)


@mutation("Approve a payment. 审批付款申请", payment_request=REQUEST)
async def payment_request_approve(
    tx: Transaction, id: Target, note: Note = None, expected_version: Version = None
) -> Any:
    target = uuid_of("payment_request", id)
    return await approving.payment_request_approve(tx, target, note=note, version=expected_version)


@mutation("Send a request back to be put right. 退回付款申请", payment_request=REQUEST)
async def payment_request_return(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await approving.payment_request_return(tx, uuid_of("payment_request", id), **said)


@mutation("Begin a new round with a returned request. 重新办理付款申请", payment_request=REQUEST)
async def payment_request_reopen(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    target = uuid_of("payment_request", id)
    return await approving.payment_request_reopen(tx, target, version=expected_version)


@mutation("Give a request up; the claim goes back to the partner. 否决付款申请", payment_request=REQUEST)
async def payment_request_reject(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await approving.payment_request_reject(tx, uuid_of("payment_request", id), **said)


@mutation("Send the money of an approved request. 付款", payment_request=REQUEST, payment=PAYMENT)
async def payment_send(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    done = await paying.payment_send(tx, uuid_of("payment_request", id), version=expected_version)
    return {"paymentRequest": done["request"], "payment": done["payment"]}


@mutation("Record that the bank returned the money. 登记付款失败", payment=PAYMENT)
async def payment_fail(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await paying.payment_fail(tx, uuid_of("payment", id), **said)


@mutation("Book that the money arrived. 付款入账", payment=PAYMENT)
async def payment_settle(
    tx: Transaction,
    id: Target,
    bank_reference: Annotated[str, strawberry.argument(description="Reference on the bank slip. 银行流水号")],
    settled_on: Annotated[date, strawberry.argument(description="When it arrived. 到账日期")],
    expected_version: Version = None,
) -> Any:
    return await paying.payment_settle(
        tx,
        uuid_of("payment", id),
        bank_reference=bank_reference,
        settled_on=settled_on,
        version=expected_version,
    )


@mutation("Reverse a settled payment; it begins anew. 冲销付款", payment=PAYMENT, payment_request=REQUEST)
async def payment_reverse(
    tx: Transaction,
    id: Target,
    reason_code: Reason,
    reason: Words,
    refund_reference: Annotated[
        str | None,
        strawberry.argument(description="Reference on the slip of the money that came back. 退款流水号"),
    ] = None,
    expected_version: Version = None,
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    target = uuid_of("payment", id)
    done = await paying.payment_reverse(tx, target, refund_reference=refund_reference, **said)
    return {"payment": done["payment"], "paymentRequest": done["request"]}


@strawberry.input(description="An invoice as it is written on the paper. 票据")
class InvoiceHandInInput:
    """Seller and buyer only where the paper names others than partner and payer."""

    request: strawberry.ID = strawberry.field(
        description="For which request (id of a PaymentRequest). 付款申请"
    )
    number: str = strawberry.field(description="Number. 票据号码")
    kind: enums.InvoiceKind = strawberry.field(description="Kind. 类别")
    amount: Decimal = strawberry.field(description="Amount, in yuan. 金额（元）")
    issued_on: date = strawberry.field(description="Date on the paper. 开票日期")
    document: strawberry.ID = strawberry.field(description="The paper itself (id of a Document). 票据影像")
    seller: strawberry.ID | None = strawberry.field(
        default=None, description="Seller, when it is not the partner (id of an Organization). 销售方"
    )
    buyer: strawberry.ID | None = strawberry.field(
        default=None, description="Buyer, when it is not the fund's payer (id of an Organization). 购买方"
    )


@mutation("Hand in the invoice of a request. 提交票据", target=("input", "request"), invoice=INVOICE)
async def invoice_hand_in(tx: Transaction, input: InvoiceHandInInput) -> Any:
    return await invoicing.invoice_hand_in(
        tx,
        uuid_of("payment_request", input.request),
        number=input.number,
        kind=name_of(input.kind),
        amount=input.amount,
        issued_on=input.issued_on,
        document_id=uuid_of("document", input.document),
        seller_id=uuid_of("organization", input.seller),
        buyer_id=uuid_of("organization", input.buyer),
    )


@mutation("Refuse an invoice. 拒收票据", invoice=INVOICE)
async def invoice_refuse(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await invoicing.invoice_refuse(tx, uuid_of("invoice", id), **said)


@mutation("Take an invoice back. 作废票据", invoice=INVOICE)
async def invoice_void(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await invoicing.invoice_void(tx, uuid_of("invoice", id), version=expected_version)


@strawberry.input(description="Where a street shall pay a partner. 收款账户")
class BankAccountProposeInput:
    """In the partner's own name; the number is sealed."""

    partner: strawberry.ID = strawberry.field(description="Whose account (id of a Partner). 社会组织")
    street: strawberry.ID = strawberry.field(description="Which street pays to it (id of a Street). 街道")
    holder_name: str = strawberry.field(description="Name of the holder. 户名")
    bank_name: str = strawberry.field(description="Bank. 开户行")
    number: str = strawberry.field(description="Account number, 8 to 30 digits. 账号")


@mutation("Propose a bank account. 提出收款账户", target=("input", "partner"), bank_account=ACCOUNT)
async def bank_account_propose(tx: Transaction, input: BankAccountProposeInput) -> Any:
    return await accounts.bank_account_propose(
        tx,
        uuid_of("partner", input.partner),
        street_id=uuid_of("street", input.street),
        holder_name=input.holder_name,
        bank_name=input.bank_name,
        number=input.number,
    )


@mutation("Verify a bank account. 核验收款账户", bank_account=ACCOUNT)
async def bank_account_verify(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await accounts.bank_account_verify(tx, uuid_of("bank_account", id), version=expected_version)


@mutation("Retire a bank account. 停用收款账户", bank_account=ACCOUNT)
async def bank_account_retire(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await accounts.bank_account_retire(tx, uuid_of("bank_account", id), version=expected_version)


@strawberry.type(description="The plain number of an account, shown once. 收款账户明文")
class RevealedAccount:
    """Asked for with a purpose; one audit row."""

    bank_account: strawberry.ID | None = strawberry.field(description="Which account. 收款账户")
    reference: str | None = strawberry.field(description="Reference. 编号")
    holder_name: str | None = strawberry.field(description="Name of the holder. 户名")
    bank_name: str | None = strawberry.field(description="Bank. 开户行")
    number: str | None = strawberry.field(description="The plain number. 账号")


@mutation(
    "Reveal an account number for a stated purpose; one audit row. 查看账号",
    idempotent=False,
    bank_account=(RevealedAccount, "The plain number. 收款账户明文"),
)
async def bank_account_reveal(
    tx: Transaction,
    id: Target,
    purpose: Annotated[enums.AccountPurpose, strawberry.argument(description="What for. 目的")],
) -> Any:
    done = await accounts.bank_account_reveal(tx, uuid_of("bank_account", id), purpose=name_of(purpose))
    account = done["account"]
    return {
        "bankAccount": {
            "bankAccount": f"bank_account_{account.id}",
            "reference": account.reference,
            "holderName": account.holder_name,
            "bankName": account.bank_name,
            "number": done["number"],
        }
    }
