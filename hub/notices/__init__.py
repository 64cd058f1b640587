"""Notices: the inbox of a membership, filled from the outbox.

Owns: `notices`; which event is told to whom, in what words and until when something is to be done (`rules.RULES`);
reading a notice; the row scopes of the inbox and of the audit trail; the auditor's verifying of it (`auditing`).

Invariants:
* One notice per recipient, event and kind, so an event may be handled twice.
* Texts hold references, names of organizations and services, and promised times: no personal value. A reason that
  somebody gave is read in the referral, by those who may read it.
* Nobody is told of what she did herself.

Not here: the events (every command's `emit`), the draining of the outbox (`hub.base.outbox`).
"""
