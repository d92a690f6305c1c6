-- The one way by which documents, audit and feed change. One call is one transaction.
--
-- parks, unparks, refusals and settles are arrays of objects with the fields of the types below. Writes, which are many, come in
-- the forms that are taken apart fastest: writes is an object with an array for each field that any of them has, in the order of
-- n, docs and befores a document a line in the same order (the state to be written, and the one before or nothing), salts 32
-- random bytes a write as hex (making them here takes longer than writing the rest of an audit row), and origins what many rows
-- have in common. The audit keeps the lines as they are. One call holds a record at most once among its writes and parks.
--
-- Answers {seq, moved, awaited}: the head afterwards; the n of rows that were not written because the stored state moved
-- on (or the same row was decided by another push, or, for a parked row, what it waits for has come); and the n of rows
-- written here that parked records wait for, which the caller must land next.

-- What became of writes that were not stored as they were sent, so that the same write sent again changes nothing, however
-- the record has gone on since.
create table settled (
  collection text not null,
  id text not null,
  -- The write id of the device.
  w text not null,
  digest text not null,
  -- same: nothing new in it; merged: stored together with changes of others; clash: something of it waits for its author.
  outcome text not null check (outcome in ('same', 'merged', 'clash')),
  -- Of a clash: the whole row as it was sent.
  doc jsonb,
  actor text not null,
  at timestamptz not null,
  primary key (collection, id, w, digest)
);
create index parked_at_idx on parked (at);

-- Which write became which entry of the audit. Apart from it, because the audit is kept by month: a partitioned table cannot
-- keep a value unique in all of its months, and whoever asks for one write must not look into each of them.
create table applied (
  collection text not null,
  id text not null,
  w text not null,
  seq bigint not null,
  primary key (collection, id, w)
);

-- What decides who may reach a document. The fields are those of domain/access/condition.ts.
create function access_of(doc jsonb) returns jsonb
language sql
stable
as $$
  select jsonb_build_object(
    'ownerId', doc->'ownerId', 'deskId', doc->'deskId', 'createdBy', doc->'createdBy', 'assignedTo', doc->'assignedTo',
    'accountId', doc->'accountId', 'kind', doc->'kind', 'recordCollection', doc->'recordCollection')
$$;

-- Documents that others may be able to reach since this position: whoever could reach them as they were before, and cannot
-- now, is told to let go of them.
create table access_changes (
  seq bigint primary key,
  collection text not null,
  id text not null,
  -- Access fields of the state before.
  before jsonb not null
);
create index access_changes_collection_idx on access_changes (collection, seq);
create index access_changes_id_idx on access_changes (collection, id, seq);

create type sync_origin as (
  collection text, version int, actor text, device text, at timestamptz,
  -- How it came here, for the audit.
  address text, request text,
  deleted boolean, kind text, command text,
  -- Where the caller saw the write id (see sync_places); null where it is not the device's own.
  places int
);
create type sync_write as (
  n int, collection text, id text, w text, deleted boolean,
  -- The w that the caller saw stored, null for none (compare-and-set).
  expected text,
  kind text, command text,
  -- n of the row that this one belongs to: it is written only together with that one.
  along int,
  -- Where the caller saw the write id (see sync_places); null where it is not the device's own.
  places int,
  -- The access fields of the stored state, where this one has others; null otherwise.
  "left" jsonb,
  "deviceAt" timestamptz, reason text,
  -- Places of its documents and of its origin, from 1.
  body int, origin int,
  -- How many bytes of the documents are personal, for the audit.
  before_whom int, after_whom int
);
-- What is stored of a write's record.
create type sync_known as (body int, w text);
create type sync_park as (
  n int, collection text, id text, doc jsonb, w text, deleted boolean, version int, base jsonb,
  -- `collection:id` of what is missing.
  wants text[],
  -- The w that the caller saw waiting, null for none (compare-and-set).
  expected text,
  actor text, device text, at timestamptz,
  -- As of a write.
  places int,
  origin jsonb
);
-- n names the row that takes its place, null for none; claims names rows that are written only while it is still parked.
create type sync_unpark as (n int, collection text, id text, w text, claims int);
create type sync_refusal as (
  n int, collection text, id text, doc jsonb, w text, deleted boolean, base jsonb, digest text, code text, problems jsonb,
  actor text, device text, at timestamptz,
  -- As of a write.
  places int,
  address text, request text, "deviceAt" timestamptz
);
create type sync_settle as (n int, collection text, id text, w text, digest text, outcome text, doc jsonb, actor text, at timestamptz);

-- Where a write is found by its write id: 1 when it is parked, 2 when it was stored, and 4 for each time that it was refused
-- or settled. One row can be in two pushes at once, and what they were decided on may differ; whoever finds another number
-- than it saw decides again.
create function sync_places(coll text, record text, write_id text) returns bigint
language sql stable
as $$
  select (select count(*) from parked where collection = coll and id = record and w = write_id)
    + 2 * (select count(*) from applied where collection = coll and id = record and w = write_id)
    + 4 * (select count(*) from refused where collection = coll and id = record and w = write_id)
    + 4 * (select count(*) from settled where collection = coll and id = record and w = write_id)
$$;

-- Those of the parks whose records are all there by now.
create function sync_arrived(parks sync_park[]) returns int[]
language plpgsql
as $$
declare
  coll text;
  here text[];
  present text[] := '{}';
begin
  for coll in select distinct split_part(want, ':', 1) from unnest(parks) p, unnest(p.wants) want loop
    execute format(
      'select array_agg(distinct want) from unnest($1) p, unnest(p.wants) want
       where split_part(want, '':'', 1) = $2 and exists (select from %I where id = substr(want, length($2) + 2))', coll)
      into here using parks, coll;
    present := present || here;
  end loop;
  return array(select p.n from unnest(parks) p where p.wants <@ present);
end $$;

create function sync_apply(
  writes jsonb, docs text, befores text, salts text, origins jsonb, parks jsonb, unparks jsonb, refusals jsonb, settles jsonb
) returns jsonb
language plpgsql
set lock_timeout = '5s'
as $$
declare
  -- All JSON is taken apart here, before the lock, while nobody has to wait for it.
  froms sync_origin[] := array(select o from jsonb_populate_recordset(null::sync_origin, origins) o);
  todo sync_write[] := array(
    select row(
      n, o.collection, id, w, o.deleted, expected, o.kind, o.command, along, o.places, nullif(x."left", 'null'), x."deviceAt", reason, x.place,
      x.origin, coalesce(x."beforeWhom", '0'), coalesce(x."afterWhom", '0')
    )::sync_write
    from rows from (
      jsonb_array_elements_text(writes->'n'), jsonb_array_elements_text(writes->'id'), jsonb_array_elements_text(writes->'w'),
      jsonb_array_elements_text(writes->'expected'), jsonb_array_elements_text(writes->'along'), jsonb_array_elements(writes->'left'),
      jsonb_array_elements_text(writes->'deviceAt'), jsonb_array_elements_text(writes->'reason'),
      jsonb_array_elements_text(writes->'origin'), jsonb_array_elements_text(writes->'beforeWhom'), jsonb_array_elements_text(writes->'afterWhom')
    ) with ordinality x(n, id, w, expected, along, "left", "deviceAt", reason, origin, "beforeWhom", "afterWhom", place)
    join unnest(froms) with ordinality o on o.ordinality = x.origin::int
    order by x.place
  );
  lines text[] := string_to_array(docs, E'\n');
  were text[] := string_to_array(befores, E'\n');
  bodies jsonb[] := array(select line::jsonb from unnest(lines) line);
  salt bytea := decode(salts, 'hex');
  known sync_known[] := '{}';
  known_here sync_known[];
  waits sync_park[] := array(select r from jsonb_populate_recordset(null::sync_park, parks) r);
  leaves sync_unpark[] := array(select r from jsonb_populate_recordset(null::sync_unpark, unparks) r);
  turned sync_refusal[] := array(select r from jsonb_populate_recordset(null::sync_refusal, refusals) r);
  settling sync_settle[] := array(select r from jsonb_populate_recordset(null::sync_settle, settles) r);
  head bigint;
  coll text;
  moved int[] := '{}';
  awaited int[] := '{}';
  keys text[];
begin
  -- Taken before anything is compared: from here to the commit nobody else changes a document.
  select seq into head from feed_head for update;

  if cardinality(settling) > 0 then
    moved := array(
      select s.n from unnest(settling) s
      where exists (select from settled x where x.collection = s.collection and x.id = s.id and x.w = s.w and x.digest = s.digest)
        or exists (select from refused x where x.collection = s.collection and x.id = s.id and x.w = s.w and x.digest = s.digest)
    );
  end if;
  if cardinality(waits) > 0 then
    moved := moved || array(
      select r.n from unnest(waits) r left join parked p on p.collection = r.collection and p.id = r.id
      where p.w is distinct from r.expected
    );
  end if;
  if cardinality(leaves) > 0 then
    moved := moved || array(
      select r.claims from unnest(leaves) r
      where r.claims is not null
        and not exists (select from parked p where p.collection = r.collection and p.id = r.id and p.w = r.w)
    );
  end if;
  moved := moved
    -- As sync_places, but for all at once; that it is not stored yet the key of applied makes sure of.
    || array(
      select r.n from unnest(todo) r left join (
        select t.n, sum(x.weight) as places from unnest(todo) t cross join lateral (
          select 1 as weight from parked p where (p.collection, p.id, p.w) = (t.collection, t.id, t.w)
          union all select 4 from refused f where (f.collection, f.id, f.w) = (t.collection, t.id, t.w)
          union all select 4 from settled s where (s.collection, s.id, s.w) = (t.collection, t.id, t.w)
        ) x where t.places is not null group by t.n
      ) found on found.n = r.n
      where r.places <> coalesce(found.places, 0)
    )
    || array(select r.n from unnest(waits) r where r.places <> sync_places(r.collection, r.id, r.w))
    || array(select r.n from unnest(turned) r where r.places <> sync_places(r.collection, r.id, r.w));
  if cardinality(waits) > 0 then
    moved := moved || sync_arrived(waits);
  end if;
  for coll in select distinct collection from unnest(froms) loop
    execute format(
      'select array_agg(row(r.body, t.w)::sync_known) from unnest($1) r join %I t on t.id = r.id where r.collection = $2', coll)
      into known_here using todo, coll;
    known := known || known_here;
  end loop;
  moved := moved || array(select r.n from unnest(todo) r left join unnest(known) k on k.body = r.body where k.w is distinct from r.expected);
  if cardinality(moved) > 0 then
    todo := array(
      select r from unnest(todo) r where r.n <> all (moved) and (r.along is null or r.along <> all (moved)) order by r.n
    );
  end if;

  if cardinality(todo) > 0 then
    insert into audit (seq, collection, id, w, kind, command, actor, actor_name, device, address, request, at, device_at, reason, before, after,
      before_whom, after_whom, who_salt, whom_salt)
    select head + r.ordinality, r.collection, r.id, r.w, r.kind, r.command, o.actor, o.name, o.device,
      coalesce(o.address, ''), coalesce(o.request, ''), o.at, r."deviceAt", coalesce(r.reason, ''), nullif(were[r.body], ''), lines[r.body],
      r.before_whom, r.after_whom,
      substr(salt, 32 * r.body - 31, 16), substr(salt, 32 * r.body - 15, 16)
    from unnest(todo) with ordinality r
    join (
      -- Offset 0: the name is looked up for each origin, not for each row.
      select f.*, coalesce((select name from accounts a where a.id = f.actor), '') as name from unnest(froms) with ordinality f offset 0
    ) o on o.ordinality = r.origin;
    if exists (select from series s join unnest(froms) f on f.collection = s.collection) then
      perform series_claim(head);
    end if;
    insert into applied (collection, id, w, seq) select r.collection, r.id, r.w, head + r.ordinality from unnest(todo) with ordinality r;
    insert into access_changes (seq, collection, id, before)
    select head + r.ordinality, r.collection, r.id, r."left" from unnest(todo) with ordinality r where r."left" is not null;
    for coll in select distinct collection from unnest(froms) loop
      execute format(
        'insert into %I as t (id, doc, w, deleted, schema_version, seq)
         select r.id, b.doc, r.w, r.deleted, o.version, $4 + r.ordinality
         from unnest($1) with ordinality r
         join unnest($2) with ordinality b(doc, place) on b.place = r.body
         join unnest($3) with ordinality o on o.ordinality = r.origin
         where r.collection = $5
         on conflict (id) do update set doc = excluded.doc, w = excluded.w, deleted = excluded.deleted,
           schema_version = excluded.schema_version, seq = excluded.seq', coll)
        using todo, bodies, froms, head, coll;
    end loop;
  end if;

  if cardinality(waits) > 0 then
    insert into parked as p (collection, id, w, doc, deleted, base, schema_version, wants, actor, device, at, origin)
    select r.collection, r.id, r.w, r.doc, r.deleted, r.base, r.version, r.wants, r.actor, r.device, r.at, coalesce(r.origin, '{}')
    from unnest(waits) r where r.n <> all (moved)
    on conflict (collection, id) do update set w = excluded.w, doc = excluded.doc, deleted = excluded.deleted, base = excluded.base,
      schema_version = excluded.schema_version, wants = excluded.wants, actor = excluded.actor, device = excluded.device, at = excluded.at,
      origin = excluded.origin;
  end if;

  -- After the parks: a parked state that was just replaced has another w by now and is not found here.
  if cardinality(leaves) > 0 then
    delete from parked p using unnest(leaves) r
    where p.collection = r.collection and p.id = r.id and p.w = r.w and (r.n is null or r.n <> all (moved));
  end if;

  if cardinality(turned) > 0 then
    with kept as (
      insert into refused (collection, id, w, digest, code, problems, doc, deleted, base, actor, device, at)
      select r.collection, r.id, r.w, r.digest, r.code, r.problems, r.doc, r.deleted, r.base, r.actor, r.device, r.at
      from unnest(turned) r where r.n <> all (moved)
      on conflict do nothing
      returning *
    )
    insert into security_events (at, kind, account_id, account_name, device, address, request, device_at, details)
    select k.at, 'change_refused', k.actor, coalesce((select name from accounts a where a.id = k.actor), ''), k.device,
      coalesce(r.address, ''), coalesce(r.request, ''), r."deviceAt",
      jsonb_build_object('collection', k.collection, 'id', k.id, 'code', k.code, 'number', k.number)
    from kept k join unnest(turned) r on (r.collection, r.id, r.w, r.digest) = (k.collection, k.id, k.w, k.digest);
  end if;
  if cardinality(settling) > 0 then
    insert into settled (collection, id, w, digest, outcome, doc, actor, at)
    select s.collection, s.id, s.w, s.digest, s.outcome, s.doc, s.actor, s.at from unnest(settling) s where s.n <> all (moved)
    on conflict do nothing;
  end if;

  if cardinality(todo) > 0 then
    head := head + cardinality(todo);
    update feed_head set seq = head;
    if exists (select from parked) then
      keys := array(select r.collection || ':' || r.id from unnest(todo) r);
      awaited := array(
        select r.n from unnest(todo) r
        where r.collection || ':' || r.id in (select unnest(p.wants) from parked p where p.wants && keys)
      );
    end if;
  end if;
  return jsonb_build_object('seq', head, 'first', head - cardinality(todo) + 1, 'moved', to_jsonb(moved), 'awaited', to_jsonb(awaited));
end $$;
