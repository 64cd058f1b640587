-- Visits and their cases: when the next promise falls due, and who stands in for whom.

-- ---------------------------------------------------------------------------------------------------- promises of cases
-- As in the foundation, and: until when the earliest promise that is still open stands. Promises do not move, so it
-- changes when the counts do.
create or replace function count_open_of_cases(case_ids uuid[]) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if cardinality(case_ids) = 0 then
        return;
    end if;
    perform from cases c where c.id = any (case_ids) order by c.id for no key update;
    update cases c
       set open_visit_count = n.visits, open_need_count = n.needs, open_goal_count = n.goals, next_promise_at = n.promise
      from (select k.id, v.visits, v.promise,
                   (select count(*) from case_needs l join needs d on d.id = l.need_id
                     where l.case_id = k.id and d.status = 'OPEN') as needs,
                   (select count(*) from goals g where g.case_id = k.id and g.status = 'OPEN') as goals
              from cases k
             cross join lateral (select count(*) as visits, min(v.promised_to_at) as promise
                                   from visits v where v.case_id = k.id and v.status = 'PLANNED') v
             where k.id = any (case_ids)) n
     where c.id = n.id
       and (c.open_visit_count, c.open_need_count, c.open_goal_count, c.next_promise_at)
           is distinct from (n.visits, n.needs, n.goals, n.promise);
end $$;

update cases c set next_promise_at = n.promise
  from (select v.case_id, min(v.promised_to_at) as promise from visits v
         where v.status = 'PLANNED' and v.case_id is not null group by v.case_id) n
 where c.id = n.case_id and n.promise is not null;

-- -------------------------------------------------------------------------------------------------------- substitution
-- Who made a visit does not change once it is recorded or cancelled.
create trigger visits_keep_worker before update of worker_id, stands_in_for_id on visits
    for each row when (old.status <> 'PLANNED' and (old.worker_id, old.stands_in_for_id)
                                                   is distinct from (new.worker_id, new.stands_in_for_id))
    execute function refuse_change();

create trigger substitutions_keep_district before insert on substitutions
    for each row execute function keep_scope('organizations', 'street_id', 'district_id');

-- Of an arrangement nothing changes but its state.
create function keep_substitution() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    changing constant text[] := '{status,version}';
begin
    if to_jsonb(new) - changing is distinct from to_jsonb(old) - changing then
        raise exception 'a substitution is cancelled and arranged anew, not changed'
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger substitutions_immutable before update on substitutions
    for each row execute function keep_substitution();
create trigger substitutions_kept before delete or truncate on substitutions
    for each statement execute function refuse_change();
alter table substitutions enable always trigger substitutions_immutable;
alter table substitutions enable always trigger substitutions_kept;
