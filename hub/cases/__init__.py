"""Cases: who is in charge and who does the work.

Owns: `cases`, `case_members`, `case_needs`, `goals`; their state tables; opening a case (accepting an offer, taking a
referral), its helpers, assessment, plan, goals, and closure of CASEWORK.

Invariants:
* One open case per referral. The lead organization is set when the case opens and never changes; a helper joins as a
  member and takes nothing over (T13).
* Who may read a case and its person follows from `case_members`, consents and agreements alone; triggers keep the
  access columns.
  Leaving a case opens a handover window of `HANDOVER_DAYS`, never longer, named in the audit event (T14).
* CASEWORK closes only with every need and goal final, no visit open, and the approval of another person than the
  proposer: two memberships of one user are one person. A proposal that is not approved, or taken back, leads on with
  the work.
* On a case that an agreement pays for, partners read while the agreement is in force and a handover window after its
  term at the longest (I11); a case from before agreements is exempt.
* SERVICE cases have neither assessment nor plan; they close when the offered quantity is delivered, or the place in a
  group was taken, and nothing is promised any more; without a line, with the completed visit that leaves none open.
* What a line buys as casework (unit CASE) is worked as CASEWORK, whatever its service, and closes as such.

Counts and `next_promise_at` of a case follow its visits, needs and goals by trigger.

Not here: whatever also writes visits: naming the worker, promising, recording, handing back, cancelling
(`hub.visits`).
"""
