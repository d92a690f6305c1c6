-- Number series. A number is given to one record for good; a device holds blocks of numbers that nobody else is given.
--
-- No number is given out twice in any history, also not after a restore of a backup, when the counter is an old one: a
-- counter never passes series_limit, which grows with time, and in a new epoch it starts there. What was given out in a
-- history that was lost lies below it.

create table series (
  key text primary key,
  collection text not null,
  field text not null,
  label text not null,
  prefix text not null,
  width integer not null,
  -- Which documents it numbers: those that hold the first and not the second.
  applies jsonb not null,
  except_for jsonb,
  next bigint not null default 1,
  -- Numbers below were given out before the current epoch, perhaps in a history that was lost.
  floor bigint not null default 1,
  epoch text not null default ''
);

-- A company may change how the numbers of a series are written. A number stays the same number in every form that its series ever
-- had, so that a change frees none and takes none away: what was typed, printed or leased in an older form stays its own.
create table series_form (
  series text not null references series (key),
  prefix text not null,
  width integer not null,
  since timestamptz not null default clock_timestamp(),
  primary key (series, prefix, width)
);
create function series_note_form() returns trigger
language plpgsql
as $$
begin
  insert into series_form (series, prefix, width) values (new.key, new.prefix, new.width) on conflict do nothing;
  return null;
end $$;
create trigger series_note_form after insert or update of prefix, width on series for each row execute function series_note_form();

create table series_lease (
  series text not null references series (key),
  first bigint not null,
  last bigint not null check (last >= first),
  device text not null,
  account text not null,
  at timestamptz not null,
  -- What the device has told: the first number that it has not used.
  next bigint not null,
  told_at timestamptz not null,
  -- The numbers of a block are written as they were when it was leased: the device may have given them away already.
  prefix text not null,
  width integer not null,
  primary key (series, first)
);
create index series_lease_device_idx on series_lease (device);

create table series_number (
  series text not null references series (key),
  n bigint not null,
  collection text not null,
  id text not null,
  -- refused: the record was not accepted; the number stays its own in case it comes again.
  state text not null check (state in ('given', 'refused')),
  origin text not null check (origin in ('lease', 'server', 'import', 'earlier')),
  device text not null,
  at timestamptz not null,
  -- As it stands on the record; null where the series has never been written otherwise.
  written text,
  primary key (series, n)
);
create index series_number_record_idx on series_number (collection, id);

-- Four numbers a minute since 2026. More than a company writes; after a restore a block of 20 is there within some minutes.
create function series_limit(at timestamptz) returns bigint
language sql immutable
as $$ select floor((extract(epoch from at) - 1767225600) / 15)::bigint $$;

-- The number that a text states in this form; null for any other text.
create function series_number_in(prefix text, width integer, given text) returns bigint
language sql immutable
as $$
  select case when digits ~ '^\d{1,15}$' then
    case when digits::bigint > 0
      and upper(given) = upper(prefix || lpad(digits::bigint::text, greatest(width, length(digits::bigint::text)), '0'))
    then digits::bigint end
  end
  from (select substr(given, length(prefix) + 1) as digits) x
$$;

-- The number that a text states in any form of the series. No prefix ends with a digit (domain/record/series.ts), so no text states two.
create function series_number_of(the_key text, given text) returns bigint
language sql stable
as $$
  select n from series_form f, series_number_in(f.prefix, f.width, given) n where f.series = the_key and n is not null limit 1
$$;

create function series_numbers(s series, doc jsonb) returns boolean
language sql immutable
as $$ select doc @> s.applies and not coalesce(doc @> s.except_for, false) $$;

-- The series as it is in the current epoch, whether or not a number was given out in it. A restore or failover counts from
-- its first moment, also before anybody has noticed it and begun its epoch.
create function series_now(s series, at timestamptz) returns series
language plpgsql stable
as $$
declare
  head feed_head := (select h from feed_head h);
  is_noticed boolean := head.incarnation is not distinct from feed_incarnation();
begin
  if s.epoch <> head.epoch or not is_noticed then
    if (select count(*) from epoch_log) > 1 or not is_noticed then
      -- The clocks of two hosts may be two minutes apart.
      s.next := greatest(s.next, series_limit(at) + 8);
      s.floor := s.next;
    end if;
    s.epoch := head.epoch;
  end if;
  return s;
end $$;

-- Locks the series and brings it to the current epoch.
create function series_open(the_key text, at timestamptz) returns series
language plpgsql
as $$
declare
  s series;
begin
  -- Before the lock on the series, as sync_apply takes them.
  update feed_head set incarnation = incarnation where incarnation is distinct from feed_incarnation();
  select * into strict s from series where key = the_key for update;
  s := series_now(s, at);
  update series set next = s.next, floor = s.floor, epoch = s.epoch where key = the_key and epoch <> s.epoch;
  return s;
end $$;

-- The first place from `first` on where `size` numbers lie that no import has brought along.
create function series_free(the_key text, first bigint, size integer) returns bigint
language plpgsql stable
as $$
declare
  taken bigint;
begin
  loop
    select max(n) into taken from series_number where series = the_key and n between first and first + size - 1;
    exit when taken is null;
    first := taken + 1;
  end loop;
  return first;
end $$;

-- A block for a device; fewer numbers or no row at all while the limit is near.
create function series_lease_out(the_key text, size integer, the_device text, the_account text, at timestamptz default clock_timestamp())
returns setof series_lease
language plpgsql
as $$
declare
  s series := series_open(the_key, at);
  one series_lease;
begin
  one.series := the_key;
  one.first := series_free(the_key, s.next, size);
  one.last := least(one.first + size - 1, series_limit(at));
  if one.last < one.first then return; end if;
  one.device := the_device;
  one.account := the_account;
  one.at := at;
  one.next := one.first;
  one.told_at := at;
  one.prefix := s.prefix;
  one.width := s.width;
  insert into series_lease select one.*;
  update series set next = one.last + 1 where key = the_key;
  return next one;
end $$;

-- The number of a record that came without one; the same however often it is asked for. Null while the limit is near.
create function series_assign(the_key text, coll text, the_id text, at timestamptz default clock_timestamp()) returns bigint
language plpgsql
as $$
declare
  s series := series_open(the_key, at);
  given bigint;
begin
  select n into given from series_number where series = the_key and collection = coll and id = the_id and origin = 'server';
  if given is not null then return given; end if;
  given := series_free(the_key, s.next, 1);
  if given > series_limit(at) then return null; end if;
  insert into series_number (series, n, collection, id, state, origin, device, at)
  values (the_key, given, coll, the_id, 'given', 'server', '', at);
  update series set next = given + 1 where key = the_key;
  return given;
end $$;

create function series_lease_of(the_key text, the_n bigint) returns series_lease
language sql stable
as $$
  select * from series_lease
  where series = the_key and last >= the_n and first = (select max(first) from series_lease where series = the_key and first <= the_n)
$$;

-- In the transaction of the changes, whose entries begin after this position (sync_apply calls it): a number that a record bears
-- is its own from now on. Whatever the program looked up before, two records cannot be stored with one number.
create function series_claim(after_seq bigint) returns void
language plpgsql
as $$
declare
  r record;
  lease series_lease;
  origin text;
  claimed text;
begin
  for r in
    select f.collection, f.id, f.device, f.at, s.key, s.next, s.floor, d.after->>s.field as written,
      series_number_of(s.key, d.after->>s.field) as n
    from audit f join series s on s.collection = f.collection
    cross join lateral (select f.before::jsonb as before, f.after::jsonb as after offset 0) d
    -- What comes as deleted claims nothing, so that nobody's number can keep it from being stored; what is restored claims.
    where f.seq > after_seq and series_numbers(s, d.after) and f.kind <> 'delete'
      and (d.before is null or f.kind = 'restore' or d.after->>s.field is distinct from d.before->>s.field or not series_numbers(s, d.before))
  loop
    continue when r.n is null;
    lease := series_lease_of(r.key, r.n);
    if lease.device is null and r.n >= r.next then
      -- A number ahead of the counter: whoever leases now waits, and sees it afterwards.
      perform from series where key = r.key for share;
      lease := series_lease_of(r.key, r.n);
      if lease.device <> r.device then
        raise unique_violation using message = 'series number leased to another device', constraint = 'series_number_pkey';
      end if;
    end if;
    origin := case when lease.device = r.device then 'lease' when lease.device is not null or r.n < r.floor then 'earlier' else 'import' end;
    insert into series_number as t (series, n, collection, id, state, origin, device, at, written)
    values (r.key, r.n, r.collection, r.id, 'given', origin, r.device, r.at, r.written)
    on conflict (series, n) do update set state = 'given', written = r.written where t.collection = excluded.collection and t.id = excluded.id
    returning t.id into claimed;
    if claimed is null then
      raise unique_violation using message = 'series number given to another record', constraint = 'series_number_pkey';
    end if;
    claimed := null;
  end loop;
end $$;

-- A number that went with a refused record stays with it.
create function series_burn() returns trigger
language plpgsql
as $$
begin
  insert into series_number (series, n, collection, id, state, origin, device, at, written)
  select s.key, x.n, f.collection, f.id, 'refused', 'lease', f.device, f.at, f.doc->>s.field
  from fresh f
  join series s on s.collection = f.collection and series_numbers(s, f.doc)
  cross join lateral (select series_number_of(s.key, f.doc->>s.field) as n) x
  where x.n is not null and (series_lease_of(s.key, x.n)).device = f.device
  on conflict do nothing;
  return null;
end $$;
create trigger series_burn after insert on refused referencing new table as fresh for each statement execute function series_burn();

-- Writes the numbers of a series in another form from now on. Answers null, or the number of a record that stands in the way: it
-- was typed while nobody watched over such texts, and the series has come past its number.
create function series_reform(the_key text, new_prefix text, new_width integer, at timestamptz default clock_timestamp()) returns text
language plpgsql
as $$
declare
  s series;
  in_the_way text;
begin
  -- Records are stored under this lock: whoever bears a text of the new form is seen below, or has to see the new form.
  perform from feed_head for update;
  s := series_open(the_key, at);
  if not exists (select from series_form where series = the_key and prefix = new_prefix and width = new_width) then
    execute format(
      'select t.doc->>%1$L from %2$I t where series_numbers($1, t.doc) and series_number_in($2, $3, t.doc->>%1$L) < $4
         and series_number_of($5, t.doc->>%1$L) is null order by t.seq limit 1', s.field, s.collection)
      into in_the_way using s, new_prefix, new_width, s.next, the_key;
    if in_the_way is not null then return in_the_way; end if;
    -- What lies ahead is theirs; the counter passes over it as over what an import brought along.
    execute format(
      'insert into series_number (series, n, collection, id, state, origin, device, at, written)
       select distinct on (n) $5, n, %2$L, t.doc->>''id'', ''given'', ''import'', '''', $4, t.doc->>%1$L
       from %2$I t, series_number_in($2, $3, t.doc->>%1$L) n
       where n is not null and series_numbers($1, t.doc) and series_number_of($5, t.doc->>%1$L) is null
       order by n, t.deleted, t.seq on conflict do nothing', s.field, s.collection)
      using s, new_prefix, new_width, at, the_key;
  end if;
  update series_number set written = s.prefix || lpad(n::text, greatest(s.width, length(n::text)), '0')
  where series = the_key and written is null;
  update series set prefix = new_prefix, width = new_width where key = the_key;
  return null;
end $$;
