"""What a partner claims for a stage, with frozen evidence, and what the street says to it.

Owns: `submissions` with their `claim_steps`, `submission_deliveries` and `submission_documents`; `reviews`,
`deductions`, `appeals`; the state tables of these; how a stage's amount arises (`claiming`, `measures`).

Invariants:
* The claimed amount is computed by the stage's rule and stored with its derivation; nobody types it.
* A submission freezes its deliveries, documents and figures; once handed in nothing of it changes but its state (I8).
  One live submission a milestone.
* A delivery is billed once (I7): it is free again only when its submission was returned, rejected or withdrawn; while
  it is billed nothing of it is edited.
* Σ accepted never exceeds the milestone's amount (with what earlier stages carried to the final one); accepted above
  the limit asks for a second reviewer from a community that is served (I1, I6).
* The final stage settles all that was done, so it comes last, and nothing is claimed beside it.
* Who approved the agreement does not review its submissions; nobody with a stake in the partner reviews (I4, I5).

Not here: what becomes payable and is paid (`hub.payments`, where reviews and appeals live, since they write requests).
"""
