"""Who is asking, and what may they do: everything that decides about access, and nothing about the work itself.

Owns: `users`, `memberships`, `clients` (`tables`); roles and the `Viewer` (`roles`); the one policy page (`policy`),
its look-ups (`grants`) and its table for people (`matrix`); row scopes and `claim` (`gate`); tokens, signing in and
from a request to its viewer (`tokens`, `exchange`, `server`, `accounts`, `sign_in_limit`, `middleware`).

Invariants: a request acts under exactly one live membership · no grant, no access; one `read` row a type and role,
one `do` row a command and role · a row outside the viewer's scope is answered like one that never was (I14) · an
ended membership, a revoked client or an inactive user bites with the next request (I15) · secrets are kept as hashes.

Not here: the commands on memberships and clients (`hub.organizations`); what a scope means for one table
(`hub/<capability>/scopes.py`); the database's copy of the policy (`schema/walls.py`).
"""
