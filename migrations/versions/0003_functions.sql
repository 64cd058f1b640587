-- Functions and triggers of funds and agreements, written by hand; executed by the owner after 0003_agreements.sql.
--
-- As in the foundation: what must see all rows is SECURITY DEFINER with a pinned search path, and violations carry SQLSTATE
-- 23514 and a constraint name, as a CHECK would: entries_balance, outside_fund, milestones_within_ceiling,
-- shares_within_whole, milestone_dependency, four_eyes, wrong_hands, conflict_of_interest, agreement_standing, immutable,
-- illegal_move, scope_mismatch.

-- ---------------------------------------------------------------------------------------------------------------- locks
-- Money is locked in the order fund, agreement, milestone. Whoever will move an agreement's money calls this first; it
-- tells nothing, also about an agreement that does not exist.
create function lock_fund_of_agreement(agreement uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform from funds f where f.id = (select a.fund_id from agreements a where a.id = agreement) for no key update;
end $$;

-- --------------------------------------------------------------------------------------------------------------- ledger
-- The figures on a new fund or agreement begin at nothing, whatever the statement says.
create function begin_without_money() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
begin
    new.encumbered_fen := 0;
    new.payable_fen := 0;
    new.paid_fen := 0;
    if tg_table_name = 'funds' then
        new.available_fen := 0;
    end if;
    return new;
end $$;

create trigger funds_begin_without_money before insert on funds for each row execute function begin_without_money();
create trigger agreements_begin_without_money before insert on agreements
    for each row execute function begin_without_money();

-- What a fund may buy, and where, is fixed; its communities are the street's.
create function keep_fund_terms() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    derived constant text[] := '{available_fen,encumbered_fen,payable_fen,paid_fen,version}';
begin
    if tg_op = 'UPDATE' then
        if to_jsonb(new) - derived is distinct from to_jsonb(old) - derived then
            raise exception 'the terms of a fund do not change'
                using errcode = '23514', constraint = 'immutable', table = tg_table_name;
        end if;
    elsif exists (select from unnest(new.community_ids) as c (id)
                   where not exists (select from organizations o
                                      where o.id = c.id and o.kind = 'COMMUNITY' and o.street_id = new.street_id)) then
        raise exception 'a community of the fund is not the street''s'
            using errcode = '23514', constraint = 'scope_mismatch', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger funds_keep_terms before insert or update on funds for each row execute function keep_fund_terms();

-- Balances follow the entries. The update locks the fund, then the agreements, so of two that would overdraw a fund at the
-- same moment the second one meets the first one's figure and its CHECK (I2).
create function keep_balances() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform from funds f where f.id in (select e.fund_id from added e) order by f.id for no key update;
    update funds f
       set available_fen = f.available_fen + d.available, encumbered_fen = f.encumbered_fen + d.encumbered,
           payable_fen = f.payable_fen + d.payable, paid_fen = f.paid_fen + d.paid
      from (select e.fund_id,
                   coalesce(sum(e.amount_fen) filter (where a.kind = 'AVAILABLE'), 0) as available,
                   coalesce(sum(e.amount_fen) filter (where a.kind = 'ENCUMBERED'), 0) as encumbered,
                   coalesce(sum(e.amount_fen) filter (where a.kind = 'PAYABLE'), 0) as payable,
                   coalesce(sum(e.amount_fen) filter (where a.kind = 'PAID'), 0) as paid
              from added e join accounts a on a.id = e.account_id
             group by e.fund_id) d
     where f.id = d.fund_id;
    perform from agreements g
      where g.id in (select t.agreement_id from added e join transfers t on t.id = e.transfer_id)
      order by g.id for no key update;
    update agreements g
       set encumbered_fen = g.encumbered_fen + d.encumbered, payable_fen = g.payable_fen + d.payable,
           paid_fen = g.paid_fen + d.paid
      from (select t.agreement_id,
                   coalesce(sum(e.amount_fen) filter (where a.kind = 'ENCUMBERED'), 0) as encumbered,
                   coalesce(sum(e.amount_fen) filter (where a.kind = 'PAYABLE'), 0) as payable,
                   coalesce(sum(e.amount_fen) filter (where a.kind = 'PAID'), 0) as paid
              from added e join accounts a on a.id = e.account_id join transfers t on t.id = e.transfer_id
             where t.agreement_id is not null
             group by t.agreement_id) d
     where g.id = d.agreement_id;
    return null;
end $$;

create trigger entries_keep_balances after insert on entries
    referencing new table as added for each statement execute function keep_balances();

-- At commit a transfer is whole: its entries sum to zero, are as many and as much as it says, and move money the way its
-- stage and reason do; there are no other ways, so money comes in as a donation or not at all (I2). Entries added to it
-- later would break the count. A resolution takes all that was pending out of ENCUMBERED, and voiding puts each side back.
create function require_balance() returns trigger
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

create constraint trigger transfers_balance after insert on transfers
    deferrable initially deferred for each row execute function require_balance();
create constraint trigger entries_balance after insert on entries
    deferrable initially deferred for each row execute function require_balance();

create function require_pending() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not exists (select from transfers t where t.id = new.pending_id and t.stage = 'PENDING') then
        raise exception 'only a pending transfer is posted or voided'
            using errcode = '23514', constraint = 'entries_balance', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger transfers_resolve_pending before insert on transfers
    for each row when (new.pending_id is not null) execute function require_pending();

create trigger donations_immutable before update or delete or truncate on donations
    for each statement execute function refuse_change();
create trigger accounts_immutable before update or delete or truncate on accounts
    for each statement execute function refuse_change();
create trigger transfers_immutable before update or delete or truncate on transfers
    for each statement execute function refuse_change();
create trigger entries_immutable before update or delete or truncate on entries
    for each statement execute function refuse_change();
alter table donations enable always trigger donations_immutable;
alter table accounts enable always trigger accounts_immutable;
alter table transfers enable always trigger transfers_immutable;
alter table entries enable always trigger entries_immutable;

-- ------------------------------------------------------------------------------------------------------ within the fund
-- I2: what a line buys is among the fund's purposes (a service's code or its strand), where it serves is among the fund's
-- communities.
create function refuse_outside_fund() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if exists (select from agreements g join funds f on f.id = g.fund_id
                 join agreement_lines l on l.agreement_id = g.id and (tg_table_name = 'agreements'
                                                                      or l.id = (to_jsonb(new) ->> 'id')::uuid)
                 join service_types s on s.id = l.service_type_id
                where g.id = (case tg_table_name when 'agreements' then to_jsonb(new) ->> 'id'
                                                 else to_jsonb(new) ->> 'agreement_id' end)::uuid
                  and l.version_id is not distinct from coalesce(g.current_version_id, l.version_id)
                  and not (array[s.code, s.strand] && f.purposes
                           and cardinality(l.community_ids) > 0 and l.community_ids <@ f.community_ids))
    then
        raise exception 'a line lies outside what the fund may buy'
            using errcode = '23514', constraint = 'outside_fund', table = tg_table_name;
    end if;
    return null;
end $$;

create constraint trigger agreement_lines_within_fund after insert on agreement_lines
    deferrable initially deferred for each row execute function refuse_outside_fund();
create constraint trigger agreements_within_fund after update of fund_id, current_version_id on agreements
    deferrable initially deferred for each row execute function refuse_outside_fund();

-- --------------------------------------------------------------------------------------------- milestones and ceiling
-- I1 and T6: locked on the agreement, then summed anew, so that of two that add a milestone at the same moment the second
-- one counts the first one's.
create function keep_within_ceiling() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    of_version uuid := (case tg_table_name when 'milestones' then to_jsonb(new) ->> 'version_id'
                                           else to_jsonb(new) ->> 'id' end)::uuid;
    amount bigint;
    share bigint;
    ceiling bigint;
begin
    perform from agreements g where g.id = new.agreement_id for no key update;
    select coalesce(sum(m.amount_fen), 0), coalesce(sum(m.share_bp), 0) into amount, share
      from milestones m where m.version_id = of_version and m.status not in ('WAIVED', 'CANCELLED');
    select v.ceiling_fen into ceiling from agreement_versions v where v.id = of_version;
    if amount > ceiling then
        raise exception 'milestones of % fen go beyond the ceiling of % fen', amount, ceiling
            using errcode = '23514', constraint = 'milestones_within_ceiling', table = tg_table_name;
    end if;
    if share > 10000 then
        raise exception 'shares of % basis points are more than the whole', share
            using errcode = '23514', constraint = 'shares_within_whole', table = tg_table_name;
    end if;
    return null;
end $$;

create trigger milestones_within_ceiling after insert or update of amount_fen, share_bp, version_id on milestones
    for each row execute function keep_within_ceiling();
-- Only a milestone that counts again can add to the sum; any other move takes no lock on the agreement, which comes before
-- the milestone in the order of locks.
create trigger milestones_within_ceiling_again after update of status on milestones
    for each row when (old.status in ('WAIVED', 'CANCELLED') and new.status not in ('WAIVED', 'CANCELLED'))
    execute function keep_within_ceiling();
create constraint trigger agreement_versions_above_milestones after update of ceiling_fen on agreement_versions
    deferrable initially deferred for each row execute function keep_within_ceiling();

-- A milestone depends on earlier ones of its own version, so no circle can arise.
create function require_earlier_milestones() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if exists (select from unnest(new.depends_on_ids) as d (id)
                where not exists (select from milestones m
                                   where m.id = d.id and m.version_id = new.version_id and m.sequence < new.sequence))
    then
        raise exception 'a milestone depends on earlier ones of its version only'
            using errcode = '23514', constraint = 'milestone_dependency', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger milestones_depend_on_earlier before insert on milestones
    for each row execute function require_earlier_milestones();

-- ------------------------------------------------------------------------------------------------------------ who may
-- I4 and I5 on the steps of a version. The user of a step is read from the membership, never taken from the statement. Who
-- once drafted or proposed any version of the agreement stays on its list and never approves it.
create function keep_hands_apart() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    step record;
    hand memberships%rowtype;
    old_row jsonb := case tg_op when 'UPDATE' then to_jsonb(old) else '{}' end;
begin
    for step in select s.name, s.role, s.duty, s.partner from (values
        ('prepared', 'STATION_WORKER', null, false), ('proposed', 'STATION_WORKER', null, false),
        ('certified', 'FINANCE_OFFICER', 'ACCOUNTANT', false), ('approved', 'STREET_DIRECTOR', null, false),
        ('signed', 'PARTNER_MANAGER', null, true)) as s (name, role, duty, partner)
    loop
        select * into hand from memberships m where m.id = (to_jsonb(new) ->> (step.name || '_by_id'))::uuid;
        new := jsonb_populate_record(new, jsonb_build_object(step.name || '_user_id', hand.user_id));
        continue when hand.id is null
                   or (old_row ->> (step.name || '_by_id') is not distinct from hand.id::text
                       and old_row ->> 'partner_id' is not distinct from new.partner_id::text);
        if hand.role <> step.role or hand.duty is distinct from step.duty
           or (case when step.partner then hand.partner_id is distinct from new.partner_id
                    else hand.street_id is distinct from new.street_id end)
        then
            raise exception 'this step of an agreement is somebody else''s'
                using errcode = '23514', constraint = 'wrong_hands', table = tg_table_name;
        end if;
        continue when step.partner;
        if exists (select from memberships m
                    where m.user_id = hand.user_id and m.partner_id = new.partner_id and m.ended_at is null
                      and (m.valid_to_on is null or m.valid_to_on >= hub_today()))
           or exists (select from conflict_declarations d
                       where d.user_id = hand.user_id and d.partner_id = new.partner_id)
        then
            raise exception 'whoever takes this step has a stake in the partner'
                using errcode = '23514', constraint = 'conflict_of_interest', table = tg_table_name;
        end if;
    end loop;
    update agreements g
       set drafter_user_ids = array(select distinct u.id
                                      from unnest(g.drafter_user_ids || new.prepared_user_id || new.proposed_user_id) as u (id)
                                     where u.id is not null order by 1)
     where g.id = new.agreement_id
       and not array_remove(array[new.prepared_user_id, new.proposed_user_id], null) <@ g.drafter_user_ids;
    if new.approved_user_id is not null
       and exists (select from agreements g where g.id = new.agreement_id and new.approved_user_id = any (g.drafter_user_ids))
    then
        raise exception 'who drafted an agreement does not approve it'
            using errcode = '23514', constraint = 'four_eyes', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger agreement_versions_hands_apart before insert or update on agreement_versions
    for each row execute function keep_hands_apart();

-- ------------------------------------------------------------------------------------------------------ approved terms
-- I8: an approved version takes one signature and changes in nothing else; its lines, criteria and milestones neither come
-- nor go. The version is locked, so that approving and adding at the same moment do not pass each other.
create function keep_approved_version() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    signature constant text[] := '{signed_by_id,signed_user_id,signed_at}';
begin
    if tg_op = 'DELETE' or (old.approved_by_id is not null
        and (old.signed_by_id is not null or to_jsonb(new) - signature is distinct from to_jsonb(old) - signature))
    then
        raise exception '% of an approved version is refused', tg_op
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger agreement_versions_immutable before update or delete on agreement_versions
    for each row execute function keep_approved_version();
alter table agreement_versions enable always trigger agreement_versions_immutable;

create function keep_approved_terms() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    of_version uuid := case tg_op when 'DELETE' then old.version_id else new.version_id end;
    approved_by uuid;
begin
    select v.approved_by_id into approved_by
      from agreement_versions v where v.id = of_version for no key update;
    if approved_by is not null then
        raise exception '% of what an approved version says is refused', tg_op
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;

create trigger agreement_lines_kept before insert or delete on agreement_lines
    for each row execute function keep_approved_terms();
create trigger criteria_kept before insert or delete on criteria
    for each row execute function keep_approved_terms();
create trigger milestones_kept before insert or delete on milestones
    for each row execute function keep_approved_terms();
create trigger agreement_lines_immutable before update or truncate on agreement_lines
    for each statement execute function refuse_change();
create trigger criteria_immutable before update or truncate on criteria
    for each statement execute function refuse_change();
alter table agreement_lines enable always trigger agreement_lines_kept;
alter table agreement_lines enable always trigger agreement_lines_immutable;
alter table criteria enable always trigger criteria_kept;
alter table criteria enable always trigger criteria_immutable;
alter table milestones enable always trigger milestones_kept;

-- Of a milestone nothing changes but its state.
create function keep_milestone_terms() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    changing constant text[] := '{status,version,in_force}';
begin
    if to_jsonb(new) - changing is distinct from to_jsonb(old) - changing then
        raise exception 'the terms of a milestone do not change'
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger milestones_immutable before update on milestones for each row execute function keep_milestone_terms();
alter table milestones enable always trigger milestones_immutable;

-- Whether a milestone's agreement is in force with its version; nothing is due before or afterwards.
create function keep_in_force() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if tg_table_name = 'milestones' then
        new.in_force := false;
        return new;
    end if;
    update milestones m
       set in_force = not m.in_force
     where m.agreement_id = new.id
       and m.in_force <> (new.status in ('ACTIVE', 'SUSPENDED', 'CLOSING')
                          and m.version_id is not distinct from new.current_version_id);
    return null;
end $$;

create trigger milestones_begin_out_of_force before insert on milestones
    for each row execute function keep_in_force();
create trigger agreements_in_force after update of status, current_version_id on agreements
    for each row execute function keep_in_force();

-- ------------------------------------------------------------------------------------------------------------- standing
-- At commit an agreement's state is backed by what it stands on: a version with a known drafter (or I4 would not find
-- her), its steps, and the fund's money.
create function require_standing() returns trigger
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

create constraint trigger agreements_stand after insert or update on agreements
    deferrable initially deferred for each row execute function require_standing();
create trigger agreements_kept before delete or truncate on agreements
    for each statement execute function refuse_change();
alter table agreements enable always trigger agreements_kept;

-- ------------------------------------------------------------------------------------------------------- state machines
-- Drafted by `python -m migrations.draft_moves`; a test compares it with the state tables in the code.
create or replace view state_moves (table_name, source, target) as values
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
    ('goals', null, 'OPEN'),
    ('goals', 'OPEN', 'ACHIEVED'),
    ('goals', 'OPEN', 'DROPPED'),
    ('goals', 'OPEN', 'NOT_ACHIEVED'),
    ('goals', 'OPEN', 'PARTLY_ACHIEVED'),
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
    ('visits', null, 'PLANNED'),
    ('visits', 'PLANNED', 'AWAY'),
    ('visits', 'PLANNED', 'CANCELLED'),
    ('visits', 'PLANNED', 'COMPLETED'),
    ('visits', 'PLANNED', 'HOSPITALISED'),
    ('visits', 'PLANNED', 'NOT_HOME'),
    ('visits', 'PLANNED', 'REFUSED');

create trigger agreements_begin before insert on agreements for each row execute function refuse_illegal_move();
create trigger agreements_move before update of status on agreements
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger milestones_begin before insert on milestones for each row execute function refuse_illegal_move();
create trigger milestones_move before update of status on milestones
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();

-- -------------------------------------------------------------------------------------------------- scope columns agree
create trigger funds_keep_scope before insert on funds
    for each row execute function keep_scope('organizations', 'street_id', 'district_id');
create trigger donations_keep_scope before insert on donations
    for each row execute function keep_scope('funds', 'fund_id', 'district_id street_id');
create trigger accounts_keep_scope before insert on accounts
    for each row execute function keep_scope('funds', 'fund_id', 'district_id street_id');
create trigger transfers_keep_scope before insert on transfers
    for each row execute function keep_scope('funds', 'fund_id', 'district_id street_id');
create trigger transfers_keep_agreement before insert on transfers for each row when (new.agreement_id is not null)
    execute function keep_scope('agreements', 'agreement_id', 'fund_id street_id');
create trigger transfers_keep_milestone before insert on transfers for each row when (new.milestone_id is not null)
    execute function keep_scope('milestones', 'milestone_id', 'agreement_id');
create trigger transfers_keep_pending before insert on transfers for each row when (new.pending_id is not null)
    execute function keep_scope('transfers', 'pending_id', 'fund_id agreement_id milestone_id');
create trigger transfers_keep_donation before insert on transfers for each row when (new.donation_id is not null)
    execute function keep_scope('donations', 'donation_id', 'fund_id');
create trigger entries_keep_scope before insert on entries
    for each row execute function keep_scope('transfers', 'transfer_id', 'district_id street_id fund_id');
create trigger entries_keep_fund before insert on entries
    for each row execute function keep_scope('accounts', 'account_id', 'fund_id');
create trigger agreements_keep_scope before insert or update of fund_id on agreements
    for each row execute function keep_scope('funds', 'fund_id', 'district_id street_id');
create trigger agreement_versions_keep_scope before insert on agreement_versions
    for each row execute function keep_scope('agreements', 'agreement_id', 'district_id street_id partner_id');
create trigger agreement_lines_keep_scope before insert on agreement_lines
    for each row execute function keep_scope('agreement_versions', 'version_id', 'district_id street_id partner_id agreement_id');
create trigger milestones_keep_scope before insert on milestones
    for each row execute function keep_scope('agreement_versions', 'version_id', 'district_id street_id partner_id agreement_id');
create trigger criteria_keep_scope before insert on criteria
    for each row execute function keep_scope('agreement_versions', 'version_id', 'district_id street_id partner_id agreement_id');
create trigger criteria_keep_line before insert on criteria for each row when (new.line_id is not null)
    execute function keep_scope('agreement_lines', 'line_id', 'version_id community_ids');
create trigger criteria_keep_milestone before insert on criteria for each row when (new.milestone_id is not null)
    execute function keep_scope('milestones', 'milestone_id', 'version_id community_ids');
