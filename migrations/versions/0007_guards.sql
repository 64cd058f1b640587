-- Guards that every table of this revision has: legal moves, scope columns that agree, rows that are history.

-- ------------------------------------------------------------------------------------------------------- state machines
create trigger submissions_begin before insert on submissions for each row execute function refuse_illegal_move();
create trigger submissions_move before update of status on submissions
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger deductions_begin before insert on deductions for each row execute function refuse_illegal_move();
create trigger deductions_move before update of status on deductions
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger appeals_begin before insert on appeals for each row execute function refuse_illegal_move();
create trigger appeals_move before update of status on appeals
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger invoices_begin before insert on invoices for each row execute function refuse_illegal_move();
create trigger invoices_move before update of status on invoices
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger bank_accounts_begin before insert on bank_accounts for each row execute function refuse_illegal_move();
create trigger bank_accounts_move before update of status on bank_accounts
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger payment_requests_begin before insert on payment_requests for each row execute function refuse_illegal_move();
create trigger payment_requests_move before update of status on payment_requests
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger payments_begin before insert on payments for each row execute function refuse_illegal_move();
create trigger payments_move before update of status on payments
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();

-- -------------------------------------------------------------------------------------------------- scope columns agree
create trigger submissions_keep_scope before insert on submissions for each row
    execute function keep_scope('milestones', 'milestone_id', 'district_id street_id partner_id community_ids agreement_id version_id');
create trigger claim_steps_keep_scope before insert on claim_steps for each row
    execute function keep_scope('submissions', 'submission_id', 'district_id street_id partner_id community_ids');
create trigger claim_steps_keep_line before insert on claim_steps for each row when (new.line_id is not null)
    execute function keep_scope('agreement_lines', 'line_id', 'partner_id street_id');
create trigger claim_steps_keep_criterion before insert on claim_steps for each row when (new.criterion_id is not null)
    execute function keep_scope('criteria', 'criterion_id', 'partner_id street_id metric');
create trigger submission_deliveries_keep_scope before insert on submission_deliveries for each row
    execute function keep_scope('submissions', 'submission_id', 'district_id street_id partner_id');
create trigger submission_deliveries_keep_delivery before insert on submission_deliveries for each row
    execute function keep_scope('deliveries', 'delivery_id', 'street_id community_id partner_id line_id');
create trigger submission_documents_keep_scope before insert on submission_documents for each row
    execute function keep_scope('submissions', 'submission_id', 'district_id street_id partner_id');
create trigger submission_documents_keep_document before insert on submission_documents for each row
    execute function keep_scope('documents', 'document_id', 'street_id partner_id');
create trigger reviews_keep_scope before insert on reviews for each row
    execute function keep_scope('submissions', 'submission_id', 'district_id street_id partner_id community_ids milestone_id');
create trigger reviews_keep_second before insert on reviews for each row when (new.seconds_id is not null)
    execute function keep_scope('reviews', 'seconds_id', 'submission_id');
create trigger deductions_keep_scope before insert on deductions for each row
    execute function keep_scope('submissions', 'submission_id', 'district_id street_id partner_id community_ids agreement_id version_id milestone_id');
create trigger deductions_keep_delivery before insert on deductions for each row when (new.delivery_id is not null)
    execute function keep_scope('deliveries', 'delivery_id', 'street_id partner_id');
create trigger appeals_keep_scope before insert on appeals for each row
    execute function keep_scope('submissions', 'submission_id', 'district_id street_id partner_id community_ids agreement_id version_id milestone_id');
create trigger appeals_keep_deduction before insert on appeals for each row when (new.deduction_id is not null)
    execute function keep_scope('deductions', 'deduction_id', 'submission_id');
create trigger bank_accounts_keep_street before insert on bank_accounts for each row
    execute function keep_scope('organizations', 'street_id', 'district_id');
create trigger payment_requests_keep_scope before insert on payment_requests for each row
    execute function keep_scope('submissions', 'submission_id', 'district_id street_id partner_id agreement_id version_id milestone_id');
create trigger payment_requests_keep_fund before insert on payment_requests for each row
    execute function keep_scope('agreements', 'agreement_id', 'fund_id');
create trigger payment_requests_keep_replaced before insert on payment_requests for each row when (new.replaces_id is not null)
    execute function keep_scope('payment_requests', 'replaces_id', 'submission_id accepted_fen deducted_fen payable_fen');
create trigger invoices_keep_scope before insert on invoices for each row
    execute function keep_scope('payment_requests', 'request_id', 'district_id street_id partner_id');
create trigger invoices_keep_document before insert on invoices for each row
    execute function keep_scope('documents', 'document_id', 'street_id partner_id');
create trigger approvals_keep_scope before insert on approvals for each row
    execute function keep_scope('payment_requests', 'request_id', 'district_id street_id partner_id');
create trigger payments_keep_scope before insert on payments for each row
    execute function keep_scope('payment_requests', 'request_id', 'district_id street_id partner_id agreement_id milestone_id');
create trigger payments_keep_account before insert on payments for each row
    execute function keep_scope('bank_accounts', 'account_id', 'street_id partner_id');
create trigger deductions_keep_request before update of request_id on deductions for each row when (new.request_id is not null)
    execute function keep_scope('payment_requests', 'request_id', 'street_id partner_id agreement_id');
create trigger payment_requests_keep_account before update of account_id on payment_requests for each row
    when (new.account_id is not null) execute function keep_scope('bank_accounts', 'account_id', 'street_id partner_id');

-- ------------------------------------------------------------------------------------------------------- immutable rows
create trigger claim_steps_immutable before update or delete or truncate on claim_steps
    for each statement execute function refuse_change();
create trigger submission_documents_immutable before update or delete or truncate on submission_documents
    for each statement execute function refuse_change();
create trigger reviews_immutable before update or delete or truncate on reviews
    for each statement execute function refuse_change();
create trigger approvals_immutable before update or delete or truncate on approvals
    for each statement execute function refuse_change();
create trigger organization_keys_immutable before update or delete or truncate on organization_keys
    for each statement execute function refuse_change();
create trigger submission_deliveries_a_kept before update on submission_deliveries
    for each row execute function keep_but('live');
create trigger submissions_kept before delete or truncate on submissions
    for each statement execute function refuse_change();
create trigger submission_deliveries_kept before delete or truncate on submission_deliveries
    for each statement execute function refuse_change();
create trigger deductions_kept before delete or truncate on deductions
    for each statement execute function refuse_change();
create trigger appeals_kept before delete or truncate on appeals
    for each statement execute function refuse_change();
create trigger invoices_kept before delete or truncate on invoices
    for each statement execute function refuse_change();
create trigger bank_accounts_kept before delete or truncate on bank_accounts
    for each statement execute function refuse_change();
create trigger payment_requests_kept before delete or truncate on payment_requests
    for each statement execute function refuse_change();
create trigger payments_kept before delete or truncate on payments
    for each statement execute function refuse_change();
alter table claim_steps enable always trigger claim_steps_immutable;
alter table submission_documents enable always trigger submission_documents_immutable;
alter table reviews enable always trigger reviews_immutable;
alter table approvals enable always trigger approvals_immutable;
alter table organization_keys enable always trigger organization_keys_immutable;
alter table submissions enable always trigger submissions_kept;
alter table submission_deliveries enable always trigger submission_deliveries_kept;
alter table deductions enable always trigger deductions_kept;
alter table appeals enable always trigger appeals_kept;
alter table invoices enable always trigger invoices_kept;
alter table bank_accounts enable always trigger bank_accounts_kept;
alter table payment_requests enable always trigger payment_requests_kept;
alter table payments enable always trigger payments_kept;
