"""The GraphQL layer: translation between what clients write and what the hub does, and no rule of the domain.

Owns: `/graphql` (`http`, `negotiation`, `payload`); documents and their bounds (`documents`, `limits`); the types
(`types/`), the roots (`queries`) and the mutations (`mutations/`, `mutation`, `commanding`, `envelope`); the compiler
of queries (`planner/`); the second wall (`walls`, `system_rights`), generated from the same policy; `schema.graphql`.

Invariants: nothing of a request is parsed before its sender is known · a query is one SQL statement whose text is the
reply · a mutation is one command in one transaction, its payload read back with the viewer's own rights · a type or
field without an answer of the policy for every role, or without a source, does not build (I12) · no text of an
exception reaches a client.

Not here: what may be done and when (`hub/<capability>`), who may (`auth/policy.py`).
"""
