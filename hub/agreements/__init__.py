"""What the street buys from a partner, at what price and quality, and in which stages it pays.

Owns: `agreements`, their `agreement_versions`, `agreement_lines`, `criteria` and `milestones`; the state tables of
agreements and milestones.

Invariants:
* Σ amounts of a version's milestones never exceeds its ceiling, Σ shares never 100 % (I1, T6).
* What a line buys, and where, lies within the fund's purposes and communities (I2).
* Who drafted or proposed an agreement does not approve it, under whatever membership (I4); nobody with a stake in the
  partner drafts, proposes, certifies or approves (I5).
* An approved version, its lines and criteria never change (I8); sent back by the partner, a new version is written.
* What the street has not decided is its own: the partner knows a version from its approval on, its workers and whom it
  serves once it has been in force.
* Approval encumbers the fund by the ceiling in the same transaction; whatever ends an agreement before its money is
  spent releases the rest and cancels the open milestones.

Not here: the end of an agreement in force and of its term, which withdraw offers (`hub.referrals`); offers, deliveries,
submissions and payments. Nothing amends or suspends an agreement yet.
"""
