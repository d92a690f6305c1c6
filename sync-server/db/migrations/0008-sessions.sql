alter table signing_keys add column use text not null default 'access' check (use in ('access', 'seal', 'grant'));

-- One row for each account on each device; `device` is the name that the device gave itself, so it counts only beside the account.
create table devices (
  account_id text not null references accounts (id),
  device text not null,
  name text not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  address text not null,
  revoked_at timestamptz,
  revoked_by text,
  -- When the device said that it had removed everything.
  wiped_at timestamptz,
  primary key (account_id, device)
);

-- One row for each sign-in; its refresh tokens follow each other.
create table sessions (
  id text primary key,
  account_id text not null,
  device text not null,
  method text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  -- When its person last proved who they are; what is dangerous asks for it anew.
  proved_at timestamptz not null,
  -- By the clock of the database, unlike the others: every server process asks what ended within the life of an access token.
  ended_at timestamptz,
  ended_why text check (ended_why in ('signed_out', 'password_changed', 'device_revoked', 'token_reused', 'account_disabled')),
  check ((ended_at is null) = (ended_why is null)),
  foreign key (account_id, device) references devices (account_id, device)
);
create index sessions_live_idx on sessions (account_id, device) where ended_at is null;
create index sessions_ended_idx on sessions (ended_at) where ended_at is not null;

-- Only hashes: whoever reads this table cannot sign in with it.
create table refresh_tokens (
  token_hash text primary key,
  session_id text not null references sessions (id) on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- The token that it was exchanged for; the same exchange may be asked for again until that one is used.
  next_hash text
);
create index refresh_tokens_session_idx on refresh_tokens (session_id);

-- Failed sign-ins by account and by network address, for all server processes together.
create table brakes (
  key text primary key,
  failures integer not null,
  counting_since timestamptz not null,
  blocked_until timestamptz,
  -- Blocks in a row; each is twice as long as the one before.
  blocks integer not null default 0
);

-- What happened to accounts and sign-ins. Append-only.
create table security_events (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  account_id text,
  -- As it was then; the account may be renamed later.
  account_name text not null,
  device text not null,
  address text not null,
  details jsonb not null
);
create index security_events_account_idx on security_events (account_id, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger security_events_kept before update or delete on security_events for each row execute function refuse_change();
create trigger security_events_kept_whole before truncate on security_events for each statement execute function refuse_change();

-- In the database, so that no path can disable an account and leave its sessions alive.
create function end_sessions_of_disabled() returns trigger language plpgsql as $$
begin
  update sessions set ended_at = clock_timestamp(), ended_why = 'account_disabled' where account_id = new.id and ended_at is null;
  return null;
end $$;
create trigger accounts_disabled after update of disabled_at on accounts
  for each row when (new.disabled_at is not null and old.disabled_at is null) execute function end_sessions_of_disabled();

create function announce_ended_sessions() returns trigger language plpgsql as $$
begin
  perform pg_notify('drover_sessions', '');
  return null;
end $$;
create trigger sessions_ended after update of ended_at on sessions
  for each row when (new.ended_at is not null and old.ended_at is null) execute function announce_ended_sessions();

-- Whoever was invited has none yet, and whoever signs in through another system never has one.
alter table accounts alter column password_hash drop not null;

-- What is handed out to be used once, within a short time: links in mails, and the steps of a sign-in. Only hashes.
create table one_time_tokens (
  token_hash text primary key,
  purpose text not null,
  account_id text references accounts (id) on delete cascade,
  data jsonb not null default '{}',
  expires_at timestamptz not null,
  used_at timestamptz
);
create index one_time_tokens_account_idx on one_time_tokens (account_id, purpose);
create index one_time_tokens_expires_idx on one_time_tokens (expires_at);

-- Second factors. The secret of an authenticator app is sealed (auth/seal.ts); recovery codes are hashes.
create table totp_secrets (
  account_id text primary key references accounts (id) on delete cascade,
  sealed text not null,
  -- Null until a first code has shown that the app has it.
  confirmed_at timestamptz,
  -- The half minute of the last code that was taken; it and those before are refused.
  last_step bigint not null default 0
);
create table recovery_codes (
  account_id text not null references accounts (id) on delete cascade,
  code_hash text not null,
  used_at timestamptz,
  primary key (account_id, code_hash)
);
create table passkeys (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  public_key text not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null,
  used_at timestamptz
);
create index passkeys_account_idx on passkeys (account_id);

-- Who an account is in another system (OpenID Connect). Linked at the first sign-in by a verified address; the subject stays.
create table external_identities (
  issuer text not null,
  subject text not null,
  account_id text not null references accounts (id) on delete cascade,
  linked_at timestamptz not null,
  primary key (issuer, subject)
);
