-- Takes back 0005_agreements.sql.
alter table agreement_lines drop constraint ck_agreement_lines_unit_terms;
alter table agreement_lines add constraint ck_agreement_lines_unit_terms
    check (kind = 'BLOCK' or (unit_price_fen > 0 and quantity_cap > 0));

drop trigger agreements_keep_terms on agreements;
drop trigger agreements_keep_seen on agreements;
drop trigger agreements_open_in_force on agreements;
drop trigger agreement_versions_immutable on agreement_versions;
drop trigger agreement_versions_offer on agreement_versions;
drop trigger agreement_versions_keep_seen on agreement_versions;
drop trigger agreement_lines_immutable on agreement_lines;
drop trigger agreement_lines_whole on agreement_lines;
drop trigger agreement_lines_begin_unseen on agreement_lines;
drop trigger criteria_immutable on criteria;
drop trigger criteria_whole on criteria;
drop trigger criteria_begin_unseen on criteria;
drop trigger milestones_immutable on milestones;
drop trigger milestones_begin_unseen on milestones;
drop function keep_agreement_terms();
drop function keep_agreement_seen();
drop function open_version_in_force();
drop function offer_version();
drop function begin_unseen();
drop function keep_version_seen();
drop function keep_terms();

alter table agreements drop column offered, drop column was_in_force;
alter table agreement_versions drop column offered, drop column was_in_force;
alter table agreement_lines drop column offered, drop column was_in_force;
alter table criteria drop column offered, drop column was_in_force;
alter table milestones drop column offered, drop column was_in_force;

-- As they were before.
create or replace function keep_approved_version() returns trigger
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

create trigger agreement_versions_immutable before update or delete on agreement_versions
    for each row execute function keep_approved_version();
create trigger agreement_lines_immutable before update or truncate on agreement_lines
    for each statement execute function refuse_change();
create trigger criteria_immutable before update or truncate on criteria
    for each statement execute function refuse_change();
create trigger milestones_immutable before update on milestones for each row execute function keep_milestone_terms();
alter table agreement_versions enable always trigger agreement_versions_immutable;
alter table agreement_lines enable always trigger agreement_lines_immutable;
alter table criteria enable always trigger criteria_immutable;
alter table milestones enable always trigger milestones_immutable;
