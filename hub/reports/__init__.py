"""Reports: what a street and its communities did in a period, in figures and as a paragraph; what a fund stood at.

Owns: no table, only rules. Every figure is computed from other capabilities' rows by functions of the database
(`0009_reports.sql`, `0007_statements.sql`), which the planner calls inside its one statement. Here stands what bounds
them.

Invariants: 人次, 人数 and 户数 are told apart, and a person without a household counts as one. Outside the street
nothing is told about fewer than `LEAST_PUBLISHED_PEOPLE` people, nor what such a figure could be computed from (I21).
A paragraph is written from the figures beside it, never counted anew. Not here: who may read which report
(`auth/policy.py`).
"""
