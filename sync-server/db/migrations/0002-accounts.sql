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

-- Only hashes: whoever reads this table cannot sign in with it.
create table refresh_tokens (
  token_hash text primary key,
  -- All tokens that descend from one sign-in; revoked together when one of them is used twice.
  family text not null,
  account_id text not null references accounts (id),
  device text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index refresh_tokens_family_idx on refresh_tokens (family);

-- Secrets that sign access tokens; in the database so that several server processes agree.
create table signing_keys (
  kid text primary key,
  secret text not null,
  created_at timestamptz not null default now()
);
