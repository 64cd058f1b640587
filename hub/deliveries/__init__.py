"""Purchased service as it was given, and who says so: deliveries, group work, call-backs.

Owns: `activity_series`, `enrolments`, `group_sessions`, `attendances`, `deliveries`, `delivery_documents`, `callbacks`;
their state tables; the measures of what was done against what was bought (`0005_progress.sql`).

Invariants:
* A delivery counts towards one line of an agreement in force on its day; a visit, a session and a moment of a case are
  delivered once.
* Who delivered or recorded it does not verify it, nor does anybody with a stake in the partner (I4, I5); the database
  reads the user of each step from the membership.
* A delivery is a record: what it says never changes, only its state; a mistake is voided, with the reason.
* The call-back sample is drawn by the hub's secret from the delivery's id: nobody can choose it, and with the
  secret it can be proven afterwards.
* Group work belongs to a line that buys it and takes no more series, sessions or persons than the line has (I17). Who
  was there was enrolled on a case of the same agreement; where heads are counted, no names are taken.
* A place in a group is served by being there: the person's SERVICE case on that line closes with the session, of a line
  that buys series with the end of the series.
* Evidence verifies by itself when nobody disputed the delivery for a week since the evidence was complete.
* The record stays with the partner, under a pseudonym, when case, consent or agreement has ended.

Its commands of a substitution stand here and not in `hub.visits`, since they move sessions as well as visits.

Not here: what a delivery is paid (acceptance), visits without a purchase (`hub.visits`).
"""
