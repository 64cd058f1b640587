"""Visits: a promise to come, and what happened at the door.

Owns: `visits`, `visit_findings`, `substitutions`; their state tables; promising, recording, cancelling; the day sheet;
and the commands that end visits together with what they belong to: handing a case
back, cancelling a referral; and giving a case to another worker, who keeps what was promised on it.

Invariants:
* A visit belongs to a case or, for street and community, to a person alone; a partner comes only on a case.
* A promise is a window ahead of us of at most `MAX_PROMISE_HOURS`. `kept`, `late` and `missed` follow from it and from
  when it was kept; they are never stored.
* The record of a visit (when, by whom, outcome) belongs to whoever made it, also after case or consent has ended;
  findings and the person's own words stand apart, since consent gates them.
* A SERVICE case closes in the transaction of the completed visit that leaves none open, its needs MET and its referral
  COMPLETED, provided that somebody who is on the case came; a call-back by the station alone closes nothing. Where an
  agreement pays, it closes when what was offered is delivered (`hub.deliveries`) and nothing is promised any more.
* A substitute keeps the promises of the days for which she stands in, as a helper on the worker's cases: who leads a
  case and whom a consent lets in stay as they were. What she has not done is the worker's again when the days are over.
* Plain name, address and phone leave only through the day sheet, for today's and tomorrow's visits, one audit event a
  person.

Not here: the commands of a substitution, which move sessions too (`hub.deliveries`); notices about missed promises
(`hub.notices`).
"""
