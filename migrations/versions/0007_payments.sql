-- Requests, approvals, payments: hands apart, steps in their order, and money that agrees. Written by hand.
--
-- Constraint names: four_eyes, wrong_hands, conflict_of_interest, immutable, step_missing, match_incomplete,
-- paid_within_accepted, request_standing, money_agrees, account_not_usable, invoice_taken.

create trigger invoices_hands before insert on invoices
    for each row execute function keep_hands('handed_in:PARTNER_MANAGER');
create trigger bank_accounts_hands before insert or update on bank_accounts
    for each row execute function keep_hands('proposed:PARTNER_MANAGER', 'verified:FINANCE_OFFICER/ACCOUNTANT');
create trigger payments_hands before insert or update on payments
    for each row execute function keep_hands('sent:FINANCE_OFFICER/CASHIER', 'settled:FINANCE_OFFICER/ACCOUNTANT',
                                             'failed:FINANCE_OFFICER/ACCOUNTANT', 'reversed:FINANCE_OFFICER/ACCOUNTANT');

create function keep_approval_hand() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    hand memberships%rowtype;
    asked payment_requests%rowtype;
begin
    -- One step at a time per milestone: who comes second sees the first one's hand.
    perform from milestones m
      where m.id = (select r.milestone_id from payment_requests r where r.id = new.request_id) for no key update;
    select * into hand from memberships m where m.id = new.made_by_id;
    new.made_user_id := hand.user_id;
    perform require_hand(hand, case new.step
        when 'CONFIRM' then '{STATION_WORKER}'::text[] when 'REOPEN' then '{STATION_WORKER}'
        when 'CHECK' then '{FINANCE_OFFICER/ACCOUNTANT}' when 'APPROVE' then '{STREET_DIRECTOR}'
        when 'SEND' then '{FINANCE_OFFICER/CASHIER}' when 'SETTLE' then '{FINANCE_OFFICER/ACCOUNTANT}'
        when 'REVERSE' then '{FINANCE_OFFICER/ACCOUNTANT}' when 'FAIL' then '{FINANCE_OFFICER/ACCOUNTANT}'
        else '{STATION_WORKER,FINANCE_OFFICER/ACCOUNTANT,STREET_DIRECTOR}' end, new.partner_id, new.street_id);
    -- No step before its turn, nor for another round (I6).
    select * into asked from payment_requests r where r.id = new.request_id;
    if not asked.status = any (case new.step
            when 'CONFIRM' then '{CREATED}'::text[] when 'CHECK' then '{CONFIRMED,FAILED}' when 'APPROVE' then '{CHECKED}'
            when 'SEND' then '{APPROVED,FAILED}' when 'SETTLE' then '{SENT}' when 'FAIL' then '{SENT}'
            when 'REVERSE' then '{PAID}' when 'REOPEN' then '{RETURNED}'
            when 'REJECT' then '{CREATED,CONFIRMED,CHECKED,APPROVED,RETURNED}'
            else '{CREATED,CONFIRMED,CHECKED,APPROVED}' end)
       or new.round <> asked.round + (new.step = 'CHECK' and asked.status = 'FAILED')::int
    then
        raise exception 'step % of request % is not its turn', new.step, asked.reference
            using errcode = '23514', constraint = 'step_missing', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger approvals_hand before insert on approvals for each row execute function keep_approval_hand();

-- ------------------------------------------------------------------------------------------------------- I4: the pairs
create view incompatible_sides (one, other) as values
    ('REVIEW', 'CHECK'), ('REVIEW', 'APPROVE'), ('REVIEW', 'SEND'), ('CHECK', 'APPROVE'), ('CHECK', 'SEND'),
    ('APPROVE', 'SEND'), ('SEND', 'SETTLE'), ('VERIFY_ACCOUNT', 'SEND'), ('AGREEMENT', 'REVIEW'), ('APPEAL', 'REVIEW'),
    ('APPEAL', 'APPROVE'), ('APPEAL', 'AGREEMENT'), ('PARTNER', 'REVIEW'), ('PARTNER', 'CHECK'), ('PARTNER', 'APPROVE'),
    ('PARTNER', 'SEND'), ('PARTNER', 'SETTLE'), ('PARTNER', 'VERIFY_ACCOUNT'), ('PARTNER', 'APPEAL');

-- Everybody who has had a hand in the milestone of a claim, by side: in every round of it, in all requests and payments.
-- Review, deductions and confirmation are one side, so are what the partner recorded, submitted and handed in, and so is
-- whatever is said of sent money: that it arrived, failed, or was reversed.
create function sides_of(submission uuid) returns table (side text, user_id uuid)
    language sql stable security definer set search_path = public, pg_temp
as $$
    with stage as (select s.milestone_id as id, s.agreement_id from submissions s where s.id = submission),
    claims as (select s.id, s.submitted_user_id from stage join submissions s on s.milestone_id = stage.id),
    asked as (select q.id, q.account_id, q.appeal_id from stage join payment_requests q on q.milestone_id = stage.id),
    -- An appeal about a deduction may make something payable for the later milestone whose payment was lessened.
    appealed as (select p.decided_user_id, p.filed_user_id from stage join appeals p on p.milestone_id = stage.id
                 union
                 select p.decided_user_id, p.filed_user_id from asked join appeals p on p.id = asked.appeal_id)
    select 'REVIEW', r.reviewed_user_id
      from claims join reviews r on r.submission_id = claims.id and r.decision <> 'PAYMENT_REJECTED'
    union
    select 'REVIEW', d.proposed_user_id from claims join deductions d on d.submission_id = claims.id
    union
    select case when a.step = 'CONFIRM' then 'REVIEW' when a.step in ('FAIL', 'REVERSE') then 'SETTLE' else a.step end,
           a.made_user_id
      from asked join approvals a on a.request_id = asked.id
     where a.step in ('CONFIRM', 'CHECK', 'APPROVE', 'SEND', 'SETTLE', 'FAIL', 'REVERSE')
    union
    select 'VERIFY_ACCOUNT', b.verified_user_id from asked join bank_accounts b on b.id = asked.account_id
    union
    -- The accounts that money was sent to, also before they were corrected.
    select 'VERIFY_ACCOUNT', b.verified_user_id
      from asked join payments p on p.request_id = asked.id join bank_accounts b on b.id = p.account_id
    union
    select 'AGREEMENT', v.approved_user_id from stage join agreement_versions v on v.agreement_id = stage.agreement_id
    union
    select 'APPEAL', p.decided_user_id from appealed p
    union
    select 'PARTNER', c.submitted_user_id from claims c
    union
    select 'PARTNER', i.handed_in_user_id from asked join invoices i on i.request_id = asked.id
    union
    select 'PARTNER', b.proposed_user_id from asked join bank_accounts b on b.id = asked.account_id
    union
    select 'PARTNER', u.id
      from claims join submission_deliveries b on b.submission_id = claims.id join deliveries d on d.id = b.delivery_id
     cross join unnest(array[d.worker_user_id, d.recorded_user_id]) as u (id)
    union
    select 'PARTNER', p.filed_user_id from appealed p
$$;

-- The side on which somebody already is that does not go with another; null when there is none.
create function side_taken(submission uuid, person uuid, wanted text) returns text
    language sql stable security definer set search_path = public, pg_temp
as $$
    select h.side from sides_of(submission) h
      join incompatible_sides p on (p.one, p.other) in ((h.side, wanted), (wanted, h.side))
     where h.user_id = person
     order by 1 limit 1
$$;

create function refuse_both_sides() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    claim uuid := case tg_table_name when 'submissions' then (to_jsonb(new) ->> 'id')::uuid
        else coalesce((to_jsonb(new) ->> 'submission_id')::uuid,
            (select q.submission_id from payment_requests q where q.id = (to_jsonb(new) ->> 'request_id')::uuid)) end;
    pair record;
begin
    perform from milestones m where m.id = (select s.milestone_id from submissions s where s.id = claim) for no key update;
    with hands as materialized (select h.side, h.user_id from sides_of(claim) h where h.user_id is not null)
    select p.one, p.other into pair
      from hands a join hands b on b.user_id = a.user_id join incompatible_sides p on p.one = a.side and p.other = b.side
     order by 1, 2 limit 1;
    if found then
        raise exception 'one person at % and at %', pair.one, pair.other
            using errcode = '23514', constraint = 'four_eyes', table = tg_table_name;
    end if;
    return null;
end $$;

create trigger reviews_apart after insert on reviews for each row execute function refuse_both_sides();
create trigger deductions_apart after insert on deductions for each row execute function refuse_both_sides();
create trigger approvals_apart after insert on approvals for each row execute function refuse_both_sides();
create trigger invoices_apart after insert on invoices for each row execute function refuse_both_sides();
create trigger appeals_apart after insert or update of decided_by_id on appeals
    for each row execute function refuse_both_sides();
create trigger payment_requests_apart after insert or update of account_id on payment_requests
    for each row execute function refuse_both_sides();
-- (with all it froze)
create trigger submissions_apart after update of status on submissions
    for each row when (new.status = 'SUBMITTED') execute function refuse_both_sides();

-- An agreement that has been reviewed under is not approved anew by a reviewer.
create function refuse_approving_reviewer() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if exists (select from submissions s cross join lateral sides_of(s.id) h
                where s.agreement_id = new.agreement_id and h.user_id = new.approved_user_id
                  and h.side in ('REVIEW', 'APPEAL', 'PARTNER'))
    then
        raise exception 'who reviewed under an agreement does not approve it'
            using errcode = '23514', constraint = 'four_eyes', table = tg_table_name;
    end if;
    return null;
end $$;

create trigger agreement_versions_apart after update of approved_by_id on agreement_versions
    for each row when (new.approved_by_id is not null) execute function refuse_approving_reviewer();

-- Who has had a hand in it, on each open request of the milestone, for `availableActions`.
create function note_hands() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    stage uuid;
    claim uuid;
begin
    select q.milestone_id, q.submission_id into stage, claim from payment_requests q
     where q.id = (case tg_table_name when 'payment_requests' then to_jsonb(new) ->> 'id'
                                      else to_jsonb(new) ->> 'request_id' end)::uuid;
    update payment_requests q
       set reviewer_user_ids = h.reviewers, checker_user_ids = h.checkers, approver_user_ids = h.approvers,
           sender_user_ids = h.senders
      from (select coalesce(array_agg(distinct s.user_id) filter (where s.side = 'REVIEW'), '{}') as reviewers,
                   coalesce(array_agg(distinct s.user_id) filter (where s.side = 'CHECK'), '{}') as checkers,
                   coalesce(array_agg(distinct s.user_id) filter (where s.side = 'APPROVE'), '{}') as approvers,
                   coalesce(array_agg(distinct s.user_id) filter (where s.side = 'SEND'), '{}') as senders
              from sides_of(claim) s) h
     where q.milestone_id = stage and q.status not in ('REJECTED', 'REVERSED');
    return null;
end $$;

create trigger payment_requests_note_hands after insert on payment_requests
    for each row execute function note_hands();
create trigger approvals_note_hands after insert on approvals for each row execute function note_hands();

-- ------------------------------------------------------------------------------------------------- figures of a milestone
-- What requests of a milestone claim (paid ones among them), and what deductions in force take off.
create function milestone_owed(milestone uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select coalesce(sum(q.payable_fen), 0)::bigint from payment_requests q
     where q.milestone_id = milestone and q.status not in ('REJECTED', 'REVERSED')
$$;

create function milestone_deducted(milestone uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select coalesce(sum(d.amount_fen), 0)::bigint
      from deductions d join payment_requests q on q.id = d.request_id
     where q.milestone_id = milestone and d.status = 'APPLIED'
$$;

create function milestone_paid(milestone uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select coalesce(sum(p.amount_fen), 0)::bigint from payments p
     where p.milestone_id = milestone and p.status = 'SETTLED'
$$;

create function milestone_money(milestone uuid)
    returns table (limit_fen bigint, accepted_fen bigint, deducted_fen bigint, requested_fen bigint, paid_fen bigint)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    select milestone_limit(milestone), milestone_accepted(milestone), milestone_deducted(milestone),
           milestone_owed(milestone), milestone_paid(milestone)
$$;

-- ------------------------------------------------------------------------------------------------------- I22: the match
-- Each aspect OK, or why not. One row, for the request and the invoice and account it names; before the check, for the
-- account that is verified now.
create function payment_match(request uuid, today date)
    returns table (agreement text, acceptance text, invoice text, account text, fund text)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    select -- What was accepted while the agreement was in force stays payable after it has ended.
           case when g.activated_at is not null and g.current_version_id = q.version_id
                     and g.status in ('ACTIVE', 'SUSPENDED', 'CLOSING', 'CLOSED', 'TERMINATED') then 'OK'
                else 'AGREEMENT_NOT_IN_FORCE' end,
           case when s.status not in ('ACCEPTED', 'PARTIALLY_ACCEPTED') then 'NOT_ACCEPTED'
                when s.second_wanted then 'SECOND_REVIEW_MISSING'
                when milestone_owed(q.milestone_id) > s.accepted_fen - milestone_deducted(q.milestone_id) then 'AMOUNT_NOT_ACCEPTED'
                else 'OK' end,
           case when i.id is null then 'INVOICE_MISSING'
                when i.seller_id <> q.partner_id then 'INVOICE_SELLER'
                when i.buyer_id <> f.payer_id then 'INVOICE_BUYER'
                when i.amount_fen <> q.payable_fen then 'INVOICE_AMOUNT'
                when d.status is distinct from 'STORED' then 'INVOICE_DOCUMENT'
                else 'OK' end,
           case when q.status in ('SENT', 'PAID', 'REVERSED') then 'OK'
                when b.id is null then case when q.account_id is null then 'ACCOUNT_MISSING' else 'ACCOUNT_RETIRED' end
                when b.usable_from_on > today then 'ACCOUNT_COOLING'
                else 'OK' end,
           case when q.status in ('PAID', 'REJECTED', 'REVERSED')
                     or (g.payable_fen >= q.payable_fen and f.payable_fen >= q.payable_fen) then 'OK'
                else 'FUND_SHORT' end
      from payment_requests q
      join agreements g on g.id = q.agreement_id
      join funds f on f.id = q.fund_id
      join submissions s on s.id = q.submission_id
      left join invoices i on i.id = q.invoice_id and i.request_id = q.id and i.status in ('HANDED_IN', 'MATCHED')
      left join documents d on d.id = i.document_id
      left join bank_accounts b on b.street_id = q.street_id and b.partner_id = q.partner_id and b.status = 'VERIFIED'
                               and (b.id = q.account_id or q.status not in ('CHECKED', 'APPROVED'))
     where q.id = request
$$;

-- Which post a request waits for, and since when; no row once it is over. Without an invoice, or an account that the bank
-- takes, it is the partner's turn: the street can do nothing about it.
create function payment_waiting(request uuid) returns table (role text, duty text, since timestamptz)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    select case w.post when 'PARTNER' then 'PARTNER_MANAGER' when 'STATION' then 'STATION_WORKER'
                       when 'DIRECTOR' then 'STREET_DIRECTOR' else 'FINANCE_OFFICER' end,
           case when w.post in ('ACCOUNTANT', 'CASHIER') then w.post end,
           greatest(q.status_changed_at, case when q.status in ('CONFIRMED', 'RETURNED') then i.changed_at end,
                    case when q.status = 'CONFIRMED' and i.live or q.status = 'FAILED' and not b.same then b.proposed_at end)
      from payment_requests q
     cross join lateral (
           select coalesce(bool_or(v.id = q.invoice_id), false) as live,
                  max(v.handed_in_at) filter (where v.id = q.invoice_id) as handed_in_at,
                  max(coalesce(v.given_up_at, v.handed_in_at)) as changed_at
             from invoices v where v.request_id = q.id) i
     cross join lateral (
           select coalesce(bool_or(a.id = q.account_id and a.status = 'VERIFIED'), false)
                  and q.status_reason_code is distinct from 'ACCOUNT_WRONG' as same,
                  -- There since when: the first that is not the one to which a payment failed.
                  min(a.proposed_at) filter (where q.status <> 'FAILED' or a.id <> q.account_id) as proposed_at
             from bank_accounts a
            where a.street_id = q.street_id and a.partner_id = q.partner_id and a.status <> 'RETIRED') b
     cross join lateral (
           select case q.status
               when 'CREATED' then 'STATION'
               when 'CONFIRMED' then case when not i.live or b.proposed_at is null then 'PARTNER' else 'ACCOUNTANT' end
               when 'CHECKED' then 'DIRECTOR'
               when 'APPROVED' then 'CASHIER'
               when 'SENT' then 'ACCOUNTANT'
               when 'FAILED' then case when b.same then 'CASHIER' when b.proposed_at is null then 'PARTNER' else 'ACCOUNTANT' end
               -- Returned for its invoice: until there is another one.
               when 'RETURNED' then case when q.status_reason_code like 'INVOICE%'
                                          and (not i.live or i.handed_in_at < q.status_changed_at)
                                         then 'PARTNER' else 'STATION' end end as post) w
     where q.id = request and w.post is not null
$$;

-- --------------------------------------------------------------------------------------------- money that agrees (I1)
-- At commit: Σ requested ≤ accepted − deductions, of the milestone that the row is about and of the one whose payment a
-- deduction lessens; a request is lessened by its deductions, no more and no less; what an agreement has payable is what
-- its open requests ask for, what it has paid is what its payments moved. The agreement is locked and read anew, so the
-- second of two sees the first.
create function require_money_agrees() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    contract uuid := (case tg_table_name when 'agreements' then to_jsonb(new) ->> 'id'
                                         else to_jsonb(new) ->> 'agreement_id' end)::uuid;
    stage uuid;
begin
    perform from agreements g where g.id = contract for no key update;
    for stage in select (to_jsonb(new) ->> 'milestone_id')::uuid
                 union select q.milestone_id from payment_requests q where q.id = (to_jsonb(new) ->> 'request_id')::uuid
    loop
        if milestone_owed(stage) > milestone_accepted(stage) - milestone_deducted(stage) then
            raise exception 'more is requested than was accepted'
                using errcode = '23514', constraint = 'paid_within_accepted', table = tg_table_name;
        end if;
        if exists (select from payment_requests q
                    where q.milestone_id = stage and q.status not in ('REJECTED', 'REVERSED')
                      and q.deducted_fen <> (select coalesce(sum(d.amount_fen), 0) from deductions d where d.request_id = q.id))
        then
            raise exception 'a request is not lessened by its deductions'
                using errcode = '23514', constraint = 'money_agrees', table = tg_table_name;
        end if;
    end loop;
    if exists (select from agreements g
                where g.id = contract
                  and (g.payable_fen <> (select coalesce(sum(q.payable_fen), 0) from payment_requests q
                                          where q.agreement_id = g.id and q.status not in ('PAID', 'REJECTED', 'REVERSED'))
                       or g.paid_fen <> (select coalesce(sum(p.amount_fen), 0) from payments p
                                          where p.agreement_id = g.id and p.status = 'SETTLED')))
    then
        raise exception 'the ledger and the requests of agreement % disagree', contract
            using errcode = '23514', constraint = 'money_agrees', table = tg_table_name;
    end if;
    return null;
end $$;

create constraint trigger payment_requests_money after insert or update of status on payment_requests
    deferrable initially deferred for each row execute function require_money_agrees();
create constraint trigger payments_money after insert or update of status on payments
    deferrable initially deferred for each row execute function require_money_agrees();
create constraint trigger deductions_money after insert or update of status, request_id on deductions
    deferrable initially deferred for each row execute function require_money_agrees();
create constraint trigger submissions_money after update on submissions
    deferrable initially deferred for each row
    when ((old.accepted_fen, old.status) is distinct from (new.accepted_fen, new.status))
    execute function require_money_agrees();
create constraint trigger agreements_money after update of payable_fen, paid_fen on agreements
    deferrable initially deferred for each row execute function require_money_agrees();

-- ------------------------------------------------------------------------------------------------ a request's own order
-- What a request is about never changes; each step stands on the approvals of its round (I6), and from the check on
-- on a complete match (I22).
create function keep_steps() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    free constant text[] := '{status,round,invoice_id,account_id,paid_on,reviewer_user_ids,checker_user_ids,approver_user_ids,
        sender_user_ids,status_reason_code,status_reason,status_changed_at,version}';
    wanted text[];
begin
    if to_jsonb(new) - free is distinct from to_jsonb(old) - free
       or (new.account_id is distinct from old.account_id and new.status not in ('CHECKED', 'CREATED'))
       or (new.invoice_id is distinct from old.invoice_id and new.status not in ('CREATED', 'CONFIRMED', 'RETURNED'))
       or new.round <> old.round + (old.status = 'RETURNED' and new.status = 'CREATED'
                                    or old.status = 'FAILED' and new.status = 'CHECKED')::int
    then
        raise exception 'a request changes only along its steps'
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    if new.status is not distinct from old.status then
        return new;
    end if;
    wanted := case new.status
        when 'CONFIRMED' then '{CONFIRM}'::text[]
        when 'CHECKED' then case old.status when 'FAILED' then '{CHECK}'::text[] else '{CONFIRM,CHECK}' end
        when 'APPROVED' then '{CHECK,APPROVE}' when 'SENT' then '{APPROVE,SEND}' when 'PAID' then '{SEND,SETTLE}'
        when 'FAILED' then '{SEND,FAIL}' when 'RETURNED' then '{RETURN}' when 'REJECTED' then '{REJECT}'
        when 'REVERSED' then '{REVERSE}' else '{}' end;
    if exists (select from unnest(wanted) as w (step)
                where not exists (select from approvals a
                                   where a.request_id = new.id and a.step = w.step and a.round = new.round))
       or (old.status = 'FAILED' and new.status = 'CHECKED'
           and not exists (select from approvals a where a.request_id = new.id and a.step = 'CONFIRM'))
    then
        raise exception 'a step before % was not taken', new.status
            using errcode = '23514', constraint = 'step_missing', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger payment_requests_steps before update on payment_requests for each row execute function keep_steps();

-- After the row is as it will be, so that the match is that of the invoice and account it names now.
create function require_match() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not exists (select from payment_match(new.id, hub_today()) m
                    where (m.agreement, m.acceptance, m.invoice, m.account, m.fund) = ('OK', 'OK', 'OK', 'OK', 'OK')
                      and new.account_id is not null)
    then
        raise exception 'the match of request % is not complete', new.reference
            using errcode = '23514', constraint = 'match_incomplete', table = tg_table_name;
    end if;
    return null;
end $$;

create trigger payment_requests_match after update of status on payment_requests
    for each row when (new.status in ('CHECKED', 'APPROVED', 'SENT') and old.status is distinct from new.status)
    execute function require_match();

-- A new request is of an accepted claim, under the terms of its version.
create function open_request() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not exists (select from submissions s
                    where s.id = new.submission_id and s.milestone_id = new.milestone_id
                      and s.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED') and not s.second_wanted)
       or (new.appeal_id is not null and not exists (
               select from appeals a left join deductions d on d.id = a.deduction_id
                 left join payment_requests q on q.id = d.request_id
                where a.id = new.appeal_id and coalesce(q.submission_id, a.submission_id) = new.submission_id
                  and a.status = 'UPHELD' and a.awarded_fen = new.accepted_fen))
    then
        raise exception 'nothing was accepted' using errcode = '23514', constraint = 'child_before_parent', table = tg_table_name;
    end if;
    new.round := 1;
    new.invoice_id := null;
    new.account_id := null;
    new.reviewer_user_ids := '{}';
    new.checker_user_ids := '{}';
    new.approver_user_ids := '{}';
    new.sender_user_ids := '{}';
    return new;
end $$;

create trigger payment_requests_open before insert on payment_requests for each row execute function open_request();

-- A payment is of the whole request, to the account that was matched, while that may be paid to. Sent once, settled once.
create function check_payment() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    free constant text[] := '{status,bank_reference,settled_by_id,settled_user_id,settled_at,settled_on,failed_by_id,failed_user_id,
        failed_at,reversed_by_id,reversed_user_id,reversed_at,reason_code,reason,version}';
    asked payment_requests%rowtype;
begin
    if tg_op = 'UPDATE' then
        if to_jsonb(new) - free is distinct from to_jsonb(old) - free
           or (old.settled_at is not null and (new.settled_by_id, new.settled_at, new.settled_on, new.bank_reference)
                                is distinct from (old.settled_by_id, old.settled_at, old.settled_on, old.bank_reference))
           or (old.failed_at is not null or old.reversed_at is not null)
        then
            raise exception 'a payment is not rewritten'
                using errcode = '23514', constraint = 'immutable', table = tg_table_name;
        end if;
        -- Whoever stands on the payment has taken that step on its request.
        if exists (select from (values ('SETTLE', new.settled_by_id), ('FAIL', new.failed_by_id),
                                       ('REVERSE', new.reversed_by_id)) as s (step, hand)
                    where s.hand is not null
                      and not exists (select from approvals a where a.request_id = new.request_id and a.step = s.step
                                                                and a.made_by_id = s.hand))
        then
            raise exception 'nobody took that step'
                using errcode = '23514', constraint = 'step_missing', table = tg_table_name;
        end if;
        return new;
    end if;
    select * into asked from payment_requests q where q.id = new.request_id for no key update;
    if asked.payable_fen <> new.amount_fen or asked.account_id is distinct from new.account_id
       or asked.status not in ('APPROVED', 'FAILED')
    then
        raise exception 'a payment is of a whole approved request'
            using errcode = '23514', constraint = 'child_before_parent', table = tg_table_name;
    end if;
    if not exists (select from approvals a where a.request_id = new.request_id and a.step = 'SEND' and a.round = asked.round
                                             and a.made_by_id = new.sent_by_id) then
        raise exception 'whoever sends it says so'
            using errcode = '23514', constraint = 'step_missing', table = tg_table_name;
    end if;
    -- Locked, so that it is not retired at the same moment.
    perform from bank_accounts b where b.id = new.account_id for share;
    if not exists (select from bank_accounts b
                    where b.id = new.account_id and b.status = 'VERIFIED' and b.usable_from_on <= hub_today()) then
        raise exception 'the account may not be paid to'
            using errcode = '23514', constraint = 'account_not_usable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger payments_checked before insert or update on payments for each row execute function check_payment();

-- At commit a request stands where its payments do, each of which somebody sent.
create function require_payments() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    asked payment_requests%rowtype;
    sent bigint;
    settled bigint;
    failed bigint;
    reversed bigint;
    every bigint;
begin
    select * into asked from payment_requests q
     where q.id = (case tg_table_name when 'payments' then to_jsonb(new) ->> 'request_id' else to_jsonb(new) ->> 'id' end)::uuid;
    select count(*) filter (where p.status = 'SENT'), count(*) filter (where p.status = 'SETTLED'),
           count(*) filter (where p.status = 'FAILED'), count(*) filter (where p.status = 'REVERSED'), count(*)
      into sent, settled, failed, reversed, every from payments p where p.request_id = asked.id;
    if (sent, settled, reversed) <> ((asked.status = 'SENT')::int, (asked.status = 'PAID')::int, (asked.status = 'REVERSED')::int)
       or (every, settled + reversed, failed, reversed) is distinct from (
               select (count(*) filter (where a.step = 'SEND'), count(*) filter (where a.step = 'SETTLE'),
                       count(*) filter (where a.step = 'FAIL'), count(*) filter (where a.step = 'REVERSE'))
                 from approvals a where a.request_id = asked.id)
    then
        raise exception 'request % cannot stand at %', asked.reference, asked.status
            using errcode = '23514', constraint = 'request_standing', table = tg_table_name;
    end if;
    return null;
end $$;

create constraint trigger payment_requests_stand after insert or update of status on payment_requests
    deferrable initially deferred for each row execute function require_payments();
create constraint trigger payments_stand after insert or update of status on payments
    deferrable initially deferred for each row execute function require_payments();
create constraint trigger payment_requests_settle_stage after update of status on payment_requests
    deferrable initially deferred for each row execute function require_stage();

-- ---------------------------------------------------------------------------------------------- invoices and accounts
-- The request that an invoice number was used for before, wherever in the hub; null when it is free. Its reference says
-- nothing but that it exists.
create function invoice_used_for(invoice_number text) returns text
    language sql stable security definer set search_path = public, pg_temp
as $$
    select q.reference from invoices i join payment_requests q on q.id = i.request_id
     where i.number = invoice_number and i.status in ('HANDED_IN', 'MATCHED')
$$;

create trigger invoices_a_kept before update on invoices
    for each row execute function keep_but('status', 'reason_code', 'reason', 'given_up_at', 'version');
create trigger bank_accounts_a_kept before update on bank_accounts
    for each row execute function keep_but('status', 'verified_by_id', 'verified_user_id', 'verified_at', 'usable_from_on',
                                           'retired_at', 'version');

-- The invoice on which a request was checked stays with it, until the request is given up.
create function keep_matched() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if new.status in ('REFUSED', 'VOIDED')
       and not exists (select from payment_requests q
                        where q.id = new.request_id and q.status in ('CREATED', 'CONFIRMED', 'RETURNED', 'REJECTED'))
    then
        raise exception 'the request stands on invoice %', new.number
            using errcode = '23514', constraint = 'invoice_taken', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger invoices_matched before update of status on invoices for each row execute function keep_matched();

-- Days that a verified account is slept on (hub/base/limits.py says the same).
create function account_cooling_days() returns integer
    language sql immutable set search_path = public, pg_temp
as $$ select 3 $$;

-- Whoever verified an account stays: it is not verified twice. It is slept on before anything is paid to it.
create function keep_verification() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if old.verified_by_id is not null and (new.verified_by_id, new.verified_at, new.usable_from_on)
           is distinct from (old.verified_by_id, old.verified_at, old.usable_from_on)
       or (new.verified_by_id is not null and new.verified_user_id = new.proposed_user_id)
    then
        raise exception 'an account is verified once, by somebody else'
            using errcode = '23514', constraint = 'four_eyes', table = tg_table_name;
    end if;
    if old.verified_by_id is null and new.usable_from_on < hub_today() + account_cooling_days() then
        raise exception 'a verified account is slept on'
            using errcode = '23514', constraint = 'account_not_usable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger bank_accounts_verified_once before update on bank_accounts
    for each row execute function keep_verification();

-- ------------------------------------------------------------------------------------------------------ who is there
-- Steps of a payment for which a street has no eligible person today: nobody in the role, or only people whom another
-- step needs as well, since four different people take the four steps.
create function street_staffing_gaps(street uuid, today date) returns table (step text)
    language sql stable security definer rows 5 set search_path = public, pg_temp
as $$
    with able as (
        select distinct s.step, s.number, m.user_id
          from memberships m join users u on u.id = m.user_id and u.active
          join (values (1, 'REVIEW', 'STATION_WORKER', null), (2, 'CHECK', 'FINANCE_OFFICER', 'ACCOUNTANT'),
                       (3, 'APPROVE', 'STREET_DIRECTOR', null), (4, 'SEND', 'FINANCE_OFFICER', 'CASHIER'))
               as s (number, step, role, duty) on s.role = m.role and s.duty is not distinct from m.duty
         where m.street_id = street and m.ended_at is null and m.valid_from_on <= today
           and (m.valid_to_on is null or m.valid_to_on >= today)),
    complete as (
        select from able a join able b on b.step = 'CHECK' and b.user_id <> a.user_id
          join able c on c.step = 'APPROVE' and c.user_id not in (a.user_id, b.user_id)
          join able d on d.step = 'SEND' and d.user_id not in (a.user_id, b.user_id, c.user_id)
         where a.step = 'REVIEW'
         limit 1)
    select g.step from (
        select s.number, s.step from (values (1, 'REVIEW'), (2, 'CHECK'), (3, 'APPROVE'), (4, 'SEND')) as s (number, step)
         where not exists (select from complete)
           and not exists (select from able a where a.step = s.step
                              and not exists (select from able o where o.user_id = a.user_id and o.step <> a.step))
        union all
        -- An appeal is decided by another leader than the one who approves.
        select 5, 'APPEAL' where (select count(*) from able a where a.step = 'APPROVE') < 2) g
     order by g.number
$$;

-- An open appeal under an agreement, by its reference; null when none waits. Asked before an agreement ends.
create function appeal_waiting(agreement uuid) returns text
    language sql stable security definer set search_path = public, pg_temp
as $$
    select a.reference from appeals a where a.agreement_id = agreement and a.status = 'FILED' order by a.id limit 1
$$;
