-- To whom an administrator handed a refused row last. Apart from the rows, which nobody changes.
create table refusals_handed (
  number bigint primary key references refused (number) on delete cascade,
  at timestamptz not null,
  by_id text not null,
  by_name text not null,
  to_id text not null,
  to_name text not null
);
