"""State tables of invoices, bank accounts, payment requests and payments (DOMAIN §4)."""

from __future__ import annotations

from hub.base.machine import Machine, Move

INVOICE = Machine(
    name="Invoice",
    table="invoices",
    states=("HANDED_IN", "MATCHED", "REFUSED", "VOIDED"),
    moves=(
        Move("payment_request_check", ("HANDED_IN",), ("MATCHED",), carried=True),
        Move("invoice_refuse", ("HANDED_IN", "MATCHED"), ("REFUSED",)),
        # Also one that was matched, when the request came back on account of it.
        Move("invoice_void", ("HANDED_IN", "MATCHED"), ("VOIDED",)),
        # A request that is given up leaves its invoice without a purpose.
        Move("payment_request_reject", ("HANDED_IN", "MATCHED"), ("VOIDED",), carried=True),
    ),
)

BANK_ACCOUNT = Machine(
    name="BankAccount",
    table="bank_accounts",
    states=("PROPOSED", "VERIFIED", "RETIRED"),
    conditions={"NOT_THE_PROPOSER": "{t}.proposed_user_id is distinct from {user}"},
    moves=(
        Move("bank_account_verify", ("PROPOSED",), ("VERIFIED",), needs=("NOT_THE_PROPOSER",)),
        # A newer one takes its place; one that was never verified is given up.
        Move("bank_account_retire", ("PROPOSED", "VERIFIED"), ("RETIRED",)),
    ),
)

_OTHERS = "{user} <> all ({t}."

PAYMENT_REQUEST = Machine(
    name="PaymentRequest",
    table="payment_requests",
    states=(
        *("CREATED", "CONFIRMED", "CHECKED", "APPROVED", "SENT", "PAID", "FAILED"),
        *("RETURNED", "REJECTED", "REVERSED"),
    ),
    conditions={
        "OTHER_HANDS_THAN_REVIEW": _OTHERS + "reviewer_user_ids)",
        "OTHER_HANDS_THAN_CHECK": _OTHERS + "checker_user_ids)",
        "OTHER_HANDS_THAN_APPROVAL": _OTHERS + "approver_user_ids)",
        "OTHER_HANDS_THAN_SENDING": _OTHERS + "sender_user_ids)",
        "INVOICE_HANDED_IN": "{t}.invoice_id is not null",
    },
    moves=(
        Move(
            "payment_request_confirm",
            ("CREATED",),
            ("CONFIRMED",),
            needs=("OTHER_HANDS_THAN_CHECK", "OTHER_HANDS_THAN_APPROVAL", "OTHER_HANDS_THAN_SENDING"),
        ),
        # From FAILED with the corrected account, on its way to be approved again.
        Move(
            "payment_request_check",
            ("CONFIRMED", "FAILED"),
            ("CHECKED",),
            needs=(
                "INVOICE_HANDED_IN",
                "OTHER_HANDS_THAN_REVIEW",
                "OTHER_HANDS_THAN_APPROVAL",
                "OTHER_HANDS_THAN_SENDING",
            ),
        ),
        Move(
            "payment_request_approve",
            ("CHECKED",),
            ("APPROVED",),
            needs=("OTHER_HANDS_THAN_REVIEW", "OTHER_HANDS_THAN_CHECK", "OTHER_HANDS_THAN_SENDING"),
        ),
        Move(
            "payment_send",
            ("APPROVED", "FAILED"),
            ("SENT",),
            needs=("OTHER_HANDS_THAN_REVIEW", "OTHER_HANDS_THAN_CHECK", "OTHER_HANDS_THAN_APPROVAL"),
        ),
        Move("payment_fail", ("SENT",), ("FAILED",), carried=True),
        Move("payment_settle", ("SENT",), ("PAID",), carried=True),
        Move("payment_reverse", ("PAID",), ("REVERSED",), carried=True),
        Move("payment_request_return", ("CREATED", "CONFIRMED", "CHECKED", "APPROVED"), ("RETURNED",)),
        Move("payment_request_reopen", ("RETURNED",), ("CREATED",)),
        Move(
            "payment_request_reject",
            ("CREATED", "CONFIRMED", "CHECKED", "APPROVED", "RETURNED"),
            ("REJECTED",),
        ),
    ),
)

PAYMENT = Machine(
    name="Payment",
    table="payments",
    states=("SENT", "SETTLED", "FAILED", "REVERSED"),
    conditions={"NOT_THE_SENDER": "{t}.sent_user_id is distinct from {user}"},
    moves=(
        # Whoever sent it says nothing of what became of it: a payment called failed is sent again.
        Move("payment_fail", ("SENT",), ("FAILED",), needs=("NOT_THE_SENDER",)),
        Move("payment_settle", ("SENT",), ("SETTLED",), needs=("NOT_THE_SENDER",)),
        Move("payment_reverse", ("SETTLED",), ("REVERSED",), needs=("NOT_THE_SENDER",)),
    ),
)
