-- The ledger's later movements. Accepted work is posted out of what was pending, a payment out of what is payable; taking
-- either back is a new row.

alter table transfers add column request_id uuid constraint fk_transfers_request_id references payment_requests (id);
alter table transfers drop constraint ck_transfers_reason;
alter table transfers add constraint ck_transfers_reason
    check (reason in ('DONATION', 'ENCUMBRANCE', 'RELEASE', 'ACCEPTANCE', 'RETURN', 'PAYMENT', 'REVERSAL'));
alter table transfers add constraint ck_transfers_request
    check ((reason in ('ACCEPTANCE', 'RETURN', 'PAYMENT', 'REVERSAL')) = (request_id is not null));
create index ix_transfers_request_id on transfers (request_id);

create trigger transfers_keep_request before insert on transfers for each row when (new.request_id is not null)
    execute function keep_scope('payment_requests', 'request_id', 'fund_id agreement_id milestone_id');

-- As before (0003), with the four reasons that join: each moves money between its own accounts, in its own direction.
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
               when 'POSTED ACCEPTANCE' then
                   moved.pending_id is not null and count(*) filter (where a.kind = 'ENCUMBERED' and e.amount_fen < 0) = 1
                   and count(*) filter (where a.kind = 'PAYABLE' and e.amount_fen > 0) = 1
                   and bool_and(a.kind = 'AVAILABLE' and e.amount_fen > 0 or a.kind = 'ENCUMBERED' and e.amount_fen < 0
                                or a.kind = 'PAYABLE' and e.amount_fen > 0)
               when 'POSTED RETURN' then
                   count(*) = 2 and bool_and(a.kind = case when e.amount_fen < 0 then 'PAYABLE' else 'AVAILABLE' end)
               when 'POSTED PAYMENT' then
                   count(*) = 2 and bool_and(a.kind = case when e.amount_fen < 0 then 'PAYABLE' else 'PAID' end)
               when 'POSTED REVERSAL' then
                   count(*) = 2 and bool_and(a.kind = case when e.amount_fen < 0 then 'PAID' else 'PAYABLE' end)
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


-- As before (0003), but a closed agreement may come to owe again: by an appeal upheld, or a payment reversed.
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
        when 'TERMINATED' then g.encumbered_fen = 0 and g.payable_fen + g.paid_fen <= v.ceiling_fen
        when 'CLOSED' then g.encumbered_fen = 0 and g.payable_fen + g.paid_fen <= v.ceiling_fen
        else v.signed_by_id is not null and g.encumbered_fen + g.payable_fen + g.paid_fen <= v.ceiling_fen end;
    if not coalesce(stands, false) then
        raise exception 'agreement % cannot stand at %', g.reference, g.status
            using errcode = '23514', constraint = 'agreement_standing', table = tg_table_name;
    end if;
    return null;
end $$;


-- Money is locked in the order fund, agreement, milestone, submission. Whoever will move it calls this before it claims;
-- it tells nothing, also about what does not exist.
create function lock_money(kind text, target uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    stage uuid;
    claim uuid;
begin
    case kind
        when 'milestones' then stage := target;
        when 'submissions' then claim := target;
        when 'payment_requests' then select r.submission_id into claim from payment_requests r where r.id = target;
        when 'payments' then select r.submission_id into claim from payment_requests r join payments p on p.request_id = r.id
                              where p.id = target;
        when 'appeals' then select a.submission_id into claim from appeals a where a.id = target;
        when 'invoices' then select r.submission_id into claim from payment_requests r join invoices i on i.request_id = r.id
                              where i.id = target;
        when 'deliveries' then select d.submission_id into claim from submission_deliveries d
                                where d.delivery_id = target and d.live;
        else raise exception 'nothing to lock';
    end case;
    if stage is null then
        select s.milestone_id into stage from submissions s where s.id = claim;
    end if;
    perform from funds f join agreements g on g.fund_id = f.id join milestones m on m.agreement_id = g.id
      where m.id = stage for no key update of f;
    perform from agreements g where g.id = (select m.agreement_id from milestones m where m.id = stage) for no key update;
    perform from milestones m where m.id = stage for no key update;
    perform from submissions s where s.id = claim for no key update;
end $$;

-- A donation is in the ledger when it is recorded, or it is not recorded.
create function require_entry() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not exists (select from transfers t
                    where t.donation_id = new.id and t.fund_id = new.fund_id and t.amount_fen = new.amount_fen) then
        raise exception 'donation % is not in the ledger', new.reference
            using errcode = '23514', constraint = 'donation_entered', table = tg_table_name;
    end if;
    return null;
end $$;

create constraint trigger donations_entered after insert on donations
    deferrable initially deferred for each row execute function require_entry();
