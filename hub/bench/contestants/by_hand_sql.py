"""The everyday reads as a careful engineer would write them once and for all: one statement each, the reply as text.

Limit first, join what is shown, concatenate. They filter by whose rows they are, and nothing else is asked: no second
look by row-level security, no check that the session is live. `$1` is the partner or street, `$2` today.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

SETTINGS = {"TimeZone": "Asia/Shanghai", "plan_cache_mode": "force_generic_plan", "jit": "off"}
"""As the hub's own read roles are set."""

_GROUPS = ((7, "AGE_0_6"), (18, "AGE_7_17"), (60, "AGE_18_59"), (70, "AGE_60_69"), (80, "AGE_70_79"))
_AGE = " ".join(
    f"WHEN p.birth_on > $2::date - interval '{years} years' THEN '{name}'" for years, name in _GROUPS
)


async def leave(_: Any) -> None:
    """Nothing to reset, as on the hub's own read pools: a reset would cost a round trip."""


def day(text: str) -> date:
    """A day as asyncpg takes it."""
    return date.fromisoformat(text)


def _instant(column: str) -> str:
    return f"""coalesce('"' || to_char({column}, 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM') || '"', 'null')"""


def _day(column: str) -> str:
    return f"""coalesce('"' || {column} || '"', 'null')"""


def _yuan(column: str) -> str:
    return f"""'{{"amount":' || to_json(({column} * 0.01)::text) || '}}'"""


def _money(column: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN 'null' ELSE {_yuan(column)} END"


_PERSON = f"""CASE WHEN p.id IS NULL THEN 'null' ELSE '{{"id":"person_' || p.id || '","name":' || to_json(p.name)
  || ',"ageGroup":"' || CASE {_AGE} ELSE 'AGE_80_PLUS' END || '"}}' END"""
_COMMUNITY = """CASE WHEN o.id IS NULL THEN 'null' ELSE '{"name":' || to_json(o.name) || '}' END"""
_CASE = f"""'{{"id":"case_' || c.id || '","reference":"' || c.reference || '","kind":"' || c.kind
  || '","status":"' || c.status || '","openedAt":' || {_instant("c.opened_at")}"""
_PERSON_AND_PLACE = f"""',"person":' || {_PERSON} || ',"community":' || {_COMMUNITY}"""
_JOINS = """LEFT JOIN persons p ON p.id = c.person_id AND $1 = any(p.partner_ids) AND p.access_until >= $2
LEFT JOIN organizations o ON o.id = c.community_id AND o.kind = 'COMMUNITY'"""


def _cases(last: int, deliveries: int) -> str:
    return f"""
SELECT convert_to('{{"cases":{{"nodes":[' || coalesce(string_agg({_CASE}
  || {_PERSON_AND_PLACE} || ',"deliveries":{{"nodes":[' || coalesce(d.rows, '') || ']}}}}', ',' ORDER BY c.id DESC), '')
  || ']}}}}', 'UTF8')
FROM (SELECT id, reference, kind, status, opened_at, person_id, community_id FROM cases
      WHERE partner_id = $1 AND $1 = any(partner_ids) AND access_until >= $2 ORDER BY id LIMIT {last}) c
{_JOINS}
LEFT JOIN LATERAL (
  SELECT string_agg('{{"id":"delivery_' || w.id || '","reference":"' || w.reference || '","status":"' || w.status
    || '","quantity":' || w.quantity || ',"unit":"' || w.unit || '","happenedAt":' || {_instant("w.happened_at")}
    || '}}', ',' ORDER BY w.happened_at DESC, w.id DESC) AS rows
  FROM (SELECT id, reference, status, quantity, unit, happened_at FROM deliveries
        WHERE case_id = c.id AND partner_id = $1 ORDER BY happened_at DESC, id DESC LIMIT {deliveries}) w) d ON true
"""


_PAYMENTS = f"""(SELECT '[' || coalesce(string_agg('{{"id":"payment_' || y.id || '","status":"' || y.status
  || '","amount":' || {_yuan("y.amount_fen")} || ',"settledOn":' || {_day("y.settled_on")} || '}}', ',' ORDER BY y.id), '')
  || ']' FROM payments y WHERE y.request_id = r.id AND y.street_id = $1)"""
_REQUESTS = f"""(SELECT '[' || coalesce(string_agg('{{"id":"payment_request_' || r.id || '","reference":"' || r.reference
  || '","status":"' || r.status || '","payable":' || {_yuan("r.payable_fen")} || ',"dueOn":' || {_day("r.due_on")}
  || ',"payments":' || {_PAYMENTS} || '}}', ',' ORDER BY r.id), '') || ']'
  FROM payment_requests r WHERE r.milestone_id = m.id AND r.street_id = $1)"""
_MILESTONES = f"""
SELECT convert_to('{{"milestones":{{"nodes":[' || coalesce(string_agg('{{"id":"milestone_' || m.id || '","code":'
  || to_json(m.code) || ',"title":' || to_json(m.title) || ',"kind":"' || m.kind || '","status":"' || m.status
  || '","dueOn":' || {_day("m.due_on")} || ',"amount":' || {_money("m.amount_fen")}
  || ',"agreement":' || CASE WHEN a.id IS NULL THEN 'null' ELSE '{{"id":"agreement_' || a.id || '","reference":"'
    || a.reference || '","title":' || to_json(a.title) || ',"status":"' || a.status || '"}}' END
  || ',"partner":' || CASE WHEN o.id IS NULL THEN 'null' ELSE '{{"id":"partner_' || o.id || '","name":'
    || to_json(o.name) || '}}' END
  || ',"paymentRequests":' || {_REQUESTS} || '}}', ',' ORDER BY m.due_on DESC, m.id DESC), '') || ']}}}}', 'UTF8')
FROM (SELECT id, code, title, kind, status, due_on, amount_fen, agreement_id, partner_id FROM milestones
      WHERE street_id = $1 ORDER BY due_on DESC, id DESC LIMIT 50) m
LEFT JOIN agreements a ON a.id = m.agreement_id AND a.street_id = $1
LEFT JOIN organizations o ON o.id = m.partner_id AND o.kind = 'PARTNER'
"""

_ONE = f"""
SELECT convert_to('{{"node":' || coalesce((SELECT {_CASE} || ',"quantity":' || coalesce(c.quantity::text, 'null')
  || ',"delivered":' || c.delivered_count || {_PERSON_AND_PLACE} || '}}'
FROM cases c {_JOINS} WHERE c.id = $3 AND $1 = any(c.partner_ids) AND c.access_until >= $2), 'null') || '}}', 'UTF8')
"""


def _number(column: str) -> str:
    return f"coalesce({column}::text, 'null')"


def _figures(**columns: str) -> str:
    shown = " || ',".join(f'"{key}":\' || {_number(f"f.{column}")}' for key, column in columns.items())
    return f"'{{{shown} || '}}'"


_VISITS = _figures(times="visit_times", persons="visit_persons", households="visit_homes")
_SERVICES = _figures(times="service_times", persons="service_persons", households="service_homes")
_PROMISES = _figures(
    made="promised", kept="kept", late="late", missed="missed", cancelled="cancelled", open="open"
)


def _report(part: str, join: str = "") -> str:
    return f"FROM unnest(r.{part}) WITH ORDINALITY f {join}"


_REPORT = f"""
SELECT convert_to('{{"stationReport":{{"total":' || coalesce((SELECT '{{"visits":' || {_VISITS} || ',"caseServices":'
  || {_SERVICES} || ',"promises":' || {_PROMISES} || '}}' {_report("total")} WHERE f.ordinality = 1), 'null')
  || ',"byCommunity":[' || coalesce((SELECT string_agg('{{"community":' || {_COMMUNITY} || ',"visits":' || {_VISITS}
    || ',"caseServices":' || {_SERVICES} || '}}', ',' ORDER BY f.ordinality)
    {_report("by_community", "LEFT JOIN organizations o ON o.id = f.community_id AND o.kind = 'COMMUNITY'")}), '')
  || '],"byService":[' || coalesce((SELECT string_agg('{{"serviceType":' || CASE WHEN s.id IS NULL THEN 'null'
    ELSE '{{"code":' || to_json(s.code) || '}}' END || ',"visits":' || {_figures(times="visit_times")}
    || ',"caseServices":' || {_figures(times="service_times", persons="service_persons")} || '}}', ','
    ORDER BY f.ordinality) {_report("by_service", "LEFT JOIN service_types s ON s.id = f.service_type_id")}), '')
  || ']}}}}', 'UTF8') FROM report_rows($1, $3::date, $2::date, $4, 1) r
"""

STATEMENTS: Mapping[str, str] = {
    "CasesPage": _cases(50, 5),
    "CasesWide": _cases(100, 10),
    "MilestonesPage": _MILESTONES,
    "CaseOne": _ONE,
    "StationReport": _REPORT,
}
"""By the name of the operation in `hub.bench.queries`."""
