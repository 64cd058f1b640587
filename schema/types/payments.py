"""Payment requests with their invoice, account, approvals and payments."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.acceptance import Appeal, Deduction, Submission
from schema.types.base import (
    AvailableAction,
    Money,
    Node,
    actions,
    computed,
    day,
    derived_one,
    edge,
    instant,
    money,
    prose,
    short,
    word,
)
from schema.types.base import number as whole
from schema.types.decisions import LEAST, PaymentDecision
from schema.types.refs import (
    AgreementRef,
    DocumentRef,
    FundRef,
    MembershipRef,
    MilestoneRef,
    OrganizationRef,
    PartnerRef,
    StreetRef,
)

UNPAID = "{t}.status not in ('PAID', 'REJECTED', 'REVERSED')"
OVERDUE_DAYS = (
    f"case when {UNPAID} then greatest(0, {{today}} - {{t}}.due_on)"
    " when {t}.paid_on is not null then greatest(0, {t}.paid_on - {t}.due_on) else 0 end"
)


@describe()
@strawberry.type(description="Which post has had it, and since when. 当前经办")
class Waiting:
    """Whose turn it is."""

    role: enums.Role | None = word("role", "Whose turn it is. 岗位")
    duty: enums.Duty | None = word("duty", "The finance officer's duty. 财务岗位")
    since: datetime | None = instant("since", "Since when. 起始时间")


@describe()
@strawberry.type(description="What must agree before anything is paid: each OK, or why not. 三单匹配")
class PaymentMatch:
    """Of the request with the invoice and the account that it names."""

    agreement: enums.MatchResult | None = word("agreement", "The agreement is or was in force. 协议")
    acceptance: enums.MatchResult | None = word("acceptance", "The work was accepted, for as much. 验收")
    invoice: enums.MatchResult | None = word("invoice", "One live invoice, of this payee and amount. 票据")
    account: enums.MatchResult | None = word("account", "A verified account that may be used. 账户")
    fund: enums.MatchResult | None = word("fund", "The money is there. 资金")


@describe("payment_requests", tag="payment_request")
@strawberry.type(description="What accepted work makes payable. 付款申请")
class PaymentRequest(Node):
    """Accepted less deductions; confirmed, checked, approved, sent and settled by different people."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.PaymentRequestStatus | None = word("status", "State. 状态")
    kind: enums.PaymentRequestKind | None = word("kind", "Ordinary, or after an upheld appeal. 类别")
    partner: PartnerRef | None = edge("Partner", "Who is paid. 收款机构", via="partner_id")
    street: StreetRef | None = edge("Street", "By which street. 街道", via="street_id")
    fund: FundRef | None = edge("Fund", "Out of which fund. 专项基金", via="fund_id")
    agreement: AgreementRef | None = edge("Agreement", "Under which agreement. 服务协议", via="agreement_id")
    milestone: MilestoneRef | None = edge("Milestone", "For which stage. 付款阶段", via="milestone_id")
    submission: Submission | None = edge("Submission", "For which claim. 验收申请", via="submission_id")
    appeal: Appeal | None = edge("Appeal", "After which appeal. 申诉", via="appeal_id")
    replaces: PaymentRequest | None = edge(
        "PaymentRequest", "Which reversed request it stands for. 被冲销的申请", via="replaces_id"
    )
    accepted: Money | None = money("{t}.accepted_fen", "What was accepted. 验收金额")
    deducted: Money | None = money("{t}.deducted_fen", "What was taken off. 扣减金额")
    payable: Money | None = money("{t}.payable_fen", "What is to be paid. 应付金额")
    deductions: list[Deduction] | None = short(
        "Deduction", "What was taken off, and why. 扣减", back="request_id"
    )
    due_on: date | None = day("due_on", "By when the street has to pay. 应付日期")
    paid_on: date | None = day("paid_on", "When the money arrived. 到账日期")
    overdue_days: int | None = computed(
        OVERDUE_DAYS, Kind.NUMBER, "Days past that date, counted against the street. 逾期天数"
    )
    waiting_for: Waiting | None = derived_one(
        "Waiting",
        "payment_waiting({t}.id)",
        "Which post has had it since when; null once it is over. 当前经办",
    )
    match: PaymentMatch | None = derived_one(
        "PaymentMatch",
        "payment_match({t}.id, {today})",
        "Whether everything agrees, or what does not. 三单匹配",
    )
    decision: PaymentDecision | None = derived_one(
        "PaymentDecision",
        f"payment_decision({{t}}.id, {LEAST})",
        "The page on which it is decided: what it bills, for how many, what the fund holds, who checked. 付款审批页",
    )
    round: int | None = whole("round", "Round of approval. 审批轮次")
    invoice: Invoice | None = edge("Invoice", "The invoice it stands on. 票据", via="invoice_id")
    account: BankAccount | None = edge(
        "BankAccount", "The account that was checked. 收款账户", via="account_id"
    )
    approvals: list[Approval] | None = short(
        "Approval", "Every step anybody took, oldest first. 审批记录", back="request_id"
    )
    payments: list[Payment] | None = short(
        "Payment", "Money sent for it, oldest first. 付款", back="request_id"
    )
    status_reason_code: enums.PaymentReason | None = word(
        "status_reason_code", "Why it was returned or rejected, or failed. 原因代码"
    )
    status_reason: str | None = prose("status_reason", "The same in words. 原因说明")
    status_since: datetime | None = instant("status_changed_at", "Since when it stands there. 状态起始时间")
    created_at: datetime | None = instant("created_at", "When it was made. 生成时间")
    available_actions: list[AvailableAction] | None = actions("PaymentRequest")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("approvals")
@strawberry.type(description="A step that somebody took on a payment request; never changed. 审批记录")
class Approval(Node):
    """Who, which step, when."""

    step: enums.ApprovalStep | None = word("step", "Which step. 步骤")
    round: int | None = whole("round", "In which round. 轮次")
    made_by: MembershipRef | None = edge("Membership", "By whom. 经办人", via="made_by_id")
    made_at: datetime | None = instant("made_at", "When. 办理时间")
    reason_code: enums.PaymentReason | None = word("reason_code", "Why, as a code. 原因代码")
    note: str | None = prose("note", "In words. 意见")


@describe("invoices")
@strawberry.type(description="What a partner hands in to be paid. 票据")
class Invoice(Node):
    """As it is written on the paper; a number counts once in the hub."""

    status: enums.InvoiceStatus | None = word("status", "State. 状态")
    number: str | None = prose("number", "Number. 票据号码")
    kind: enums.InvoiceKind | None = word("kind", "Kind. 类别")
    payment_request: PaymentRequest | None = edge(
        "PaymentRequest", "For which request. 付款申请", via="request_id"
    )
    seller: OrganizationRef | None = edge("Organization", "Seller on the paper. 销售方", via="seller_id")
    buyer: OrganizationRef | None = edge("Organization", "Buyer on the paper. 购买方", via="buyer_id")
    amount: Money | None = money("{t}.amount_fen", "Amount on the paper. 金额")
    issued_on: date | None = day("issued_on", "Date on the paper. 开票日期")
    document: DocumentRef | None = edge("Document", "The paper itself. 票据影像", via="document_id")
    handed_in_by: MembershipRef | None = edge("Membership", "Who handed it in. 提交人", via="handed_in_by_id")
    handed_in_at: datetime | None = instant("handed_in_at", "When. 提交时间")
    reason_code: enums.PaymentReason | None = word("reason_code", "Why it was refused. 拒收原因")
    reason: str | None = prose("reason", "The same in words. 拒收说明")
    available_actions: list[AvailableAction] | None = actions("Invoice")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("bank_accounts", tag="bank_account")
@strawberry.type(description="Where a street pays a partner; the number is sealed. 收款账户")
class BankAccount(Node):
    """Proposed by the partner, verified by the accountant, slept on before it is used."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.BankAccountStatus | None = word("status", "State. 状态")
    partner: PartnerRef | None = edge("Partner", "Whose account it is. 社会组织", via="partner_id")
    street: StreetRef | None = edge("Street", "Which street pays to it. 街道", via="street_id")
    holder_name: str | None = prose("holder_name", "Name of the holder. 户名")
    bank_name: str | None = prose("bank_name", "Bank. 开户行")
    last4: str | None = prose("number_last4", "Last four digits. 账号末四位")
    proposed_by: MembershipRef | None = edge("Membership", "Who proposed it. 提出人", via="proposed_by_id")
    proposed_at: datetime | None = instant("proposed_at", "When. 提出时间")
    verified_by: MembershipRef | None = edge("Membership", "Who verified it. 核验人", via="verified_by_id")
    verified_at: datetime | None = instant("verified_at", "When. 核验时间")
    usable_from: date | None = day("usable_from_on", "From when it may be paid to. 启用日期")
    retired_at: datetime | None = instant("retired_at", "When it was retired. 停用时间")
    available_actions: list[AvailableAction] | None = actions("BankAccount")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("payments")
@strawberry.type(description="Money on its way, or arrived. 付款")
class Payment(Node):
    """The whole amount of a request, to the account that was checked."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.PaymentStatus | None = word("status", "State. 状态")
    amount: Money | None = money("{t}.amount_fen", "How much. 金额")
    partner: PartnerRef | None = edge("Partner", "To whom. 收款机构", via="partner_id")
    agreement: AgreementRef | None = edge("Agreement", "Under which agreement. 服务协议", via="agreement_id")
    milestone: MilestoneRef | None = edge("Milestone", "For which stage. 付款阶段", via="milestone_id")
    payment_request: PaymentRequest | None = edge(
        "PaymentRequest", "For which request. 付款申请", via="request_id"
    )
    account: BankAccount | None = edge("BankAccount", "To which account. 收款账户", via="account_id")
    bank_reference: str | None = prose("bank_reference", "Reference of the bank. 银行流水号")
    sent_by: MembershipRef | None = edge("Membership", "Who sent it. 付款人", via="sent_by_id")
    sent_at: datetime | None = instant("sent_at", "When. 付款时间")
    settled_by: MembershipRef | None = edge("Membership", "Who settled it. 入账人", via="settled_by_id")
    settled_on: date | None = day("settled_on", "When the money arrived. 到账日期")
    failed_at: datetime | None = instant("failed_at", "When it failed. 失败时间")
    reversed_at: datetime | None = instant("reversed_at", "When it was reversed. 冲销时间")
    reason_code: enums.PaymentReason | None = word("reason_code", "Why it failed or was reversed. 原因代码")
    reason: str | None = prose("reason", "The same in words. 原因说明")
    refund_reference: str | None = prose(
        "refund_reference", "Reference of the bank on the money that came back. 退款流水号"
    )
    available_actions: list[AvailableAction] | None = actions("Payment")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")
