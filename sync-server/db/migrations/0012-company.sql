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
