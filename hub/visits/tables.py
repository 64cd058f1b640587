"""Visits: a promise to come, and what happened. Findings stand apart, since consent gates them and not the record."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.sql import literal_column

from hub.base.tables import access_columns, at, metadata, on, one_of, pk, ref, scope_columns, text, version
from hub.referrals.tables import REASON_CODES
from hub.visits.states import SUBSTITUTION, VISIT

VISIT_KINDS = ("CONDOLENCE", "SAFETY_CHECK", "PATROL", "SERVICE", "FOLLOW_UP")

visits = Table(
    "visits",
    metadata,
    pk(),
    text("reference"),
    text("kind"),
    text("status", default="PLANNED"),
    ref("person_id", "persons", index=True),
    text("person_pseudonym"),
    *scope_columns(),
    ref("case_id", "cases", null=True),
    ref("service_type_id", "service_types", null=True),
    ref("organization_id", "organizations"),
    ref("partner_id", "organizations", null=True),
    ref("worker_id", "memberships"),
    ref("stands_in_for_id", "memberships", null=True),
    ref("recorded_by_id", "memberships", null=True),
    at("promised_from_at", null=True),
    at("promised_to_at", null=True),
    at("kept_at", null=True),
    at("recorded_at", null=True),
    text("cancel_reason_code", null=True),
    text("cancel_reason", null=True),
    at("created_at"),
    version(),
    one_of("kind", VISIT_KINDS),
    one_of("status", VISIT.states),
    one_of("cancel_reason_code", REASON_CODES),
    CheckConstraint("(promised_from_at is null) = (promised_to_at is null)", name="promise_whole"),
    CheckConstraint("promised_to_at >= promised_from_at", name="promise_order"),
    CheckConstraint("status in ('PLANNED', 'CANCELLED') or kept_at is not null", name="kept_when_recorded"),
    UniqueConstraint("reference"),
    Index("ix_visits_case_promised", "case_id", "promised_from_at", "id"),
    Index(
        "ix_visits_street_kept", "street_id", "kept_at", postgresql_where=sql("status = 'COMPLETED'")
    ),  # what a street did in a period
    # A list of a scope is read newest first or by promise; the promises still open are asked for by every front page.
    *(Index(f"ix_visits_{scope}", f"{scope}_id", "id") for scope in ("partner", "community", "street")),
    *(
        Index(f"ix_visits_{scope}_promised", f"{scope}_id", "promised_from_at", "id")
        for scope in ("worker", "partner", "community", "street")
    ),
    *(
        Index(
            f"ix_visits_{scope}_planned",
            f"{scope}_id",
            "promised_to_at",
            postgresql_where=sql("status = 'PLANNED'"),
        )
        for scope in ("worker", "partner", "community", "street")
    ),
    info={
        "update": "status worker_id stands_in_for_id kept_at recorded_at recorded_by_id cancel_reason_code"
        " cancel_reason version"
    },
)

visit_findings = Table(
    "visit_findings",
    metadata,
    pk(),
    ref("visit_id", "visits"),
    ref("case_id", "cases", null=True),
    ref("person_id", "persons"),
    *scope_columns(),
    *access_columns(),
    text("text", null=True),
    text("own_words", null=True),
    at("created_at"),
    UniqueConstraint("visit_id"),
)

substitutions = Table(
    "substitutions",
    metadata,
    pk(),
    *scope_columns(community=False),
    ref("organization_id", "organizations"),
    ref("partner_id", "organizations", null=True),
    ref("worker_id", "memberships", index=True),
    ref("substitute_id", "memberships", index=True),
    on("from_on"),
    on("until_on"),
    text("status", default="PLANNED"),
    text("reason", null=True),
    ref("arranged_by_id", "memberships"),
    at("created_at"),
    version(),
    one_of("status", SUBSTITUTION.states),
    CheckConstraint("from_on <= until_on", name="dates"),
    CheckConstraint("worker_id <> substitute_id", name="another"),
    ExcludeConstraint(
        ("worker_id", "="),
        ("street_id", "="),
        (literal_column("daterange(from_on, until_on, '[]')"), "&&"),
        where=sql("status in ('PLANNED', 'ACTIVE')"),
        name="ex_substitutions_overlap",
        using="gist",
    ),
    Index("ix_substitutions_partner", "partner_id", "id"),
    Index("ix_substitutions_street", "street_id", "id"),
    info={"update": "status version"},
)
"""Who stands in for an ill worker, from which day until which: of one street, since that is where her work lies."""
