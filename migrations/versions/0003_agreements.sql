CREATE TABLE funds (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    holder_id UUID NOT NULL,
    payer_id UUID NOT NULL,
    channel TEXT NOT NULL,
    purposes TEXT[] NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    currency CHAR(3) DEFAULT 'CNY' NOT NULL,
    available_fen BIGINT DEFAULT '0' NOT NULL,
    encumbered_fen BIGINT DEFAULT '0' NOT NULL,
    payable_fen BIGINT DEFAULT '0' NOT NULL,
    paid_fen BIGINT DEFAULT '0' NOT NULL,
    registered_by_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_funds PRIMARY KEY (id),
    CONSTRAINT ck_funds_kind CHECK (kind IN ('CHARITY', 'FISCAL', 'RESTRICTED_DONATION')),
    CONSTRAINT ck_funds_channel CHECK (channel IN ('TREASURY', 'BANK', 'HOLDER')),
    CONSTRAINT ck_funds_currency CHECK (currency IN ('CNY')),
    CONSTRAINT ck_funds_purposes CHECK (cardinality(purposes) > 0 and cardinality(community_ids) > 0),
    CONSTRAINT ck_funds_available CHECK (available_fen >= 0),
    CONSTRAINT ck_funds_encumbered CHECK (encumbered_fen >= 0),
    CONSTRAINT ck_funds_payable CHECK (payable_fen >= 0),
    CONSTRAINT ck_funds_paid CHECK (paid_fen >= 0),
    CONSTRAINT uq_funds_reference UNIQUE (reference),
    CONSTRAINT fk_funds_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_funds_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_funds_holder_id FOREIGN KEY(holder_id) REFERENCES organizations (id),
    CONSTRAINT fk_funds_payer_id FOREIGN KEY(payer_id) REFERENCES organizations (id),
    CONSTRAINT fk_funds_registered_by_id FOREIGN KEY(registered_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_funds_street ON funds (street_id, id);

CREATE TABLE accounts (
    id UUID NOT NULL,
    fund_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT ck_accounts_kind CHECK (kind IN ('SOURCE', 'AVAILABLE', 'ENCUMBERED', 'PAYABLE', 'PAID')),
    CONSTRAINT uq_accounts_fund_id_kind UNIQUE (fund_id, kind),
    CONSTRAINT fk_accounts_fund_id FOREIGN KEY(fund_id) REFERENCES funds (id),
    CONSTRAINT fk_accounts_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_accounts_street_id FOREIGN KEY(street_id) REFERENCES organizations (id)
);

CREATE TABLE agreements (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT DEFAULT 'DRAFT' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    fund_id UUID NOT NULL,
    current_version_id UUID,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    drafter_user_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    ceiling_fen BIGINT NOT NULL,
    encumbered_fen BIGINT DEFAULT '0' NOT NULL,
    payable_fen BIGINT DEFAULT '0' NOT NULL,
    paid_fen BIGINT DEFAULT '0' NOT NULL,
    status_reason_code TEXT,
    status_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status_changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    activated_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_agreements PRIMARY KEY (id),
    CONSTRAINT ck_agreements_status CHECK (status IN ('DRAFT', 'IN_REVIEW', 'RETURNED', 'CERTIFIED', 'APPROVED', 'PARTNER_ACCEPTED', 'ACTIVE', 'SUSPENDED', 'CLOSING', 'CLOSED', 'DECLINED', 'CANCELLED', 'TERMINATED')),
    CONSTRAINT ck_agreements_status_reason_code CHECK (status_reason_code IN ('TERMS_WRONG', 'MISSING_DATA', 'PRICE', 'NO_MONEY', 'NO_CAPACITY', 'NOT_QUALIFIED', 'BREACH', 'NO_LONGER_NEEDED', 'ENTERED_IN_ERROR', 'OTHER')),
    CONSTRAINT ck_agreements_ceiling CHECK (ceiling_fen > 0),
    CONSTRAINT ck_agreements_money CHECK (encumbered_fen >= 0 and payable_fen >= 0 and paid_fen >= 0),
    CONSTRAINT uq_agreements_reference UNIQUE (reference),
    CONSTRAINT fk_agreements_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreements_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreements_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreements_fund_id FOREIGN KEY(fund_id) REFERENCES funds (id)
);

CREATE INDEX ix_agreements_fund_id ON agreements (fund_id);

CREATE INDEX ix_agreements_partner ON agreements (partner_id, id);

CREATE INDEX ix_agreements_street_status ON agreements (street_id, status, id);

CREATE TABLE donations (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    fund_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    donor_kind TEXT NOT NULL,
    donor_name TEXT,
    donor_name_masked TEXT,
    amount_fen BIGINT NOT NULL,
    received_on DATE NOT NULL,
    voucher_number TEXT NOT NULL,
    note TEXT,
    recorded_by_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_donations PRIMARY KEY (id),
    CONSTRAINT ck_donations_donor_kind CHECK (donor_kind IN ('ORGANIZATION', 'PERSON', 'ANONYMOUS')),
    CONSTRAINT ck_donations_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_donations_donor_name CHECK ((donor_kind = 'ANONYMOUS') = (donor_name is null)),
    CONSTRAINT uq_donations_reference UNIQUE (reference),
    CONSTRAINT uq_donations_street_id_voucher_number UNIQUE (street_id, voucher_number),
    CONSTRAINT fk_donations_fund_id FOREIGN KEY(fund_id) REFERENCES funds (id),
    CONSTRAINT fk_donations_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_donations_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_donations_recorded_by_id FOREIGN KEY(recorded_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_donations_fund_id ON donations (fund_id);

CREATE TABLE agreement_versions (
    id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    number INTEGER NOT NULL,
    ceiling_fen BIGINT NOT NULL,
    currency CHAR(3) DEFAULT 'CNY' NOT NULL,
    retention_bp INTEGER DEFAULT '0' NOT NULL,
    payment_days INTEGER DEFAULT '30' NOT NULL,
    shortfall_rule TEXT DEFAULT 'PROPORTIONAL' NOT NULL,
    remainder_rule TEXT DEFAULT 'CARRY_TO_FINAL' NOT NULL,
    procurement_method TEXT,
    procurement_rationale TEXT,
    effective_from_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    prepared_by_id UUID,
    prepared_user_id UUID,
    prepared_at TIMESTAMP WITH TIME ZONE,
    proposed_by_id UUID,
    proposed_user_id UUID,
    proposed_at TIMESTAMP WITH TIME ZONE,
    certified_by_id UUID,
    certified_user_id UUID,
    certified_at TIMESTAMP WITH TIME ZONE,
    approved_by_id UUID,
    approved_user_id UUID,
    approved_at TIMESTAMP WITH TIME ZONE,
    signed_by_id UUID,
    signed_user_id UUID,
    signed_at TIMESTAMP WITH TIME ZONE,
    decision_reference TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_agreement_versions PRIMARY KEY (id),
    CONSTRAINT ck_agreement_versions_currency CHECK (currency IN ('CNY')),
    CONSTRAINT ck_agreement_versions_shortfall_rule CHECK (shortfall_rule IN ('NONE', 'PROPORTIONAL')),
    CONSTRAINT ck_agreement_versions_remainder_rule CHECK (remainder_rule IN ('CARRY_TO_FINAL', 'LAPSE')),
    CONSTRAINT ck_agreement_versions_procurement_method CHECK (procurement_method IN ('OPEN', 'SELECTIVE', 'LIMITED', 'DIRECT')),
    CONSTRAINT ck_agreement_versions_ceiling CHECK (ceiling_fen > 0),
    CONSTRAINT ck_agreement_versions_retention CHECK (retention_bp between 0 and 10000),
    CONSTRAINT ck_agreement_versions_term CHECK (effective_from_on <= ends_on),
    CONSTRAINT ck_agreement_versions_decision CHECK ((approved_by_id is null) = (decision_reference is null)),
    CONSTRAINT ck_agreement_versions_steps CHECK ((certified_by_id is null or proposed_by_id is not null) and (approved_by_id is null or certified_by_id is not null) and (signed_by_id is null or approved_by_id is not null)),
    CONSTRAINT uq_agreement_versions_agreement_id_number UNIQUE (agreement_id, number),
    CONSTRAINT fk_agreement_versions_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_agreement_versions_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreement_versions_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreement_versions_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreement_versions_prepared_by_id FOREIGN KEY(prepared_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_agreement_versions_prepared_user_id FOREIGN KEY(prepared_user_id) REFERENCES users (id),
    CONSTRAINT fk_agreement_versions_proposed_by_id FOREIGN KEY(proposed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_agreement_versions_proposed_user_id FOREIGN KEY(proposed_user_id) REFERENCES users (id),
    CONSTRAINT fk_agreement_versions_certified_by_id FOREIGN KEY(certified_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_agreement_versions_certified_user_id FOREIGN KEY(certified_user_id) REFERENCES users (id),
    CONSTRAINT fk_agreement_versions_approved_by_id FOREIGN KEY(approved_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_agreement_versions_approved_user_id FOREIGN KEY(approved_user_id) REFERENCES users (id),
    CONSTRAINT fk_agreement_versions_signed_by_id FOREIGN KEY(signed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_agreement_versions_signed_user_id FOREIGN KEY(signed_user_id) REFERENCES users (id)
);

CREATE TABLE agreement_lines (
    id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    version_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    service_type_id UUID NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    unit_price_fen BIGINT,
    quantity_cap INTEGER,
    amount_cap_fen BIGINT NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT pk_agreement_lines PRIMARY KEY (id),
    CONSTRAINT ck_agreement_lines_kind CHECK (kind IN ('UNIT', 'BLOCK')),
    CONSTRAINT ck_agreement_lines_unit CHECK (unit IN ('VISIT', 'HOUR', 'SESSION', 'CASE', 'PERSON', 'REPORT')),
    CONSTRAINT ck_agreement_lines_unit_terms CHECK (kind = 'BLOCK' or (unit_price_fen > 0 and quantity_cap > 0)),
    CONSTRAINT ck_agreement_lines_block_terms CHECK (kind = 'UNIT' or unit_price_fen is null),
    CONSTRAINT ck_agreement_lines_caps CHECK (amount_cap_fen > 0 and quantity_cap > 0),
    CONSTRAINT uq_agreement_lines_version_id_number UNIQUE (version_id, number),
    CONSTRAINT fk_agreement_lines_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_agreement_lines_version_id FOREIGN KEY(version_id) REFERENCES agreement_versions (id),
    CONSTRAINT fk_agreement_lines_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreement_lines_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreement_lines_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_agreement_lines_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id)
);

CREATE TABLE milestones (
    id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    version_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    sequence INTEGER NOT NULL,
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT DEFAULT 'SCHEDULED' NOT NULL,
    due_on DATE NOT NULL,
    amount_fen BIGINT NOT NULL,
    share_bp INTEGER,
    depends_on_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    in_force BOOLEAN DEFAULT false NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_milestones PRIMARY KEY (id),
    CONSTRAINT ck_milestones_kind CHECK (kind IN ('FIRST_STAGE', 'DELIVERY', 'REPORTING', 'ASSESSMENT', 'FINAL')),
    CONSTRAINT ck_milestones_status CHECK (status IN ('SCHEDULED', 'SUBMITTED', 'RETURNED', 'REJECTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED', 'SETTLED', 'WAIVED', 'CANCELLED')),
    CONSTRAINT ck_milestones_amount CHECK (amount_fen >= 0),
    CONSTRAINT ck_milestones_share CHECK (share_bp between 1 and 10000),
    CONSTRAINT uq_milestones_version_id_sequence UNIQUE (version_id, sequence),
    CONSTRAINT uq_milestones_version_id_code UNIQUE (version_id, code),
    CONSTRAINT fk_milestones_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_milestones_version_id FOREIGN KEY(version_id) REFERENCES agreement_versions (id),
    CONSTRAINT fk_milestones_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_milestones_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_milestones_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id)
);

CREATE INDEX ix_milestones_agreement ON milestones (agreement_id, sequence);

CREATE INDEX ix_milestones_partner_due ON milestones (partner_id, due_on, id);

CREATE INDEX ix_milestones_street_due ON milestones (street_id, due_on, id);

CREATE TABLE criteria (
    id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    version_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    community_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    line_id UUID,
    milestone_id UUID,
    metric TEXT NOT NULL,
    operator TEXT DEFAULT 'AT_LEAST' NOT NULL,
    target INTEGER NOT NULL,
    per_unit BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_criteria PRIMARY KEY (id),
    CONSTRAINT ck_criteria_metric CHECK (metric IN ('QUANTITY', 'PARTICIPANTS', 'AVERAGE_PARTICIPANTS', 'SESSIONS', 'ATTENDANCES', 'FOLLOW_UPS', 'PERSONS', 'HOUSEHOLDS', 'CASES_CLOSED', 'SATISFACTION_PERCENT', 'REPORTS')),
    CONSTRAINT ck_criteria_operator CHECK (operator IN ('AT_LEAST', 'AT_MOST', 'EXACTLY')),
    CONSTRAINT ck_criteria_target CHECK (target >= 0),
    CONSTRAINT ck_criteria_of_one CHECK (num_nonnulls(line_id, milestone_id) = 1),
    CONSTRAINT ck_criteria_per_unit CHECK (line_id is not null or not per_unit),
    CONSTRAINT fk_criteria_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_criteria_version_id FOREIGN KEY(version_id) REFERENCES agreement_versions (id),
    CONSTRAINT fk_criteria_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_criteria_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_criteria_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_criteria_line_id FOREIGN KEY(line_id) REFERENCES agreement_lines (id),
    CONSTRAINT fk_criteria_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id)
);

CREATE INDEX ix_criteria_line_id ON criteria (line_id);

CREATE INDEX ix_criteria_milestone_id ON criteria (milestone_id);

CREATE INDEX ix_criteria_version_id ON criteria (version_id);

CREATE TABLE transfers (
    id UUID NOT NULL,
    fund_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    stage TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    entry_count INTEGER NOT NULL,
    pending_id UUID,
    donation_id UUID,
    agreement_id UUID,
    milestone_id UUID,
    made_by_id UUID,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_transfers PRIMARY KEY (id),
    CONSTRAINT ck_transfers_stage CHECK (stage IN ('PENDING', 'POSTED', 'VOIDED')),
    CONSTRAINT ck_transfers_reason CHECK (reason IN ('DONATION', 'ENCUMBRANCE', 'RELEASE')),
    CONSTRAINT ck_transfers_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_transfers_pending CHECK (case stage when 'PENDING' then pending_id is null when 'VOIDED' then pending_id is not null else true end),
    CONSTRAINT ck_transfers_encumbers CHECK (stage <> 'PENDING' or agreement_id is not null),
    CONSTRAINT ck_transfers_donation CHECK ((reason = 'DONATION') = (donation_id is not null)),
    CONSTRAINT uq_transfers_pending_id UNIQUE (pending_id),
    CONSTRAINT uq_transfers_donation_id UNIQUE (donation_id),
    CONSTRAINT fk_transfers_fund_id FOREIGN KEY(fund_id) REFERENCES funds (id),
    CONSTRAINT fk_transfers_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_transfers_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_transfers_pending_id FOREIGN KEY(pending_id) REFERENCES transfers (id),
    CONSTRAINT fk_transfers_donation_id FOREIGN KEY(donation_id) REFERENCES donations (id),
    CONSTRAINT fk_transfers_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_transfers_milestone_id FOREIGN KEY(milestone_id) REFERENCES milestones (id),
    CONSTRAINT fk_transfers_made_by_id FOREIGN KEY(made_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_transfers_agreement ON transfers (agreement_id, id);

CREATE INDEX ix_transfers_fund_id ON transfers (fund_id);

CREATE TABLE entries (
    id UUID NOT NULL,
    transfer_id UUID NOT NULL,
    account_id UUID NOT NULL,
    fund_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    amount_fen BIGINT NOT NULL,
    CONSTRAINT pk_entries PRIMARY KEY (id),
    CONSTRAINT ck_entries_amount CHECK (amount_fen <> 0),
    CONSTRAINT fk_entries_transfer_id FOREIGN KEY(transfer_id) REFERENCES transfers (id),
    CONSTRAINT fk_entries_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_entries_fund_id FOREIGN KEY(fund_id) REFERENCES funds (id),
    CONSTRAINT fk_entries_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_entries_street_id FOREIGN KEY(street_id) REFERENCES organizations (id)
);

CREATE INDEX ix_entries_account_id ON entries (account_id);

CREATE INDEX ix_entries_transfer_id ON entries (transfer_id);

ALTER TABLE agreements ADD CONSTRAINT fk_agreements_current_version_id FOREIGN KEY(current_version_id) REFERENCES agreement_versions (id);
