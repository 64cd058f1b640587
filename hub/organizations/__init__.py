"""Organizations and who works at them: divisions, partners, qualifications, memberships, API clients, conflicts.

Owns: `organizations`, `qualifications`, `conflict_declarations`, and the commands on `memberships`, `users` and
`clients` (whose tables stand in `auth/tables.py`, because signing in needs them).

Invariants: a code belongs to one organization; a division's code begins with its parent's · a role sits at one kind
of organization · nobody is accountant and cashier at one street · a partner's manager admits people to her own partner
only, and who works for a street or community only after she declared that tie herself · a membership ends, it is never
deleted · a client's secret is shown once and kept as a hash.

Not here: signing in and tokens (`auth`), what a role may do (`auth/policy.py`), agreements with partners.
"""
