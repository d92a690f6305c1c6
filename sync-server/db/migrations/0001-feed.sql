-- The feed: one dense number for every change of the company, taken last and under one row lock, so that whoever has seen
-- position n has seen everything before it.
create table feed_head (
  one boolean primary key default true check (one),
  seq bigint not null,
  -- Changes when the history is no longer the one that clients saw, such as after a restore of a backup.
  epoch text not null
) with (fillfactor = 10);
insert into feed_head (seq, epoch) values (0, replace(gen_random_uuid()::text, '-', ''));

-- One row for each applied change, written in the transaction of the change. seq has no holes.
create table audit (
  seq bigint primary key,
  collection text not null,
  id text not null,
  w text not null,
  kind text not null check (kind in ('insert', 'update', 'delete', 'restore')),
  command text not null,
  actor text not null,
  device text not null,
  at timestamptz not null,
  -- The states as JSON, word for word as they were hashed for the seal: never made into text again. See 0009-audit.sql.
  before text,
  after text not null
);

-- Accepted from the device, waiting for the records that they point at.
create table parked (
  collection text not null,
  id text not null,
  w text not null,
  doc jsonb not null,
  deleted boolean not null,
  base jsonb,
  schema_version integer not null,
  -- `collection:id` of every record it points at that was not there yet.
  wants text[] not null,
  actor text not null,
  device text not null,
  at timestamptz not null,
  primary key (collection, id)
);
create index parked_wants_idx on parked using gin (wants);

-- What could not be accepted, whole, so that its author can mend it.
create table refused (
  number bigint generated always as identity primary key,
  collection text not null,
  id text not null,
  w text not null,
  -- With w, tells a repeated push from a new one by clients that do not change w.
  digest text not null,
  code text not null,
  problems jsonb not null,
  doc jsonb not null,
  deleted boolean not null,
  base jsonb,
  actor text not null,
  device text not null,
  at timestamptz not null,
  unique (collection, id, w, digest)
);

-- The shape in which each collection's documents are stored; see entity-tables.ts.
create table entity_version (
  collection text primary key,
  version integer not null,
  fingerprint text not null,
  -- Digest of the table and view statements that were last run.
  statements text not null,
  views text[] not null
);
