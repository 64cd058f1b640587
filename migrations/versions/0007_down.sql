-- Takes back claims and payments, and the movements of the ledger that came with them.
drop trigger deliveries_billed on deliveries;
drop trigger delivery_documents_billed on delivery_documents;
drop trigger donations_entered on donations;
drop trigger milestones_after_parents on milestones;
drop trigger milestones_stand on milestones;
drop trigger agreements_money on agreements;
drop trigger agreement_versions_apart on agreement_versions;
drop trigger transfers_keep_request on transfers;
drop view incompatible_sides;
alter table transfers drop column request_id;
alter table transfers drop constraint ck_transfers_reason;
alter table transfers add constraint ck_transfers_reason check (reason in ('DONATION', 'ENCUMBRANCE', 'RELEASE'));
drop table payments, approvals, invoices, appeals, deductions, payment_requests, bank_accounts, organization_keys, reviews,
    submission_documents, submission_deliveries, claim_steps, submissions cascade;
drop function lock_money(text, uuid);
drop function require_entry();
drop function require_decided();
drop function stage_unpaid(uuid);
drop function stage_reversed(uuid);
drop function keep_matched();
drop function account_cooling_days();
drop function appeal_waiting(uuid);
drop function billable_units(uuid);
drop function criterion_value(uuid);
drop function user_has_stake(uuid, uuid);
drop function require_hand(memberships, text[], uuid, uuid);
drop function keep_hands();
drop function milestone_limit(uuid);
drop function milestone_accepted(uuid);
drop function second_review_above_fen();
drop function open_claim();
drop function keep_frozen();
drop function bill_once();
drop function keep_billed();
drop function billed_by(uuid);
drop function reviewed_fen(uuid);
drop function check_review();
drop function note_review();
drop function follow_decisions();
drop function free_deliveries();
drop function keep_within_milestone();
drop function require_parents();
drop function require_stage();
drop function open_appeal();
drop function keep_but();
drop function keep_approval_hand();
drop function sides_of(uuid);
drop function side_taken(uuid, uuid, text);
drop function refuse_both_sides();
drop function refuse_approving_reviewer();
drop function note_hands();
drop function milestone_owed(uuid);
drop function milestone_deducted(uuid);
drop function milestone_paid(uuid);
drop function milestone_money(uuid);
drop function payment_match(uuid, date);
drop function payment_waiting(uuid);
drop function require_money_agrees();
drop function keep_steps();
drop function require_match();
drop function open_request();
drop function check_payment();
drop function require_payments();
drop function invoice_used_for(text);
drop function keep_verification();
drop function street_staffing_gaps(uuid, date);
drop function trace_deliveries(uuid);
drop function trace_person(uuid);
drop function trace_needs(uuid);
drop function trace_cases(uuid);
drop function trace_goals(uuid);

-- Functions as they were before.
create or replace function require_balance() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    moved transfers%rowtype;
    whole boolean;
begin
    select * into moved from transfers t
     where t.id = (case tg_table_name when 'transfers' then to_jsonb(new) ->> 'id'
                                      else to_jsonb(new) ->> 'transfer_id' end)::uuid;
    select coalesce(sum(e.amount_fen), 0) = 0 and count(*) = moved.entry_count
           and coalesce(sum(e.amount_fen) filter (where e.amount_fen > 0), 0) = moved.amount_fen
           and case moved.stage || ' ' || moved.reason
               when 'POSTED DONATION' then
                   count(*) = 2 and bool_and(a.kind = case when e.amount_fen < 0 then 'SOURCE' else 'AVAILABLE' end)
                   and moved.amount_fen = (select d.amount_fen from donations d where d.id = moved.donation_id)
               when 'PENDING ENCUMBRANCE' then
                   count(*) = 2 and bool_and(a.kind = case when e.amount_fen < 0 then 'AVAILABLE' else 'ENCUMBERED' end)
               when 'VOIDED RELEASE' then true -- compared with what was pending, below
               else false end
      into whole
      from entries e join accounts a on a.id = e.account_id
     where e.transfer_id = moved.id;
    if whole and moved.pending_id is not null then
        select bool_and(s.total = 0) into whole
          from (select e.account_id, sum(e.amount_fen) as total
                  from entries e join accounts a on a.id = e.account_id
                 where e.transfer_id in (moved.id, moved.pending_id)
                   and (moved.stage = 'VOIDED' or a.kind = 'ENCUMBERED')
                 group by e.account_id) s;
    end if;
    if not coalesce(whole, false) then
        raise exception 'the entries of transfer % do not balance', moved.id
            using errcode = '23514', constraint = 'entries_balance', table = tg_table_name;
    end if;
    return null;
end $$;

create or replace function require_standing() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    g agreements%rowtype;
    v agreement_versions%rowtype;
    stands boolean;
begin
    select * into g from agreements a where a.id = new.id;
    select * into v from agreement_versions r where r.id = g.current_version_id;
    stands := v.agreement_id is not distinct from g.id and v.ceiling_fen = g.ceiling_fen
              and v.partner_id = g.partner_id and v.prepared_by_id is not null and case g.status
        when 'DRAFT' then g.encumbered_fen = 0
        when 'RETURNED' then g.encumbered_fen = 0
        when 'IN_REVIEW' then v.proposed_by_id is not null and v.approved_by_id is null and g.encumbered_fen = 0
        when 'CERTIFIED' then v.certified_by_id is not null and v.approved_by_id is null and g.encumbered_fen = 0
        when 'APPROVED' then v.approved_by_id is not null and g.encumbered_fen = v.ceiling_fen
        when 'PARTNER_ACCEPTED' then v.signed_by_id is not null and g.encumbered_fen = v.ceiling_fen
        when 'DECLINED' then g.encumbered_fen = 0
        when 'CANCELLED' then g.encumbered_fen = 0
        when 'TERMINATED' then g.encumbered_fen = 0
        when 'CLOSED' then g.encumbered_fen = 0 and g.payable_fen = 0
        else v.signed_by_id is not null and g.encumbered_fen + g.payable_fen + g.paid_fen <= v.ceiling_fen end;
    if not coalesce(stands, false) then
        raise exception 'agreement % cannot stand at %', g.reference, g.status
            using errcode = '23514', constraint = 'agreement_standing', table = tg_table_name;
    end if;
    return null;
end $$;

-- The view as it was before.
create or replace view state_moves (table_name, source, target) as values
    ('activity_series', null, 'OPEN'),
    ('activity_series', 'OPEN', 'CANCELLED'),
    ('activity_series', 'OPEN', 'CLOSED'),
    ('agreements', null, 'DRAFT'),
    ('agreements', 'ACTIVE', 'CLOSING'),
    ('agreements', 'ACTIVE', 'TERMINATED'),
    ('agreements', 'APPROVED', 'CANCELLED'),
    ('agreements', 'APPROVED', 'DECLINED'),
    ('agreements', 'APPROVED', 'DRAFT'),
    ('agreements', 'APPROVED', 'PARTNER_ACCEPTED'),
    ('agreements', 'APPROVED', 'RETURNED'),
    ('agreements', 'CERTIFIED', 'APPROVED'),
    ('agreements', 'CERTIFIED', 'CANCELLED'),
    ('agreements', 'CERTIFIED', 'DRAFT'),
    ('agreements', 'CERTIFIED', 'RETURNED'),
    ('agreements', 'CLOSING', 'CLOSED'),
    ('agreements', 'CLOSING', 'TERMINATED'),
    ('agreements', 'DRAFT', 'CANCELLED'),
    ('agreements', 'DRAFT', 'IN_REVIEW'),
    ('agreements', 'IN_REVIEW', 'CANCELLED'),
    ('agreements', 'IN_REVIEW', 'CERTIFIED'),
    ('agreements', 'IN_REVIEW', 'DRAFT'),
    ('agreements', 'IN_REVIEW', 'RETURNED'),
    ('agreements', 'PARTNER_ACCEPTED', 'ACTIVE'),
    ('agreements', 'PARTNER_ACCEPTED', 'CANCELLED'),
    ('agreements', 'RETURNED', 'CANCELLED'),
    ('agreements', 'RETURNED', 'DRAFT'),
    ('agreements', 'SUSPENDED', 'CLOSING'),
    ('agreements', 'SUSPENDED', 'TERMINATED'),
    ('callbacks', null, 'DUE'),
    ('callbacks', 'DUE', 'CANCELLED'),
    ('callbacks', 'DUE', 'CONFIRMED'),
    ('callbacks', 'DUE', 'FAILED'),
    ('callbacks', 'DUE', 'NOT_REACHED'),
    ('callbacks', 'NOT_REACHED', 'CANCELLED'),
    ('callbacks', 'NOT_REACHED', 'CONFIRMED'),
    ('callbacks', 'NOT_REACHED', 'FAILED'),
    ('cases', null, 'OPEN'),
    ('cases', 'ACTIVE', 'CLOSED'),
    ('cases', 'ACTIVE', 'CLOSING'),
    ('cases', 'ASSESSING', 'CLOSED'),
    ('cases', 'ASSESSING', 'PLANNED'),
    ('cases', 'CLOSING', 'CLOSED'),
    ('cases', 'OPEN', 'ACTIVE'),
    ('cases', 'OPEN', 'ASSESSING'),
    ('cases', 'OPEN', 'CLOSED'),
    ('cases', 'PLANNED', 'ACTIVE'),
    ('cases', 'PLANNED', 'CLOSED'),
    ('cases', 'SUSPENDED', 'CLOSED'),
    ('consents', null, 'ACTIVE'),
    ('consents', 'ACTIVE', 'EXPIRED'),
    ('consents', 'ACTIVE', 'WITHDRAWN'),
    ('deliveries', null, 'RECORDED'),
    ('deliveries', 'DISPUTED', 'VERIFIED'),
    ('deliveries', 'DISPUTED', 'VOIDED'),
    ('deliveries', 'FLAGGED', 'DISPUTED'),
    ('deliveries', 'FLAGGED', 'VERIFIED'),
    ('deliveries', 'FLAGGED', 'VOIDED'),
    ('deliveries', 'RECORDED', 'DISPUTED'),
    ('deliveries', 'RECORDED', 'FLAGGED'),
    ('deliveries', 'RECORDED', 'VERIFIED'),
    ('deliveries', 'RECORDED', 'VOIDED'),
    ('deliveries', 'VERIFIED', 'DISPUTED'),
    ('documents', null, 'PENDING'),
    ('documents', 'PENDING', 'EXPIRED'),
    ('documents', 'PENDING', 'STORED'),
    ('goals', null, 'OPEN'),
    ('goals', 'OPEN', 'ACHIEVED'),
    ('goals', 'OPEN', 'DROPPED'),
    ('goals', 'OPEN', 'NOT_ACHIEVED'),
    ('goals', 'OPEN', 'PARTLY_ACHIEVED'),
    ('group_sessions', null, 'PLANNED'),
    ('group_sessions', 'PLANNED', 'CANCELLED'),
    ('group_sessions', 'PLANNED', 'HELD'),
    ('milestones', null, 'SCHEDULED'),
    ('milestones', 'REJECTED', 'CANCELLED'),
    ('milestones', 'RETURNED', 'CANCELLED'),
    ('milestones', 'SCHEDULED', 'CANCELLED'),
    ('milestones', 'SUBMITTED', 'CANCELLED'),
    ('needs', null, 'OPEN'),
    ('needs', 'OPEN', 'MET'),
    ('needs', 'OPEN', 'NOT_MET'),
    ('needs', 'OPEN', 'PARTLY_MET'),
    ('needs', 'OPEN', 'WITHDRAWN'),
    ('offers', null, 'OFFERED'),
    ('offers', 'OFFERED', 'ACCEPTED'),
    ('offers', 'OFFERED', 'DECLINED'),
    ('offers', 'OFFERED', 'EXPIRED'),
    ('offers', 'OFFERED', 'WITHDRAWN'),
    ('referrals', null, 'DRAFT'),
    ('referrals', 'ACCEPTED', 'CANCELLED'),
    ('referrals', 'ACCEPTED', 'IN_PROGRESS'),
    ('referrals', 'ACCEPTED', 'TRIAGED'),
    ('referrals', 'COMPLETED', 'CLOSED'),
    ('referrals', 'DRAFT', 'CANCELLED'),
    ('referrals', 'DRAFT', 'SUBMITTED'),
    ('referrals', 'IN_PROGRESS', 'CANCELLED'),
    ('referrals', 'IN_PROGRESS', 'COMPLETED'),
    ('referrals', 'IN_PROGRESS', 'TRIAGED'),
    ('referrals', 'OFFERED', 'ACCEPTED'),
    ('referrals', 'OFFERED', 'CANCELLED'),
    ('referrals', 'OFFERED', 'TRIAGED'),
    ('referrals', 'ON_HOLD', 'CANCELLED'),
    ('referrals', 'RETURNED', 'CANCELLED'),
    ('referrals', 'RETURNED', 'SUBMITTED'),
    ('referrals', 'SUBMITTED', 'CANCELLED'),
    ('referrals', 'SUBMITTED', 'REJECTED'),
    ('referrals', 'SUBMITTED', 'RETURNED'),
    ('referrals', 'SUBMITTED', 'TRIAGED'),
    ('referrals', 'TAKEN', 'CANCELLED'),
    ('referrals', 'TAKEN', 'IN_PROGRESS'),
    ('referrals', 'TAKEN', 'TRIAGED'),
    ('referrals', 'TRIAGED', 'CANCELLED'),
    ('referrals', 'TRIAGED', 'OFFERED'),
    ('referrals', 'TRIAGED', 'TAKEN'),
    ('substitutions', null, 'PLANNED'),
    ('substitutions', 'ACTIVE', 'CANCELLED'),
    ('substitutions', 'ACTIVE', 'ENDED'),
    ('substitutions', 'PLANNED', 'ACTIVE'),
    ('substitutions', 'PLANNED', 'CANCELLED'),
    ('substitutions', 'PLANNED', 'ENDED'),
    ('visits', null, 'PLANNED'),
    ('visits', 'PLANNED', 'AWAY'),
    ('visits', 'PLANNED', 'CANCELLED'),
    ('visits', 'PLANNED', 'COMPLETED'),
    ('visits', 'PLANNED', 'HOSPITALISED'),
    ('visits', 'PLANNED', 'NOT_HOME'),
    ('visits', 'PLANNED', 'REFUSED');
