-- Guards that every table of this revision has: legal moves, scope columns that agree, rows that are history.
-- What is peculiar to offers, deliveries and progress stands in files of their own.

-- ------------------------------------------------------------------------------------------------------- state machines
create trigger substitutions_begin before insert on substitutions for each row execute function refuse_illegal_move();
create trigger substitutions_move before update of status on substitutions
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger activity_series_begin before insert on activity_series
    for each row execute function refuse_illegal_move();
create trigger activity_series_move before update of status on activity_series
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger group_sessions_begin before insert on group_sessions
    for each row execute function refuse_illegal_move();
create trigger group_sessions_move before update of status on group_sessions
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger deliveries_begin before insert on deliveries for each row execute function refuse_illegal_move();
create trigger deliveries_move before update of status on deliveries
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger callbacks_begin before insert on callbacks for each row execute function refuse_illegal_move();
create trigger callbacks_move before update of status on callbacks
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();

-- -------------------------------------------------------------------------------------------------- scope columns agree
create trigger capacities_keep_scope before insert on capacities
    for each row execute function keep_scope('organizations', 'community_id', 'district_id street_id');
create trigger offers_keep_agreement_of_line before insert on offers
    for each row when (new.line_id is not null)
    execute function keep_scope('agreement_lines', 'line_id', 'street_id partner_id agreement_id');
create trigger cases_keep_line_of_offer before insert on cases
    for each row when (new.offer_id is not null)
    execute function keep_scope('offers', 'offer_id', 'agreement_id line_id quantity');
create trigger activity_series_keep_scope before insert on activity_series
    for each row execute function keep_scope('agreement_lines', 'line_id',
                                             'district_id street_id partner_id agreement_id service_type_id');
create trigger group_sessions_keep_scope before insert on group_sessions
    for each row execute function keep_scope('activity_series', 'series_id',
                                             'district_id street_id community_id partner_id agreement_id line_id');
create trigger group_sessions_keep_worker before insert or update of worker_id on group_sessions
    for each row execute function keep_scope('memberships', 'worker_id', 'partner_id');
create trigger enrolments_keep_scope before insert on enrolments
    for each row execute function keep_scope('activity_series', 'series_id', 'district_id street_id community_id partner_id');
create trigger enrolments_keep_person before insert on enrolments
    for each row execute function keep_scope('cases', 'case_id', 'street_id person_id');
create trigger attendances_keep_scope before insert on attendances
    for each row execute function keep_scope('group_sessions', 'session_id',
                                             'district_id street_id community_id partner_id');
create trigger attendances_keep_person before insert on attendances
    for each row execute function keep_scope('cases', 'case_id', 'street_id person_id');
create trigger deliveries_keep_scope_of_case before insert on deliveries
    for each row when (new.case_id is not null)
    execute function keep_scope('cases', 'case_id',
                                'district_id street_id community_id person_id partner_id agreement_id line_id');
create trigger deliveries_keep_scope_of_session before insert on deliveries
    for each row when (new.session_id is not null)
    execute function keep_scope('group_sessions', 'session_id',
                                'district_id street_id community_id partner_id agreement_id line_id');
create trigger deliveries_keep_visit before insert on deliveries
    for each row when (new.visit_id is not null)
    execute function keep_scope('visits', 'visit_id', 'street_id person_id case_id partner_id');
create trigger deliveries_keep_line before insert on deliveries
    for each row execute function keep_scope('agreement_lines', 'line_id', 'agreement_id partner_id service_type_id unit');
create trigger deliveries_keep_worker before insert on deliveries
    for each row execute function keep_scope('memberships', 'worker_id', 'partner_id');
create trigger delivery_documents_keep_scope before insert on delivery_documents
    for each row execute function keep_scope('deliveries', 'delivery_id', 'district_id street_id community_id partner_id');
create trigger delivery_documents_keep_document before insert on delivery_documents
    for each row execute function keep_scope('documents', 'document_id', 'street_id partner_id');
create trigger callbacks_keep_scope before insert on callbacks
    for each row execute function keep_scope('deliveries', 'delivery_id', 'district_id street_id community_id');
create trigger visits_keep_partner_of_substitute before update of worker_id on visits
    for each row execute function keep_scope('memberships', 'worker_id', 'organization_id partner_id');
create trigger substitutions_keep_worker before insert on substitutions
    for each row execute function keep_scope('memberships', 'worker_id', 'organization_id partner_id');
create trigger substitutions_keep_substitute before insert on substitutions
    for each row execute function keep_scope('memberships', 'substitute_id', 'organization_id partner_id');

-- ------------------------------------------------------------------------------------------------------- immutable rows
create trigger enrolments_immutable before update or delete or truncate on enrolments
    for each statement execute function refuse_change();
create trigger attendances_immutable before update or delete or truncate on attendances
    for each statement execute function refuse_change();
create trigger delivery_documents_immutable before update or delete or truncate on delivery_documents
    for each statement execute function refuse_change();
create trigger deliveries_kept before delete or truncate on deliveries
    for each statement execute function refuse_change();
create trigger callbacks_kept before delete or truncate on callbacks
    for each statement execute function refuse_change();
alter table enrolments enable always trigger enrolments_immutable;
alter table attendances enable always trigger attendances_immutable;
alter table delivery_documents enable always trigger delivery_documents_immutable;
alter table deliveries enable always trigger deliveries_kept;
alter table callbacks enable always trigger callbacks_kept;
