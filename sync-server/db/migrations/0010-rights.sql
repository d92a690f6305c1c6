-- Roles are edited by several people: whoever saves says which state was seen.
alter table roles add column revision bigint not null default 1;
