-- Group work: series within their line (I17), counts that follow the sessions, who may be enrolled and counted as there,
-- and what never changes. Violations carry SQLSTATE 23514 and a constraint name, as a CHECK would: series_outside_line,
-- line_quantity, series_ended, not_enrolled, participants, immutable.

-- ------------------------------------------------------------------------------------------------------------------ I17
-- A series belongs to a line that buys sessions or series in its community, of an agreement that is active with it. Where
-- series are bought, each takes a unit: the line is locked, then its use summed anew, so that of two that take the last
-- one at the same moment the second counts the first one's. Named to come last.
create function refuse_series_beyond_line() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    line agreement_lines%rowtype;
begin
    perform lock_line(new.line_id);
    select * into line from agreement_lines l where l.id = new.line_id;
    if line.unit not in ('SESSION', 'SERIES') or not new.community_id = any (line.community_ids)
       or not exists (select from agreements g
                       where g.id = line.agreement_id and g.status = 'ACTIVE' and g.current_version_id = line.version_id)
    then
        raise exception 'the line does not buy group work here, or not now'
            using errcode = '23514', constraint = 'series_outside_line', table = tg_table_name;
    end if;
    if line.unit = 'SERIES' and line.quantity_cap is not null and (select u.remaining from line_usage(line.id) u) < 1 then
        raise exception 'all series of the line are taken'
            using errcode = '23514', constraint = 'line_quantity', table = tg_table_name;
    end if;
    new.planned_count := 0;
    new.held_count := 0;
    return new;
end $$;

create trigger activity_series_within_line before insert on activity_series
    for each row execute function refuse_series_beyond_line();

-- --------------------------------------------------------------------------------------------------------------- counts
-- The series is locked, then its sessions counted anew.
create function count_sessions() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform from activity_series s where s.id = new.series_id for no key update;
    update activity_series s set planned_count = n.planned, held_count = n.held
      from (select count(*) filter (where g.status = 'PLANNED') as planned,
                   count(*) filter (where g.status = 'HELD') as held
              from group_sessions g where g.series_id = new.series_id) n
     where s.id = new.series_id and (s.planned_count, s.held_count) is distinct from (n.planned, n.held);
    return null;
end $$;

create trigger group_sessions_counted after insert on group_sessions
    for each row execute function count_sessions();
create trigger group_sessions_counted_again after update of status on group_sessions
    for each row when (old.status is distinct from new.status) execute function count_sessions();

-- ------------------------------------------------------------------------------------------------- only while it is open
-- Sessions are planned, and people enrolled, while the series is open; people only where names are taken.
create function require_open_series() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform from activity_series s
      where s.id = new.series_id and s.status = 'OPEN' and (tg_table_name = 'group_sessions' or s.kind = 'ENROLLED')
        for no key update;
    if not found then
        raise exception 'the series has ended, or takes no names'
            using errcode = '23514', constraint = 'series_ended', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger group_sessions_of_open_series before insert on group_sessions
    for each row execute function require_open_series();
create trigger enrolments_in_open_series before insert on enrolments
    for each row execute function require_open_series();

-- Whoever is enrolled is on a case of the same partner, agreement and community.
create function require_case_of_series() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not exists (select from activity_series s join cases c on c.id = new.case_id
                    where s.id = new.series_id and c.partner_id = s.partner_id and c.agreement_id = s.agreement_id
                      and c.community_id = s.community_id) then
        raise exception 'the case does not belong to what the series is for'
            using errcode = '23514', constraint = 'scope_mismatch', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger enrolments_keep_case before insert on enrolments
    for each row execute function require_case_of_series();

-- Nobody was there who was not enrolled, and nobody is added once the session has been held.
create function require_enrolment() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform from group_sessions g where g.id = new.session_id for no key update;
    if not exists (select from group_sessions g
                     join enrolments e on e.series_id = g.series_id and e.case_id = new.case_id
                                      and e.person_id = new.person_id and e.person_pseudonym = new.person_pseudonym
                    where g.id = new.session_id and g.status = 'PLANNED') then
        raise exception 'attendance is of the enrolled, in a session not yet held'
            using errcode = '23514', constraint = 'not_enrolled', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger attendances_of_enrolled before insert on attendances
    for each row execute function require_enrolment();

-- A session held counts as many as signed in; with a head-count, at least one.
create function require_participants() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if new.participant_count < 1
       or exists (select from activity_series s where s.id = new.series_id and s.kind = 'ENROLLED')
          and new.participant_count <> (select count(*) from attendances t where t.session_id = new.id)
    then
        raise exception 'participants of a session are those who were there'
            using errcode = '23514', constraint = 'participants', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger group_sessions_counted_heads before update of status on group_sessions
    for each row when (new.status = 'HELD' and old.status <> 'HELD') execute function require_participants();

-- ------------------------------------------------------------------------------------------------------- immutable rows
-- Of a row that is still under way the named columns change, of one that has ended none.
create function keep_group_work() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    changing constant text[] := string_to_array(tg_argv[1], ' ');
begin
    if old.status <> tg_argv[0] or to_jsonb(new) - changing is distinct from to_jsonb(old) - changing then
        raise exception '% of % is refused: it is history', tg_op, tg_table_name
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger activity_series_immutable before update on activity_series
    for each row execute function keep_group_work('OPEN', 'status closed_at cancel_reason_code cancel_reason planned_count'
                                                          ' held_count version');
create trigger group_sessions_immutable before update on group_sessions
    for each row execute function keep_group_work('PLANNED', 'status worker_id held_at participant_count cancel_reason_code'
                                                             ' cancel_reason version');
create trigger activity_series_kept before delete or truncate on activity_series
    for each statement execute function refuse_change();
create trigger group_sessions_kept before delete or truncate on group_sessions
    for each statement execute function refuse_change();
alter table activity_series enable always trigger activity_series_immutable;
alter table group_sessions enable always trigger group_sessions_immutable;
alter table activity_series enable always trigger activity_series_kept;
alter table group_sessions enable always trigger group_sessions_kept;
