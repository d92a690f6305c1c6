create table accounts (
  id text primary key,
  email text not null,
  name text not null,
  role text not null check (role in ('admin', 'broker', 'field', 'accounting')),
  desk_id text not null,
  password_hash text not null,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index accounts_email_unique on accounts (lower(email));

-- Secrets that sign access tokens; in the database so that several server processes agree.
create table signing_keys (
  kid text primary key,
  secret text not null,
  created_at timestamptz not null default now()
);
