"""What stands in the PDF of an acceptance pack, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from hub.acceptance.pack_content import Evidence, Pack
from hub.base.paper import Block, Column, Facts, Grid, Heading, Paper, Text
from hub.base.paper_text import both, day, figures, moment, numeral, person, said, size
from hub.base.transaction import Transaction
from hub.documents.papers import made_by

SIGN_IN, PHOTOS = ("SIGN_IN_SHEET", "SIGNATURE"), ("PHOTO",)
PART_OF = {"CASE": "VISIT", "SERIES": "SESSION"}
"""A line that buys casework is billed by the case, whose records are follow-ups; one that buys groups by the series."""


def pack_paper(tx: Transaction, pack: Pack) -> Paper:
    """The pack as a paper."""
    sections = (
        ("申请概况", _claim(tx, pack)),
        ("金额计算", _derivation(pack)),
        ("阶段标准", _stage_criteria(pack)),
        *((f"服务条目：{line.title}", _line(tx, pack, line)) for line in pack.lines),
        ("佐证索引", _index(pack)),
        ("验收意见", _decisions(tx, pack)),
    )
    blocks: list[Block] = []
    filled = [(title, content) for title, content in sections if content]
    for number, (title, content) in enumerate(filled, 1):
        blocks += [Heading(f"{numeral(number)}、{title}"), *content]
    return Paper("验收包", pack.street.name, pack.submission.reference, made_by(tx), blocks)


def _claim(tx: Transaction, pack: Pack) -> list[Block]:
    claim, stage = pack.submission, pack.milestone
    return [
        Facts(
            [
                [("服务协议", f"{pack.agreement.reference}　{pack.agreement.title}")],
                [("社会组织", pack.partner.name), ("协议版本", f"第 {pack.version.number} 版")],
                [
                    ("付款阶段", f"{stage.code}　{stage.title}（{said('MilestoneKind', stage.kind)}）"),
                    ("应完成日期", day(stage.due_on)),
                ],
                [
                    ("验收申请", f"{claim.reference}（第 {claim.round} 次）"),
                    ("状态", said("SubmissionStatus", claim.status)),
                ],
                [
                    ("提交人", pack.submitted_by or "—"),
                    ("提交时间", moment(claim.submitted_at, tx.clock.zone)),
                ],
                [("申请金额", both(claim.claimed_fen))],
                *([[("验收金额", both(claim.accepted_fen))]] if claim.accepted_fen else []),
                *([[("说明", claim.note)]] if claim.note else []),
            ]
        )
    ]


def _derivation(pack: Pack) -> list[Block]:
    titles = {line.id: line.title for line in pack.lines}
    columns = [
        Column("序号", 1, "centre"),
        Column("步骤", 3),
        Column("条目或标准", 4),
        Column("数量 × 单价，或实际／目标", 4, "right"),
        Column("金额（元）", 2.4, "right"),
    ]
    *steps, last = pack.steps
    rows = [
        [
            str(step.number),
            said("ClaimStepKind", step.kind),
            titles.get(step.line_id) or (said("CriterionMetric", step.metric) if step.metric else ""),
            _figures_of(step),
            "" if step.amount_fen is None else figures(step.amount_fen),
        ]
        for step in steps
    ]
    total = ["", said("ClaimStepKind", last.kind), "", "", figures(last.amount_fen)]
    rule = said("ClaimRule", pack.submission.rule)
    shortfall = said("ShortfallRule", pack.version.shortfall_rule)
    return [Text(f"金额规则：{rule}；未完成时：{shortfall}。", leads=True), Grid(columns, rows, total)]


def _figures_of(step: Row[Any]) -> str:
    if step.kind == "CRITERION":
        return f"{'无法计量' if step.value is None else step.value}／{step.target}"
    return "" if step.quantity is None else f"{step.quantity} × {figures(step.unit_price_fen)}"


def _stage_criteria(pack: Pack) -> list[Block]:
    own = [one for one in pack.criteria if one.milestone_id == pack.milestone.id]
    return [_criteria(pack, own)] if own else []


def _criteria(pack: Pack, wanted: Sequence[Row[Any]]) -> Grid:
    columns = [Column("标准", 4), Column("要求", 3), Column("实际", 2, "right"), Column("结论", 3, "centre")]
    return Grid(columns, [_criterion(pack, one) for one in wanted])


def _criterion(pack: Pack, one: Row[Any]) -> list[str]:
    """What was measured when the claim was handed in; of each unit's own quality only that what counts has it."""
    asked = f"{said('Operator', one.operator)} {one.target}"
    metric = said("CriterionMetric", one.metric)
    if one.per_unit:
        return [f"{metric}（每单位）", asked, "—", "只计达标的单位"]
    step = next((step for step in pack.steps if step.criterion_id == one.id), None)
    if step is None or step.value is None:
        return [metric, asked, "—", "不由系统计量" if step else "本阶段不计"]
    held = {
        "AT_LEAST": step.value >= step.target,
        "AT_MOST": step.value <= step.target,
        "EXACTLY": step.value == step.target,
    }[one.operator]
    return [metric, asked, str(step.value), "达到" if held else "未达到"]


def _line(tx: Transaction, pack: Pack, line: Row[Any]) -> list[Block]:
    """A line of the agreement, if the claim says anything about it: its criteria, records, sheets and photos."""
    records = [record for record in pack.records if record.line_id == line.id]
    if not records and not any(step.line_id == line.id for step in pack.steps):
        return []
    own = [one for one in pack.criteria if one.line_id == line.id]
    blocks: list[Block] = [Heading("标准", 2), _criteria(pack, own)] if own else []
    if records:
        heading = f"记录：{len(records)} 条，合计 {total_of(line.unit, records)}"
        blocks += [Heading(heading, 2), _records(tx, pack, records)]
        blocks += _proofs(pack, line)
    return blocks


def total_of(unit: str, records: Sequence[Any]) -> str:
    """What the records of a line come to: units, where each is a part of one; else their quantities."""
    units = {record.unit_id for record in records}
    total = len(units) if unit in PART_OF else sum(record.quantity for record in records)
    return f"{total} {said('ServiceUnit', unit)}"


def quantity_of(record: Any) -> str:
    """How much one record is: a follow-up of a case is not a case."""
    return f"{record.quantity} {said('ServiceUnit', PART_OF.get(record.unit, record.unit))}"


def _records(tx: Transaction, pack: Pack, records: Sequence[Row[Any]]) -> Grid:
    proofs: dict[str, list[str]] = {}
    for each in pack.evidence:
        for reference in each.proves:
            proofs.setdefault(reference, []).append(str(each.number))
    subject = bool(pack.shown & {"personPseudonym", "session"})
    columns = [
        Column("编号", 2.9),
        Column("日期", 2.2, "centre"),
        Column("服务", 2.6),
        *([Column("化名或场次", 3)] if subject else []),
        Column("数量", 1.3, "right"),
        *([Column("社工", 1.7)] if "worker" in pack.shown else []),
        Column("核实", 3.2),
        Column("佐证", 1.6),
    ]
    return Grid(columns, [list(_record(tx, pack, record, proofs, subject)) for record in records])


def _record(
    tx: Transaction, pack: Pack, record: Row[Any], proofs: dict[str, list[str]], subject: bool
) -> Iterator[str]:
    yield record.reference
    yield day(record.happened_on)
    yield record.service
    if subject:
        yield _subject(pack, record)
    yield quantity_of(record)
    if "worker" in pack.shown:
        yield record.worker_name
    yield _verified(tx, pack, record)
    yield "、".join(proofs.get(record.reference, ())) or "—"


def _subject(pack: Pack, record: Row[Any]) -> str:
    """For whom: a pseudonym, or the session with its head-count. Never a name."""
    if record.session_reference is not None:
        return (
            f"{record.session_reference}，{record.participant_count} 人" if "session" in pack.shown else "—"
        )
    return record.person_pseudonym if "personPseudonym" in pack.shown else "—"


def _verified(tx: Transaction, pack: Pack, record: Row[Any]) -> str:
    if record.verification is None:
        return said("DeliveryStatus", record.status)
    name = record.verifier_name if "verifiedBy" in pack.shown else None
    when = " ".join(filter(None, (name, day(tx.clock.day(record.verified_at)))))
    return f"{said('Verification', record.verification)}\n{when}"


def _proofs(pack: Pack, line: Row[Any]) -> list[Block]:
    """Which numbers of the index are sheets, photos and other papers of the line."""
    own = [each for each in pack.evidence if each.line_id == line.id]
    groups = {"签到表与签字": [], "照片": [], "其他材料": []}  # type: dict[str, list[str]]
    for each in own:
        kind = "签到表与签字" if each.kind in SIGN_IN else "照片" if each.kind in PHOTOS else "其他材料"
        groups[kind].append(str(each.number))
    told = [
        f"{kind} {len(numbers)} 份（佐证 {'、'.join(numbers)}）"
        for kind, numbers in groups.items()
        if numbers
    ]
    return [Text("；".join(told) + "。" if told else "本条目没有佐证文件。")]


def _index(pack: Pack) -> list[Block]:
    columns = [
        Column("序号", 1, "centre"),
        Column("编号", 2.9),
        Column("类别", 1.7),
        Column("服务记录", 3),
        Column("大小", 1.7, "right"),
        Column("SHA-256", 6.4),
    ]
    note = "原件见压缩包，按序号编排；压缩包内“SHA256SUMS”可供逐一核对。"
    if not any(each.openable for each in pack.evidence):
        note = "原件存于系统，由社工站和承接机构查阅；以下为存档文件的摘要值。"
    return [
        Text(note, leads=True),
        Grid(columns, [_indexed(each) for each in pack.evidence], empty="没有佐证文件"),
    ]


def _indexed(each: Evidence) -> list[str]:
    kind = said("DocumentKind", each.kind)
    proves = "、".join(each.proves) or "申请材料"
    return [str(each.number), each.reference, kind, proves, size(each.size_bytes), each.sha256]


def _decisions(tx: Transaction, pack: Pack) -> list[Block]:
    if not pack.reviews:
        return []
    columns = [
        Column("结论", 2.4),
        Column("验收金额（元）", 2.4, "right"),
        Column("意见", 5),
        *([Column("验收人", 3)] if pack.names_reviewer else []),
        Column("时间", 2.6, "centre"),
    ]
    return [Grid(columns, [list(_decision(tx, pack, review)) for review in pack.reviews])]


def _decision(tx: Transaction, pack: Pack, review: Row[Any]) -> Iterator[str]:
    yield said("ReviewDecision", review.decision) + ("（待社区复核）" if review.awaits_second else "")
    yield figures(review.accepted_fen)
    reason = said("ReviewReason", review.reason_code) if review.reason_code else None
    yield "：".join(filter(None, (reason, review.comment))) or "—"
    if pack.names_reviewer:
        yield person(review.display_name, review.role, review.duty)
    yield moment(review.reviewed_at, tx.clock.zone)
