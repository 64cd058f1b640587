-- The bank's reference of the money that came back, where it had arrived at all.
alter table payments add column refund_reference text;
alter table payments add constraint uq_payments_refund_reference unique (refund_reference);
alter table payments add constraint ck_payments_refunded
    check (refund_reference is null or status = 'REVERSED');

-- A slip stands for one movement of money, out or back (I3). Each column is unique by itself; the lock keeps two who write
-- the same slip into different columns apart.
create function keep_slips_apart() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    slip constant text := coalesce(new.refund_reference, new.bank_reference);
begin
    if slip is null then
        return new;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('payments:' || slip, 0));
    if exists (select from payments p where p.refund_reference = new.bank_reference or p.bank_reference = new.refund_reference) then
        raise exception 'a slip stands for one movement of money'
            using errcode = '23505', constraint = 'uq_payments_refund_reference', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger payments_slips before insert or update of bank_reference, refund_reference on payments
    for each row execute function keep_slips_apart();

-- As in 0007, with the refund among what a step may write.
create or replace function check_payment() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    free constant text[] := '{status,bank_reference,settled_by_id,settled_user_id,settled_at,settled_on,failed_by_id,failed_user_id,
        failed_at,reversed_by_id,reversed_user_id,reversed_at,reason_code,reason,refund_reference,version}';
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
