"""Where the money comes from: funds, the donations that fill them, and the ledger of what became of each fen.

Owns: `funds`, `donations`, `accounts`, `transfers`, `entries`; what any later step of money does with them (`ledger`).

Invariants:
* Double entry: the entries of a transfer sum to zero when it is committed, and nothing is ever added to it, changed or
  removed (I8).
* A fund's money is available, encumbered, payable or paid; none of them is ever below zero, so Σ encumbered + payable +
  paid never exceeds what came in (I2). The four figures stand on the fund and are kept by trigger from the entries.
* A pending transfer is resolved once: posted or voided, whole.
* What a fund may buy (purposes) and where (communities) is said when it is registered, and does not change.

Not here: agreements, which encumber a fund (`hub.agreements`); accepting work and paying for it.
"""
