-- Tables of what was bought and done. The first part widens tables that were there; the second was drafted by
-- `python -m migrations.draft` from the tables as they were then.

-- SERIES: a group with its sessions is a unit of its own.
alter table service_types drop constraint ck_service_types_unit;
alter table service_types add constraint ck_service_types_unit
    check (unit in ('VISIT', 'HOUR', 'SESSION', 'SERIES', 'CASE', 'PERSON', 'REPORT'));
alter table agreement_lines drop constraint ck_agreement_lines_unit;
alter table agreement_lines add constraint ck_agreement_lines_unit
    check (unit in ('VISIT', 'HOUR', 'SESSION', 'SERIES', 'CASE', 'PERSON', 'REPORT'));

-- An offer names a line and how much of it; earlier ones name none.
alter table offers add column agreement_id uuid constraint fk_offers_agreement_id references agreements (id),
                   add column line_id uuid constraint fk_offers_line_id references agreement_lines (id),
                   add column quantity integer,
                   add constraint ck_offers_line_whole check (num_nonnulls(agreement_id, line_id, quantity) in (0, 3)),
                   add constraint ck_offers_quantity check (quantity > 0);
create index ix_offers_line_id on offers (line_id);

-- A case repeats what its offer named.
alter table cases add column agreement_id uuid constraint fk_cases_agreement_id references agreements (id),
                  add column line_id uuid constraint fk_cases_line_id references agreement_lines (id),
                  add column quantity integer,
                  add column delivered_count integer default '0' not null,
                  add column next_promise_at timestamp with time zone;
create index ix_cases_agreement_id on cases (agreement_id);
create index ix_cases_line_id on cases (line_id);
create index ix_cases_partner_promise on cases (partner_id, next_promise_at, id);

-- A visit may be made by a substitute.
alter table visits add column stands_in_for_id uuid constraint fk_visits_stands_in_for_id references memberships (id);

CREATE TABLE activity_series (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT DEFAULT 'OPEN' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    line_id UUID NOT NULL,
    service_type_id UUID NOT NULL,
    planned_count INTEGER DEFAULT '0' NOT NULL,
    held_count INTEGER DEFAULT '0' NOT NULL,
    opened_by_id UUID NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    cancel_reason_code TEXT,
    cancel_reason TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_activity_series PRIMARY KEY (id),
    CONSTRAINT ck_activity_series_kind CHECK (kind IN ('ENROLLED', 'HEAD_COUNT')),
    CONSTRAINT ck_activity_series_status CHECK (status IN ('OPEN', 'CLOSED', 'CANCELLED')),
    CONSTRAINT ck_activity_series_cancel_reason_code CHECK (cancel_reason_code IN ('MISSING_DATA', 'NOT_ELIGIBLE', 'DUPLICATE', 'OUT_OF_SCOPE', 'NO_CAPACITY', 'NOT_QUALIFIED', 'TOO_FAR', 'PERSON_REFUSED', 'PERSON_MOVED', 'STAFF_SHORTAGE', 'CONSENT_WITHDRAWN', 'ENTERED_IN_ERROR', 'NO_LONGER_NEEDED', 'OTHER')),
    CONSTRAINT uq_activity_series_reference UNIQUE (reference),
    CONSTRAINT fk_activity_series_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_activity_series_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_activity_series_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_activity_series_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_activity_series_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_activity_series_line_id FOREIGN KEY(line_id) REFERENCES agreement_lines (id),
    CONSTRAINT fk_activity_series_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id),
    CONSTRAINT fk_activity_series_opened_by_id FOREIGN KEY(opened_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_activity_series_community ON activity_series (community_id, id);

CREATE INDEX ix_activity_series_line_id ON activity_series (line_id);

CREATE INDEX ix_activity_series_partner ON activity_series (partner_id, id);

CREATE INDEX ix_activity_series_street ON activity_series (street_id, id);

CREATE TABLE capacities (
    id UUID NOT NULL,
    partner_id UUID NOT NULL,
    service_type_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    capacity_count INTEGER DEFAULT '0' NOT NULL,
    vacancy_count INTEGER DEFAULT '0' NOT NULL,
    note TEXT,
    set_by_id UUID NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_capacities PRIMARY KEY (id),
    CONSTRAINT ck_capacities_vacancy CHECK (vacancy_count between 0 and capacity_count),
    CONSTRAINT uq_capacities_partner_id_service_type_id_community_id UNIQUE (partner_id, service_type_id, community_id),
    CONSTRAINT fk_capacities_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_capacities_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id),
    CONSTRAINT fk_capacities_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_capacities_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_capacities_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_capacities_set_by_id FOREIGN KEY(set_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_capacities_community ON capacities (community_id, service_type_id);

CREATE TABLE substitutions (
    id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    partner_id UUID,
    worker_id UUID NOT NULL,
    substitute_id UUID NOT NULL,
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    status TEXT DEFAULT 'PLANNED' NOT NULL,
    reason TEXT,
    arranged_by_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_substitutions PRIMARY KEY (id),
    CONSTRAINT ck_substitutions_status CHECK (status IN ('PLANNED', 'ACTIVE', 'ENDED', 'CANCELLED')),
    CONSTRAINT ck_substitutions_dates CHECK (from_on <= until_on),
    CONSTRAINT ck_substitutions_another CHECK (worker_id <> substitute_id),
    CONSTRAINT ex_substitutions_overlap EXCLUDE USING gist (worker_id WITH =, street_id WITH =, daterange(from_on, until_on, '[]') WITH &&) WHERE (status in ('PLANNED', 'ACTIVE')),
    CONSTRAINT fk_substitutions_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_substitutions_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_substitutions_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_substitutions_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_substitutions_worker_id FOREIGN KEY(worker_id) REFERENCES memberships (id),
    CONSTRAINT fk_substitutions_substitute_id FOREIGN KEY(substitute_id) REFERENCES memberships (id),
    CONSTRAINT fk_substitutions_arranged_by_id FOREIGN KEY(arranged_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_substitutions_partner ON substitutions (partner_id, id);

CREATE INDEX ix_substitutions_street ON substitutions (street_id, id);

CREATE INDEX ix_substitutions_substitute_id ON substitutions (substitute_id);

CREATE INDEX ix_substitutions_worker_id ON substitutions (worker_id);

CREATE TABLE enrolments (
    id UUID NOT NULL,
    series_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    person_pseudonym TEXT NOT NULL,
    enrolled_by_id UUID NOT NULL,
    enrolled_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_enrolments PRIMARY KEY (id),
    CONSTRAINT uq_enrolments_series_id_person_id UNIQUE (series_id, person_id),
    CONSTRAINT fk_enrolments_series_id FOREIGN KEY(series_id) REFERENCES activity_series (id),
    CONSTRAINT fk_enrolments_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_enrolments_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_enrolments_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_enrolments_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_enrolments_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_enrolments_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_enrolments_enrolled_by_id FOREIGN KEY(enrolled_by_id) REFERENCES memberships (id)
);

CREATE INDEX ix_enrolments_case_id ON enrolments (case_id);

CREATE INDEX ix_enrolments_series_id ON enrolments (series_id);

CREATE TABLE group_sessions (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    series_id UUID NOT NULL,
    number INTEGER NOT NULL,
    title TEXT,
    status TEXT DEFAULT 'PLANNED' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    line_id UUID NOT NULL,
    worker_id UUID NOT NULL,
    planned_from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    planned_to_at TIMESTAMP WITH TIME ZONE NOT NULL,
    held_at TIMESTAMP WITH TIME ZONE,
    participant_count INTEGER,
    cancel_reason_code TEXT,
    cancel_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_group_sessions PRIMARY KEY (id),
    CONSTRAINT ck_group_sessions_status CHECK (status IN ('PLANNED', 'HELD', 'CANCELLED')),
    CONSTRAINT ck_group_sessions_cancel_reason_code CHECK (cancel_reason_code IN ('MISSING_DATA', 'NOT_ELIGIBLE', 'DUPLICATE', 'OUT_OF_SCOPE', 'NO_CAPACITY', 'NOT_QUALIFIED', 'TOO_FAR', 'PERSON_REFUSED', 'PERSON_MOVED', 'STAFF_SHORTAGE', 'CONSENT_WITHDRAWN', 'ENTERED_IN_ERROR', 'NO_LONGER_NEEDED', 'OTHER')),
    CONSTRAINT ck_group_sessions_planned_order CHECK (planned_to_at >= planned_from_at),
    CONSTRAINT ck_group_sessions_held CHECK ((status = 'HELD') = (held_at is not null and participant_count is not null)),
    CONSTRAINT ck_group_sessions_participants CHECK (participant_count >= 0),
    CONSTRAINT uq_group_sessions_reference UNIQUE (reference),
    CONSTRAINT uq_group_sessions_series_id_number UNIQUE (series_id, number),
    CONSTRAINT fk_group_sessions_series_id FOREIGN KEY(series_id) REFERENCES activity_series (id),
    CONSTRAINT fk_group_sessions_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_group_sessions_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_group_sessions_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_group_sessions_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_group_sessions_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_group_sessions_line_id FOREIGN KEY(line_id) REFERENCES agreement_lines (id),
    CONSTRAINT fk_group_sessions_worker_id FOREIGN KEY(worker_id) REFERENCES memberships (id)
);

CREATE INDEX ix_group_sessions_community ON group_sessions (community_id, id);

CREATE INDEX ix_group_sessions_line_id ON group_sessions (line_id);

CREATE INDEX ix_group_sessions_partner ON group_sessions (partner_id, id);

CREATE INDEX ix_group_sessions_street ON group_sessions (street_id, id);

CREATE INDEX ix_group_sessions_worker_planned ON group_sessions (worker_id, planned_from_at) WHERE status = 'PLANNED';

CREATE TABLE attendances (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    person_pseudonym TEXT NOT NULL,
    CONSTRAINT pk_attendances PRIMARY KEY (id),
    CONSTRAINT uq_attendances_session_id_person_id UNIQUE (session_id, person_id),
    CONSTRAINT fk_attendances_session_id FOREIGN KEY(session_id) REFERENCES group_sessions (id),
    CONSTRAINT fk_attendances_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_attendances_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_attendances_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_attendances_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_attendances_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_attendances_person_id FOREIGN KEY(person_id) REFERENCES persons (id)
);

CREATE INDEX ix_attendances_case_id ON attendances (case_id);

CREATE TABLE deliveries (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT DEFAULT 'RECORDED' NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    line_id UUID NOT NULL,
    service_type_id UUID NOT NULL,
    case_id UUID,
    person_id UUID,
    person_pseudonym TEXT,
    visit_id UUID,
    session_id UUID,
    unit TEXT NOT NULL,
    quantity INTEGER DEFAULT '1' NOT NULL,
    worker_id UUID NOT NULL,
    worker_user_id UUID,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    happened_on DATE NOT NULL,
    lasted_minutes INTEGER,
    flags TEXT[] DEFAULT '{}'::text[] NOT NULL,
    evidence_complete BOOLEAN DEFAULT false NOT NULL,
    recorded_by_id UUID,
    recorded_user_id UUID,
    recorded_at TIMESTAMP WITH TIME ZONE,
    verification TEXT,
    verified_by_id UUID,
    verified_user_id UUID,
    verified_at TIMESTAMP WITH TIME ZONE,
    disputed_by_id UUID,
    disputed_user_id UUID,
    disputed_at TIMESTAMP WITH TIME ZONE,
    dispute_reason_code TEXT,
    dispute_reason TEXT,
    voided_by_id UUID,
    voided_user_id UUID,
    voided_at TIMESTAMP WITH TIME ZONE,
    void_reason_code TEXT,
    void_reason TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_deliveries PRIMARY KEY (id),
    CONSTRAINT ck_deliveries_status CHECK (status IN ('RECORDED', 'FLAGGED', 'VERIFIED', 'DISPUTED', 'VOIDED')),
    CONSTRAINT ck_deliveries_unit CHECK (unit IN ('VISIT', 'HOUR', 'SESSION', 'SERIES', 'CASE', 'PERSON', 'REPORT')),
    CONSTRAINT ck_deliveries_verification CHECK (verification IN ('RECIPIENT', 'COMMUNITY', 'STATION', 'EVIDENCE')),
    CONSTRAINT ck_deliveries_dispute_reason_code CHECK (dispute_reason_code IN ('NOT_DONE', 'NOT_AS_RECORDED', 'POOR_QUALITY', 'WRONG_PERSON', 'CALLBACK_FAILED', 'OTHER')),
    CONSTRAINT ck_deliveries_void_reason_code CHECK (void_reason_code IN ('MISSING_DATA', 'NOT_ELIGIBLE', 'DUPLICATE', 'OUT_OF_SCOPE', 'NO_CAPACITY', 'NOT_QUALIFIED', 'TOO_FAR', 'PERSON_REFUSED', 'PERSON_MOVED', 'STAFF_SHORTAGE', 'CONSENT_WITHDRAWN', 'ENTERED_IN_ERROR', 'NO_LONGER_NEEDED', 'OTHER')),
    CONSTRAINT ck_deliveries_recorded CHECK (recorded_by_id is not null and recorded_at is not null),
    CONSTRAINT ck_deliveries_quantity CHECK (quantity > 0),
    CONSTRAINT ck_deliveries_lasted CHECK (lasted_minutes > 0),
    CONSTRAINT ck_deliveries_of_one CHECK (num_nonnulls(case_id, session_id) = 1),
    CONSTRAINT ck_deliveries_person CHECK ((case_id is null) = (person_id is null)),
    CONSTRAINT ck_deliveries_pseudonym CHECK ((person_id is null) = (person_pseudonym is null)),
    CONSTRAINT ck_deliveries_visit_on_case CHECK (visit_id is null or case_id is not null),
    CONSTRAINT ck_deliveries_verified CHECK (status <> 'VERIFIED' or (verification is not null and verified_at is not null)),
    CONSTRAINT ck_deliveries_disputed CHECK (status <> 'DISPUTED' or dispute_reason_code is not null),
    CONSTRAINT ck_deliveries_voided CHECK (status <> 'VOIDED' or void_reason_code is not null),
    CONSTRAINT uq_deliveries_reference UNIQUE (reference),
    CONSTRAINT fk_deliveries_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_deliveries_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_deliveries_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_deliveries_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_deliveries_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id),
    CONSTRAINT fk_deliveries_line_id FOREIGN KEY(line_id) REFERENCES agreement_lines (id),
    CONSTRAINT fk_deliveries_service_type_id FOREIGN KEY(service_type_id) REFERENCES service_types (id),
    CONSTRAINT fk_deliveries_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_deliveries_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
    CONSTRAINT fk_deliveries_visit_id FOREIGN KEY(visit_id) REFERENCES visits (id),
    CONSTRAINT fk_deliveries_session_id FOREIGN KEY(session_id) REFERENCES group_sessions (id),
    CONSTRAINT fk_deliveries_worker_id FOREIGN KEY(worker_id) REFERENCES memberships (id),
    CONSTRAINT fk_deliveries_worker_user_id FOREIGN KEY(worker_user_id) REFERENCES users (id),
    CONSTRAINT fk_deliveries_recorded_by_id FOREIGN KEY(recorded_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_deliveries_recorded_user_id FOREIGN KEY(recorded_user_id) REFERENCES users (id),
    CONSTRAINT fk_deliveries_verified_by_id FOREIGN KEY(verified_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_deliveries_verified_user_id FOREIGN KEY(verified_user_id) REFERENCES users (id),
    CONSTRAINT fk_deliveries_disputed_by_id FOREIGN KEY(disputed_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_deliveries_disputed_user_id FOREIGN KEY(disputed_user_id) REFERENCES users (id),
    CONSTRAINT fk_deliveries_voided_by_id FOREIGN KEY(voided_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_deliveries_voided_user_id FOREIGN KEY(voided_user_id) REFERENCES users (id)
);

CREATE INDEX ix_deliveries_case ON deliveries (case_id, happened_at, id);

CREATE INDEX ix_deliveries_community ON deliveries (community_id, id);

CREATE INDEX ix_deliveries_community_happened ON deliveries (community_id, happened_at, id);

CREATE INDEX ix_deliveries_community_open ON deliveries (community_id, recorded_at) WHERE status in ('RECORDED', 'FLAGGED', 'DISPUTED');

CREATE INDEX ix_deliveries_line ON deliveries (line_id, happened_on, id);

CREATE INDEX ix_deliveries_partner ON deliveries (partner_id, id);

CREATE INDEX ix_deliveries_partner_happened ON deliveries (partner_id, happened_at, id);

CREATE INDEX ix_deliveries_partner_open ON deliveries (partner_id, recorded_at) WHERE status in ('RECORDED', 'FLAGGED', 'DISPUTED');

CREATE INDEX ix_deliveries_person ON deliveries (person_id, happened_on);

CREATE INDEX ix_deliveries_recorded_by ON deliveries (recorded_by_id, recorded_at);

CREATE INDEX ix_deliveries_street ON deliveries (street_id, id);

CREATE INDEX ix_deliveries_street_happened ON deliveries (street_id, happened_at, id);

CREATE INDEX ix_deliveries_street_open ON deliveries (street_id, recorded_at) WHERE status in ('RECORDED', 'FLAGGED', 'DISPUTED');

CREATE INDEX ix_deliveries_worker_happened ON deliveries (worker_id, happened_at, id);

CREATE UNIQUE INDEX uq_deliveries_moment ON deliveries (case_id, line_id, happened_at) WHERE status <> 'VOIDED';

CREATE UNIQUE INDEX uq_deliveries_session ON deliveries (session_id) WHERE status <> 'VOIDED';

CREATE UNIQUE INDEX uq_deliveries_visit ON deliveries (visit_id) WHERE status <> 'VOIDED';

CREATE TABLE callbacks (
    id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    cause TEXT NOT NULL,
    status TEXT DEFAULT 'DUE' NOT NULL,
    drawn_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    called_by_id UUID,
    called_user_id UUID,
    called_at TIMESTAMP WITH TIME ZONE,
    attempt_count INTEGER DEFAULT '0' NOT NULL,
    note TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_callbacks PRIMARY KEY (id),
    CONSTRAINT ck_callbacks_cause CHECK (cause IN ('SAMPLE', 'FLAG')),
    CONSTRAINT ck_callbacks_status CHECK (status IN ('DUE', 'CONFIRMED', 'FAILED', 'NOT_REACHED', 'CANCELLED')),
    CONSTRAINT uq_callbacks_delivery_id UNIQUE (delivery_id),
    CONSTRAINT fk_callbacks_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id),
    CONSTRAINT fk_callbacks_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_callbacks_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_callbacks_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_callbacks_called_by_id FOREIGN KEY(called_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_callbacks_called_user_id FOREIGN KEY(called_user_id) REFERENCES users (id)
);

CREATE INDEX ix_callbacks_street ON callbacks (street_id, id);

CREATE INDEX ix_callbacks_street_due ON callbacks (street_id, due_at) WHERE status in ('DUE', 'NOT_REACHED');

CREATE TABLE delivery_documents (
    id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    document_id UUID NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    attached_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_delivery_documents PRIMARY KEY (id),
    CONSTRAINT uq_delivery_documents_delivery_id_document_id UNIQUE (delivery_id, document_id),
    CONSTRAINT fk_delivery_documents_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id),
    CONSTRAINT fk_delivery_documents_document_id FOREIGN KEY(document_id) REFERENCES documents (id),
    CONSTRAINT fk_delivery_documents_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_delivery_documents_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_delivery_documents_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_delivery_documents_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id)
);

CREATE INDEX ix_delivery_documents_document_id ON delivery_documents (document_id);
