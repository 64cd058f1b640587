"""Notices and audit events."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import Node, computed, instant, prose, word


@describe("notices")
@strawberry.type(description="Something the viewer should know. 通知")
class Notice(Node):
    """An item of the inbox; its text holds no personal value."""

    kind: str | None = word("kind", "What kind of news. 类型")
    text: str | None = computed(
        "CASE WHEN {lang} = 'en' THEN {t}.text_en ELSE {t}.text_zh END",
        Kind.TEXT,
        "The news in the viewer's language. 内容",
    )
    subject_type: str | None = word("subject_type", "Type of the object it is about. 对象类型")
    subject_reference: str | None = prose("subject_reference", "Reference of that object. 对象编号")
    subject: strawberry.ID | None = computed(
        "case {t}.subject_type when 'Referral' then 'referral_' when 'Offer' then 'offer_' when 'Case' then 'case_'"
        " when 'Visit' then 'visit_' when 'Consent' then 'consent_' when 'Agreement' then 'agreement_'"
        " when 'Delivery' then 'delivery_' when 'Substitution' then 'substitution_'"
        " when 'Submission' then 'submission_' when 'Deduction' then 'deduction_'"
        " when 'Appeal' then 'appeal_' when 'PaymentRequest' then 'payment_request_'"
        " when 'Invoice' then 'invoice_' when 'BankAccount' then 'bank_account_' when 'Payment' then 'payment_'"
        " when 'GroupSession' then 'session_' end || {t}.subject_id",
        Kind.WORD,
        "Id of that object, for `node`. 对象标识",
    )
    created_at: datetime | None = instant("created_at", "When it was written. 时间")
    due_at: datetime | None = instant("due_at", "By when something must be done. 期限")
    read_at: datetime | None = instant("read_at", "When it was read. 已读时间")


@describe("audit_events", tag="audit_event")
@strawberry.type(description="Who did what, when, to which object. 审计记录")
class AuditEvent(Node):
    """One row of the audit trail, chained by hash; it holds no personal value."""

    occurred_at: datetime | None = instant("occurred_at", "When. 时间")
    action: str | None = word("action", "Name of the command. 操作")
    actor_role: enums.Role | None = word("actor_role", "Under which role. 角色")
    actor_name: str | None = prose("actor_name", "Who. 操作人")
    subject_type: str | None = word("subject_type", "Type of the object. 对象类型")
    subject_reference: str | None = prose("subject_reference", "Reference of the object. 对象编号")
    purpose: str | None = prose("purpose", "Stated purpose of a disclosure. 目的")
