-- Claims, reviews, deductions, appeals: who may, how much at most, and that history stays. Written by hand.
--
-- As before: what must see all rows is SECURITY DEFINER with a pinned search path, and violations carry SQLSTATE 23514 and a
-- constraint name: wrong_hands, conflict_of_interest, four_eyes, immutable, claim_not_open, claim_within_milestone,
-- accepted_within_milestone, accepted_as_reviewed, second_review, child_before_parent, stage_standing, billed_twice,
-- not_billable, billed, appeal_not_open.

-- ------------------------------------------------------------------------------------------------------------ who may
-- I5: somebody who works for the partner or has declared a conflict about it.
create function user_has_stake(person uuid, partner uuid) returns boolean
    language sql stable security definer set search_path = public, pg_temp
as $$
    select exists (select from memberships m
                    where m.user_id = person and m.partner_id = partner and m.ended_at is null
                      and (m.valid_to_on is null or m.valid_to_on >= hub_today()))
        or exists (select from conflict_declarations d where d.user_id = person and d.partner_id = partner)
$$;

-- Refuses a membership for a step. `roles` as 'STATION_WORKER', or 'FINANCE_OFFICER/ACCOUNTANT' with the duty.
create function require_hand(hand memberships, roles text[], partner uuid, street uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if hand.id is null or hand.ended_at is not null or hand.valid_from_on > hub_today()
       or coalesce(hand.valid_to_on < hub_today(), false)
       or not (hand.role = any (roles) or hand.role || '/' || coalesce(hand.duty, '') = any (roles))
       or (case when hand.role like 'PARTNER\_%' then hand.partner_id is distinct from partner
                else hand.street_id is distinct from street end)
    then
        raise exception 'this step is somebody else''s' using errcode = '23514', constraint = 'wrong_hands';
    end if;
    if hand.role not like 'PARTNER\_%' and user_has_stake(hand.user_id, partner) then
        raise exception 'whoever takes this step has a stake in the partner'
            using errcode = '23514', constraint = 'conflict_of_interest';
    end if;
end $$;

-- The user of each step is read from the membership, never taken from the statement. Arguments: 'step:role,role'.
create function keep_hands() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    step text;
    hand memberships%rowtype;
    name text;
begin
    foreach step in array tg_argv loop
        name := split_part(step, ':', 1);
        select * into hand from memberships m where m.id = (to_jsonb(new) ->> (name || '_by_id'))::uuid;
        new := jsonb_populate_record(new, jsonb_build_object(name || '_user_id', hand.user_id));
        continue when hand.id is null
                   or (tg_op = 'UPDATE' and to_jsonb(old) ->> (name || '_by_id') is not distinct from hand.id::text);
        perform require_hand(hand, string_to_array(split_part(step, ':', 2), ','), new.partner_id, new.street_id);
    end loop;
    return new;
end $$;

create trigger submissions_hands before insert on submissions
    for each row execute function keep_hands('submitted:PARTNER_MANAGER');
create trigger reviews_hands before insert on reviews
    for each row execute function keep_hands('reviewed:STATION_WORKER,COMMUNITY_WORKER,FINANCE_OFFICER/ACCOUNTANT,STREET_DIRECTOR');
create trigger deductions_hands before insert on deductions
    for each row execute function keep_hands('proposed:STATION_WORKER');
create trigger appeals_hands before insert or update on appeals
    for each row execute function keep_hands('filed:PARTNER_MANAGER', 'decided:STREET_DIRECTOR');

-- ------------------------------------------------------------------------------------------------------- how much at most
-- What a milestone can be accepted for: its amount, and for the last final one what accepted stages left over, where it
-- carries. A stage whose payment was reversed has left as much over as before.
create function milestone_limit(milestone uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select m.amount_fen + case when m.kind = 'FINAL' and v.remainder_rule = 'CARRY_TO_FINAL'
               and not exists (select from milestones l where l.version_id = m.version_id and l.kind = 'FINAL'
                                                          and l.sequence > m.sequence) then (
               select coalesce(sum(o.amount_fen - s.accepted_fen), 0)
                 from milestones o join submissions s on s.milestone_id = o.id
                where o.version_id = m.version_id and o.id <> m.id
                  and s.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED')) else 0 end::bigint
      from milestones m join agreement_versions v on v.id = m.version_id
     where m.id = milestone
$$;

create function milestone_accepted(milestone uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select coalesce(sum(s.accepted_fen), 0)::bigint from submissions s
     where s.milestone_id = milestone and s.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED')
$$;

-- Above this an acceptance needs a second reviewer from a community that is served (hub/base/limits.py says the same).
create function second_review_above_fen() returns bigint
    language sql immutable set search_path = public, pg_temp
as $$ select 20000000::bigint $$;

-- A claim is made for a stage whose turn it is, and for no more than the stage can bear. Its term columns are the stage's.
create function open_claim() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    stage milestones%rowtype;
begin
    perform from agreements g where g.id = new.agreement_id for no key update;
    select * into stage from milestones m where m.id = new.milestone_id for no key update;
    new.accepted_fen := 0;
    new.second_wanted := false;
    if stage.status not in ('SCHEDULED', 'RETURNED', 'REJECTED') or new.milestone_kind <> stage.kind then
        raise exception 'milestone % cannot be claimed at %', stage.code, stage.status
            using errcode = '23514', constraint = 'claim_not_open', table = tg_table_name;
    end if;
    if new.claimed_fen > milestone_limit(new.milestone_id) then
        raise exception 'a claim of % fen goes beyond the milestone', new.claimed_fen
            using errcode = '23514', constraint = 'claim_within_milestone', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger submissions_open before insert on submissions for each row execute function open_claim();

-- Frozen evidence hangs on a draft only.
create function keep_frozen() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not exists (select from submissions s where s.id = new.submission_id and s.status = 'DRAFT') then
        raise exception 'what was handed in does not change'
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger claim_steps_frozen before insert on claim_steps for each row execute function keep_frozen();
create trigger submission_deliveries_frozen before insert on submission_deliveries
    for each row execute function keep_frozen();
create trigger submission_documents_frozen before insert on submission_documents
    for each row execute function keep_frozen();

-- I7: only verified work of the agreement is billed, and a unit by one submission. The delivery is locked against
-- being disputed at the same moment; the partial unique index stops the second of two.
create function bill_once() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    work deliveries%rowtype;
begin
    select * into work from deliveries d where d.id = new.delivery_id for no key update;
    new.live := true;
    if work.status <> 'VERIFIED' or work.line_id <> new.line_id
       or not exists (select from submissions s join agreement_lines l on l.version_id = s.version_id
                       where s.id = new.submission_id and l.id = work.line_id)
       or not exists (select from billable_units(work.line_id) u
                       where u.unit_id = new.unit_id and work.id = any (u.delivery_ids))
    then
        raise exception 'delivery % cannot be billed', work.reference
            using errcode = '23514', constraint = 'not_billable', table = tg_table_name;
    end if;
    if exists (select from submission_deliveries o
                where o.unit_id = new.unit_id and o.live and o.submission_id <> new.submission_id)
    then
        raise exception 'the unit of delivery % was billed before', work.reference
            using errcode = '23514', constraint = 'billed_twice', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger submission_deliveries_once before insert on submission_deliveries
    for each row execute function bill_once();

-- The claim that bills a delivery, by its reference; null when none does. Commands ask it before they change one.
create function billed_by(delivery uuid) returns text
    language sql stable security definer set search_path = public, pg_temp
as $$
    select s.reference from submission_deliveries b join submissions s on s.id = b.submission_id
     where b.delivery_id = delivery and b.live
$$;

-- I7: a billed delivery is neither disputed nor voided nor otherwise edited, nor is evidence added to it; a deduction says
-- what was wrong with it.
create function keep_billed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    concerned uuid := (case tg_table_name when 'deliveries' then to_jsonb(new) ->> 'id'
                                          else to_jsonb(new) ->> 'delivery_id' end)::uuid;
begin
    if billed_by(concerned) is not null then
        raise exception 'delivery % has been billed', concerned
            using errcode = '23514', constraint = 'billed', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger deliveries_billed before update on deliveries
    for each row when (to_jsonb(old) - 'version' is distinct from to_jsonb(new) - 'version')
    execute function keep_billed();
create trigger delivery_documents_billed before insert on delivery_documents
    for each row execute function keep_billed();

-- ------------------------------------------------------------------------------------------- what the decisions come to
-- The acceptance in force: the last decision on the submission, its second review where one was awaited, and what
-- appeals have awarded on top.
create function reviewed_fen(submission uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select coalesce((select case when r.decision = 'SECONDED' then r.accepted_fen
                                 when r.decision in ('ACCEPT', 'ACCEPT_IN_PART') and not r.awaits_second then r.accepted_fen
                                 else 0 end
                       from reviews r where r.submission_id = submission order by r.number desc limit 1), 0)
         + coalesce((select sum(a.awarded_fen) from appeals a
                      where a.submission_id = submission and a.subject = 'REVIEW' and a.status = 'UPHELD'), 0)::bigint
$$;

-- A review says no more than the claim; above the limit it waits for a second one, of somebody else, from a served community.
create function check_review() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    claim submissions%rowtype;
    first reviews%rowtype;
    hand memberships%rowtype;
begin
    select * into claim from submissions s where s.id = new.submission_id for no key update;
    select * into hand from memberships m where m.id = new.reviewed_by_id;
    if (new.decision = 'PAYMENT_REJECTED') <> (claim.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED'))
       or claim.status not in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED')
    then
        raise exception 'submission % is not to be reviewed', claim.reference
            using errcode = '23514', constraint = 'illegal_move', table = tg_table_name;
    end if;
    if new.accepted_fen > claim.claimed_fen or (new.decision = 'ACCEPT' and new.accepted_fen <> claim.claimed_fen) then
        raise exception 'more accepted than claimed'
            using errcode = '23514', constraint = 'accepted_within_milestone', table = tg_table_name;
    end if;
    if new.seconds_id is not null then
        select * into first from reviews r where r.submission_id = new.submission_id
         order by r.number desc limit 1;
        if first.id is distinct from new.seconds_id or not first.awaits_second or first.reviewed_user_id = hand.user_id
           or hand.role <> 'COMMUNITY_WORKER' or hand.community_id <> all (claim.community_ids)
           or (new.decision = 'SECONDED' and new.accepted_fen <> first.accepted_fen)
        then
            raise exception 'a second review is by somebody else, of a community that is served'
                using errcode = '23514', constraint = 'second_review', table = tg_table_name;
        end if;
    elsif new.decision <> 'PAYMENT_REJECTED' and hand.role <> 'STATION_WORKER' then
        raise exception 'the station reviews' using errcode = '23514', constraint = 'wrong_hands', table = tg_table_name;
    end if;
    new.awaits_second := new.decision in ('ACCEPT', 'ACCEPT_IN_PART') and new.accepted_fen > second_review_above_fen();
    return new;
end $$;

create trigger reviews_checked before insert on reviews for each row execute function check_review();

create function note_review() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    update submissions s set second_wanted = new.awaits_second
     where s.id = new.submission_id and s.second_wanted <> new.awaits_second;
    return null;
end $$;

create trigger reviews_noted after insert on reviews for each row execute function note_review();

-- At commit a submission stands where the last decision on it has put it: no review without what it sets off.
create function require_decided() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    claim submissions%rowtype;
    last reviews%rowtype;
begin
    select * into claim from submissions s where s.id = new.submission_id;
    select * into last from reviews r where r.submission_id = new.submission_id order by r.number desc limit 1;
    if claim.accepted_fen <> (case when claim.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED') then reviewed_fen(claim.id) else 0 end)
       or not (case when last.awaits_second or last.decision = 'OBJECTED' then claim.status in ('SUBMITTED', 'WITHDRAWN')
                    when last.decision in ('RETURN', 'PAYMENT_REJECTED') then claim.status = 'RETURNED'
                    when last.decision = 'REJECT' then claim.status = 'REJECTED'
                    else claim.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED') end)
    then
        raise exception 'submission % does not stand where it was put', claim.reference
            using errcode = '23514', constraint = 'accepted_as_reviewed', table = tg_table_name;
    end if;
    return null;
end $$;

create constraint trigger reviews_carried_out after insert on reviews
    deferrable initially deferred for each row execute function require_decided();

-- A submission is what its reviews and appeals say, and its deliveries are free when it bills nothing any more.
create function follow_decisions() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    frozen constant text[] := '{status,status_changed_at,accepted_fen,second_wanted,version}';
begin
    if to_jsonb(new) - frozen is distinct from to_jsonb(old) - frozen then
        raise exception 'what was handed in does not change'
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    new.accepted_fen := case when new.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED') then reviewed_fen(new.id) else 0 end;
    if new.status is distinct from old.status and new.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED', 'RETURNED', 'REJECTED')
       and not exists (
           select from (select r.decision, r.awaits_second from reviews r where r.submission_id = new.id
                         order by r.number desc limit 1) last
            where case new.status when 'RETURNED' then last.decision in ('RETURN', 'PAYMENT_REJECTED')
                                  when 'REJECTED' then last.decision = 'REJECT'
                                  else last.decision in ('ACCEPT', 'ACCEPT_IN_PART', 'SECONDED') and not last.awaits_second
                                       and (new.status = 'ACCEPTED') = (new.accepted_fen = new.claimed_fen) end)
       and not (old.status = 'REJECTED' and (new.status = 'ACCEPTED') = (new.accepted_fen = new.claimed_fen)
                and exists (select from appeals a where a.submission_id = new.id and a.status = 'UPHELD'))
    then
        raise exception 'submission % was not decided so', new.reference
            using errcode = '23514', constraint = 'accepted_as_reviewed', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger submissions_follow_decisions before update on submissions
    for each row execute function follow_decisions();

create function free_deliveries() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    update submission_deliveries b set live = new.status in ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED')
     where b.submission_id = new.id
       and b.live <> (new.status in ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED'));
    return null;
end $$;

create trigger submissions_free_deliveries after update of status on submissions
    for each row when (old.status is distinct from new.status) execute function free_deliveries();

-- I1: at commit, nothing is accepted beyond the milestone, nor has a later award eaten what the final one was accepted for.
create function keep_within_milestone() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    stage record;
begin
    for stage in
        select m.id, m.code from milestones m
         where m.id = new.milestone_id or (m.version_id = new.version_id and m.kind = 'FINAL')
         order by m.id
           for no key update
    loop
        if milestone_accepted(stage.id) > milestone_limit(stage.id) then
            raise exception 'more is accepted than milestone % bears', stage.code
                using errcode = '23514', constraint = 'accepted_within_milestone', table = tg_table_name;
        end if;
    end loop;
    return null;
end $$;

-- (by condition, not by column: what is accepted is written by a trigger, and no statement names it)
create constraint trigger submissions_within_milestone after update on submissions
    deferrable initially deferred for each row
    when ((old.accepted_fen, old.status) is distinct from (new.accepted_fen, new.status))
    execute function keep_within_milestone();

-- -------------------------------------------------------------------------------------------- a stage and its claim
-- Whether a payment of the stage was reversed.
create function stage_reversed(milestone uuid) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return exists (select from payment_requests q where q.milestone_id = milestone and q.status = 'REVERSED');
end $$;

-- I6: a stage is claimed and accepted while its agreement is in force with this version, and after those it depends on. The
-- final one settles all that was done, so that beside it no other is claimed, unless one whose payment was reversed.
create function require_parents() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if new.status in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED') and old.status <> 'SETTLED'
       and (not exists (select from agreements g
                         where g.id = new.agreement_id and g.current_version_id = new.version_id
                           and g.status in ('ACTIVE', 'CLOSING'))
            or exists (select from milestones p
                        where p.id = any (new.depends_on_ids)
                          and p.status not in ('ACCEPTED', 'PARTIALLY_ACCEPTED', 'SETTLED', 'WAIVED')))
    then
        raise exception 'milestone % comes before its parent', new.code
            using errcode = '23514', constraint = 'child_before_parent', table = tg_table_name;
    end if;
    if new.status in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED') and old.status in ('SCHEDULED', 'RETURNED', 'REJECTED')
       and new.kind <> 'FINAL'
       and exists (select from milestones f
                    where f.version_id = new.version_id and f.kind = 'FINAL'
                      and f.status in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED', 'SETTLED'))
       and not stage_reversed(new.id)
    then
        raise exception 'milestone % is claimed after the final one', new.code
            using errcode = '23514', constraint = 'final_claimed', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger milestones_after_parents before update of status on milestones
    for each row when (old.status is distinct from new.status) execute function require_parents();

-- Whether its own payment is still to be made; after a rejected claim was awarded on appeal, that is the supplementary one.
create function stage_unpaid(milestone uuid) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return exists (
        select from payment_requests r
         where r.milestone_id = milestone and r.status not in ('PAID', 'REJECTED', 'REVERSED')
           and (r.kind = 'ORDINARY' or not exists (select from payment_requests o
                                                    where o.milestone_id = milestone and o.kind = 'ORDINARY'
                                                      and o.status not in ('REJECTED', 'REVERSED'))));
end $$;

-- At commit a milestone stands where its submission does.
create function require_stage() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    stage milestones%rowtype;
    claim submissions%rowtype;
begin
    select * into stage from milestones m
     where m.id = (case tg_table_name when 'milestones' then to_jsonb(new) ->> 'id'
                                      else to_jsonb(new) ->> 'milestone_id' end)::uuid;
    select * into claim from submissions s
     where s.milestone_id = stage.id and s.status in ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED');
    if not (case stage.status
                when 'SUBMITTED' then coalesce(claim.status = 'SUBMITTED', false)
                when 'ACCEPTED' then coalesce(claim.status = 'ACCEPTED', false)
                when 'PARTIALLY_ACCEPTED' then coalesce(claim.status = 'PARTIALLY_ACCEPTED', false)
                when 'SETTLED' then coalesce(claim.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED'), false)
                                    and not stage_unpaid(stage.id)
                else claim.id is null end)
    then
        raise exception 'milestone % cannot stand at %', stage.code, stage.status
            using errcode = '23514', constraint = 'stage_standing', table = tg_table_name;
    end if;
    return null;
end $$;

create constraint trigger milestones_stand after update of status on milestones
    deferrable initially deferred for each row execute function require_stage();
create constraint trigger submissions_stand after insert or update of status on submissions
    deferrable initially deferred for each row execute function require_stage();

-- An appeal is against a decision that went against the partner, while that decision is the last word on the stage.
create function open_appeal() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if not exists (
           select from submissions s
            where s.id = new.submission_id and s.milestone_id = new.milestone_id
              and not exists (select from submissions l where l.milestone_id = s.milestone_id and l.round > s.round)
              and case new.subject
                    when 'REVIEW' then s.status = 'PARTIALLY_ACCEPTED'
                        or (s.status = 'REJECTED' and exists (select from milestones m
                                                               where m.id = s.milestone_id and m.status = 'REJECTED'))
                    else exists (select from deductions d
                                  where d.id = new.deduction_id and d.submission_id = s.id and d.status = 'APPLIED') end)
    then
        raise exception 'there is nothing to appeal against'
            using errcode = '23514', constraint = 'appeal_not_open', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger appeals_open before insert on appeals for each row execute function open_appeal();

-- Of a decided appeal nothing changes; before, only its decision. Of a deduction only its state and the payment it lessens.
create function keep_but() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
begin
    if to_jsonb(new) - tg_argv is distinct from to_jsonb(old) - tg_argv
       or (to_jsonb(old) ->> 'decided_by_id') is not null
    then
        raise exception '% of % is refused: its rows are history', tg_op, tg_table_name
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

-- (ordered before the others by its name, so that it sees the statement's own values)
create trigger appeals_a_kept before update on appeals
    for each row execute function keep_but('status', 'version', 'decided_by_id', 'decided_user_id', 'decided_at', 'decision', 'awarded_fen');
create trigger deductions_a_kept before update on deductions
    for each row execute function keep_but('status', 'version', 'request_id');
