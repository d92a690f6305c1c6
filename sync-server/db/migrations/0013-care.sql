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
