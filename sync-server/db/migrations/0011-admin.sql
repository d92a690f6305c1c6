-- Keys by which programs use the API in somebody's name. Only hashes: whoever reads this table cannot use one.
create table api_keys (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  name text not null,
  key_hash text not null,
  -- Of what the account may do, the key may do no more than this.
  permissions text[] not null check (cardinality(permissions) > 0),
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  last_used_from text,
  revoked_at timestamptz,
  revoked_by text
);
create index api_keys_account_idx on api_keys (account_id);
create trigger api_keys_access after insert or update of revoked_at, permissions or delete on api_keys
  for each statement execute function access_changed();

-- Somebody else may end a session.
alter table sessions drop constraint sessions_ended_why_check;
alter table sessions add constraint sessions_ended_why_check
  check (ended_why in ('signed_out', 'password_changed', 'device_revoked', 'token_reused', 'account_disabled', 'ended_by_other'));

-- The names of desks. Accounts and records name a desk by its id; one that is named for the first time is here from then on.
create table desks (
  id text primary key,
  name text not null,
  -- Nobody comes to a closed desk; its records stay.
  closed_at timestamptz
);
insert into desks (id, name) select distinct desk_id, desk_id from (select desk_id from accounts union select desk_id from account_desks) d;

create function know_desk() returns trigger language plpgsql as $$
begin
  insert into desks (id, name) values (new.desk_id, new.desk_id) on conflict do nothing;
  return null;
end $$;
create trigger accounts_desk after insert or update of desk_id on accounts for each row execute function know_desk();
create trigger account_desks_desk after insert on account_desks for each row execute function know_desk();

-- Refused rows that an administrator has dealt with. Apart from the rows, which nobody changes.
create table refusals_closed (
  number bigint primary key references refused (number) on delete cascade,
  at timestamptz not null,
  by_id text not null,
  by_name text not null,
  reason text not null
);
create index refused_actor_idx on refused (actor, number);

-- What the company has set for itself; what is not here is as usual (domain/access/company-settings.ts).
create table company_settings (
  key text primary key,
  value integer not null,
  changed_at timestamptz not null,
  changed_by text not null
);

-- Records that nobody may purge anything of, for a court or an inspector.
create table legal_holds (
  number bigint generated always as identity primary key,
  collection text not null,
  id text not null,
  reason text not null,
  placed_at timestamptz not null,
  placed_by text not null,
  lifted_at timestamptz,
  lifted_by text,
  lifted_reason text
);
create unique index legal_holds_live on legal_holds (collection, id) where lifted_at is null;
