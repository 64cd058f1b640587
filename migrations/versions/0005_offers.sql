-- Offers on a line: I17, access that lasts no longer than the agreement (I11), and whom a referral could be offered to.
--
-- As before: what must see all rows is SECURITY DEFINER with a pinned search path, and violations carry SQLSTATE 23514 and
-- a constraint name, as a CHECK would: line_missing, agreement_active, line_serves, line_quantity, partner_qualified.

-- ---------------------------------------------------------------------------------------------------------------- locks
-- The order goes on from 0003: fund, agreement, line, persons. Whoever offers on a line or accepts such an offer calls this
-- before a person is locked; it tells nothing, also about a line that does not exist. The agreement is only held where it
-- stands: many may offer at once, but none while it is terminated, nor the other way round.
create function lock_line(line uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform from agreements g
      where g.id = (select l.agreement_id from agreement_lines l where l.id = line) for share;
    perform from agreement_lines l where l.id = line for no key update;
end $$;

-- ------------------------------------------------------------------------------------------------------------------ I17
-- What a partner must hold on the day of an offer: it is registered, and qualified for the service.
create function is_qualified(partner uuid, service uuid, today date) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return exists (select from organizations o where o.id = partner and o.kind = 'PARTNER' and o.status = 'ACTIVE')
           and not exists (
               select from unnest(array['REGISTRATION', (select s.qualification_type from service_types s where s.id = service)])
                           as needed (type)
                where not exists (
                    select from qualifications q
                     where q.partner_id = partner and q.type = needed.type
                       and q.valid_from_on <= today and (q.valid_to_on is null or q.valid_to_on >= today)));
end $$;

create function refuse_unqualified_partner() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not is_qualified(new.partner_id, new.service_type_id, hub_today()) then
        raise exception 'the partner is not registered and qualified for this service today'
            using errcode = '23514', constraint = 'partner_qualified', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger offers_to_qualified_partners before insert on offers
    for each row execute function refuse_unqualified_partner();

-- An offer names a line of its partner's active agreement that buys this service there, and no more of it than is left. The
-- line is locked, then its use summed anew, so that of two that offer the last unit at the same moment the second one
-- counts the first one's. Later moves of an offer only release, so nothing is asked of them. Named to come last.
create function refuse_offer_beyond_line() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    line agreement_lines%rowtype;
    personal constant text[] := '{VISIT,HOUR,CASE,PERSON}';
begin
    if new.line_id is null then
        raise exception 'an offer names an agreement line and a quantity'
            using errcode = '23514', constraint = 'line_missing', table = tg_table_name;
    end if;
    perform lock_line(new.line_id);
    select * into line from agreement_lines l where l.id = new.line_id;
    if not exists (select from agreements g
                    where g.id = line.agreement_id and g.status = 'ACTIVE' and g.current_version_id = line.version_id) then
        raise exception 'the agreement of the line is not active with it'
            using errcode = '23514', constraint = 'agreement_active', table = tg_table_name;
    end if;
    if line.service_type_id <> new.service_type_id or not new.community_id = any (line.community_ids) then
        raise exception 'the line does not buy this service for this community'
            using errcode = '23514', constraint = 'line_serves', table = tg_table_name;
    end if;
    -- One case is one person's; a place in a group is one, and its unit is the group's.
    if (new.quantity > 1 and (line.unit = 'CASE' or line.unit <> all (personal)))
       or (line.unit = any (personal) and line.quantity_cap is not null
           and new.quantity > (select u.remaining from line_usage(line.id) u))
    then
        raise exception 'the offer goes beyond what is left of the line'
            using errcode = '23514', constraint = 'line_quantity', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger offers_within_line before insert on offers
    for each row execute function refuse_offer_beyond_line();

-- Nor is work begun under an agreement that has stopped being active since the offer was made.
create function refuse_case_without_agreement() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform lock_line(new.line_id);
    if not exists (select from agreements g where g.id = new.agreement_id and g.status = 'ACTIVE') then
        raise exception 'the agreement of the case is not active'
            using errcode = '23514', constraint = 'agreement_active', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger cases_under_active_agreement before insert on cases
    for each row when (new.agreement_id is not null) execute function refuse_case_without_agreement();

-- ---------------------------------------------------------------------------------------------- access columns, with I11
-- As in the foundation, and: on a case that an agreement pays for, partners read while it is in force, and at the latest
-- until the handover window (7 days, HANDOVER_DAYS) after its term has shut. Cases without one are older than agreements.
create or replace function refresh_person_access(person uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    today constant date := hub_today();
    handover_days constant integer := 7;
begin
    -- One at a time per person. Each statement below sees what others had committed when this lock was ours; without it,
    -- a member joining and a consent being withdrawn at the same moment would not see each other.
    perform from persons p where p.id = person for no key update;
    if not exists (select from cases c where c.person_id = person) then
        return; -- nothing has ever been opened
    end if;

    update cases c
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (with granted as (
                select k.id as case_id, m.organization_id as partner_id, m.membership_id as worker_id,
                       max(least(coalesce(m.until_on, 'infinity'), s.until_on, coalesce(v.ends_on + handover_days, 'infinity')))
                           as until_on
                  from cases k
                  join case_members m on m.case_id = k.id and (m.until_on is null or m.until_on >= today)
                  join organizations o on o.id = m.organization_id and o.kind = 'PARTNER'
                  left join memberships w on w.id = m.membership_id
                  left join agreements g on g.id = k.agreement_id
                  left join agreement_versions v on v.id = g.current_version_id
                 cross join lateral (select consent_until(person, o.id, k.street_id, today) as until_on) s
                 where k.person_id = person and s.until_on is not null and w.ended_at is null
                   and (k.agreement_id is null
                        or (g.status in ('ACTIVE', 'SUSPENDED', 'CLOSING') and v.ends_on + handover_days >= today))
                 group by k.id, m.organization_id, m.membership_id)
            select k.id,
                   coalesce(array_agg(distinct g.partner_id) filter (where g.partner_id is not null), '{}') as partner_ids,
                   coalesce(array_agg(distinct g.worker_id) filter (where g.worker_id is not null), '{}') as worker_ids,
                   coalesce(min(g.until_on), 'infinity') as access_until
              from cases k left join granted g on g.case_id = k.id
             where k.person_id = person
             group by k.id) a
     where c.id = a.id
       and (c.partner_ids, c.worker_ids, c.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);

    -- What hangs on one case is as visible as the case.
    update case_members t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c
     where c.person_id = person and t.case_id = c.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);
    update case_needs t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c
     where c.person_id = person and t.case_id = c.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);
    update goals t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c
     where c.person_id = person and t.case_id = c.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);
    update visit_findings t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c join visits v on v.case_id = c.id
     where c.person_id = person and t.visit_id = v.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);

    -- A referral is visible through its cases (it may have been handed back and accepted by another), so are its needs.
    update referrals t
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (select r.id,
                   array(select distinct unnest(c.partner_ids) from cases c where c.referral_id = r.id order by 1) as partner_ids,
                   array(select distinct unnest(c.worker_ids) from cases c where c.referral_id = r.id order by 1) as worker_ids,
                   coalesce((select min(c.access_until) from cases c where c.referral_id = r.id), 'infinity') as access_until
              from referrals r where r.person_id = person) a
     where t.id = a.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);
    update referral_needs t set partner_ids = r.partner_ids, worker_ids = r.worker_ids, access_until = r.access_until
      from referrals r
     where r.person_id = person and t.referral_id = r.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (r.partner_ids, r.worker_ids, r.access_until);

    update persons t
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (select array(select distinct unnest(c.partner_ids) from cases c where c.person_id = person order by 1) as partner_ids,
                   array(select distinct unnest(c.worker_ids) from cases c where c.person_id = person order by 1) as worker_ids,
                   coalesce((select min(c.access_until) from cases c where c.person_id = person), 'infinity') as access_until) a
     where t.id = person
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);
    update eligibility_spells t set partner_ids = p.partner_ids, worker_ids = p.worker_ids, access_until = p.access_until
      from persons p
     where p.id = person and t.person_id = p.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (p.partner_ids, p.worker_ids, p.access_until);
    update consents t set partner_ids = p.partner_ids, worker_ids = p.worker_ids, access_until = p.access_until
      from persons p
     where p.id = person and t.person_id = p.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (p.partner_ids, p.worker_ids, p.access_until);

    -- A need is visible through the cases that answer it, and to the partner whose worker stated it while it is on a case.
    update needs t
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (select n.id,
                   array(select unnest(c.partner_ids) from case_needs l join cases c on c.id = l.case_id where l.need_id = n.id
                         union
                         select n.partner_id where n.partner_id = any (p.partner_ids)
                         order by 1) as partner_ids,
                   array(select unnest(c.worker_ids) from case_needs l join cases c on c.id = l.case_id where l.need_id = n.id
                         union
                         select m.id from memberships m where m.id = any (p.worker_ids) and m.partner_id = n.partner_id
                         order by 1) as worker_ids,
                   least((select min(c.access_until) from case_needs l join cases c on c.id = l.case_id where l.need_id = n.id),
                         (select min(c.access_until) from cases c
                           where c.person_id = person and n.partner_id = any (c.partner_ids)),
                         'infinity') as access_until
              from needs n join persons p on p.id = n.person_id
             where n.person_id = person) a
     where t.id = a.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);
end $$;

-- Terminating or closing an agreement, and a new version with another term, decide anew who reads the people of its cases:
-- with the next request. An ended case that nobody reads any more is left alone.
create function refresh_access_of_agreement() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    person uuid;
begin
    for person in
        select distinct c.person_id from cases c
         where c.agreement_id = new.id and (c.status <> 'CLOSED' or c.partner_ids <> '{}')
         order by 1
    loop
        perform refresh_person_access(person);
    end loop;
    return null;
end $$;

create trigger agreements_change_access after update of status, current_version_id on agreements
    for each row when ((old.status in ('ACTIVE', 'SUSPENDED', 'CLOSING')) <> (new.status in ('ACTIVE', 'SUSPENDED', 'CLOSING'))
                       or old.current_version_id is distinct from new.current_version_id)
    execute function refresh_access_of_agreement();

-- ---------------------------------------------------------------------------------------------------------- suggestions
-- Whom a referral could be offered to: the lines of the street's active agreements that buy its service for its community,
-- best first, each with the reason why it is good or why not. Asked by the street that the viewer acts at; any other street
-- sees none. What stands in the way for good comes before what a partner said once, but who declined stays last.
create function partner_suggestions(referral uuid)
    returns table (ord bigint, partner_id uuid, line_id uuid, agreement_id uuid, remaining bigint, vacancy integer,
                   reason_code text)
    language plpgsql stable rows 10 security definer set search_path = public, pg_temp
as $$
begin
    return query
    with lines as (
        select l.id, l.partner_id, l.agreement_id, l.number, u.remaining, c.vacancy_count as vacancy, d.declines,
               case when not is_qualified(l.partner_id, r.service_type_id, hub_today()) then 'NOT_QUALIFIED'
                    when u.remaining <= 0 then 'NO_QUANTITY'
                    when d.declines > 0 then 'DECLINED_BEFORE'
                    when c.vacancy_count = 0 then 'NO_VACANCY'
                    else 'SERVES_HERE' end as reason
          from referrals r
          join agreement_lines l on l.street_id = r.street_id and l.service_type_id = r.service_type_id
                                and r.community_id = any (l.community_ids)
          join agreements g on g.id = l.agreement_id and g.current_version_id = l.version_id and g.status = 'ACTIVE'
         cross join lateral line_usage(l.id) u
          left join capacities c on c.partner_id = l.partner_id and c.service_type_id = r.service_type_id
                                and c.community_id = r.community_id
         cross join lateral (select count(*) as declines from offers o
                              where o.referral_id = r.id and o.partner_id = l.partner_id and o.status = 'DECLINED') d
         where r.id = referral and r.street_id = nullif(current_setting('hub.street', true), '')::uuid)
    select row_number() over (
               order by s.declines > 0,
                        array_position(array['SERVES_HERE', 'NO_VACANCY', 'NO_QUANTITY', 'NOT_QUALIFIED'], s.reason),
                        coalesce(s.vacancy, 0) > 0 desc, s.remaining desc nulls first, s.declines, s.partner_id, s.number),
           s.partner_id, s.id, s.agreement_id, s.remaining, s.vacancy, s.reason
      from lines s
     order by 1
     limit 50;
end $$;
