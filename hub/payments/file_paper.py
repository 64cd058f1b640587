"""What stands in a payment file, block by block."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from hub.base.paper import Block, Column, Facts, Grid, Heading, Paper, Text
from hub.base.paper_text import NONE, amount, both, day, figures, moment, numeral, person, said
from hub.base.transaction import Transaction
from hub.documents.papers import made_by
from hub.payments.file_content import MATCHED, PaymentFile

ASPECTS = ("服务协议", "验收", "票据", "收款账户", "资金")


def file_paper(tx: Transaction, file: PaymentFile, number: str | None) -> Paper:
    """The file as a paper; `number` is the plain account number, where it is shown."""
    sections = (
        ("付款申请", _request(file)),
        ("服务协议与决策", _agreement(tx, file)),
        ("付款阶段与验收", _acceptance(tx, file)),
        ("票据", _invoice(file)),
        ("收款账户", _account(tx, file, number)),
        ("三单匹配", _match(tx, file)),
        ("审批签批", _signatures(tx, file)),
        ("付款与银行回单", _payments(tx, file)),
    )
    blocks: list[Block] = []
    for place, (title, content) in enumerate(sections, 1):
        blocks += [Heading(f"{numeral(place)}、{title}"), *content]
    street = file.places[file.request.street_id].name
    return Paper("付款卷宗", street, file.request.reference, made_by(tx), blocks)


def _request(file: PaymentFile) -> list[Block]:
    request, fund = file.request, file.fund
    kind = said("PaymentRequestKind", request.kind) + (f"，接续 {file.replaces}" if file.replaces else "")
    return [
        Facts(
            [
                [("付款申请", request.reference), ("状态", said("PaymentRequestStatus", request.status))],
                [("收款机构", file.places[request.partner_id].name)],
                [("付款方", file.places[fund.payer_id].name)],
                [("专项基金", f"{fund.reference}　{fund.name}"), ("类别", kind)],
                [("验收金额", amount(request.accepted_fen)), ("扣减金额", amount(request.deducted_fen))],
                [("应付金额", both(request.payable_fen))],
                [("应付日期", day(request.due_on)), ("到账日期", day(request.paid_on))],
            ]
        )
    ]


def _agreement(tx: Transaction, file: PaymentFile) -> list[Block]:
    agreement, version = file.agreement, file.version
    term = f"{day(version.effective_from_on)} 至 {day(version.ends_on)}"
    return [
        Facts(
            [
                [("协议", f"{agreement.reference}　{agreement.title}")],
                [("版本", f"第 {version.number} 版"), ("期限", term)],
                [("协议总额", both(version.ceiling_fen))],
                [("决策文号", version.decision_reference or NONE)],
                [
                    ("资金确认", _hand(tx, file, version.certified_by_id, version.certified_at)),
                    ("协议审批", _hand(tx, file, version.approved_by_id, version.approved_at)),
                ],
                [("机构签署", _hand(tx, file, version.signed_by_id, version.signed_at))],
            ]
        )
    ]


def _hand(tx: Transaction, file: PaymentFile, by: UUID | None, at: Any) -> str:
    """Who took a step, and when."""
    if by is None:
        return NONE
    return f"{_person(file, by)}\n{moment(at, tx.clock.zone)}"


def _person(file: PaymentFile, by: UUID | None) -> str:
    if by is None:
        return NONE
    row = file.people[by]
    return person(row.display_name, row.role, row.duty)


def _acceptance(tx: Transaction, file: PaymentFile) -> list[Block]:
    stage, claim = file.milestone, file.submission
    kind = said("MilestoneKind", stage.kind)
    facts = Facts(
        [
            [("付款阶段", f"{stage.code}　{stage.title}（{kind}）"), ("阶段金额", amount(stage.amount_fen))],
            [
                ("验收申请", f"{claim.reference}（第 {claim.round} 次）"),
                ("状态", said("SubmissionStatus", claim.status)),
            ],
            [("申请金额", amount(claim.claimed_fen)), ("验收金额", amount(claim.accepted_fen))],
        ]
    )
    decisions = Grid(
        [
            Column("结论", 2.4),
            Column("验收金额（元）", 2.4, "right"),
            Column("意见", 5),
            Column("验收人", 3.4),
            Column("时间", 2.7, "centre"),
        ],
        [
            [
                said("ReviewDecision", one.decision),
                figures(one.accepted_fen),
                _why("ReviewReason", one.reason_code, one.comment),
                _person(file, one.reviewed_by_id),
                moment(one.reviewed_at, tx.clock.zone),
            ]
            for one in file.reviews
        ],
    )
    return [facts, Heading("验收意见", 2), decisions, *_taken_off(file), *_appeal(tx, file)]


def _why(enum: str, code: str | None, words: str | None) -> str:
    """Reason and words: `佐证不全：少一张签到表`."""
    return "：".join(filter(None, (said(enum, code) if code else None, words))) or NONE


def _slips(payment: Row[Any]) -> str:
    """The bank's references: of the money that went, and of what came back."""
    back = payment.refund_reference and f"退回 {payment.refund_reference}"
    return "；".join(filter(None, (payment.bank_reference, back)))


def _taken_off(file: PaymentFile) -> list[Block]:
    if not file.deductions:
        return [Text("本次付款没有扣减。")]
    columns = [
        Column("编号", 2.8),
        Column("类别", 2.2),
        Column("金额（元）", 2.2, "right"),
        Column("依据", 3.5),
        Column("理由", 4),
    ]
    rows = [
        [one.reference, said("DeductionKind", one.kind), figures(one.amount_fen), one.rule, one.reason]
        for one in file.deductions
    ]
    total = ["合计", "", figures(sum(one.amount_fen for one in file.deductions)), "", ""]
    return [Heading("扣减", 2), Grid(columns, rows, total)]


def _appeal(tx: Transaction, file: PaymentFile) -> list[Block]:
    appeal = file.appeal
    if appeal is None:
        return []
    rows = [
        [("申诉", appeal.reference), ("裁定", said("AppealStatus", appeal.status))],
        [("支持金额", amount(appeal.awarded_fen)), ("裁定人", _person(file, appeal.decided_by_id))],
        [("裁定意见", appeal.decision or NONE)],
    ]
    return [Heading("申诉", 2), Facts(rows)]


def _invoice(file: PaymentFile) -> list[Block]:
    invoice, paper = file.invoice, file.paper
    if invoice is None or paper is None:
        return [Text("尚未提交票据。")]
    return [
        Facts(
            [
                [("票据号码", invoice.number), ("类别", said("InvoiceKind", invoice.kind))],
                [("开票日期", day(invoice.issued_on)), ("状态", said("InvoiceStatus", invoice.status))],
                [("销售方", file.places[invoice.seller_id].name)],
                [("购买方", file.places[invoice.buyer_id].name)],
                [("票面金额", both(invoice.amount_fen))],
                [("票据影像", f"{paper.reference}\nSHA-256 {paper.sha256}")],
            ]
        )
    ]


def _account(tx: Transaction, file: PaymentFile, number: str | None) -> list[Block]:
    account = file.account
    if account is None:
        return [Text("收款账户在会计审核时确定。")]
    return [
        Facts(
            [
                [("户名", account.holder_name)],
                [("开户行", account.bank_name)],
                [
                    (
                        "账号",
                        grouped(number) if number else f"**** {account.number_last4}（仅会计、出纳可见全号）",
                    ),
                ],
                [
                    ("核验", _hand(tx, file, account.verified_by_id, account.verified_at)),
                    ("可付款日", day(account.usable_from_on)),
                ],
            ]
        )
    ]


def grouped(number: str) -> str:
    """`6222 0202 0011 2233 445`: as it is compared with a slip, four digits at a time."""
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _match(tx: Transaction, file: PaymentFile) -> list[Block]:
    results = [getattr(file.match, name) for name in MATCHED]
    marks = [f"{'√' if one == 'OK' else '×'} {said('MatchResult', one)}" for one in results]
    columns = [Column(title, 1, "centre") for title in ASPECTS]
    return [Text(f"截至 {day(tx.today)}：", leads=True), Grid(columns, [marks])]


def _signatures(tx: Transaction, file: PaymentFile) -> list[Block]:
    columns = [
        Column("轮次", 1.1, "centre"),
        Column("步骤", 2),
        Column("签批人", 2.6),
        Column("岗位", 3.4),
        Column("时间", 2.9, "centre"),
        Column("意见", 4.4),
    ]
    rows = []
    for one in file.approvals:
        who = file.people[one.made_by_id]
        post = person("", who.role, who.duty).strip("（）")
        words = _why("PaymentReason", one.reason_code, one.note)
        at = moment(one.made_at, tx.clock.zone)
        rows.append([str(one.round), said("ApprovalStep", one.step), who.display_name, post, at, words])
    return [Grid(columns, rows, empty="尚无人签批")]


def _payments(tx: Transaction, file: PaymentFile) -> list[Block]:
    columns = [
        Column("付款编号", 3),
        Column("状态", 1.7),
        Column("金额（元）", 2.3, "right"),
        Column("付款", 3.4),
        Column("到账日期", 2.1, "centre"),
        Column("银行流水号", 3.2),
    ]
    rows = [
        [
            one.reference,
            said("PaymentStatus", one.status),
            figures(one.amount_fen),
            _hand(tx, file, one.sent_by_id, one.sent_at),
            day(one.settled_on),
            _slips(one) or _why("PaymentReason", one.reason_code, one.reason),
        ]
        for one in file.payments
    ]
    return [Grid(columns, rows, empty="尚未付款")]
