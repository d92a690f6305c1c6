-- The audit: one entry for each applied change (`audit`) and one for each event that changes no record (`security_events`).
-- Both are append-only, kept by month, and sealed in blocks (`audit_blocks`); see decision 0019.

-- What people did, and on which way it came. Salts: see decision 0019.
alter table audit
  -- As it was then; the account may be renamed later.
  add column actor_name text not null default '',
  add column address text not null default '',
  -- Of the request that brought it; one that waited for a parent keeps its own.
  add column request text not null default '',
  -- The device's clock when the change was made there; null where it did not say.
  add column device_at timestamptz,
  add column reason text not null default '',
  -- So many bytes before the last brace tell of a person: what is personal stands at the end of a state, to be cut off.
  add column before_whom int not null default 0,
  add column after_whom int not null default 0,
  add column who_salt bytea default uuid_send(gen_random_uuid()) check (octet_length(who_salt) = 16),
  add column who_hash bytea,
  add column whom_salt bytea default uuid_send(gen_random_uuid()) check (octet_length(whom_salt) = 16),
  add column whom_hash bytea;
alter table security_events
  add column request text not null default '',
  add column device_at timestamptz,
  add column reason text not null default '',
  add column who_salt bytea default uuid_send(gen_random_uuid()) check (octet_length(who_salt) = 16),
  add column who_hash bytea,
  add column whom_salt bytea default uuid_send(gen_random_uuid()) check (octet_length(whom_salt) = 16),
  add column whom_hash bytea,
  -- Of others whom the details name; see decision 0035.
  add column named_salt bytea default uuid_send(gen_random_uuid()) check (octet_length(named_salt) = 16),
  add column named_hash bytea;

-- A position in the feed stands for a moment of it, so months are ranges of positions: keys stay unique, and the entries after
-- a position are found in the newest month alone. The newest has no end; audit_turn gives it one when its month is over.
create table audit_months (
  log text not null check (log in ('audit', 'security_events')),
  month date not null,
  from_seq bigint not null,
  -- Name of the partition.
  part text not null unique,
  primary key (log, month)
);
create function audit_month() returns date language sql stable as $$
  select date_trunc('month', now() at time zone 'utc')::date
$$;

create function audit_part(log text, month date) returns text language sql immutable as $$
  select log || to_char(month, '_YYYY_MM')
$$;
-- Takes the table as it is for its first month.
create procedure audit_split(log text) language plpgsql as $$
declare
  part text := audit_part(log, audit_month());
begin
  execute format('alter table %I rename to %I', log, part);
  execute format('alter index %I rename to %I', log || '_pkey', part || '_pkey');
  execute format('create table %I (like %I including defaults including constraints, primary key (seq)) partition by range (seq)', log, part);
  execute format('alter table %I attach partition %I for values from (0) to (maxvalue)', log, part);
  insert into audit_months (log, month, from_seq, part) values (log, audit_month(), 0, part);
end $$;

call audit_split('audit');

drop trigger security_events_kept on security_events;
drop trigger security_events_kept_whole on security_events;
drop index security_events_account_idx;
-- A column of its own numbers cannot be in a partitioned table before Postgres 17.
alter table security_events alter column seq drop identity;
create sequence security_events_seq;
select setval('security_events_seq', (select coalesce(max(seq), 0) + 1 from security_events), false);
-- The number of an event is taken under a lock that the sealer can wait for: after that no lower number comes any more.
create function event_number() returns bigint language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(8790010);
  return nextval('security_events_seq');
end $$;
alter table security_events alter column seq set default event_number();
call audit_split('security_events');
alter sequence security_events_seq owned by security_events.seq;
create index security_events_account_idx on security_events (account_id, seq);

drop procedure audit_split;

-- Nobody but the owner of the tables has rights to them, and the owner, whose part the server takes, gives up all but reading
-- and adding. (A superuser has every right; there the triggers stand alone.)
create procedure audit_close(name text) language plpgsql as $$
begin
  execute format('revoke all on %I from public', name);
  execute format('revoke update, delete, truncate on %I from %I', name, current_user);
end $$;

-- Begins the partition of this month when the newest is of an earlier one; answers whether it did. Entries of the minute
-- before it is called count to the month before. Nobody writes after the detaching; the check spares the attaching a second look.
create function audit_turn(log text) returns boolean
language plpgsql
set lock_timeout = '2s'
as $$
declare
  newest audit_months;
  begun text := audit_part(log, audit_month());
  next bigint;
begin
  perform pg_advisory_xact_lock(8790011);
  select m.* into newest from audit_months m where m.log = audit_turn.log order by m.month desc limit 1;
  if newest.month >= audit_month() then
    return false;
  end if;
  execute format('alter table %I detach partition %I', log, newest.part);
  execute format('select max(seq) + 1 from %I', newest.part) into next;
  if next is null then
    -- Nothing was written since: the same partition serves this month.
    execute format('alter table %I rename to %I', newest.part, begun);
    execute format('alter table %I attach partition %I for values from (%s) to (maxvalue)', log, begun, newest.from_seq);
    update audit_months m set month = audit_month(), part = begun where m.log = audit_turn.log and m.month = newest.month;
    return true;
  end if;
  execute format('create table %I (like %I including defaults including constraints including indexes)', begun, log);
  execute format('alter table %I add constraint month check (seq >= %s and seq < %s)', newest.part, newest.from_seq, next);
  execute format('alter table %I attach partition %I for values from (%s) to (%s)', log, newest.part, newest.from_seq, next);
  execute format('alter table %I attach partition %I for values from (%s) to (maxvalue)', log, begun, next);
  call audit_close(begun);
  insert into audit_months (log, month, from_seq, part) values (log, audit_month(), next, begun);
  return true;
end $$;

-- Entries are written once. What may happen to them afterwards is that personal values go, while the hash under which they
-- were sealed takes their place (sync-server/db/audit-forget.ts), and that a month goes whole when its time is over.
-- Whether the salt is as it was, or has the hash in its place for good.
create function audit_swapped(was jsonb, is_now jsonb, part text) returns boolean language sql immutable as $$
  select case
    when is_now ->> (part || '_hash') is null
      then was ->> (part || '_hash') is null and is_now ->> (part || '_salt') is not distinct from was ->> (part || '_salt')
    else is_now ->> (part || '_salt') is null
      and coalesce(was ->> (part || '_hash'), is_now ->> (part || '_hash')) = is_now ->> (part || '_hash')
  end
$$;
create function audit_kept() returns trigger language plpgsql as $$
declare
  who text[] := array['actor_name', 'account_name', 'device', 'address'];
  whom text[] := array['before', 'after', 'before_whom', 'after_whom', 'details'];
  hashes text[] := array['who_salt', 'who_hash', 'whom_salt', 'whom_hash', 'named_salt', 'named_hash'];
  was jsonb;
  is_now jsonb;
begin
  if tg_op = 'UPDATE' and current_setting('drover.forget', true) = 'yes' then
    was := to_jsonb(old);
    is_now := to_jsonb(new);
    if is_now - who - whom - hashes = was - who - whom - hashes
      and audit_swapped(was, is_now, 'who') and audit_swapped(was, is_now, 'whom') and audit_swapped(was, is_now, 'named')
      -- What is personal changes only where a hash stands for it.
      and (is_now - whom - hashes = was - whom - hashes or is_now ->> 'who_hash' is not null)
      and (is_now - who - hashes = was - who - hashes or coalesce(is_now ->> 'whom_hash', is_now ->> 'named_hash') is not null)
    then
      return new;
    end if;
  end if;
  raise exception '% is append-only', tg_argv[0] using errcode = 'insufficient_privilege';
end $$;
create trigger audit_kept before update or delete on audit for each row execute function audit_kept('audit');
create trigger security_events_kept before update or delete on security_events for each row execute function audit_kept('security_events');
create trigger audit_kept_whole before truncate on audit for each statement execute function audit_kept('audit');
create trigger security_events_kept_whole before truncate on security_events for each statement execute function audit_kept('security_events');

-- The seal: each block holds the hash of each entry from one position to another, the hash of the block before, and a
-- signature by a key that is not in the database (sync-server/audit/sealer.ts). Blocks stay when entries are purged.
create table audit_blocks (
  number bigint primary key,
  log text not null check (log in ('audit', 'security_events')),
  from_seq bigint not null,
  to_seq bigint not null,
  -- Of events, whose numbers have holes where a transaction was rolled back; null for changes, which have none.
  seqs bigint[],
  -- 32 bytes an entry, in their order.
  leaves bytea not null,
  -- Of events: which of their details were hashed apart as personal, as JSON; of changes, whose entries say it themselves, [].
  personal text not null,
  sealed_at text not null,
  previous text not null,
  hash text not null,
  key text not null,
  signature text not null,
  unique (log, to_seq)
);
create trigger audit_blocks_kept before update or delete on audit_blocks for each row execute function refuse_change();
create trigger audit_blocks_kept_whole before truncate on audit_blocks for each statement execute function refuse_change();

do $$
declare
  name text;
begin
  foreach name in array array['audit', 'security_events', 'audit_blocks', audit_part('audit', audit_month()), audit_part('security_events', audit_month())] loop
    call audit_close(name);
  end loop;
end $$;

-- How a row that waits for its parent came here: {address, request}.
alter table parked add column origin jsonb not null default '{}';

-- Imports that were seen, so that each makes one event.
create table imports_seen (
  import_id text primary key,
  at timestamptz not null
);

-- A new epoch is a database that was put back, failed over or copied.
create function epoch_event() returns trigger language plpgsql as $$
begin
  insert into security_events (at, kind, account_name, device, address, details)
  values (new.at, 'database_restored', '', '', '', jsonb_build_object('epoch', new.epoch, 'after', new.starts_at_seq, 'why', new.why));
  return null;
end $$;
create trigger epoch_event after insert on epoch_log for each row execute function epoch_event();
