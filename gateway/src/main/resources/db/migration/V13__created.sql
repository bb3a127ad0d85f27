-- When the database came to be. Bytes on the disk that are older and have no row here belonged to another one: nobody may
-- take them for leftovers.
create table installation (
    only_row   boolean     primary key default true,
    created_at timestamptz not null,

    constraint there_is_one_row check (only_row)
);

-- A database that is there already is as old as its first migration, or as the oldest that is in it.
insert into installation (created_at)
select least(
    (select min(installed_on)::timestamptz from flyway_schema_history),
    (select min(created_at) from files),
    (select min(created_at) from jobs),
    now());
