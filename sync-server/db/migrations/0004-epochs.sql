-- The epoch of the feed changes when its history is not the one that devices have seen: after a restore of a backup, after
-- a failover that lost the end, in a copy of the database, or when a person says so.

create table epoch_log (
  number bigint generated always as identity primary key,
  epoch text not null unique,
  -- The head of the feed at that moment: up to here the history is shared with the epoch before.
  starts_at_seq bigint not null,
  why text not null,
  at timestamptz not null default now()
);
insert into epoch_log (epoch, starts_at_seq, why) select epoch, 0, 'made' from feed_head;

-- Which database this is, in which life: the cluster, its timeline (another one after a recovery to a point in time and after
-- a failover), the database (another one after a copy) and the table (another one after a restore of a dump). Works for a plain
-- role; where a host keeps pg_control_system to itself, the other three remain.
create function feed_incarnation() returns text
language plpgsql
as $$
declare
  cluster text := '';
  timeline text := '';
begin
  if has_function_privilege('pg_control_system()', 'execute') then
    select system_identifier::text into cluster from pg_control_system();
  end if;
  if not pg_is_in_recovery() then
    timeline := left(pg_walfile_name(pg_current_wal_lsn()), 8);
  end if;
  return concat_ws('.', cluster, timeline, (select oid from pg_database where datname = current_database()), 'feed_head'::regclass::oid);
end $$;

alter table feed_head add column incarnation text not null default '';
update feed_head set incarnation = feed_incarnation();

-- In the transaction of the first write of the new life, so that no position is given twice within one epoch.
create function feed_watch() returns trigger
language plpgsql
as $$
declare
  now_is text := feed_incarnation();
begin
  if new.incarnation is distinct from now_is then
    new.incarnation := now_is;
    new.epoch := replace(gen_random_uuid()::text, '-', '');
    insert into epoch_log (epoch, starts_at_seq, why)
    values (new.epoch, old.seq, case old.incarnation when '' then 'asked for' else 'another database: ' || old.incarnation || ' is now ' || now_is end);
  end if;
  return new;
end $$;
create trigger feed_watch before update on feed_head for each row execute function feed_watch();
