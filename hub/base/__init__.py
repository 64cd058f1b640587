"""What every capability stands on and no word of the domain is in: transactions, states, sealing, money, time, words.

Owns: the bookkeeping tables (`ledgers`: audit events and their chain, outbox, idempotency keys, the demo's clock) and
what writes them (`transaction`, `audit`, `outbox`, `idempotency`); connections (`db`, `engine`, `reading`, `pooled`);
state machines (`machine`); sealed values and files (`seal`, `sealed_file`); `money`, `ids`, `clock`, `limits`,
`errors`; the words of both languages (`words`, `locale/`); logs and metrics; the press of papers (`paper…`).

Invariants: `transaction` alone begins and commits a command, and no change without an audit event (I18) · `machine`
alone writes a status · now and today come from `clock` · an amount is whole fen, never a float · what is sealed
stands nowhere in plain, no log included · every bound stands in `limits` with its reason.

Not here: anything that knows a capability, a role or the policy; imports go from here to nowhere else of the hub.
"""
