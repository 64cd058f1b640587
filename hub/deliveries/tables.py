"""Deliveries, the group work they may belong to, their evidence and their call-backs."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY

from hub.agreements.tables import who
from hub.base.tables import at, count, flag, metadata, on, one_of, pk, ref, scope_columns, text, version
from hub.catalogue.tables import SERVICE_UNITS
from hub.deliveries.states import CALLBACK, DELIVERY, SERIES, SESSION
from hub.referrals.tables import REASON_CODES

VERIFICATIONS = ("RECIPIENT", "COMMUNITY", "STATION", "EVIDENCE")
"""Who or what says that it was done. RECIPIENT (by link) joins with its issue."""

DELIVERY_FLAGS = ("DUPLICATE", "OVERLAP", "SAME_MINUTE", "EVIDENCE_REUSED")
"""What the hub finds odd: the same service for the same person on one day; two places at one time; ten records within
one minute; a file that proved another delivery before."""

DISPUTE_REASONS = ("NOT_DONE", "NOT_AS_RECORDED", "POOR_QUALITY", "WRONG_PERSON", "CALLBACK_FAILED", "OTHER")
CALLBACK_CAUSES = ("SAMPLE", "FLAG")
SERIES_KINDS = ("ENROLLED", "HEAD_COUNT")
"""Whether names are taken, or heads are counted with a sign-in sheet."""

activity_series = Table(
    "activity_series",
    metadata,
    pk(),
    text("reference"),
    text("title"),
    text("kind"),
    text("status", default="OPEN"),
    *scope_columns(),
    ref("partner_id", "organizations"),
    ref("agreement_id", "agreements"),
    ref("line_id", "agreement_lines", index=True),
    ref("service_type_id", "service_types"),
    count("planned_count"),
    count("held_count"),
    ref("opened_by_id", "memberships"),
    at("opened_at"),
    at("closed_at", null=True),
    text("cancel_reason_code", null=True),
    text("cancel_reason", null=True),
    version(),
    one_of("kind", SERIES_KINDS),
    one_of("status", SERIES.states),
    one_of("cancel_reason_code", REASON_CODES),
    UniqueConstraint("reference"),
    *(
        Index(f"ix_activity_series_{scope}", f"{scope}_id", "id")
        for scope in ("partner", "community", "street")
    ),
    info={"update": "status closed_at cancel_reason_code cancel_reason version"},
)
"""Group work of one line in one community. `planned_count` and `held_count` follow its sessions by trigger."""

enrolments = Table(
    "enrolments",
    metadata,
    pk(),
    ref("series_id", "activity_series", index=True),
    *scope_columns(),
    ref("partner_id", "organizations"),
    ref("case_id", "cases", index=True),
    ref("person_id", "persons"),
    text("person_pseudonym"),
    ref("enrolled_by_id", "memberships"),
    at("enrolled_at"),
    UniqueConstraint("series_id", "person_id"),
)

group_sessions = Table(
    "group_sessions",
    metadata,
    pk(),
    text("reference"),
    ref("series_id", "activity_series"),
    Column("number", Integer, nullable=False),
    text("title", null=True),
    text("status", default="PLANNED"),
    *scope_columns(),
    ref("partner_id", "organizations"),
    ref("agreement_id", "agreements"),
    ref("line_id", "agreement_lines", index=True),
    ref("worker_id", "memberships"),
    ref("stands_in_for_id", "memberships", null=True),
    at("planned_from_at"),
    at("planned_to_at"),
    at("held_at", null=True),
    Column("participant_count", Integer, nullable=True),
    text("cancel_reason_code", null=True),
    text("cancel_reason", null=True),
    at("created_at"),
    version(),
    one_of("status", SESSION.states),
    one_of("cancel_reason_code", REASON_CODES),
    CheckConstraint("planned_to_at >= planned_from_at", name="planned_order"),
    CheckConstraint(
        "(status = 'HELD') = (held_at is not null and participant_count is not null)", name="held"
    ),
    CheckConstraint("participant_count >= 0", name="participants"),
    UniqueConstraint("reference"),
    UniqueConstraint("series_id", "number"),
    Index(
        "ix_group_sessions_worker_planned",
        "worker_id",
        "planned_from_at",
        postgresql_where=sql("status = 'PLANNED'"),
    ),
    *(
        Index(f"ix_group_sessions_{scope}", f"{scope}_id", "id")
        for scope in ("partner", "community", "street")
    ),
    info={
        "update": "status worker_id stands_in_for_id held_at participant_count cancel_reason_code cancel_reason"
        " version",
    },
)

attendances = Table(
    "attendances",
    metadata,
    pk(),
    ref("session_id", "group_sessions"),
    *scope_columns(),
    ref("partner_id", "organizations"),
    ref("case_id", "cases", index=True),
    ref("person_id", "persons"),
    text("person_pseudonym"),
    UniqueConstraint("session_id", "person_id"),
)
"""Who of the enrolled was there."""

deliveries = Table(
    "deliveries",
    metadata,
    pk(),
    text("reference"),
    text("status", default="RECORDED"),
    *scope_columns(),
    ref("partner_id", "organizations"),
    ref("agreement_id", "agreements"),
    ref("line_id", "agreement_lines"),
    ref("service_type_id", "service_types"),
    ref("case_id", "cases", null=True),
    ref("person_id", "persons", null=True),
    text("person_pseudonym", null=True),
    ref("visit_id", "visits", null=True),
    ref("session_id", "group_sessions", null=True),
    text("unit"),
    count("quantity", 1),
    ref("worker_id", "memberships"),
    ref("worker_user_id", "users", null=True),
    at("happened_at"),
    on("happened_on"),
    Column("lasted_minutes", Integer, nullable=True),
    Column("flags", ARRAY(Text), nullable=False, server_default=sql("'{}'::text[]")),
    flag("evidence_complete"),
    *who("recorded"),
    text("verification", null=True),
    *who("verified"),
    *who("disputed"),
    text("dispute_reason_code", null=True),
    text("dispute_reason", null=True),
    *who("voided"),
    text("void_reason_code", null=True),
    text("void_reason", null=True),
    version(),
    one_of("status", DELIVERY.states),
    one_of("unit", SERVICE_UNITS),
    one_of("verification", VERIFICATIONS),
    one_of("dispute_reason_code", DISPUTE_REASONS),
    one_of("void_reason_code", REASON_CODES),
    CheckConstraint("recorded_by_id is not null and recorded_at is not null", name="recorded"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("lasted_minutes > 0", name="lasted"),
    CheckConstraint("num_nonnulls(case_id, session_id) = 1", name="of_one"),
    CheckConstraint("(case_id is null) = (person_id is null)", name="person"),
    CheckConstraint("(person_id is null) = (person_pseudonym is null)", name="pseudonym"),
    CheckConstraint("visit_id is null or case_id is not null", name="visit_on_case"),
    CheckConstraint(
        "status <> 'VERIFIED' or (verification is not null and verified_at is not null)", name="verified"
    ),
    CheckConstraint("status <> 'DISPUTED' or dispute_reason_code is not null", name="disputed"),
    CheckConstraint("status <> 'VOIDED' or void_reason_code is not null", name="voided"),
    UniqueConstraint("reference"),
    Index("uq_deliveries_visit", "visit_id", unique=True, postgresql_where=sql("status <> 'VOIDED'")),
    Index("uq_deliveries_session", "session_id", unique=True, postgresql_where=sql("status <> 'VOIDED'")),
    Index(
        "uq_deliveries_moment",
        "case_id",
        "line_id",
        "happened_at",
        unique=True,
        postgresql_where=sql("status <> 'VOIDED'"),
    ),
    # Voided ones too: whether a session has a record at all is asked of every session in a report.
    Index("ix_deliveries_session", "session_id", postgresql_where=sql("session_id is not null")),
    Index("ix_deliveries_line", "line_id", "happened_on", "id"),
    Index("ix_deliveries_case", "case_id", "happened_at", "id"),
    Index("ix_deliveries_person", "person_id", "happened_on"),
    Index("ix_deliveries_recorded_by", "recorded_by_id", "recorded_at"),
    *(Index(f"ix_deliveries_{scope}", f"{scope}_id", "id") for scope in ("partner", "community", "street")),
    *(
        Index(f"ix_deliveries_{scope}_happened", f"{scope}_id", "happened_at", "id")
        for scope in ("worker", "partner", "community", "street")
    ),
    *(
        Index(
            f"ix_deliveries_{scope}_open",
            f"{scope}_id",
            "recorded_at",
            postgresql_where=sql("status in ('RECORDED', 'FLAGGED', 'DISPUTED')"),
        )
        for scope in ("community", "street", "partner")
    ),
    info={
        "update": "status flags verification verified_by_id verified_at disputed_by_id disputed_at dispute_reason_code"
        " dispute_reason voided_by_id voided_at void_reason_code void_reason version"
    },
)
"""Service given, to a person on her case or in a session. `…_user_id` and `evidence_complete` are kept by trigger."""

delivery_documents = Table(
    "delivery_documents",
    metadata,
    pk(),
    ref("delivery_id", "deliveries"),
    ref("document_id", "documents", index=True),
    *scope_columns(),
    ref("partner_id", "organizations"),
    at("attached_at"),
    UniqueConstraint("delivery_id", "document_id"),
)

callbacks = Table(
    "callbacks",
    metadata,
    pk(),
    ref("delivery_id", "deliveries"),
    *scope_columns(),
    text("cause"),
    text("status", default="DUE"),
    at("drawn_at"),
    at("due_at"),
    *who("called"),
    count("attempt_count"),
    text("note", null=True),
    version(),
    one_of("cause", CALLBACK_CAUSES),
    one_of("status", CALLBACK.states),
    UniqueConstraint("delivery_id"),
    Index(
        "ix_callbacks_street_due",
        "street_id",
        "due_at",
        postgresql_where=sql("status in ('DUE', 'NOT_REACHED')"),
    ),
    Index("ix_callbacks_street", "street_id", "id"),
    info={"update": "status due_at called_by_id called_at attempt_count note version"},
)
"""A call to the person by the station: was it done, and as recorded? The partner never learns which were drawn."""
