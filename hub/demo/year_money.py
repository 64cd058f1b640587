"""The year's money: each stage's claim, and where it stands this morning.

Settled: first stages (one after the bank had sent it back, one paid a second time after a reversal) and what followed.
Waiting: one request for each who has a step to take. Besides: one returned, one failed, one after an upheld appeal.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from hub.acceptance.deducting import deduction_propose, deduction_withdraw
from hub.acceptance.submitting import submission_withdraw
from hub.demo.claims import ACCOUNTANT, DEPUTY, DIRECTOR, Claim, account_of, named_account
from hub.demo.stage import Stage, Story
from hub.payments.appealing import appeal_decide, appeal_file
from hub.payments.approving import payment_request_reject, payment_request_return
from hub.payments.invoicing import invoice_refuse
from hub.payments.paying import payment_reverse

SIGNED = (("CONTRACT", "服务协议签署页"), ("REPORT", "年度服务计划"))
"""What a first stage is accepted on."""

BEGINS = -327
"""The accounts are named in the first days of the agreements."""


async def accounts(stage: Stage) -> None:
    """Where the partners are paid; that of partner 2 will turn out to be closed, and one is about to change."""
    for place, partner in enumerate(("nuanchao", "kangle", "xinquan", "qingmiao")):
        await account_of(stage, partner, BEGINS + place // 2)
    await named_account(stage, "qingmiao", -1, "中国银行徐州泉山支行")


# ---- partner 1: units, quarter by quarter ----


async def first_stage(stage: Stage) -> None:
    """The usual way, from the claim to the bank's slip."""
    await Claim(stage, "nuanchao", "M1", -319, papers=SIGNED).up_to("settle")


async def first_quarter(stage: Stage) -> None:
    """Claimed too early and taken back; then an invoice over the wrong amount is refused."""
    claim = Claim(stage, "nuanchao", "M2", -224)
    await claim.submit(note="第一次结算。")
    await claim.at(1, 10)
    await claim.do(claim.manager, submission_withdraw, claim.submission_id)
    await claim.submit(4, note="补齐签到表后重新提交。")
    await claim.review(7)
    wrong = await claim.invoice(9, amount=Decimal("999.00"))
    await claim.at(10, 11)
    text = "发票金额与验收金额不符，请重开。"
    await claim.do(ACCOUNTANT, invoice_refuse, wrong.id, reason_code="INVOICE_WRONG", reason_text=text)
    await claim.up_to("settle", "invoice", later=6)


async def second_quarter(stage: Stage) -> None:
    """A deduction for visits that came late; nobody objects."""
    claim = Claim(stage, "nuanchao", "M3", -103, reviewer="tao")
    await claim.submit()
    await _deduct(claim, 1, "30.00", "协议第九条：迟到三十分钟以上每次扣十元。", "本季三次迟到。")
    await claim.review(3)
    await claim.up_to("settle", "invoice")


async def third_quarter(stage: Stage) -> None:
    """Accepted in part last week; the partner has appealed and owes its invoice."""
    claim = Claim(stage, "nuanchao", "M4", -10)
    await claim.submit()
    reason = ("EVIDENCE_DOUBTFUL", "两次服务的照片与前次相同，待核实后再付。")
    await claim.review(4, "ACCEPT_IN_PART", less="60.00", reason=reason)
    await claim.at(8, 9)
    grounds = "照片系误传，原始记录和老人签字均在，请复核。"
    appeal = await claim.do(claim.manager, appeal_file, claim.submission_id, grounds=grounds)
    stage.name("appeals", claim.name, appeal.id)


# ---- the county contract ----


async def county_first_stage(stage: Stage) -> None:
    """Above the limit: a community confirms the acceptance."""
    claim = Claim(stage, "county", "M1", -316, "nuanchao", papers=SIGNED)
    await claim.submit()
    await claim.review(3)
    await claim.second("wang", 4)
    await claim.up_to("settle", "invoice")


async def county_mid_term(stage: Stage) -> None:
    """Accepted in part with a deduction, and paid. The deputy upholds an appeal; its award waits for the director."""
    papers = (("REPORT", "中期服务报告"), ("REPORT", "财务收支明细"))
    claim = Claim(stage, "county", "M2", -76, "nuanchao", papers=papers)
    await claim.submit(note="中期款，附件为服务报告与收支明细。")
    await _deduct(claim, 2, "2000.00", "协议第十二条：活动方案逾期报备。", "金秋游园会方案晚报五日。")
    reason = ("QUALITY_SHORT", "金秋游园会实到178人，未达200人。")
    await claim.review(4, "ACCEPT_IN_PART", less="20000.00", reason=reason)
    await claim.second("li", 6)
    await claim.up_to("settle", "invoice", later=2)
    await claim.at(24, 9)
    grounds = "当日暴雨，到场人数不足非我方原因，且已补办一场。"
    appeal = await claim.do(claim.manager, appeal_file, claim.submission_id, grounds=grounds)
    stage.name("appeals", claim.name, appeal.id)
    await claim.at(56, 10)
    decided = await claim.do(
        DEPUTY,
        appeal_decide,
        appeal.id,
        upheld=True,
        decision="补办活动属实，支持部分金额。",
        awarded=Decimal("12000.00"),
    )
    claim.made(decided["request"])
    stage.name("requests", "supplementary", claim.request.id)
    await claim.up_to("check", "invoice", later=60)


# ---- partner 2 ----


async def bank_failure(stage: Stage) -> None:
    """The bank sends the first stage back; with a corrected account it is checked, approved and sent again."""
    claim = Claim(stage, "kangle", "M1", -317, papers=SIGNED, reviewer="tao")
    await claim.up_to("send")
    await claim.fail(13, "ACCOUNT_WRONG", "收款账户已销户，银行退回。")
    await account_of(stage, "kangle", claim.start + 14, "江苏银行徐州泉山支行")
    await claim.check(20)
    await claim.approve(21)
    await claim.send(22)
    await claim.settle(24)


async def lifted_deduction(stage: Stage) -> None:
    """A deduction that the deputy lifts on appeal: it is paid on top."""
    claim = Claim(stage, "kangle", "M2", -214, reviewer="tao")
    await claim.submit()
    deduction = await _deduct(claim, 1, "90.00", "协议第八条：服务记录缺签字。", "两次照料无家属签字。")
    await claim.review(3)
    await claim.up_to("settle", "invoice")
    await claim.at(15, 9)
    grounds = "家属当日不在，已补签。"
    appeal = await claim.do(
        claim.manager, appeal_file, claim.submission_id, grounds=grounds, deduction_id=deduction
    )
    await claim.at(22, 10)
    said = {"upheld": True, "decision": "补签有效，撤销扣款。"}
    decided = await claim.do(DEPUTY, appeal_decide, appeal.id, **said)
    claim.made(decided["request"])
    await claim.up_to("settle", "invoice", later=20)


async def kangle_settled(stage: Stage) -> None:
    """The usual way."""
    await Claim(stage, "kangle", "M3", -99, reviewer="tao").up_to("settle")


async def to_send(stage: Stage) -> None:
    """Approved on the last working day: the cashier has it."""
    await Claim(stage, "kangle", "M4", -13, reviewer="tao").up_to("approve")


# ---- the smaller partners ----


async def sent(stage: Stage) -> None:
    """Sent on the last working day: the bank's slip is awaited."""
    await Claim(stage, "xinquan", "M1", -312, papers=SIGNED).up_to("settle")
    claim = Claim(stage, "xinquan", "M3", -15)
    await claim.up_to("send")


async def denied_appeal(stage: Stage) -> None:
    """A report is rejected, the appeal denied; the better report is accepted."""
    claim = Claim(stage, "xinquan", "M2", -131)
    await claim.submit()
    reason = ("EVIDENCE_MISSING", "报告未附前后测数据，无法评估成效。")
    await claim.review(3, "REJECT", reason=reason)
    await claim.at(5, 9)
    appeal = await claim.do("gao", appeal_file, claim.submission_id, grounds="协议未要求前后测。")
    await claim.at(10, 10)
    await claim.do(
        DEPUTY, appeal_decide, appeal.id, upheld=False, decision="协议附件二第四条有此要求，不予支持。"
    )
    await claim.submit(20, note="已补充前后测数据。")
    await claim.up_to("settle", "review", later=20)


async def reversed_payment(stage: Stage) -> None:
    """Paid out of the wrong budget: reversed, and paid anew."""
    claim = Claim(stage, "qingmiao", "M1", -310, papers=SIGNED, reviewer="tao")
    await claim.up_to("settle")
    await claim.at(20, 10)
    done = await claim.do(
        ACCOUNTANT,
        payment_reverse,
        claim.payment_id,
        reason_code="PAID_IN_ERROR",
        reason_text="付款用途填写有误，机构已退回，重新办理。",
        refund_reference="TK202601150007",
    )
    claim.made(done["request"])
    await claim.up_to("settle", "invoice", later=18)


async def returned_report(stage: Stage) -> None:
    """Sent back for a missing sheet, then accepted in part; the next stage waits for the accountant."""
    claim = Claim(stage, "qingmiao", "M2", -126, reviewer="tao")
    await claim.submit()
    await claim.review(3, "RETURN", reason=("EVIDENCE_MISSING", "缺第三次活动签到表。"))
    await claim.submit(7, note="已补第三次活动签到表。")
    reason = ("QUANTITY_SHORT", "原定八次，报告期内完成五次。")
    await claim.review(10, "ACCEPT_IN_PART", less="1200.00", reason=reason)
    await claim.up_to("settle", "invoice", later=7)
    await Claim(stage, "qingmiao", "M3", -12, reviewer="tao").up_to("confirm")


async def failed(stage: Stage) -> None:
    """Rejected before it was sent, claimed anew; then the bank refuses it, and nobody has sent it again."""
    await account_of(stage, "shiliu", -64)
    claim = Claim(stage, "shiliu", "M1", -58, papers=SIGNED)
    await claim.up_to("check")
    await claim.at(10, 16)
    text = "协议签署页缺公章，退回重新申请。"
    await claim.do(
        DIRECTOR,
        payment_request_reject,
        claim.request.id,
        reason_code="EVIDENCE_MISSING",
        reason_text=text,
    )
    await claim.submit(35, note="签署页已补盖公章。")
    await claim.up_to("send", "review", later=37)
    await claim.fail(53, "BANK_REFUSED", "银行系统维护，指令被退回。")


async def returned_request(stage: Stage) -> None:
    """The accountant returned a request; the claim of the stage after it waits for its review."""
    claim = Claim(stage, "shiliu", "M2", -14)
    await claim.up_to("confirm")
    await claim.at(10, 10)
    text = "发票备注栏未写协议编号，请站点补充说明。"
    said = {"reason_code": "INVOICE_WRONG", "reason_text": text}
    await claim.do(ACCOUNTANT, payment_request_return, claim.request.id, **said)
    last = Claim(stage, "shiliu", "M3", -4)
    await last.submit()
    slip = await _deduct(last, 1, "50.00", "协议第七条：陪伴时长不足。", "录入有误，待撤回。")
    await last.do(last.reviewer, deduction_withdraw, slip)
    await _deduct(last, 2, "40.00", "协议第七条：陪伴时长不足一小时。", "一次陪伴仅三十分钟。")


async def _deduct(claim: Claim, day: int, amount: str, rule: str, reason: str) -> UUID:
    await claim.at(day, 11)
    said = {"kind": "PENALTY", "amount": Decimal(amount), "rule": rule, "reason": reason}
    row = await claim.do(claim.reviewer, deduction_propose, claim.submission_id, **said)
    return row.id


def money_year() -> list[Story]:
    """Every claim, beside each other."""
    return [
        accounts,
        *(first_stage, first_quarter, second_quarter, third_quarter),
        *(county_first_stage, county_mid_term),
        *(bank_failure, lifted_deduction, kangle_settled, to_send),
        *(sent, denied_appeal, reversed_payment, returned_report),
        *(failed, returned_request),
    ]
