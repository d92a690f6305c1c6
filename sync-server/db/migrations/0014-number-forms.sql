-- A company may change how the numbers of a series are written. A number stays the same number in every form that its series ever
-- had, so that a change frees none and takes none away: what was typed, printed or leased in an older form stays its own.
create table series_form (
  series text not null references series (key),
  prefix text not null,
  width integer not null,
  since timestamptz not null default clock_timestamp(),
  primary key (series, prefix, width)
);
insert into series_form (series, prefix, width) select key, prefix, width from series;

create function series_note_form() returns trigger
language plpgsql
as $$
begin
  insert into series_form (series, prefix, width) values (new.key, new.prefix, new.width) on conflict do nothing;
  return null;
end $$;
create trigger series_note_form after insert or update of prefix, width on series for each row execute function series_note_form();
-- Devices refuse what is typed in any of the forms, so they are told.
create trigger series_company after update of prefix, width on series
  for each row when (old.prefix <> new.prefix or old.width <> new.width) execute function company_changed();

-- The numbers of a block are written as they were when it was leased: the device may have given them away already.
alter table series_lease add column prefix text, add column width integer;
update series_lease l set prefix = s.prefix, width = s.width from series s where s.key = l.series;
alter table series_lease alter column prefix set not null, alter column width set not null;

-- As it stands on the record; null where the series has never been written otherwise.
alter table series_number add column written text;

-- The number that a text states in any form of the series. No prefix ends with a digit (domain/record/series.ts), so no text states two.
create function series_number_of(the_key text, given text) returns bigint
language sql stable
as $$
  select n from series_form f, series_number_in(f.prefix, f.width, given) n where f.series = the_key and n is not null limit 1
$$;

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

create or replace function series_lease_out(the_key text, size integer, the_device text, the_account text, at timestamptz default clock_timestamp())
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

-- As in 0007, in whatever form of its series a number is written.
create or replace function series_claim(after_seq bigint) returns void
language plpgsql
as $$
declare
  r record;
  lease series_lease;
  origin text;
  claimed text;
begin
  for r in
    select f.collection, f.id, f.device, f.at, s.key, s.next, s.floor, f.after->>s.field as written,
      series_number_of(s.key, f.after->>s.field) as n
    from audit f join series s on s.collection = f.collection
    where f.seq > after_seq and series_numbers(s, f.after) and f.kind <> 'delete'
      and (f.before is null or f.kind = 'restore' or f.after->>s.field is distinct from f.before->>s.field or not series_numbers(s, f.before))
  loop
    continue when r.n is null;
    lease := series_lease_of(r.key, r.n);
    if lease.device is null and r.n >= r.next then
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

create or replace function series_burn() returns trigger
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
