"""The mutations: one module a capability; each an input, a payload and a few lines round one command."""

from __future__ import annotations

import strawberry

from schema.mutations import (
    acceptance,
    agreements,
    cases,
    catalogue,
    deliveries,
    documents,
    fund,
    groups,
    notices,
    organizations,
    papers,
    payments,
    people,
    referrals,
    visits,
)


@strawberry.type(description="Everything that can be done: one field, one command, one transaction. 操作")
class Mutation:
    """Each field stands in the module of its capability."""

    organization_register = organizations.organization_register
    qualification_record = organizations.qualification_record
    conflict_declare = organizations.conflict_declare
    membership_grant = organizations.membership_grant
    membership_end = organizations.membership_end
    client_register = organizations.client_register
    client_revoke = organizations.client_revoke
    person_register = people.person_register
    eligibility_record = people.eligibility_record
    guardian_record = people.guardian_record
    consent_give = people.consent_give
    consent_withdraw = people.consent_withdraw
    need_state = people.need_state
    need_settle = people.need_settle
    person_reveal = people.person_reveal
    capacity_set = catalogue.capacity_set
    document_prepare = documents.document_prepare
    document_open = documents.document_open
    fund_register = fund.fund_register
    donation_record = fund.donation_record
    agreement_draft = agreements.agreement_draft
    agreement_propose = agreements.agreement_propose
    agreement_certify = agreements.agreement_certify
    agreement_approve = agreements.agreement_approve
    agreement_accept = agreements.agreement_accept
    agreement_send_back = agreements.agreement_send_back
    agreement_decline = agreements.agreement_decline
    agreement_cancel = agreements.agreement_cancel
    agreement_terminate = agreements.agreement_terminate
    referral_submit = referrals.referral_submit
    referral_submit_many = referrals.referral_submit_many
    referral_triage = referrals.referral_triage
    referral_take = referrals.referral_take
    referral_offer = referrals.referral_offer
    referral_return = referrals.referral_return
    referral_reject = referrals.referral_reject
    referral_cancel = referrals.referral_cancel
    referral_acknowledge = referrals.referral_acknowledge
    offer_accept = referrals.offer_accept
    offer_decline = referrals.offer_decline
    offer_withdraw = referrals.offer_withdraw
    case_assign_worker = cases.case_assign_worker
    case_add_helper = cases.case_add_helper
    case_assess = cases.case_assess
    case_plan = cases.case_plan
    case_start = cases.case_start
    goal_settle = cases.goal_settle
    case_propose_closure = cases.case_propose_closure
    case_close = cases.case_close
    case_reopen = cases.case_reopen
    case_hand_back = cases.case_hand_back
    visit_promise = visits.visit_promise
    visit_record = visits.visit_record
    visit_cancel = visits.visit_cancel
    worker_substitute = visits.worker_substitute
    substitution_cancel = visits.substitution_cancel
    series_open = groups.series_open
    series_enrol = groups.series_enrol
    series_close = groups.series_close
    series_cancel = groups.series_cancel
    session_plan = groups.session_plan
    session_assign_worker = groups.session_assign_worker
    session_cancel = groups.session_cancel
    delivery_record = deliveries.delivery_record
    delivery_attach = deliveries.delivery_attach
    delivery_verify = deliveries.delivery_verify
    delivery_verify_many = deliveries.delivery_verify_many
    delivery_dispute = deliveries.delivery_dispute
    delivery_void = deliveries.delivery_void
    callback_record = deliveries.callback_record
    day_sheet_open = visits.day_sheet_open
    milestone_submit = acceptance.milestone_submit
    submission_withdraw = acceptance.submission_withdraw
    submission_review = acceptance.submission_review
    submission_second = acceptance.submission_second
    deduction_propose = acceptance.deduction_propose
    deduction_withdraw = acceptance.deduction_withdraw
    appeal_file = acceptance.appeal_file
    appeal_decide = acceptance.appeal_decide
    payment_request_confirm = payments.payment_request_confirm
    payment_request_check = payments.payment_request_check
    payment_request_approve = payments.payment_request_approve
    payment_request_return = payments.payment_request_return
    payment_request_reopen = payments.payment_request_reopen
    payment_request_reject = payments.payment_request_reject
    payment_send = payments.payment_send
    payment_fail = payments.payment_fail
    payment_settle = payments.payment_settle
    payment_reverse = payments.payment_reverse
    invoice_hand_in = payments.invoice_hand_in
    invoice_refuse = payments.invoice_refuse
    invoice_void = payments.invoice_void
    bank_account_propose = payments.bank_account_propose
    bank_account_verify = payments.bank_account_verify
    bank_account_retire = payments.bank_account_retire
    bank_account_reveal = payments.bank_account_reveal
    acceptance_pack_make = papers.acceptance_pack_make
    payment_file_make = papers.payment_file_make
    payment_list_make = papers.payment_list_make
    notice_read = notices.notice_read
    audit_chain_verify = notices.audit_chain_verify
