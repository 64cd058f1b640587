-- Functions and triggers of documents, written by hand; executed by the owner after all tables of 0005 and its moves.
-- Violations carry SQLSTATE 23514 and a constraint name, as a CHECK would: illegal_move, immutable, scope_mismatch.

-- Whether a partner has to do with a place, a community or a street: by an agreement that serves it (from approval to the
-- end of its term's billing), or by a case there that it accepted. The policy asks it about a row that the writer may not
-- see otherwise; it tells a partner only about itself.
create function partner_serves(partner uuid, place uuid) returns boolean
    language sql stable security definer set search_path = public, pg_temp
as $$
    select exists (select from agreements a
                    where a.partner_id = partner and (a.street_id = place or place = any (a.community_ids))
                      and a.status in ('APPROVED', 'PARTNER_ACCEPTED', 'ACTIVE', 'SUSPENDED', 'CLOSING'))
        or exists (select from cases c where c.partner_id = partner and place in (c.street_id, c.community_id))
$$;

-- I8: of an announced document only its state changes, of a stored or expired one nothing, and none is ever deleted.
create function keep_document() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    changing constant text[] := '{status,stored_at,version}';
begin
    if old.status <> 'PENDING' or to_jsonb(new) - changing is distinct from to_jsonb(old) - changing then
        raise exception '% of a document is refused: it is history', tg_op
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger documents_immutable before update on documents for each row execute function keep_document();
create trigger documents_kept before delete or truncate on documents
    for each statement execute function refuse_change();
alter table documents enable always trigger documents_immutable;
alter table documents enable always trigger documents_kept;

create trigger documents_begin before insert on documents for each row execute function refuse_illegal_move();
create trigger documents_move before update of status on documents
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();

create trigger documents_keep_scope before insert on documents
    for each row execute function keep_scope('organizations', 'street_id', 'district_id');
create trigger documents_keep_scope_of_community before insert on documents
    for each row when (new.community_id is not null)
    execute function keep_scope('organizations', 'community_id', 'district_id street_id');
create trigger documents_keep_partner_of_uploader before insert on documents
    for each row execute function keep_scope('memberships', 'uploaded_by_id', 'partner_id');
