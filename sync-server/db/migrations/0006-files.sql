-- Contents of files. What is known of a file is a document of its collection; here is only which contents are kept, who has
-- shown them, and what is on its way.

create table file_contents (
  sha256 text primary key,
  size bigint not null,
  stored_at timestamptz not null default now(),
  -- Since when no record that has shown it names it; null while one does.
  unnamed_since timestamptz
);

-- A record gives access to a content only when someone who may write the record has sent that content, or could read it
-- through another record. Without this, whoever knows a hash could write it into a record and read the file.
create table file_links (
  record_id text not null,
  sha256 text not null references file_contents (sha256) on delete cascade,
  linked_at timestamptz not null default now(),
  primary key (record_id, sha256)
);
create index file_links_sha256_idx on file_links (sha256);

-- Uploads under way, each account's own, so that nobody sees or spoils another's.
create table file_uploads (
  id text primary key,
  record_id text not null,
  sha256 text not null,
  account_id text not null,
  size bigint not null,
  received bigint not null default 0,
  -- Names of the received parts in the file store, in order.
  parts text[] not null default '{}',
  touched_at timestamptz not null default now(),
  unique (record_id, sha256, account_id)
);
create index file_uploads_account_idx on file_uploads (account_id);

-- What happened to contents, beside the audit of the records that name them. Nobody changes a row.
create table file_log (
  number bigint generated always as identity primary key,
  at timestamptz not null default now(),
  what text not null check (what in ('stored', 'linked', 'refused', 'collected', 'lost')),
  record_id text,
  sha256 text not null,
  size bigint,
  -- Why it was refused.
  code text,
  actor text,
  device text
);
create index file_log_sha256_idx on file_log (sha256);
