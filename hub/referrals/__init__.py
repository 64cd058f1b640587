"""Referrals and offers: a community asks that somebody help a person, and the station puts it to one partner.

Owns: `referrals`, `referral_needs`, `offers`, `offer_needs`; their state tables; the questions that stand before an
offer (`checks`, `lines`), which accepting it and adding a helper to a case ask again.

Invariants:
* A referral names one service and at least one open need, all of one living person.
* At most one offer of a referral is live; declining, withdrawing or expiry leads back to TRIAGED and never loses it.
* An offer carries copies (age group, estate, urgency, facts of the needs): nothing leads from it to the person.
* An offer names a line of an active agreement with the partner and a quantity, and reserves it until it ends without a
  case or its case is closed. What is reserved is derived, never stored (`line_usage`), and never more than the line has
  left, also under concurrency: the line is locked, in the database too (I17). Offers from before name no line.
* No offer without consent in force for that partner (a minor's guardian's, I16), a valid registration and the service's
  qualification (I17), or by somebody with a stake in the partner (I5, which the database refuses as well).
* A return, rejection, decline, hand-back and cancellation carries code and words; `status_reason` keeps the latest ones
  and is overwritten, never cleared, so that the referrer always sees them.

Not here: accepting an offer or taking a referral (both open a case: `hub.cases`); cancelling a referral (ends visits:
`hub.visits`); from ACCEPTED on only the case's moves carry the referral along.
"""
