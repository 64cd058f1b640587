-- Drops every relation, function and type of the owner; extensions belong to the administrator and stay.
do $$
declare
  item record;
begin
  for item in
    select c.relname, case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                      else 'table' end as kind
      from pg_class c
     where c.relnamespace = 'public'::regnamespace
       and c.relkind in ('r', 'p', 'v', 'm', 'S')
       and c.relowner = current_user::regrole
       and c.relname <> 'alembic_version'
  loop
    execute format('drop %s if exists public.%I cascade', item.kind, item.relname);
  end loop;
  for item in
    select p.oid::regprocedure::text as signature
      from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.proowner = current_user::regrole
  loop
    execute format('drop routine if exists %s cascade', item.signature);
  end loop;
  for item in
    select t.oid::regtype::text as name
      from pg_type t
     where t.typnamespace = 'public'::regnamespace and t.typowner = current_user::regrole
       and t.typtype in ('d', 'e') -- types of tables went with them
  loop
    execute format('drop type if exists %s cascade', item.name);
  end loop;
end $$;
