"""How a database becomes the hub's: its roles, then numbered revisions, each in one transaction.

Owns: `roles` (the database roles, outside the revisions), `run` (upgrade, downgrade, current), `versions/`
(the revisions and their SQL texts), `draft` and `drift` (developer tools: DDL from today's tables, and what
differs from it).

A revision is literal: it never calls today's tables or policy, since both will have moved on when it runs
somewhere else.
"""
