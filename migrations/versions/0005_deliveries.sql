-- Deliveries: whose hands (I4, I5), within what was agreed, what never changes, what is odd, and counts that follow them.
--
-- As before: what must see all rows is SECURITY DEFINER with a pinned search path, and violations carry SQLSTATE 23514 and
-- a constraint name, as a CHECK would: wrong_hands, four_eyes, conflict_of_interest, delivery_outside_agreement,
-- delivery_not_held, delivery_beyond_offer, delivery_unproven, evidence_not_stored, immutable.

-- ------------------------------------------------------------------------------------------------------------ who may
-- The user behind a step that judges a delivery. It is a community worker of its community or a station worker of its
-- street, as far as `roles` goes; never who gave or recorded it, whatever she is now (I4); nobody with a stake in the
-- partner (I5).
create function judging_user(judge uuid, roles text[], delivery deliveries) returns uuid
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
declare
    hand memberships%rowtype;
begin
    select * into hand from memberships m where m.id = judge;
    if hand.id is null or hand.role <> all (roles) or hand.street_id is distinct from delivery.street_id
       or (hand.role = 'COMMUNITY_WORKER' and hand.community_id is distinct from delivery.community_id)
    then
        raise exception 'this step of a delivery is somebody else''s'
            using errcode = '23514', constraint = 'wrong_hands', table = 'deliveries';
    end if;
    if hand.user_id in (delivery.worker_user_id, delivery.recorded_user_id)
       or exists (select from memberships m where m.id in (delivery.worker_id, delivery.recorded_by_id)
                                             and m.user_id = hand.user_id)
    then
        raise exception 'who gave or recorded it does not judge it'
            using errcode = '23514', constraint = 'four_eyes', table = 'deliveries';
    end if;
    if exists (select from memberships m
                where m.user_id = hand.user_id and m.partner_id = delivery.partner_id and m.ended_at is null
                  and (m.valid_to_on is null or m.valid_to_on >= hub_today()))
       or exists (select from conflict_declarations d
                   where d.user_id = hand.user_id and d.partner_id = delivery.partner_id)
    then
        raise exception 'whoever takes this step has a stake in the partner'
            using errcode = '23514', constraint = 'conflict_of_interest', table = 'deliveries';
    end if;
    return hand.user_id;
end $$;

-- The users of a delivery are read from the memberships, never taken from the statement: those of who gave and recorded it
-- once, those of who judges it whenever the step is taken. What says that it was done lasts as long as it is VERIFIED.
create function keep_delivery_hands() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    step record;
    taken jsonb;
    was constant jsonb := case tg_op when 'UPDATE' then to_jsonb(old) else '{}' end;
    steps constant text[] := '{verification,verified_by_id,verified_at}';
begin
    if tg_op = 'INSERT' then
        select m.user_id into new.worker_user_id
          from memberships m where m.id = new.worker_id and m.role = 'PARTNER_WORKER' and m.partner_id = new.partner_id;
        select m.user_id into new.recorded_user_id
          from memberships m where m.id = new.recorded_by_id and m.role = 'PARTNER_WORKER' and m.partner_id = new.partner_id;
        if new.worker_user_id is null or new.recorded_user_id is null then
            raise exception 'a worker of the partner gives and records it'
                using errcode = '23514', constraint = 'wrong_hands', table = tg_table_name;
        end if;
    end if;
    if new.status <> 'VERIFIED' then
        new.verification := null;
        new.verified_by_id := null;
        new.verified_at := null;
    elsif was ->> 'status' = 'VERIFIED' then
        if exists (select from unnest(steps) as s (name) where was -> s.name is distinct from to_jsonb(new) -> s.name) then
            raise exception 'what verified a delivery does not change'
                using errcode = '23514', constraint = 'immutable', table = tg_table_name;
        end if;
    else
        perform require_proof(new, was ->> 'status');
    end if;
    for step in select s.name, s.roles from (values
        ('verified', '{COMMUNITY_WORKER,STATION_WORKER}'::text[]), ('disputed', '{COMMUNITY_WORKER,STATION_WORKER}'),
        ('voided', '{STATION_WORKER}')) as s (name, roles)
    loop
        taken := to_jsonb(new);
        new := jsonb_populate_record(new, jsonb_build_object(step.name || '_user_id', case
            when taken ->> (step.name || '_by_id') is null then null
            when was ->> (step.name || '_by_id') = taken ->> (step.name || '_by_id')
                 and was -> (step.name || '_at') = taken -> (step.name || '_at') then was ->> (step.name || '_user_id')
            else judging_user((taken ->> (step.name || '_by_id'))::uuid, step.roles, new)::text end));
    end loop;
    return new;
end $$;

-- What says that it was done is backed by a hand of that kind or, for evidence, by SYSTEM, which has none: complete, odd
-- in nothing, disputed by nobody, and no call-back about it still to be made (after 3 calls in vain nobody waits longer).
create function require_proof(delivery deliveries, was text) returns void
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    if delivery.verification = 'EVIDENCE' then
        if delivery.verified_by_id is not null or nullif(current_setting('hub.membership', true), '') is not null then
            raise exception 'only SYSTEM verifies by evidence'
                using errcode = '23514', constraint = 'wrong_hands', table = 'deliveries';
        end if;
        if was is distinct from 'RECORDED' or not delivery.evidence_complete or delivery.flags <> '{}'
           or exists (select from callbacks c
                       where c.delivery_id = delivery.id
                         and (c.status = 'DUE' or (c.status = 'NOT_REACHED' and c.attempt_count < 3)))
        then
            raise exception 'its evidence does not verify it'
                using errcode = '23514', constraint = 'delivery_unproven', table = 'deliveries';
        end if;
    elsif not exists (select from memberships m
                       where m.id = delivery.verified_by_id
                         and (delivery.verification, m.role) in (('COMMUNITY', 'COMMUNITY_WORKER'),
                                                                 ('STATION', 'STATION_WORKER')))
    then
        raise exception 'nobody of that kind verified it'
            using errcode = '23514', constraint = 'wrong_hands', table = 'deliveries';
    end if;
end $$;

create trigger deliveries_hands_apart before insert or update on deliveries
    for each row execute function keep_delivery_hands();

-- A call-back is the station's, by somebody whom the delivery is no matter of; every outcome names who called.
create function keep_callback_hands() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if tg_op = 'INSERT' or new.called_by_id is distinct from old.called_by_id
       or new.called_at is distinct from old.called_at
    then
        new.called_user_id := case when new.called_by_id is not null then judging_user(
            new.called_by_id, '{STATION_WORKER}', (select d from deliveries d where d.id = new.delivery_id)) end;
    else
        new.called_user_id := old.called_user_id;
    end if;
    if new.status in ('CONFIRMED', 'FAILED', 'NOT_REACHED') and (new.called_by_id is null or new.called_at is null) then
        raise exception 'an outcome names who called'
            using errcode = '23514', constraint = 'wrong_hands', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger callbacks_hands_apart before insert or update on callbacks
    for each row execute function keep_callback_hands();

-- --------------------------------------------------------------------------------------------- within what was agreed
-- A delivery is one of an agreement that is in force and not suspended, within its term and where the line serves; the
-- line is locked, so that the agreement stays where it is. What is bought by the group is given in sessions, and one by
-- one, as is casework. The visit was made and the session held, at that moment.
create function refuse_delivery_outside_agreement() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform lock_line(new.line_id);
    if not exists (select from agreements g
                     join agreement_versions v on v.id = g.current_version_id
                     join agreement_lines l on l.id = new.line_id and l.agreement_id = g.id
                    where g.id = new.agreement_id and g.status in ('ACTIVE', 'CLOSING')
                      and new.happened_on = new.happened_at::date
                      and new.happened_on between v.effective_from_on and v.ends_on
                      and new.community_id = any (l.community_ids))
    then
        raise exception 'the delivery is not within an agreement in force'
            using errcode = '23514', constraint = 'delivery_outside_agreement', table = tg_table_name;
    end if;
    if (new.case_id is not null and new.unit in ('SESSION', 'SERIES'))
       or (new.quantity > 1 and new.unit in ('SESSION', 'SERIES', 'CASE'))
    then
        raise exception 'a unit of this line is not delivered so'
            using errcode = '23514', constraint = 'delivery_beyond_offer', table = tg_table_name;
    end if;
    if (new.visit_id is not null and not exists (
            select from visits v where v.id = new.visit_id and v.status = 'COMPLETED' and v.kept_at = new.happened_at))
       or (new.session_id is not null and not exists (
            select from group_sessions s where s.id = new.session_id and s.status = 'HELD' and s.held_at = new.happened_at))
    then
        raise exception 'the visit or session was not held at that moment'
            using errcode = '23514', constraint = 'delivery_not_held', table = tg_table_name;
    end if;
    return new;
end $$;

-- Named to come last.
create trigger deliveries_within_agreement before insert on deliveries
    for each row execute function refuse_delivery_outside_agreement();

-- ---------------------------------------------------------------------------------------------- counts that follow them
-- What a person has had of her line. The case is locked, then counted anew, so that of two that record its last unit at the
-- same moment the second one counts the first one's. An ended case has given back what was left of it: what is recorded
-- afterwards (within the handover window, or in place of a mistake) must still be there on the line.
create function count_delivered() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    total bigint;
    of_case cases%rowtype;
begin
    select * into of_case from cases c where c.id = new.case_id for no key update;
    select coalesce(sum(d.quantity), 0) into total
      from deliveries d where d.case_id = new.case_id and d.status <> 'VOIDED';
    if tg_op = 'INSERT' and new.unit <> 'CASE' and total > of_case.quantity then
        raise exception '% were offered, not %', of_case.quantity, total
            using errcode = '23514', constraint = 'delivery_beyond_offer', table = tg_table_name;
    end if;
    update cases c set delivered_count = total where c.id = new.case_id and c.delivered_count <> total;
    if tg_op = 'INSERT' and of_case.status = 'CLOSED'
       and exists (select from line_usage(new.line_id) u where u.used + u.reserved > u.quantity_cap)
    then
        raise exception 'nothing is left of the line'
            using errcode = '23514', constraint = 'delivery_beyond_offer', table = tg_table_name;
    end if;
    return null;
end $$;

create trigger deliveries_counted after insert or update of status on deliveries
    for each row when (new.case_id is not null) execute function count_delivered();

-- ------------------------------------------------------------------------------------------------------------- evidence
-- A service that asks for no evidence has it at once, any other with the first stored file of the kind it asks for.
create function begin_without_evidence() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    new.evidence_complete := exists (
        select from service_types s where s.id = new.service_type_id and s.evidence_policy = 'NONE');
    return new;
end $$;

create trigger deliveries_begin_without_evidence before insert on deliveries
    for each row execute function begin_without_evidence();

create function keep_evidence() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if tg_when = 'BEFORE' then
        if not exists (select from documents c join deliveries d on d.id = new.delivery_id and d.status <> 'VOIDED'
                        where c.id = new.document_id and c.status = 'STORED')
        then
            raise exception 'evidence is a stored file, of a delivery that stands'
                using errcode = '23514', constraint = 'evidence_not_stored', table = tg_table_name;
        end if;
        return new;
    end if;
    update deliveries d set evidence_complete = true
      from service_types s, documents c
     where d.id = new.delivery_id and s.id = d.service_type_id and c.id = new.document_id
       and not d.evidence_complete and c.kind = s.evidence_policy;
    return null;
end $$;

create trigger delivery_documents_stored before insert on delivery_documents
    for each row execute function keep_evidence();
create trigger delivery_documents_complete after insert on delivery_documents
    for each row execute function keep_evidence();

-- ------------------------------------------------------------------------------------------------------- immutable rows
-- Of a delivery and a call-back nothing changes but the state; what was found odd stays so.
create function keep_delivery_record() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    changing constant text[] := case tg_table_name
        when 'deliveries' then '{status,flags,evidence_complete,verification,verified_by_id,verified_user_id,verified_at,'
            'disputed_by_id,disputed_user_id,disputed_at,dispute_reason_code,dispute_reason,'
            'voided_by_id,voided_user_id,voided_at,void_reason_code,void_reason,version}'
        else '{status,due_at,called_by_id,called_user_id,called_at,attempt_count,note,version}' end;
begin
    if to_jsonb(new) - changing is distinct from to_jsonb(old) - changing
       or not coalesce(to_jsonb(new) -> 'flags' @> (to_jsonb(old) -> 'flags'), true)
       or coalesce((to_jsonb(new) -> 'attempt_count')::int < (to_jsonb(old) -> 'attempt_count')::int, false)
       or coalesce((to_jsonb(old) -> 'evidence_complete')::boolean and not (to_jsonb(new) -> 'evidence_complete')::boolean,
                   false)
    then
        raise exception 'what % recorded does not change', tg_table_name
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger deliveries_immutable before update on deliveries for each row execute function keep_delivery_record();
create trigger callbacks_immutable before update on callbacks for each row execute function keep_delivery_record();
alter table deliveries enable always trigger deliveries_immutable;
alter table callbacks enable always trigger callbacks_immutable;

-- --------------------------------------------------------------------------------------------------------- what is odd
-- The same service for the same person on one day; its worker at another place at that time (`usual_minutes` where nobody
-- said how long it took; nothing takes longer than a day); `batch` records by one hand within one minute; a file that
-- proves another delivery. Those of one worker are looked at one after another, so that none of two recorded at the same
-- moment misses the other.
create function delivery_flags(delivery uuid, usual_minutes integer, batch integer) returns text[]
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    d deliveries%rowtype;
    own uuid[];
    ends_at timestamptz;
    odd text[] := '{}';
begin
    select * into d from deliveries t where t.id = delivery;
    perform pg_advisory_xact_lock(hashtextextended(d.worker_user_id::text, 5));
    own := array(select m.id from memberships m where m.user_id in (d.worker_user_id, d.recorded_user_id));
    ends_at := d.happened_at + make_interval(mins => coalesce(d.lasted_minutes, usual_minutes));
    if exists (select from deliveries o
                where o.person_id = d.person_id and o.happened_on = d.happened_on and o.line_id = d.line_id
                  and o.id <> d.id and o.status <> 'VOIDED')
    then
        odd := odd || 'DUPLICATE'::text;
    end if;
    if exists (select from deliveries o
                where o.worker_id = any (own) and o.worker_user_id = d.worker_user_id
                  and o.happened_at > d.happened_at - interval '1 day' and o.happened_at < ends_at
                  and o.happened_at + make_interval(mins => coalesce(o.lasted_minutes, usual_minutes)) > d.happened_at
                  and (o.case_id, o.session_id) is distinct from (d.case_id, d.session_id) and o.status <> 'VOIDED')
    then
        odd := odd || 'OVERLAP'::text;
    end if;
    if batch <= (select count(*) from deliveries o
                  where o.recorded_by_id = any (own) and o.recorded_user_id = d.recorded_user_id
                    and o.recorded_at >= date_trunc('minute', d.recorded_at)
                    and o.recorded_at < date_trunc('minute', d.recorded_at) + interval '1 minute'
                    and o.status <> 'VOIDED')
    then
        odd := odd || 'SAME_MINUTE'::text;
    end if;
    if exists (select from delivery_documents e
                 join documents c on c.id = e.document_id
                 join documents same on same.sha256 = c.sha256
                 join delivery_documents f on f.document_id = same.id and f.delivery_id <> e.delivery_id
                 join deliveries o on o.id = f.delivery_id and o.status <> 'VOIDED'
                where e.delivery_id = d.id)
    then
        odd := odd || 'EVIDENCE_REUSED'::text;
    end if;
    return odd;
end $$;
