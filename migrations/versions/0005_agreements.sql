-- Who may see an agreement, and what of it stands; executed by the owner, by the revision 0005.
--
-- Two flags on an agreement and on all it says, so that a row filter needs no join:
--   offered       the version has been approved, so its partner knows it; of an agreement: its current version has
--   was_in_force  the agreement has been in force, with this version
-- Triggers keep them, whatever a statement says. The new violations carry the constraint name immutable.

-- What an agreement says is immutable by statement (0003); from here on by row, but for the flags.
drop trigger agreement_lines_immutable on agreement_lines;
drop trigger criteria_immutable on criteria;
drop trigger milestones_immutable on milestones;
drop trigger agreement_versions_immutable on agreement_versions;
drop function keep_milestone_terms();

alter table agreements add column offered boolean not null default false;
alter table agreements add column was_in_force boolean not null default false;
alter table agreement_versions add column offered boolean not null default false;
alter table agreement_versions add column was_in_force boolean not null default false;
alter table agreement_lines add column offered boolean not null default false;
alter table agreement_lines add column was_in_force boolean not null default false;
alter table criteria add column offered boolean not null default false;
alter table criteria add column was_in_force boolean not null default false;
alter table milestones add column offered boolean not null default false;
alter table milestones add column was_in_force boolean not null default false;

update agreement_versions v
   set offered = v.approved_by_id is not null,
       was_in_force = exists (select from agreements g where g.current_version_id = v.id and g.activated_at is not null);
update agreements g
   set offered = v.offered, was_in_force = g.activated_at is not null
  from agreement_versions v where v.id = g.current_version_id;
update agreement_lines l set offered = v.offered, was_in_force = v.was_in_force
  from agreement_versions v where v.id = l.version_id;
update criteria c set offered = v.offered, was_in_force = v.was_in_force
  from agreement_versions v where v.id = c.version_id;
update milestones m set offered = v.offered, was_in_force = v.was_in_force
  from agreement_versions v where v.id = m.version_id;
-- A table with checks still to be made is not altered.
set constraints all immediate;
set constraints all deferred;

-- ------------------------------------------------------------------------------------------------------ kept by trigger
-- What a version says begins unseen.
create function begin_unseen() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
begin
    new.offered := false;
    new.was_in_force := false;
    return new;
end $$;

create trigger agreement_lines_begin_unseen before insert on agreement_lines
    for each row execute function begin_unseen();
create trigger criteria_begin_unseen before insert on criteria for each row execute function begin_unseen();
create trigger milestones_begin_unseen before insert on milestones for each row execute function begin_unseen();

-- Of a version `offered` is read from its approval, of an agreement from its current version.
create function keep_version_seen() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
begin
    new.offered := new.approved_by_id is not null;
    new.was_in_force := tg_op = 'UPDATE' and new.was_in_force;
    return new;
end $$;

create trigger agreement_versions_keep_seen before insert or update on agreement_versions
    for each row execute function keep_version_seen();

create function keep_agreement_seen() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    new.offered := exists (select from agreement_versions v
                            where v.id = new.current_version_id and v.approved_by_id is not null);
    new.was_in_force := tg_op = 'UPDATE'
                        and (old.was_in_force or new.status in ('ACTIVE', 'SUSPENDED', 'CLOSING'));
    return new;
end $$;

create trigger agreements_keep_seen before insert or update on agreements
    for each row execute function keep_agreement_seen();

-- An approval offers all that the version says; coming into force opens it to whom it serves. Locked in the order
-- agreement, version, milestone.
create function offer_version() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    update agreement_lines l set offered = true where l.version_id = new.id;
    update criteria c set offered = true where c.version_id = new.id;
    update milestones m set offered = true where m.version_id = new.id;
    return null;
end $$;

create trigger agreement_versions_offer after update of approved_by_id on agreement_versions
    for each row when (old.approved_by_id is null and new.approved_by_id is not null) execute function offer_version();

create function open_version_in_force() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    update agreement_versions v set was_in_force = true where v.id = new.current_version_id and not v.was_in_force;
    if found then
        update agreement_lines l set was_in_force = true where l.version_id = new.current_version_id;
        update criteria c set was_in_force = true where c.version_id = new.current_version_id;
        update milestones m set was_in_force = true where m.version_id = new.current_version_id;
    end if;
    return null;
end $$;

create trigger agreements_open_in_force after update of status, current_version_id on agreements
    for each row when (new.status in ('ACTIVE', 'SUSPENDED', 'CLOSING')) execute function open_version_in_force();

-- ------------------------------------------------------------------------------------------------------- immutable terms
-- I8, as before, the flags apart.
create or replace function keep_approved_version() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    seen constant text[] := '{offered,was_in_force}';
    signature constant text[] := '{signed_by_id,signed_user_id,signed_at}';
begin
    if tg_op = 'DELETE' or (old.approved_by_id is not null
        and to_jsonb(new) - seen is distinct from to_jsonb(old) - seen
        and (old.signed_by_id is not null
             or to_jsonb(new) - seen - signature is distinct from to_jsonb(old) - seen - signature))
    then
        raise exception '% of an approved version is refused', tg_op
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger agreement_versions_immutable before update or delete on agreement_versions
    for each row execute function keep_approved_version();

-- Nothing of the row changes but the columns named as arguments.
create function keep_terms() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
begin
    if to_jsonb(new) - tg_argv is distinct from to_jsonb(old) - tg_argv then
        raise exception 'what % says does not change', tg_table_name
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger agreement_lines_immutable before update on agreement_lines
    for each row execute function keep_terms('offered', 'was_in_force');
create trigger criteria_immutable before update on criteria
    for each row execute function keep_terms('offered', 'was_in_force');
create trigger milestones_immutable before update on milestones
    for each row execute function keep_terms('status', 'version', 'in_force', 'offered', 'was_in_force');
create trigger agreement_lines_whole before truncate on agreement_lines
    for each statement execute function refuse_change();
create trigger criteria_whole before truncate on criteria for each statement execute function refuse_change();
alter table agreement_versions enable always trigger agreement_versions_immutable;
alter table agreement_lines enable always trigger agreement_lines_immutable;
alter table agreement_lines enable always trigger agreement_lines_whole;
alter table criteria enable always trigger criteria_immutable;
alter table criteria enable always trigger criteria_whole;
alter table milestones enable always trigger milestones_immutable;

-- Once it is no draft, an agreement keeps title, partner and fund: the money is encumbered where it was certified. A
-- partner to whom a version was put stays the partner of every later one.
create function keep_agreement_terms() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if (new.status <> 'DRAFT'
        and (new.title, new.partner_id, new.fund_id) is distinct from (old.title, old.partner_id, old.fund_id))
       or (new.partner_id <> old.partner_id
           and exists (select from agreement_versions v where v.agreement_id = new.id and v.approved_by_id is not null))
    then
        raise exception 'title, partner or fund of agreement % is settled', old.reference
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger agreements_keep_terms before update on agreements for each row execute function keep_agreement_terms();

-- A unit line without a price passed the earlier check, since null is not false.
alter table agreement_lines drop constraint ck_agreement_lines_unit_terms;
alter table agreement_lines add constraint ck_agreement_lines_unit_terms check (kind = 'BLOCK' or coalesce(
    unit_price_fen > 0 and quantity_cap > 0 and amount_cap_fen <= unit_price_fen * quantity_cap, false));
