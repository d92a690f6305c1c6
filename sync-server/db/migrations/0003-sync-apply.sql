-- The one way by which documents, audit and feed change. One call is one transaction.
--
-- writes:   [{n, collection, id, doc, w, deleted, version, expected, kind, command, actor, device, at}]
--           expected is the w that the caller saw stored, null for none (compare-and-set).
-- parks:    [{n, collection, id, doc, w, deleted, base, version, wants, actor, device, at}]
-- unparks:  [{n, collection, id, w}]; n names the row that takes its place, null for none
-- refusals: [{n, collection, id, doc, w, deleted, base, digest, code, problems, actor, device, at}]
--
-- Answers {seq, moved, children}: the head afterwards; the n of rows that were not written because the stored state moved
-- on (or, for a parked row, because what it waits for has come); and whether records are parked that wait for a row
-- written here, which the caller must land next.
create function sync_apply(writes jsonb, parks jsonb, unparks jsonb, refusals jsonb) returns jsonb
language plpgsql
set lock_timeout = '5s'
as $$
declare
  head bigint;
  coll text;
  moved int[] := '{}';
  moved_here int[];
  accepted jsonb;
  park jsonb;
  want text;
  missing boolean;
  children boolean := false;
begin
  -- Taken before anything is compared: from here to the commit nobody else changes a document.
  select seq into head from feed_head for update;

  for coll in select distinct r.collection from jsonb_to_recordset(writes) r(collection text) loop
    execute format(
      'select coalesce(array_agg(r.n), ''{}'') from jsonb_to_recordset($1) r(n int, collection text, id text, expected text)
       left join %I t on t.id = r.id where r.collection = $2 and t.w is distinct from r.expected', coll)
      into moved_here using writes, coll;
    moved := moved || moved_here;
  end loop;

  select coalesce(jsonb_agg(r.value || jsonb_build_object('seq', head + r.position)), '[]'::jsonb) into accepted
  from (
    select value, row_number() over (order by (value->>'n')::int) as position
    from jsonb_array_elements(writes)
    where not ((value->>'n')::int = any (moved))
  ) r;

  for coll in select distinct r.collection from jsonb_to_recordset(accepted) r(collection text) loop
    execute format(
      'insert into audit (seq, collection, id, w, kind, command, actor, device, at, before, after)
       select r.seq, r.collection, r.id, r.w, r.kind, r.command, r.actor, r.device, r.at, t.doc, r.doc
       from jsonb_to_recordset($1) r(seq bigint, collection text, id text, w text, kind text, command text, actor text, device text, at timestamptz, doc jsonb)
       left join %I t on t.id = r.id where r.collection = $2', coll)
      using accepted, coll;
    execute format(
      'insert into %I as t (id, doc, w, deleted, schema_version, seq)
       select r.id, r.doc, r.w, r.deleted, r.version, r.seq
       from jsonb_to_recordset($1) r(seq bigint, collection text, id text, doc jsonb, w text, deleted boolean, version int)
       where r.collection = $2 order by r.seq
       on conflict (id) do update set doc = excluded.doc, w = excluded.w, deleted = excluded.deleted,
         schema_version = excluded.schema_version, seq = excluded.seq', coll)
      using accepted, coll;
  end loop;

  for park in select value from jsonb_array_elements(parks) loop
    missing := false;
    for want in select jsonb_array_elements_text(park->'wants') loop
      execute format('select not exists (select from %I where id = $1)', split_part(want, ':', 1))
        into missing using substr(want, strpos(want, ':') + 1);
      exit when missing;
    end loop;
    if not missing then
      moved := moved || (park->>'n')::int;
    else
      insert into parked as p (collection, id, w, doc, deleted, base, schema_version, wants, actor, device, at)
      select r.collection, r.id, r.w, r.doc, r.deleted, r.base, r.version, r.wants, r.actor, r.device, r.at
      from jsonb_to_record(park) r(collection text, id text, w text, doc jsonb, deleted boolean, base jsonb, version int, wants text[], actor text, device text, at timestamptz)
      on conflict (collection, id) do update set w = excluded.w, doc = excluded.doc, deleted = excluded.deleted, base = excluded.base,
        schema_version = excluded.schema_version, wants = excluded.wants, actor = excluded.actor, device = excluded.device, at = excluded.at;
    end if;
  end loop;

  -- After the parks: a parked state that was just replaced has another w by now and is not found here.
  delete from parked p using jsonb_to_recordset(unparks) r(n int, collection text, id text, w text)
  where p.collection = r.collection and p.id = r.id and p.w = r.w and (r.n is null or not (r.n = any (moved)));

  insert into refused (collection, id, w, digest, code, problems, doc, deleted, base, actor, device, at)
  select r.collection, r.id, r.w, r.digest, r.code, r.problems, r.doc, r.deleted, r.base, r.actor, r.device, r.at
  from jsonb_to_recordset(refusals) r(collection text, id text, w text, digest text, code text, problems jsonb, doc jsonb, deleted boolean, base jsonb, actor text, device text, at timestamptz)
  on conflict do nothing;

  if jsonb_array_length(accepted) > 0 then
    head := head + jsonb_array_length(accepted);
    update feed_head set seq = head;
    select exists (
      select from parked p
      where p.wants && (select array_agg((value->>'collection') || ':' || (value->>'id')) from jsonb_array_elements(accepted))
    ) into children;
  end if;
  return jsonb_build_object('seq', head, 'moved', to_jsonb(moved), 'children', children);
end $$;
