-- Drafted by `python -m migrations.draft` for the tables of acceptance and payments.
CREATE TABLE appeals (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'FILED' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    agreement_id UUID NOT NULL,
    version_id UUID NOT NULL,
    milestone_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    deduction_id UUID,
    subject TEXT NOT NULL,
    grounds TEXT NOT NULL,
    filed_by_id UUID,
    filed_user_id UUID,
    filed_at TIMESTAMP WITH TIME ZONE,
    decided_by_id UUID,
    decided_user_id UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    decision TEXT,
    awarded_fen BIGINT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_appeals PRIMARY KEY (id),
    CONSTRAINT ck_appeals_status CHECK (status IN ('FILED', 'UPHELD', 'DENIED')),
    CONSTRAINT ck_appeals_subject CHECK (subject IN ('REVIEW', 'DEDUCTION')),
    CONSTRAINT ck_appeals_filed CHECK (filed_by_id is not null and filed_at is not null),
    CONSTRAINT ck_appeals_deduction CHECK ((subject = 'DEDUCTION') = (deduction_id is not null)),
    CONSTRAINT ck_appeals_decided CHECK ((status = 'FILED') = (decided_by_id is null) and (decided_by_id is null) = (decision is null)),
    CONSTRAINT ck_appeals_awarded CHECK ((status = 'UPHELD') = (awarded_fen is not null) and awarded_fen > 0),
    CONSTRAINT uq_appeals_reference UNIQUE (reference)
);

CREATE INDEX ix_appeals_agreement_id ON appeals (agreement_id);

CREATE INDEX ix_appeals_milestone_id ON appeals (milestone_id);

CREATE INDEX ix_appeals_partner ON appeals (partner_id, id);

CREATE INDEX ix_appeals_street_status ON appeals (street_id, status, id);

CREATE INDEX ix_appeals_submission_id ON appeals (submission_id);

CREATE UNIQUE INDEX uq_appeals_deduction ON appeals (deduction_id) WHERE deduction_id is not null;

CREATE UNIQUE INDEX uq_appeals_review ON appeals (submission_id) WHERE deduction_id is null;

CREATE TABLE bank_accounts (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'PROPOSED' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    holder_name TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    number_sealed BYTEA NOT NULL,
    number_last4 TEXT NOT NULL,
    number_index BYTEA NOT NULL,
    proposed_by_id UUID,
    proposed_user_id UUID,
    proposed_at TIMESTAMP WITH TIME ZONE,
    verified_by_id UUID,
    verified_user_id UUID,
    verified_at TIMESTAMP WITH TIME ZONE,
    usable_from_on DATE,
    retired_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_bank_accounts PRIMARY KEY (id),
    CONSTRAINT ck_bank_accounts_status CHECK (status IN ('PROPOSED', 'VERIFIED', 'RETIRED')),
    CONSTRAINT ck_bank_accounts_proposed CHECK (proposed_by_id is not null and proposed_at is not null),
    CONSTRAINT ck_bank_accounts_last4 CHECK (number_last4 ~ '^[0-9]{4}$'),
    CONSTRAINT ck_bank_accounts_verified CHECK (status <> 'VERIFIED' or (verified_by_id is not null and usable_from_on is not null)),
    CONSTRAINT ck_bank_accounts_retired CHECK ((status = 'RETIRED') = (retired_at is not null)),
    CONSTRAINT uq_bank_accounts_reference UNIQUE (reference),
    CONSTRAINT fk_bank_accounts_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_bank_accounts_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_bank_accounts_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_bank_accounts_proposed_by_id FOREIGN KEY(proposed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_bank_accounts_proposed_user_id FOREIGN KEY(proposed_user_id) REFERENCES users (id),
    CONSTRAINT fk_bank_accounts_verified_by_id FOREIGN KEY(verified_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_bank_accounts_verified_user_id FOREIGN KEY(verified_user_id) REFERENCES users (id)
);

CREATE INDEX ix_bank_accounts_partner ON bank_accounts (partner_id, id);

CREATE UNIQUE INDEX uq_bank_accounts_number ON bank_accounts (street_id, partner_id, number_index) WHERE status <> 'RETIRED';

CREATE UNIQUE INDEX uq_bank_accounts_verified ON bank_accounts (street_id, partner_id) WHERE status = 'VERIFIED';

CREATE TABLE deductions (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'PROPOSED' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    agreement_id UUID NOT NULL,
    version_id UUID NOT NULL,
    milestone_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    delivery_id UUID,
    kind TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    request_id UUID,
    proposed_by_id UUID,
    proposed_user_id UUID,
    proposed_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_deductions PRIMARY KEY (id),
    CONSTRAINT ck_deductions_status CHECK (status IN ('PROPOSED', 'APPLIED', 'LIFTED', 'WITHDRAWN')),
    CONSTRAINT ck_deductions_kind CHECK (kind IN ('SHORTFALL', 'PENALTY', 'OTHER')),
    CONSTRAINT ck_deductions_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_deductions_proposed CHECK (proposed_by_id is not null and proposed_at is not null),
    CONSTRAINT ck_deductions_applied CHECK ((status in ('APPLIED', 'LIFTED')) = (request_id is not null)),
    CONSTRAINT uq_deductions_reference UNIQUE (reference)
);

CREATE UNIQUE INDEX uq_deductions_delivery ON deductions (delivery_id) WHERE status <> 'WITHDRAWN';

CREATE INDEX ix_deductions_agreement_id ON deductions (agreement_id);

CREATE INDEX ix_deductions_milestone_id ON deductions (milestone_id);

CREATE INDEX ix_deductions_partner ON deductions (partner_id, id);

CREATE INDEX ix_deductions_request_id ON deductions (request_id);

CREATE INDEX ix_deductions_street_status ON deductions (street_id, status, id);

CREATE INDEX ix_deductions_submission_id ON deductions (submission_id);

CREATE TABLE invoices (
    id UUID NOT NULL,
    status TEXT DEFAULT 'HANDED_IN' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    request_id UUID NOT NULL,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    seller_id UUID NOT NULL,
    buyer_id UUID NOT NULL,
    amount_fen BIGINT NOT NULL,
    currency CHAR(3) DEFAULT 'CNY' NOT NULL,
    issued_on DATE NOT NULL,
    document_id UUID NOT NULL,
    reason_code TEXT,
    reason TEXT,
    handed_in_by_id UUID,
    handed_in_user_id UUID,
    handed_in_at TIMESTAMP WITH TIME ZONE,
    given_up_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_invoices PRIMARY KEY (id),
    CONSTRAINT ck_invoices_status CHECK (status IN ('HANDED_IN', 'MATCHED', 'REFUSED', 'VOIDED')),
    CONSTRAINT ck_invoices_kind CHECK (kind IN ('INVOICE', 'FISCAL_RECEIPT')),
    CONSTRAINT ck_invoices_currency CHECK (currency IN ('CNY')),
    CONSTRAINT ck_invoices_reason_code CHECK (reason_code IN ('EVIDENCE_MISSING', 'EVIDENCE_DOUBTFUL', 'QUANTITY_SHORT', 'QUALITY_SHORT', 'NOT_AGREED', 'AMOUNT_WRONG', 'OTHER', 'INVOICE_WRONG', 'ACCOUNT_WRONG', 'BANK_REFUSED', 'NO_MONEY', 'PAID_IN_ERROR')),
    CONSTRAINT ck_invoices_handed_in CHECK (handed_in_by_id is not null and handed_in_at is not null),
    CONSTRAINT ck_invoices_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_invoices_number CHECK (number ~ '^[0-9A-Z-]{4,40}$'),
    CONSTRAINT ck_invoices_refused CHECK (status <> 'REFUSED' or reason_code is not null),
    CONSTRAINT ck_invoices_given_up CHECK ((status in ('REFUSED', 'VOIDED')) = (given_up_at is not null))
);

CREATE INDEX ix_invoices_partner ON invoices (partner_id, id);

CREATE INDEX ix_invoices_street ON invoices (street_id, id);

CREATE UNIQUE INDEX uq_invoices_number ON invoices (number) WHERE status in ('HANDED_IN', 'MATCHED');

CREATE UNIQUE INDEX uq_invoices_request ON invoices (request_id) WHERE status in ('HANDED_IN', 'MATCHED');

CREATE TABLE organization_keys (
    organization_id UUID NOT NULL,
    wrapped_key BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_organization_keys PRIMARY KEY (organization_id)
);

CREATE TABLE payment_requests (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'CREATED' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    fund_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    version_id UUID NOT NULL,
    milestone_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    kind TEXT DEFAULT 'ORDINARY' NOT NULL,
    appeal_id UUID,
    replaces_id UUID,
    accepted_fen BIGINT NOT NULL,
    deducted_fen BIGINT NOT NULL,
    payable_fen BIGINT NOT NULL,
    currency CHAR(3) DEFAULT 'CNY' NOT NULL,
    due_on DATE NOT NULL,
    paid_on DATE,
    round INTEGER DEFAULT '1' NOT NULL,
    invoice_id UUID,
    account_id UUID,
    reviewer_user_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    checker_user_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    approver_user_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    sender_user_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    status_reason_code TEXT,
    status_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status_changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_payment_requests PRIMARY KEY (id),
    CONSTRAINT ck_payment_requests_status CHECK (status IN ('CREATED', 'CONFIRMED', 'CHECKED', 'APPROVED', 'SENT', 'PAID', 'FAILED', 'RETURNED', 'REJECTED', 'REVERSED')),
    CONSTRAINT ck_payment_requests_kind CHECK (kind IN ('ORDINARY', 'SUPPLEMENTARY')),
    CONSTRAINT ck_payment_requests_currency CHECK (currency IN ('CNY')),
    CONSTRAINT ck_payment_requests_status_reason_code CHECK (status_reason_code IN ('EVIDENCE_MISSING', 'EVIDENCE_DOUBTFUL', 'QUANTITY_SHORT', 'QUALITY_SHORT', 'NOT_AGREED', 'AMOUNT_WRONG', 'OTHER', 'INVOICE_WRONG', 'ACCOUNT_WRONG', 'BANK_REFUSED', 'NO_MONEY', 'PAID_IN_ERROR')),
    CONSTRAINT ck_payment_requests_payable CHECK (payable_fen > 0 and deducted_fen >= 0),
    CONSTRAINT ck_payment_requests_difference CHECK (payable_fen = accepted_fen - deducted_fen),
    CONSTRAINT ck_payment_requests_supplementary CHECK ((kind = 'SUPPLEMENTARY') = (appeal_id is not null)),
    CONSTRAINT ck_payment_requests_paid CHECK ((status in ('PAID', 'REVERSED')) = (paid_on is not null)),
    CONSTRAINT uq_payment_requests_reference UNIQUE (reference),
    CONSTRAINT uq_payment_requests_replaces_id UNIQUE (replaces_id)
);

CREATE INDEX ix_payment_requests_agreement_id ON payment_requests (agreement_id);

CREATE INDEX ix_payment_requests_fund_id ON payment_requests (fund_id);

CREATE INDEX ix_payment_requests_milestone_id ON payment_requests (milestone_id);

CREATE INDEX ix_payment_requests_partner ON payment_requests (partner_id, id);

CREATE INDEX ix_payment_requests_street_due ON payment_requests (street_id, due_on, id);

CREATE INDEX ix_payment_requests_street_status ON payment_requests (street_id, status, id);

CREATE INDEX ix_payment_requests_submission_id ON payment_requests (submission_id);

CREATE UNIQUE INDEX uq_payment_requests_appeal ON payment_requests (appeal_id) WHERE appeal_id is not null and status not in ('REJECTED', 'REVERSED');

CREATE UNIQUE INDEX uq_payment_requests_live ON payment_requests (milestone_id) WHERE kind = 'ORDINARY' and status not in ('REJECTED', 'REVERSED');

CREATE TABLE submissions (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'DRAFT' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    agreement_id UUID NOT NULL,
    version_id UUID NOT NULL,
    milestone_id UUID NOT NULL,
    milestone_kind TEXT NOT NULL,
    round INTEGER NOT NULL,
    rule TEXT NOT NULL,
    claimed_fen BIGINT NOT NULL,
    accepted_fen BIGINT DEFAULT '0' NOT NULL,
    second_wanted BOOLEAN DEFAULT false NOT NULL,
    note TEXT,
    submitted_by_id UUID,
    submitted_user_id UUID,
    submitted_at TIMESTAMP WITH TIME ZONE,
    status_changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_submissions PRIMARY KEY (id),
    CONSTRAINT ck_submissions_status CHECK (status IN ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED', 'RETURNED', 'REJECTED', 'WITHDRAWN')),
    CONSTRAINT ck_submissions_milestone_kind CHECK (milestone_kind IN ('FIRST_STAGE', 'DELIVERY', 'REPORTING', 'ASSESSMENT', 'FINAL')),
    CONSTRAINT ck_submissions_rule CHECK (rule IN ('DOCUMENTS', 'SHARE', 'UNITS', 'ACTUAL')),
    CONSTRAINT ck_submissions_amounts CHECK (claimed_fen >= 0 and accepted_fen between 0 and claimed_fen),
    CONSTRAINT ck_submissions_submitted CHECK (submitted_by_id is not null and submitted_at is not null),
    CONSTRAINT uq_submissions_reference UNIQUE (reference),
    CONSTRAINT uq_submissions_milestone_id_round UNIQUE (milestone_id, round),
    CONSTRAINT fk_submissions_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_submissions_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_submissions_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_submissions_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_submissions_version_id FOREIGN KEY(version_id) REFERENCES agreement_versions (id),
    CONSTRAINT fk_submissions_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id),
    CONSTRAINT fk_submissions_submitted_by_id FOREIGN KEY(submitted_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_submissions_submitted_user_id FOREIGN KEY(submitted_user_id) REFERENCES users (id)
);

CREATE INDEX ix_submissions_agreement_id ON submissions (agreement_id);

CREATE INDEX ix_submissions_partner ON submissions (partner_id, id);

CREATE INDEX ix_submissions_street_status ON submissions (street_id, status, id);

CREATE UNIQUE INDEX uq_submissions_live ON submissions (milestone_id) WHERE status in ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED');

CREATE TABLE approvals (
    id UUID NOT NULL,
    request_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    step TEXT NOT NULL,
    round INTEGER NOT NULL,
    made_by_id UUID,
    made_user_id UUID,
    made_at TIMESTAMP WITH TIME ZONE,
    reason_code TEXT,
    note TEXT,
    CONSTRAINT pk_approvals PRIMARY KEY (id),
    CONSTRAINT ck_approvals_step CHECK (step IN ('CONFIRM', 'CHECK', 'APPROVE', 'SEND', 'SETTLE', 'FAIL', 'RETURN', 'REOPEN', 'REJECT', 'REVERSE')),
    CONSTRAINT ck_approvals_reason_code CHECK (reason_code IN ('EVIDENCE_MISSING', 'EVIDENCE_DOUBTFUL', 'QUANTITY_SHORT', 'QUALITY_SHORT', 'NOT_AGREED', 'AMOUNT_WRONG', 'OTHER', 'INVOICE_WRONG', 'ACCOUNT_WRONG', 'BANK_REFUSED', 'NO_MONEY', 'PAID_IN_ERROR')),
    CONSTRAINT ck_approvals_made CHECK (made_by_id is not null and made_at is not null),
    CONSTRAINT ck_approvals_reasons CHECK (step not in ('RETURN', 'REJECT', 'FAIL', 'REVERSE') or (reason_code is not null and note is not null)),
    CONSTRAINT fk_approvals_request_id FOREIGN KEY(request_id) REFERENCES payment_requests (id),
    CONSTRAINT fk_approvals_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_approvals_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_approvals_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_approvals_made_by_id FOREIGN KEY(made_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_approvals_made_user_id FOREIGN KEY(made_user_id) REFERENCES users (id)
);

CREATE INDEX ix_approvals_request ON approvals (request_id, id);

CREATE TABLE claim_steps (
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    line_id UUID,
    criterion_id UUID,
    metric TEXT,
    value BIGINT,
    target BIGINT,
    quantity BIGINT,
    unit_price_fen BIGINT,
    amount_fen BIGINT,
    CONSTRAINT pk_claim_steps PRIMARY KEY (id),
    CONSTRAINT ck_claim_steps_kind CHECK (kind IN ('STAGE_AMOUNT', 'CRITERION', 'SHORTFALL', 'LINE_UNITS', 'LINE_BLOCK', 'ACTUAL_TOTAL', 'CEILING', 'ACCEPTED_BEFORE', 'CARRIED', 'STAGE_CAP', 'CLAIM')),
    CONSTRAINT ck_claim_steps_metric CHECK (metric IN ('QUANTITY', 'PARTICIPANTS', 'AVERAGE_PARTICIPANTS', 'SESSIONS', 'ATTENDANCES', 'FOLLOW_UPS', 'PERSONS', 'HOUSEHOLDS', 'CASES_CLOSED', 'SATISFACTION_PERCENT', 'REPORTS')),
    CONSTRAINT uq_claim_steps_submission_id_number UNIQUE (submission_id, number),
    CONSTRAINT fk_claim_steps_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id),
    CONSTRAINT fk_claim_steps_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_claim_steps_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_claim_steps_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_claim_steps_line_id FOREIGN KEY(line_id) REFERENCES agreement_lines (id),
    CONSTRAINT fk_claim_steps_criterion_id FOREIGN KEY(criterion_id) REFERENCES criteria (id)
);

CREATE TABLE payments (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'SENT' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    milestone_id UUID NOT NULL,
    request_id UUID NOT NULL,
    account_id UUID NOT NULL,
    amount_fen BIGINT NOT NULL,
    currency CHAR(3) DEFAULT 'CNY' NOT NULL,
    bank_reference TEXT,
    sent_by_id UUID,
    sent_user_id UUID,
    sent_at TIMESTAMP WITH TIME ZONE,
    settled_by_id UUID,
    settled_user_id UUID,
    settled_at TIMESTAMP WITH TIME ZONE,
    settled_on DATE,
    failed_by_id UUID,
    failed_user_id UUID,
    failed_at TIMESTAMP WITH TIME ZONE,
    reversed_by_id UUID,
    reversed_user_id UUID,
    reversed_at TIMESTAMP WITH TIME ZONE,
    reason_code TEXT,
    reason TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (id),
    CONSTRAINT ck_payments_status CHECK (status IN ('SENT', 'SETTLED', 'FAILED', 'REVERSED')),
    CONSTRAINT ck_payments_currency CHECK (currency IN ('CNY')),
    CONSTRAINT ck_payments_reason_code CHECK (reason_code IN ('EVIDENCE_MISSING', 'EVIDENCE_DOUBTFUL', 'QUANTITY_SHORT', 'QUALITY_SHORT', 'NOT_AGREED', 'AMOUNT_WRONG', 'OTHER', 'INVOICE_WRONG', 'ACCOUNT_WRONG', 'BANK_REFUSED', 'NO_MONEY', 'PAID_IN_ERROR')),
    CONSTRAINT ck_payments_sent CHECK (sent_by_id is not null and sent_at is not null),
    CONSTRAINT ck_payments_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_payments_settled CHECK ((status in ('SETTLED', 'REVERSED')) = (settled_by_id is not null and bank_reference is not null and settled_on is not null)),
    CONSTRAINT ck_payments_reasons CHECK (status not in ('FAILED', 'REVERSED') or reason_code is not null),
    CONSTRAINT uq_payments_reference UNIQUE (reference),
    CONSTRAINT uq_payments_bank_reference UNIQUE (bank_reference),
    CONSTRAINT fk_payments_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_payments_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_payments_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_payments_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_payments_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id),
    CONSTRAINT fk_payments_request_id FOREIGN KEY(request_id) REFERENCES payment_requests (id),
    CONSTRAINT fk_payments_account_id FOREIGN KEY(account_id) REFERENCES bank_accounts (id),
    CONSTRAINT fk_payments_sent_by_id FOREIGN KEY(sent_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_payments_sent_user_id FOREIGN KEY(sent_user_id) REFERENCES users (id),
    CONSTRAINT fk_payments_settled_by_id FOREIGN KEY(settled_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_payments_settled_user_id FOREIGN KEY(settled_user_id) REFERENCES users (id),
    CONSTRAINT fk_payments_failed_by_id FOREIGN KEY(failed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_payments_failed_user_id FOREIGN KEY(failed_user_id) REFERENCES users (id),
    CONSTRAINT fk_payments_reversed_by_id FOREIGN KEY(reversed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_payments_reversed_user_id FOREIGN KEY(reversed_user_id) REFERENCES users (id)
);

CREATE INDEX ix_payments_milestone_id ON payments (milestone_id);

CREATE INDEX ix_payments_partner ON payments (partner_id, id);

CREATE INDEX ix_payments_request_id ON payments (request_id);

CREATE INDEX ix_payments_street ON payments (street_id, id);

CREATE UNIQUE INDEX uq_payments_live ON payments (request_id) WHERE status in ('SENT', 'SETTLED');

CREATE TABLE reviews (
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    milestone_id UUID NOT NULL,
    number INTEGER NOT NULL,
    decision TEXT NOT NULL,
    accepted_fen BIGINT NOT NULL,
    awaits_second BOOLEAN DEFAULT false NOT NULL,
    seconds_id UUID,
    reason_code TEXT,
    comment TEXT,
    reviewed_by_id UUID,
    reviewed_user_id UUID,
    reviewed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_reviews PRIMARY KEY (id),
    CONSTRAINT ck_reviews_decision CHECK (decision IN ('ACCEPT', 'ACCEPT_IN_PART', 'RETURN', 'REJECT', 'SECONDED', 'OBJECTED', 'PAYMENT_REJECTED')),
    CONSTRAINT ck_reviews_reason_code CHECK (reason_code IN ('EVIDENCE_MISSING', 'EVIDENCE_DOUBTFUL', 'QUANTITY_SHORT', 'QUALITY_SHORT', 'NOT_AGREED', 'AMOUNT_WRONG', 'OTHER')),
    CONSTRAINT ck_reviews_reviewed CHECK (reviewed_by_id is not null and reviewed_at is not null),
    CONSTRAINT ck_reviews_accepted CHECK (accepted_fen >= 0),
    CONSTRAINT ck_reviews_accepts CHECK (accepted_fen = 0 or decision in ('ACCEPT', 'ACCEPT_IN_PART', 'SECONDED')),
    CONSTRAINT ck_reviews_seconds CHECK ((decision in ('SECONDED', 'OBJECTED')) = (seconds_id is not null)),
    CONSTRAINT ck_reviews_reasons CHECK (decision not in ('ACCEPT_IN_PART', 'RETURN', 'REJECT', 'OBJECTED', 'PAYMENT_REJECTED') or (comment is not null and reason_code is not null)),
    CONSTRAINT ck_reviews_awaits CHECK (not awaits_second or decision in ('ACCEPT', 'ACCEPT_IN_PART')),
    CONSTRAINT uq_reviews_seconds_id UNIQUE (seconds_id),
    CONSTRAINT uq_reviews_submission_id_number UNIQUE (submission_id, number),
    CONSTRAINT fk_reviews_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id),
    CONSTRAINT fk_reviews_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_reviews_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_reviews_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_reviews_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id),
    CONSTRAINT fk_reviews_seconds_id FOREIGN KEY(seconds_id) REFERENCES reviews (id),
    CONSTRAINT fk_reviews_reviewed_by_id FOREIGN KEY(reviewed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_reviews_reviewed_user_id FOREIGN KEY(reviewed_user_id) REFERENCES users (id)
);

CREATE TABLE submission_deliveries (
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    line_id UUID NOT NULL,
    unit_id UUID NOT NULL,
    live BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_submission_deliveries PRIMARY KEY (id),
    CONSTRAINT uq_submission_deliveries_submission_id_delivery_id UNIQUE (submission_id, delivery_id),
    CONSTRAINT fk_submission_deliveries_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id),
    CONSTRAINT fk_submission_deliveries_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id),
    CONSTRAINT fk_submission_deliveries_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_submission_deliveries_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_submission_deliveries_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_submission_deliveries_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_submission_deliveries_line_id FOREIGN KEY(line_id) REFERENCES agreement_lines (id)
);

CREATE INDEX ix_submission_deliveries_submission_id ON submission_deliveries (submission_id);

CREATE INDEX ix_submission_deliveries_unit ON submission_deliveries (unit_id) WHERE live;

CREATE UNIQUE INDEX uq_submission_deliveries_live ON submission_deliveries (delivery_id) WHERE live;

CREATE TABLE submission_documents (
    id UUID NOT NULL,
    submission_id UUID NOT NULL,
    document_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    CONSTRAINT pk_submission_documents PRIMARY KEY (id),
    CONSTRAINT uq_submission_documents_submission_id_document_id UNIQUE (submission_id, document_id),
    CONSTRAINT fk_submission_documents_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id),
    CONSTRAINT fk_submission_documents_document_id FOREIGN KEY(document_id) REFERENCES documents (id),
    CONSTRAINT fk_submission_documents_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_submission_documents_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_submission_documents_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id)
);

CREATE INDEX ix_submission_documents_document_id ON submission_documents (document_id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_version_id FOREIGN KEY(version_id) REFERENCES agreement_versions (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_street_id FOREIGN KEY(street_id) REFERENCES organizations (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_proposed_by_id FOREIGN KEY(proposed_by_id) REFERENCES memberships (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_district_id FOREIGN KEY(district_id) REFERENCES organizations (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_version_id FOREIGN KEY(version_id) REFERENCES agreement_versions (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_decided_user_id FOREIGN KEY(decided_user_id) REFERENCES users (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_filed_user_id FOREIGN KEY(filed_user_id) REFERENCES users (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_district_id FOREIGN KEY(district_id) REFERENCES organizations (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_street_id FOREIGN KEY(street_id) REFERENCES organizations (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_handed_in_by_id FOREIGN KEY(handed_in_by_id) REFERENCES memberships (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_seller_id FOREIGN KEY(seller_id) REFERENCES organizations (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_appeal_id FOREIGN KEY(appeal_id) REFERENCES appeals (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_request_id FOREIGN KEY(request_id) REFERENCES payment_requests (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_fund_id FOREIGN KEY(fund_id) REFERENCES funds (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_proposed_user_id FOREIGN KEY(proposed_user_id) REFERENCES users (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_version_id FOREIGN KEY(version_id) REFERENCES agreement_versions (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_district_id FOREIGN KEY(district_id) REFERENCES organizations (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_street_id FOREIGN KEY(street_id) REFERENCES organizations (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_document_id FOREIGN KEY(document_id) REFERENCES documents (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_request_id FOREIGN KEY(request_id) REFERENCES payment_requests (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_filed_by_id FOREIGN KEY(filed_by_id) REFERENCES memberships (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_district_id FOREIGN KEY(district_id) REFERENCES organizations (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_decided_by_id FOREIGN KEY(decided_by_id) REFERENCES memberships (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_street_id FOREIGN KEY(street_id) REFERENCES organizations (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_account_id FOREIGN KEY(account_id) REFERENCES bank_accounts (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_handed_in_user_id FOREIGN KEY(handed_in_user_id) REFERENCES users (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_replaces_id FOREIGN KEY(replaces_id) REFERENCES payment_requests (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id);

ALTER TABLE payment_requests ADD CONSTRAINT fk_payment_requests_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id);

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_buyer_id FOREIGN KEY(buyer_id) REFERENCES organizations (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_deduction_id FOREIGN KEY(deduction_id) REFERENCES deductions (id);

ALTER TABLE deductions ADD CONSTRAINT fk_deductions_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id);

ALTER TABLE appeals ADD CONSTRAINT fk_appeals_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id);
