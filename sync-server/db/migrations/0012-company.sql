-- Moves with everything that the company sets for its rules: by it devices and servers know whether they have the newest.
create table company_version (
  version bigint not null,
  only_row boolean primary key default true check (only_row)
);
insert into company_version (version) values (1);

create function company_changed() returns trigger
language plpgsql
as $$
begin
  update company_version set version = version + 1;
  -- Changes are rare, so they may be announced inside their transaction.
  perform pg_notify('drover_company', '');
  return null;
end $$;
create trigger company_settings_company after insert or update or delete on company_settings
  for each row execute function company_changed();

-- Option lists that were changed, whole and in their order: [{"key", "label", "retired"}]. What is not here is as the program has it.
create table company_options (
  list text primary key,
  options jsonb not null,
  -- To be handed back with the next change.
  revision integer not null,
  changed_at timestamptz not null,
  changed_by text not null
);
create trigger company_options_company after insert or update or delete on company_options
  for each row execute function company_changed();

-- From this day on whoever has the role signs in with a second factor; null for no duty.
alter table roles add column second_factor_from date;

-- A session that began without a second factor ends when one is due; all but the one in use end when factors change.
alter table sessions drop constraint sessions_ended_why_check;
alter table sessions add constraint sessions_ended_why_check check (ended_why in (
  'signed_out', 'password_changed', 'device_revoked', 'token_reused', 'account_disabled', 'ended_by_other', 'second_factor_due', 'second_factor_removed',
  'factors_changed'
));

-- Devices refuse what is typed in any form of a series, so they are told.
create trigger series_company after update of prefix, width on series
  for each row when (old.prefix <> new.prefix or old.width <> new.width) execute function company_changed();
