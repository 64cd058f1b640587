"""Every state machine of the hub, for the schema, the docs and the tests."""

from __future__ import annotations

from hub.acceptance.states import APPEAL, DEDUCTION, SUBMISSION
from hub.agreements.states import AGREEMENT, MILESTONE
from hub.cases.states import CASE, GOAL
from hub.deliveries.states import CALLBACK, DELIVERY, SERIES, SESSION
from hub.documents.states import DOCUMENT
from hub.payments.states import BANK_ACCOUNT, INVOICE, PAYMENT, PAYMENT_REQUEST
from hub.people.states import CONSENT, NEED
from hub.referrals.states import OFFER, REFERRAL
from hub.visits.states import SUBSTITUTION, VISIT

MACHINES = (
    CONSENT,
    NEED,
    AGREEMENT,
    MILESTONE,
    REFERRAL,
    OFFER,
    CASE,
    GOAL,
    VISIT,
    SUBSTITUTION,
    SERIES,
    SESSION,
    DELIVERY,
    CALLBACK,
    DOCUMENT,
    SUBMISSION,
    DEDUCTION,
    APPEAL,
    INVOICE,
    BANK_ACCOUNT,
    PAYMENT_REQUEST,
    PAYMENT,
)
