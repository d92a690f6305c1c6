-- Who may do what: roles as data, the desks of an account, and what each account was able to reach so far.

create table roles (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,39}$'),
  label text not null,
  -- [{permission, when, fields}]; see domain/access/rights.ts.
  grants jsonb not null default '[]',
  -- Changed by hand: the seeds of a later version leave it alone.
  edited boolean not null default false
);
insert into roles (name, label) select distinct role, role from accounts;
alter table accounts drop constraint accounts_role_check;
alter table accounts add constraint accounts_role_fkey foreign key (role) references roles (name);

-- Desks beside the one that the account belongs to.
create table account_desks (
  account_id text not null references accounts (id) on delete cascade,
  desk_id text not null check (desk_id <> ''),
  primary key (account_id, desk_id)
);

-- Moves with every change of rights. Read in the statements that serve documents, so that none is served by older rights.
create table access_version (
  one boolean primary key default true check (one),
  version bigint not null
);
insert into access_version (version) values (1);

create function access_changed() returns trigger
language plpgsql
as $$
begin
  update access_version set version = version + 1;
  -- Changes of rights are rare, so this one may be announced inside its transaction.
  perform pg_notify('drover_feed', '');
  return null;
end $$;
create trigger roles_access after insert or update or delete on roles for each statement execute function access_changed();
create trigger account_desks_access after insert or update or delete on account_desks for each statement execute function access_changed();
create trigger accounts_access after insert or update of role, desk_id, disabled_at or delete on accounts
  for each statement execute function access_changed();

-- Every scope that an account was ever served by: what a device holds by an earlier one is withdrawn by comparing the two.
create table served_scopes (
  account_id text not null,
  collection text not null,
  -- Digest of the scope.
  key text not null,
  scope jsonb not null,
  since timestamptz not null default now(),
  primary key (account_id, collection, key)
);
