-- Removes every policy and every privilege of the hub's login roles on the owner's objects.
do $$
declare
  item record;
  logins text;
begin
  select string_agg(quote_ident(rolname), ', ') into logins
    from pg_roles
   where rolname in ('{prefix}_writer', '{prefix}_system') or rolname like replace('{prefix}_read_', '_', '\_') || '%';
  for item in
    select p.polname, p.polrelid::regclass::text as relation
      from pg_policy p
      join pg_class c on c.oid = p.polrelid
     where c.relnamespace = 'public'::regnamespace
  loop
    execute format('drop policy %I on %s', item.polname, item.relation);
  end loop;
  for item in
    select c.oid::regclass::text as relation, c.relkind, c.relrowsecurity
      from pg_class c
     where c.relnamespace = 'public'::regnamespace
       and c.relkind in ('r', 'p', 'v', 'm', 'S')
       and c.relowner = current_user::regrole
  loop
    if item.relrowsecurity then
      execute format('alter table %s disable row level security', item.relation);
    end if;
    -- A revoke on the table takes the privileges on its columns along.
    execute format('revoke all on %s %s from %s', case item.relkind when 'S' then 'sequence' else 'table' end,
                   item.relation, logins);
  end loop;
  for item in
    select p.oid::regprocedure::text as signature
      from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.proowner = current_user::regrole
  loop
    execute format('revoke all on routine %s from %s', item.signature, logins);
  end loop;
end $$;
