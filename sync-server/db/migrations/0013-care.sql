-- To whom an administrator handed a refused row last. Apart from the rows, which nobody changes.
create table refusals_handed (
  number bigint primary key references refused (number) on delete cascade,
  at timestamptz not null,
  by_id text not null,
  by_name text not null,
  to_id text not null,
  to_name text not null
);

-- When an account was last given this scope to read by, so that scopes which nobody has had for long can go.
alter table served_scopes drop column since, add column served_on date not null default current_date;
create index settled_at_idx on settled (at);

-- Letters on their way out, sealed, because their links open accounts. One that was sent is gone; of one that nobody took it stays
-- for a while that it was lost.
create table letters (
  id text primary key,
  -- Whom it is for; not always whose address it goes to.
  account_id text not null,
  sealed text not null,
  written_at timestamptz not null,
  -- After that nobody has any use for it.
  until timestamptz not null,
  due_at timestamptz not null,
  tries int not null default 0,
  lost_at timestamptz
);
create index letters_due_idx on letters (due_at) where lost_at is null;
create index letters_lost_idx on letters (lost_at) where lost_at is not null;
