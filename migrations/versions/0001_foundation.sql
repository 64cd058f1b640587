CREATE SEQUENCE reference_numbers;

CREATE TABLE demo_clock (
    id SERIAL NOT NULL,
    offset_seconds BIGINT NOT NULL,
    CONSTRAINT pk_demo_clock PRIMARY KEY (id)
);

CREATE TABLE idempotency_keys (
    principal_id UUID NOT NULL,
    key TEXT NOT NULL,
    command TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    result JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (principal_id, key)
);

CREATE TABLE organizations (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    parent_id UUID,
    district_id UUID,
    street_id UUID,
    status TEXT DEFAULT 'ACTIVE' NOT NULL,
    partner_type TEXT,
    partner_rating TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_organizations PRIMARY KEY (id),
    CONSTRAINT ck_organizations_kind CHECK (kind IN ('DISTRICT', 'STREET', 'COMMUNITY', 'PARTNER', 'CHARITY')),
    CONSTRAINT ck_organizations_status CHECK (status IN ('ACTIVE', 'CLOSED')),
    CONSTRAINT ck_organizations_partner_type CHECK (partner_type IN ('SOCIAL_GROUP', 'SERVICE_INSTITUTION', 'FOUNDATION')),
    CONSTRAINT ck_organizations_partner_rating CHECK (partner_rating IN ('R1A', 'R2A', 'R3A', 'R4A', 'R5A', 'UNRATED')),
    CONSTRAINT uq_organizations_code UNIQUE (code),
    CONSTRAINT fk_organizations_parent_id FOREIGN KEY(parent_id) REFERENCES organizations (id),
    CONSTRAINT fk_organizations_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_organizations_street_id FOREIGN KEY(street_id) REFERENCES organizations (id)
);

CREATE INDEX ix_organizations_kind_name ON organizations (kind, name);

CREATE INDEX ix_organizations_parent_id ON organizations (parent_id);

CREATE INDEX ix_organizations_street_id ON organizations (street_id);

CREATE TABLE service_types (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    strand TEXT NOT NULL,
    official_category TEXT,
    unit TEXT NOT NULL,
    evidence_policy TEXT NOT NULL,
    case_kind TEXT NOT NULL,
    qualification_type TEXT NOT NULL,
    min_age INTEGER,
    max_age INTEGER,
    active BOOLEAN DEFAULT true NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_service_types PRIMARY KEY (id),
    CONSTRAINT ck_service_types_strand CHECK (strand IN ('VISIT', 'CLASSIFIED_AID', 'PURCHASED')),
    CONSTRAINT ck_service_types_official_category CHECK (official_category IN ('VISITING', 'CARE', 'REHABILITATION', 'ESCORT', 'RETURN_HOME', 'COUNSELLING', 'INTEGRATION', 'SKILLS', 'RESOURCES', 'SURVEY', 'TRAINING', 'POLICY_OUTREACH', 'EVALUATION')),
    CONSTRAINT ck_service_types_unit CHECK (unit IN ('VISIT', 'HOUR', 'SESSION', 'CASE', 'PERSON', 'REPORT')),
    CONSTRAINT ck_service_types_evidence_policy CHECK (evidence_policy IN ('NONE', 'PHOTO', 'SIGNATURE', 'SIGN_IN_SHEET', 'REPORT')),
    CONSTRAINT ck_service_types_case_kind CHECK (case_kind IN ('SERVICE', 'CASEWORK')),
    CONSTRAINT ck_service_types_qualification_type CHECK (qualification_type IN ('REGISTRATION', 'SOCIAL_WORK', 'ELDERLY_CARE', 'REHABILITATION', 'COUNSELLING')),
    CONSTRAINT uq_service_types_code UNIQUE (code)
);

CREATE TABLE users (
    id UUID NOT NULL,
    sign_in_name TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT,
    language TEXT DEFAULT 'zh-CN' NOT NULL,
    active BOOLEAN DEFAULT true NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_sign_in_name UNIQUE (sign_in_name),
    CONSTRAINT ck_users_language CHECK (language IN ('zh-CN', 'en'))
);

CREATE TABLE households (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_households PRIMARY KEY (id),
    CONSTRAINT uq_households_reference UNIQUE (reference),
    CONSTRAINT fk_households_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_households_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_households_community_id FOREIGN KEY(community_id) REFERENCES organizations (id)
);

CREATE INDEX ix_households_community ON households (community_id, id);

CREATE INDEX ix_households_street ON households (street_id, id);

CREATE TABLE memberships (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    role TEXT NOT NULL,
    duty TEXT,
    display_name TEXT NOT NULL,
    district_id UUID,
    street_id UUID,
    community_id UUID,
    partner_id UUID,
    valid_from_on DATE NOT NULL,
    valid_to_on DATE,
    ended_at TIMESTAMP WITH TIME ZONE,
    end_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (id),
    CONSTRAINT ck_memberships_role CHECK (role IN ('COMMUNITY_WORKER', 'STATION_WORKER', 'STREET_DIRECTOR', 'FINANCE_OFFICER', 'PARTNER_MANAGER', 'PARTNER_WORKER', 'AUDITOR', 'ADMIN')),
    CONSTRAINT ck_memberships_duty CHECK (duty IN ('ACCOUNTANT', 'CASHIER')),
    CONSTRAINT fk_memberships_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_memberships_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_memberships_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_memberships_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_memberships_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_memberships_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id)
);

CREATE INDEX ix_memberships_organization_id ON memberships (organization_id);

CREATE INDEX ix_memberships_partner_id ON memberships (partner_id);

CREATE INDEX ix_memberships_street_id ON memberships (street_id);

CREATE INDEX ix_memberships_user_id ON memberships (user_id);

CREATE TABLE person_keys (
    person_id UUID NOT NULL,
    street_id UUID NOT NULL,
    wrapped_key BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_person_keys PRIMARY KEY (person_id),
    CONSTRAINT fk_person_keys_street_id FOREIGN KEY(street_id) REFERENCES organizations (id)
);

CREATE TABLE qualifications (
    id UUID NOT NULL,
    partner_id UUID NOT NULL,
    type TEXT NOT NULL,
    number TEXT NOT NULL,
    valid_from_on DATE NOT NULL,
    valid_to_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_qualifications PRIMARY KEY (id),
    CONSTRAINT ck_qualifications_type CHECK (type IN ('REGISTRATION', 'SOCIAL_WORK', 'ELDERLY_CARE', 'REHABILITATION', 'COUNSELLING', 'CHARITY_STATUS')),
    CONSTRAINT uq_qualifications_partner_id_type_number UNIQUE (partner_id, type, number),
    CONSTRAINT fk_qualifications_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id)
);

CREATE INDEX ix_qualifications_partner_id ON qualifications (partner_id);

CREATE TABLE audit_events (
    id UUID NOT NULL,
    xid BIGINT DEFAULT (pg_current_xact_id()::text)::bigint NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    action TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id UUID NOT NULL,
    subject_reference TEXT,
    district_id UUID,
    street_id UUID,
    community_id UUID,
    partner_id UUID,
    actor_user_id UUID,
    actor_membership_id UUID,
    actor_organization_id UUID,
    actor_role TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    client_id UUID,
    purpose TEXT,
    facts JSONB NOT NULL,
    CONSTRAINT pk_audit_events PRIMARY KEY (id),
    CONSTRAINT fk_audit_events_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_audit_events_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_audit_events_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_audit_events_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_audit_events_actor_user_id FOREIGN KEY(actor_user_id) REFERENCES users (id),
    CONSTRAINT fk_audit_events_actor_membership_id FOREIGN KEY(actor_membership_id) REFERENCES memberships (id),
    CONSTRAINT fk_audit_events_actor_organization_id FOREIGN KEY(actor_organization_id) REFERENCES organizations (id)
);

CREATE INDEX ix_audit_events_actor ON audit_events (actor_membership_id, id);

CREATE INDEX ix_audit_events_street ON audit_events (street_id, id);

CREATE INDEX ix_audit_events_subject ON audit_events (subject_id, id);

CREATE TABLE clients (
    id UUID NOT NULL,
    membership_id UUID NOT NULL,
    street_id UUID,
    partner_id UUID,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_clients PRIMARY KEY (id),
    CONSTRAINT fk_clients_membership_id FOREIGN KEY(membership_id) REFERENCES memberships (id),
    CONSTRAINT fk_clients_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_clients_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id)
);

CREATE INDEX ix_clients_membership_id ON clients (membership_id);

CREATE TABLE conflict_declarations (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    membership_id UUID NOT NULL,
    district_id UUID,
    street_id UUID,
    reason TEXT NOT NULL,
    declared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_conflict_declarations PRIMARY KEY (id),
    CONSTRAINT uq_conflict_declarations_user_id_partner_id UNIQUE (user_id, partner_id),
    CONSTRAINT fk_conflict_declarations_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_conflict_declarations_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_conflict_declarations_membership_id FOREIGN KEY(membership_id) REFERENCES memberships (id),
    CONSTRAINT fk_conflict_declarations_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_conflict_declarations_street_id FOREIGN KEY(street_id) REFERENCES organizations (id)
);

CREATE INDEX ix_conflict_declarations_partner_id ON conflict_declarations (partner_id);

CREATE INDEX ix_conflict_declarations_street_id ON conflict_declarations (street_id);

CREATE INDEX ix_conflict_declarations_user_id ON conflict_declarations (user_id);

CREATE TABLE notices (
    id UUID NOT NULL,
    recipient_id UUID NOT NULL,
    street_id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id UUID NOT NULL,
    subject_reference TEXT,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL,
    event_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    read_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_notices PRIMARY KEY (id),
    CONSTRAINT uq_notices_recipient_id_event_id_kind UNIQUE (recipient_id, event_id, kind),
    CONSTRAINT fk_notices_recipient_id FOREIGN KEY(recipient_id) REFERENCES memberships (id),
    CONSTRAINT fk_notices_street_id FOREIGN KEY(street_id) REFERENCES organizations (id)
);

CREATE INDEX ix_notices_recipient ON notices (recipient_id, id);

CREATE TABLE persons (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    pseudonym TEXT NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    registration_community_id UUID,
    household_id UUID,
    household_relation TEXT,
    name TEXT NOT NULL,
    name_masked TEXT NOT NULL,
    id_number_sealed BYTEA,
    id_number_masked TEXT,
    id_number_index BYTEA,
    phone_sealed BYTEA,
    phone_masked TEXT,
    phone_index BYTEA,
    address_sealed BYTEA,
    address_masked TEXT,
    door_notes_sealed BYTEA,
    emergency_contacts_sealed BYTEA,
    estate TEXT,
    birth_on DATE NOT NULL,
    sex TEXT NOT NULL,
    lives_alone BOOLEAN DEFAULT false NOT NULL,
    disability_grade TEXT DEFAULT 'NONE' NOT NULL,
    risk_class TEXT DEFAULT 'C' NOT NULL,
    status TEXT DEFAULT 'LIVING' NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_persons PRIMARY KEY (id),
    CONSTRAINT ck_persons_sex CHECK (sex IN ('FEMALE', 'MALE')),
    CONSTRAINT ck_persons_household_relation CHECK (household_relation IN ('HEAD', 'SPOUSE', 'CHILD', 'PARENT', 'GRANDCHILD', 'GRANDPARENT', 'SIBLING', 'OTHER')),
    CONSTRAINT ck_persons_disability_grade CHECK (disability_grade IN ('NONE', 'GRADE_1', 'GRADE_2', 'GRADE_3', 'GRADE_4')),
    CONSTRAINT ck_persons_risk_class CHECK (risk_class IN ('A', 'B', 'C')),
    CONSTRAINT ck_persons_status CHECK (status IN ('LIVING', 'MOVED', 'IN_CARE', 'DECEASED')),
    CONSTRAINT uq_persons_reference UNIQUE (reference),
    CONSTRAINT uq_persons_pseudonym UNIQUE (pseudonym),
    CONSTRAINT uq_persons_street_id_id_number_index UNIQUE (street_id, id_number_index),
    CONSTRAINT fk_persons_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_persons_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_persons_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_persons_registration_community_id FOREIGN KEY(registration_community_id) REFERENCES organizations (id),
    CONSTRAINT fk_persons_household_id FOREIGN KEY(household_id) REFERENCES households (id)
);

CREATE INDEX ix_persons_community ON persons (community_id, id);

CREATE INDEX ix_persons_household_id ON persons (household_id);

CREATE INDEX ix_persons_partner_ids ON persons USING gin (partner_ids);

CREATE INDEX ix_persons_street ON persons (street_id, id);

CREATE TABLE audit_chain (
    chain_id UUID NOT NULL,
    position BIGINT NOT NULL,
    event_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_chain PRIMARY KEY (chain_id, position),
    CONSTRAINT uq_audit_chain_event_id UNIQUE (event_id),
    CONSTRAINT fk_audit_chain_event_id FOREIGN KEY(event_id) REFERENCES audit_events (id)
);

CREATE TABLE audit_unlinked (
    event_id UUID NOT NULL,
    CONSTRAINT pk_audit_unlinked PRIMARY KEY (event_id),
    CONSTRAINT fk_audit_unlinked_event_id FOREIGN KEY(event_id) REFERENCES audit_events (id)
);

CREATE TABLE eligibility_spells (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    category TEXT NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_eligibility_spells PRIMARY KEY (id),
    CONSTRAINT ck_eligibility_spells_category CHECK (category IN ('DIBAO', 'TEKUN', 'DIBAO_EDGE', 'RIGID_EXPENDITURE', 'OTHER')),
    CONSTRAINT ck_eligibility_spells_period CHECK (to_on is null or to_on >= from_on),
    CONSTRAINT ex_eligibility_spells_overlap EXCLUDE USING gist (person_id WITH =, category WITH =, daterange(from_on, to_on, '[]') WITH &&),
    CONSTRAINT fk_eligibility_spells_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_eligibility_spells_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_eligibility_spells_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_eligibility_spells_community_id FOREIGN KEY(community_id) REFERENCES organizations (id)
);

CREATE INDEX ix_eligibility_spells_person_id ON eligibility_spells (person_id);

CREATE TABLE guardians (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    guardian_person_id UUID,
    guardian_organization_id UUID,
    name TEXT,
    relation TEXT NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    from_on DATE NOT NULL,
    to_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_guardians PRIMARY KEY (id),
    CONSTRAINT ck_guardians_who CHECK (num_nonnulls(guardian_person_id, guardian_organization_id, name) = 1),
    CONSTRAINT fk_guardians_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_guardians_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_guardians_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_guardians_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_guardians_guardian_person_id FOREIGN KEY(guardian_person_id) REFERENCES persons (id),
    CONSTRAINT fk_guardians_guardian_organization_id FOREIGN KEY(guardian_organization_id) REFERENCES organizations (id)
);

CREATE INDEX ix_guardians_person_id ON guardians (person_id);

CREATE TABLE needs (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    domain TEXT NOT NULL,
    bradshaw_type TEXT NOT NULL,
    severity INTEGER DEFAULT '3' NOT NULL,
    statement TEXT NOT NULL,
    stated_by TEXT,
    comparator_cohort TEXT,
    comparator_metric TEXT,
    comparator_value TEXT,
    comparator_cohort_value TEXT,
    status TEXT DEFAULT 'OPEN' NOT NULL,
    outcome TEXT,
    recorded_by_id UUID NOT NULL,
    partner_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_needs PRIMARY KEY (id),
    CONSTRAINT ck_needs_domain CHECK (domain IN ('VISITING', 'CARE', 'REHABILITATION', 'ESCORT', 'COUNSELLING', 'INTEGRATION', 'SKILLS', 'RESOURCES', 'SAFETY', 'DAILY_LIVING', 'POLICY')),
    CONSTRAINT ck_needs_bradshaw_type CHECK (bradshaw_type IN ('NORMATIVE', 'FELT', 'EXPRESSED', 'COMPARATIVE')),
    CONSTRAINT ck_needs_comparator_metric CHECK (comparator_metric IN ('VISITS_90D')),
    CONSTRAINT ck_needs_status CHECK (status IN ('OPEN', 'MET', 'PARTLY_MET', 'NOT_MET', 'WITHDRAWN')),
    CONSTRAINT ck_needs_severity CHECK (severity between 1 and 5),
    CONSTRAINT ck_needs_comparator CHECK (bradshaw_type <> 'COMPARATIVE' or num_nulls(comparator_cohort, comparator_metric, comparator_value, comparator_cohort_value) = 0),
    CONSTRAINT ck_needs_stated_by CHECK (bradshaw_type not in ('FELT', 'EXPRESSED') or stated_by is not null),
    CONSTRAINT fk_needs_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_needs_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_needs_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_needs_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_needs_recorded_by_id FOREIGN KEY(recorded_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_needs_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id)
);

CREATE INDEX ix_needs_community ON needs (community_id, id);

CREATE INDEX ix_needs_person_id ON needs (person_id);

CREATE INDEX ix_needs_street ON needs (street_id, id);

CREATE TABLE outbox (
    id UUID NOT NULL,
    event_id UUID NOT NULL,
    street_id UUID,
    topic TEXT NOT NULL,
    payload JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    available_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    attempts INTEGER DEFAULT '0' NOT NULL,
    last_error TEXT,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT fk_outbox_event_id FOREIGN KEY(event_id) REFERENCES audit_events (id),
    CONSTRAINT fk_outbox_street_id FOREIGN KEY(street_id) REFERENCES organizations (id)
);

CREATE INDEX ix_outbox_event_id ON outbox (event_id);

CREATE INDEX ix_outbox_pending ON outbox (available_at, id) WHERE done_at is null;

CREATE TABLE referrals (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'DRAFT' NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    service_type_id UUID NOT NULL,
    urgency TEXT DEFAULT 'ROUTINE' NOT NULL,
    reason TEXT NOT NULL,
    submitted_by_id UUID NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE,
    status_reason_code TEXT,
    status_reason TEXT,
    handled_by_id UUID,
    triage_note TEXT,
    completed_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    acknowledged_by_id UUID,
    acknowledgement TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_referrals PRIMARY KEY (id),
    CONSTRAINT ck_referrals_status CHECK (status IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'REJECTED', 'TRIAGED', 'TAKEN', 'OFFERED', 'ACCEPTED', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CLOSED', 'CANCELLED')),
    CONSTRAINT ck_referrals_urgency CHECK (urgency IN ('ROUTINE', 'SOON', 'URGENT')),
    CONSTRAINT ck_referrals_status_reason_code CHECK (status_reason_code IN ('MISSING_DATA', 'NOT_ELIGIBLE', 'DUPLICATE', 'OUT_OF_SCOPE', 'NO_CAPACITY', 'NOT_QUALIFIED', 'TOO_FAR', 'PERSON_REFUSED', 'PERSON_MOVED', 'STAFF_SHORTAGE', 'CONSENT_WITHDRAWN', 'ENTERED_IN_ERROR', 'NO_LONGER_NEEDED', 'OTHER')),
    CONSTRAINT uq_referrals_reference UNIQUE (reference),
    CONSTRAINT fk_referrals_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_referrals_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_referrals_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_referrals_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_referrals_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id),
    CONSTRAINT fk_referrals_submitted_by_id FOREIGN KEY(submitted_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_referrals_handled_by_id FOREIGN KEY(handled_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_referrals_acknowledged_by_id FOREIGN KEY(acknowledged_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_referrals_community ON referrals (community_id, id);

CREATE INDEX ix_referrals_person_id ON referrals (person_id);

CREATE INDEX ix_referrals_street ON referrals (street_id, id);

CREATE INDEX ix_referrals_street_status ON referrals (street_id, status, id);

CREATE TABLE consents (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    grantee_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    data_categories TEXT[] NOT NULL,
    given_by TEXT NOT NULL,
    guardian_id UUID,
    basis TEXT NOT NULL,
    basis_note TEXT,
    paper_due_on DATE,
    from_on DATE NOT NULL,
    to_on DATE,
    status TEXT DEFAULT 'ACTIVE' NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_reason TEXT,
    recorded_by_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_consents PRIMARY KEY (id),
    CONSTRAINT ck_consents_purpose CHECK (purpose IN ('SERVICE', 'ASSESSMENT', 'SURVEY')),
    CONSTRAINT ck_consents_given_by CHECK (given_by IN ('SELF', 'GUARDIAN')),
    CONSTRAINT ck_consents_basis CHECK (basis IN ('CONSENT', 'VITAL_INTEREST')),
    CONSTRAINT ck_consents_status CHECK (status IN ('ACTIVE', 'WITHDRAWN', 'EXPIRED')),
    CONSTRAINT ck_consents_period CHECK (to_on is null or to_on >= from_on),
    CONSTRAINT ck_consents_vital_interest CHECK ((basis = 'VITAL_INTEREST') = (paper_due_on is not null)),
    CONSTRAINT ck_consents_guardian CHECK ((given_by = 'GUARDIAN') >= (guardian_id is not null)),
    CONSTRAINT ck_consents_withdrawn CHECK ((status = 'WITHDRAWN') = (withdrawn_at is not null)),
    CONSTRAINT fk_consents_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_consents_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_consents_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_consents_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_consents_grantee_id FOREIGN KEY(grantee_id) REFERENCES organizations (id),
    CONSTRAINT fk_consents_guardian_id FOREIGN KEY(guardian_id) REFERENCES guardians (id),
    CONSTRAINT fk_consents_recorded_by_id FOREIGN KEY(recorded_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_consents_person_id ON consents (person_id);

CREATE TABLE offers (
    id UUID NOT NULL,
    referral_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    service_type_id UUID NOT NULL,
    status TEXT DEFAULT 'OFFERED' NOT NULL,
    urgency TEXT NOT NULL,
    age_group TEXT NOT NULL,
    estate TEXT,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    note TEXT,
    decline_reason_code TEXT,
    decline_reason TEXT,
    offered_by_id UUID NOT NULL,
    decided_by_id UUID,
    offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_offers PRIMARY KEY (id),
    CONSTRAINT ck_offers_status CHECK (status IN ('OFFERED', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN')),
    CONSTRAINT ck_offers_urgency CHECK (urgency IN ('ROUTINE', 'SOON', 'URGENT')),
    CONSTRAINT ck_offers_age_group CHECK (age_group IN ('AGE_0_6', 'AGE_7_17', 'AGE_18_59', 'AGE_60_69', 'AGE_70_79', 'AGE_80_PLUS')),
    CONSTRAINT ck_offers_decline_reason_code CHECK (decline_reason_code IN ('MISSING_DATA', 'NOT_ELIGIBLE', 'DUPLICATE', 'OUT_OF_SCOPE', 'NO_CAPACITY', 'NOT_QUALIFIED', 'TOO_FAR', 'PERSON_REFUSED', 'PERSON_MOVED', 'STAFF_SHORTAGE', 'CONSENT_WITHDRAWN', 'ENTERED_IN_ERROR', 'NO_LONGER_NEEDED', 'OTHER')),
    CONSTRAINT ck_offers_declined CHECK (status <> 'DECLINED' or decline_reason_code is not null),
    CONSTRAINT fk_offers_referral_id FOREIGN KEY(referral_id) REFERENCES referrals (id),
    CONSTRAINT fk_offers_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_offers_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_offers_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_offers_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_offers_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id),
    CONSTRAINT fk_offers_offered_by_id FOREIGN KEY(offered_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_offers_decided_by_id FOREIGN KEY(decided_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_offers_partner ON offers (partner_id, id);

CREATE INDEX ix_offers_referral_id ON offers (referral_id);

CREATE INDEX ix_offers_street ON offers (street_id, id);

CREATE UNIQUE INDEX uq_offers_live ON offers (referral_id) WHERE status = 'OFFERED';

CREATE TABLE referral_needs (
    id UUID NOT NULL,
    referral_id UUID NOT NULL,
    need_id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    CONSTRAINT pk_referral_needs PRIMARY KEY (id),
    CONSTRAINT uq_referral_needs_referral_id_need_id UNIQUE (referral_id, need_id),
    CONSTRAINT fk_referral_needs_referral_id FOREIGN KEY(referral_id) REFERENCES referrals (id),
    CONSTRAINT fk_referral_needs_need_id FOREIGN KEY(need_id) REFERENCES needs (id),
    CONSTRAINT fk_referral_needs_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_referral_needs_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_referral_needs_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_referral_needs_community_id FOREIGN KEY(community_id) REFERENCES organizations (id)
);

CREATE INDEX ix_referral_needs_need_id ON referral_needs (need_id);

CREATE INDEX ix_referral_needs_referral_id ON referral_needs (referral_id);

CREATE TABLE cases (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT DEFAULT 'OPEN' NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    partner_id UUID,
    referral_id UUID NOT NULL,
    offer_id UUID,
    service_type_id UUID NOT NULL,
    lead_organization_id UUID NOT NULL,
    lead_worker_id UUID,
    community_contact_id UUID,
    open_visit_count INTEGER DEFAULT '0' NOT NULL,
    open_need_count INTEGER DEFAULT '0' NOT NULL,
    open_goal_count INTEGER DEFAULT '0' NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT,
    summary TEXT,
    closure_proposed_by_id UUID,
    closure_proposed_at TIMESTAMP WITH TIME ZONE,
    closure_proposed_user_id UUID,
    closed_by_id UUID,
    closed_user_id UUID,
    status_reason_code TEXT,
    status_reason TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_cases PRIMARY KEY (id),
    CONSTRAINT ck_cases_kind CHECK (kind IN ('SERVICE', 'CASEWORK')),
    CONSTRAINT ck_cases_status CHECK (status IN ('OPEN', 'ASSESSING', 'PLANNED', 'ACTIVE', 'SUSPENDED', 'CLOSING', 'CLOSED')),
    CONSTRAINT ck_cases_outcome CHECK (outcome IN ('COMPLETED', 'PARTLY_COMPLETED', 'HANDED_BACK', 'CANCELLED', 'NOT_COMPLETED')),
    CONSTRAINT ck_cases_status_reason_code CHECK (status_reason_code IN ('MISSING_DATA', 'NOT_ELIGIBLE', 'DUPLICATE', 'OUT_OF_SCOPE', 'NO_CAPACITY', 'NOT_QUALIFIED', 'TOO_FAR', 'PERSON_REFUSED', 'PERSON_MOVED', 'STAFF_SHORTAGE', 'CONSENT_WITHDRAWN', 'ENTERED_IN_ERROR', 'NO_LONGER_NEEDED', 'OTHER')),
    CONSTRAINT ck_cases_closed CHECK ((status = 'CLOSED') = (closed_at is not null)),
    CONSTRAINT ck_cases_outcome_at_end CHECK (status <> 'CLOSED' or outcome is not null),
    CONSTRAINT ck_cases_outcome_not_before CHECK (outcome is null or status in ('CLOSING', 'CLOSED')),
    CONSTRAINT ck_cases_closure_by_another CHECK (closed_user_id is null or closed_user_id <> closure_proposed_user_id),
    CONSTRAINT uq_cases_reference UNIQUE (reference),
    CONSTRAINT fk_cases_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_cases_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_cases_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_cases_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_cases_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_cases_referral_id FOREIGN KEY(referral_id) REFERENCES referrals (id),
    CONSTRAINT fk_cases_offer_id FOREIGN KEY(offer_id) REFERENCES offers (id),
    CONSTRAINT fk_cases_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id),
    CONSTRAINT fk_cases_lead_organization_id FOREIGN KEY(lead_organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_cases_lead_worker_id FOREIGN KEY(lead_worker_id) REFERENCES memberships (id),
    CONSTRAINT fk_cases_community_contact_id FOREIGN KEY(community_contact_id) REFERENCES memberships (id),
    CONSTRAINT fk_cases_closure_proposed_by_id FOREIGN KEY(closure_proposed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_cases_closure_proposed_user_id FOREIGN KEY(closure_proposed_user_id) REFERENCES users (id),
    CONSTRAINT fk_cases_closed_by_id FOREIGN KEY(closed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_cases_closed_user_id FOREIGN KEY(closed_user_id) REFERENCES users (id)
);

CREATE INDEX ix_cases_community ON cases (community_id, id);

CREATE INDEX ix_cases_lead_worker_id ON cases (lead_worker_id);

CREATE INDEX ix_cases_partner ON cases (partner_id, id);

CREATE INDEX ix_cases_partner_ids ON cases USING gin (partner_ids);

CREATE INDEX ix_cases_person_id ON cases (person_id);

CREATE INDEX ix_cases_referral_id ON cases (referral_id);

CREATE INDEX ix_cases_street ON cases (street_id, id);

CREATE INDEX ix_cases_street_status ON cases (street_id, status, id);

CREATE INDEX ix_cases_worker_ids ON cases USING gin (worker_ids);

CREATE UNIQUE INDEX uq_cases_live ON cases (referral_id) WHERE status <> 'CLOSED';

CREATE TABLE offer_needs (
    id UUID NOT NULL,
    offer_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    domain TEXT NOT NULL,
    bradshaw_type TEXT NOT NULL,
    severity INTEGER DEFAULT '3' NOT NULL,
    CONSTRAINT pk_offer_needs PRIMARY KEY (id),
    CONSTRAINT ck_offer_needs_domain CHECK (domain IN ('VISITING', 'CARE', 'REHABILITATION', 'ESCORT', 'COUNSELLING', 'INTEGRATION', 'SKILLS', 'RESOURCES', 'SAFETY', 'DAILY_LIVING', 'POLICY')),
    CONSTRAINT ck_offer_needs_bradshaw_type CHECK (bradshaw_type IN ('NORMATIVE', 'FELT', 'EXPRESSED', 'COMPARATIVE')),
    CONSTRAINT fk_offer_needs_offer_id FOREIGN KEY(offer_id) REFERENCES offers (id),
    CONSTRAINT fk_offer_needs_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_offer_needs_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_offer_needs_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_offer_needs_community_id FOREIGN KEY(community_id) REFERENCES organizations (id)
);

CREATE INDEX ix_offer_needs_offer_id ON offer_needs (offer_id);

CREATE TABLE case_members (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    organization_id UUID NOT NULL,
    membership_id UUID,
    role TEXT NOT NULL,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_on DATE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_case_members PRIMARY KEY (id),
    CONSTRAINT ck_case_members_role CHECK (role IN ('LEAD', 'HELPER')),
    CONSTRAINT fk_case_members_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_case_members_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_case_members_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_case_members_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_case_members_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_case_members_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_case_members_membership_id FOREIGN KEY(membership_id) REFERENCES memberships (id)
);

CREATE INDEX ix_case_members_case_id ON case_members (case_id);

CREATE UNIQUE INDEX uq_case_members_lead ON case_members (case_id) WHERE role = 'LEAD' and membership_id is null and until_on is null;

CREATE TABLE case_needs (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    need_id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    CONSTRAINT pk_case_needs PRIMARY KEY (id),
    CONSTRAINT uq_case_needs_case_id_need_id UNIQUE (case_id, need_id),
    CONSTRAINT fk_case_needs_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_case_needs_need_id FOREIGN KEY(need_id) REFERENCES needs (id),
    CONSTRAINT fk_case_needs_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_case_needs_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_case_needs_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_case_needs_community_id FOREIGN KEY(community_id) REFERENCES organizations (id)
);

CREATE INDEX ix_case_needs_case_id ON case_needs (case_id);

CREATE INDEX ix_case_needs_need_id ON case_needs (need_id);

CREATE TABLE goals (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    title TEXT NOT NULL,
    baseline TEXT,
    target TEXT NOT NULL,
    due_on DATE,
    self_reliance BOOLEAN DEFAULT false NOT NULL,
    status TEXT DEFAULT 'OPEN' NOT NULL,
    outcome TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_goals PRIMARY KEY (id),
    CONSTRAINT ck_goals_status CHECK (status IN ('OPEN', 'ACHIEVED', 'PARTLY_ACHIEVED', 'NOT_ACHIEVED', 'DROPPED')),
    CONSTRAINT fk_goals_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_goals_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_goals_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_goals_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_goals_community_id FOREIGN KEY(community_id) REFERENCES organizations (id)
);

CREATE INDEX ix_goals_case_id ON goals (case_id);

CREATE TABLE visits (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT DEFAULT 'PLANNED' NOT NULL,
    person_id UUID NOT NULL,
    person_pseudonym TEXT NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    case_id UUID,
    service_type_id UUID,
    organization_id UUID NOT NULL,
    partner_id UUID,
    worker_id UUID NOT NULL,
    recorded_by_id UUID,
    promised_from_at TIMESTAMP WITH TIME ZONE,
    promised_to_at TIMESTAMP WITH TIME ZONE,
    kept_at TIMESTAMP WITH TIME ZONE,
    recorded_at TIMESTAMP WITH TIME ZONE,
    cancel_reason_code TEXT,
    cancel_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_visits PRIMARY KEY (id),
    CONSTRAINT ck_visits_kind CHECK (kind IN ('CONDOLENCE', 'SAFETY_CHECK', 'PATROL', 'SERVICE', 'FOLLOW_UP')),
    CONSTRAINT ck_visits_status CHECK (status IN ('PLANNED', 'COMPLETED', 'NOT_HOME', 'REFUSED', 'AWAY', 'HOSPITALISED', 'CANCELLED')),
    CONSTRAINT ck_visits_cancel_reason_code CHECK (cancel_reason_code IN ('MISSING_DATA', 'NOT_ELIGIBLE', 'DUPLICATE', 'OUT_OF_SCOPE', 'NO_CAPACITY', 'NOT_QUALIFIED', 'TOO_FAR', 'PERSON_REFUSED', 'PERSON_MOVED', 'STAFF_SHORTAGE', 'CONSENT_WITHDRAWN', 'ENTERED_IN_ERROR', 'NO_LONGER_NEEDED', 'OTHER')),
    CONSTRAINT ck_visits_promise_whole CHECK ((promised_from_at is null) = (promised_to_at is null)),
    CONSTRAINT ck_visits_promise_order CHECK (promised_to_at >= promised_from_at),
    CONSTRAINT ck_visits_kept_when_recorded CHECK (status in ('PLANNED', 'CANCELLED') or kept_at is not null),
    CONSTRAINT uq_visits_reference UNIQUE (reference),
    CONSTRAINT fk_visits_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_visits_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_visits_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_visits_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_visits_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_visits_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id),
    CONSTRAINT fk_visits_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_visits_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_visits_worker_id FOREIGN KEY(worker_id) REFERENCES memberships (id),
    CONSTRAINT fk_visits_recorded_by_id FOREIGN KEY(recorded_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_visits_case_promised ON visits (case_id, promised_from_at, id);

CREATE INDEX ix_visits_community ON visits (community_id, id);

CREATE INDEX ix_visits_community_planned ON visits (community_id, promised_to_at) WHERE status = 'PLANNED';

CREATE INDEX ix_visits_community_promised ON visits (community_id, promised_from_at, id);

CREATE INDEX ix_visits_partner ON visits (partner_id, id);

CREATE INDEX ix_visits_partner_planned ON visits (partner_id, promised_to_at) WHERE status = 'PLANNED';

CREATE INDEX ix_visits_partner_promised ON visits (partner_id, promised_from_at, id);

CREATE INDEX ix_visits_person_id ON visits (person_id);

CREATE INDEX ix_visits_street ON visits (street_id, id);

CREATE INDEX ix_visits_street_planned ON visits (street_id, promised_to_at) WHERE status = 'PLANNED';

CREATE INDEX ix_visits_street_promised ON visits (street_id, promised_from_at, id);

CREATE INDEX ix_visits_worker_planned ON visits (worker_id, promised_to_at) WHERE status = 'PLANNED';

CREATE INDEX ix_visits_worker_promised ON visits (worker_id, promised_from_at, id);

CREATE TABLE visit_findings (
    id UUID NOT NULL,
    visit_id UUID NOT NULL,
    case_id UUID,
    person_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    worker_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    access_until DATE DEFAULT 'infinity'::date NOT NULL,
    text TEXT,
    own_words TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_visit_findings PRIMARY KEY (id),
    CONSTRAINT uq_visit_findings_visit_id UNIQUE (visit_id),
    CONSTRAINT fk_visit_findings_visit_id FOREIGN KEY(visit_id) REFERENCES visits (id),
    CONSTRAINT fk_visit_findings_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_visit_findings_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_visit_findings_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_visit_findings_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_visit_findings_community_id FOREIGN KEY(community_id) REFERENCES organizations (id)
);
