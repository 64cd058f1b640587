"""What accepted work makes payable, and the money that moved: from the accepting review to the settled payment.

Owns: `invoices`, `bank_accounts`, `organization_keys`, `payment_requests`, `approvals`, `payments`; their state tables;
the commands that write them, the review of a claim and an appeal's filing and decision among them.

Invariants:
* Σ paid of a milestone never exceeds what was accepted less the deductions (I1); what an agreement has payable and paid
  is what its requests and payments say, at every commit; a request is lessened by exactly the deductions on it.
* One live request a milestone, a supplementary one after an upheld appeal apart; one live payment a request; an invoice
  number and a bank reference once in the hub (I3).
* {Review, confirm}, check, approve and send are four people; settling is not sending; who verified the account does not
  send; who decided an appeal neither reviewed nor approves; over all rounds of a milestone (I4). Nobody with a stake in
  the partner takes a step (I5).
* No step before the one it stands on, and none stated before its turn (I6); no check without exactly one live invoice
  that matches, an accepted stage, a verified account and money in the fund (I22).
* Approvals never change (I8). A correction is a new row: a returned request begins a new round, a reversal is booked by
  compensating entries.

Not here: how an amount arises (`hub.acceptance`), the ledger's movements (`hub.fund.ledger`).
"""
