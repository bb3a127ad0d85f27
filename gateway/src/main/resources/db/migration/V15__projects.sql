-- Workers take turns over the projects, so a task has its subject's project. Whoever adds one need not say it.
alter table tasks
    add column project    text,
    add column claimed_at timestamptz;
update tasks
set project = (select project from jobs where id = subject),
    claimed_at = case when attempt > 0 then created_at end;
alter table tasks alter column project set not null;

comment on column tasks.claimed_at is 'When a worker last took it.';

create function task_has_its_project() returns trigger
    language plpgsql
as $$
begin
    new.project := (select project from jobs where id = new.subject);
    return new;
end
$$;

create trigger task_has_its_project before insert on tasks for each row
    when (new.project is null)
    execute function task_has_its_project();

drop index tasks_to_claim;
create index tasks_to_claim on tasks (kind, model, project, queued_at, number) where state = 'waiting';
create index tasks_at_work on tasks (kind, project) where lease_owner is not null;
create index tasks_claimed on tasks (kind, project, claimed_at) where claimed_at is not null;

-- What each project has, counted where it changes, so that a limit costs one look. Whoever adds something holds the row until
-- the end of its transaction: two cannot both take the last place.
create table project_usage (
    project      text primary key,
    open_jobs    bigint not null default 0,
    files        bigint not null default 0,
    stored_bytes bigint not null default 0
);

insert into project_usage (project, open_jobs, files, stored_bytes)
select project, coalesce(open_jobs, 0), coalesce(files, 0), coalesce(stored_bytes, 0)
from (select project, count(*) as open_jobs from jobs where finished_at is null group by project) as open
full join (
    select project, count(*) as files, sum(bytes) as stored_bytes from files where deleted_at is null group by project
) as stored using (project);

create function count_new_jobs() returns trigger
    language plpgsql
as $$
begin
    insert into project_usage (project, open_jobs)
    select project, count(*) from added where finished_at is null group by project order by project
    on conflict (project) do update set open_jobs = project_usage.open_jobs + excluded.open_jobs;
    return null;
end
$$;

create function count_ended_job() returns trigger
    language plpgsql
as $$
begin
    update project_usage set open_jobs = open_jobs - 1 where project = old.project;
    return null;
end
$$;

create function count_new_files() returns trigger
    language plpgsql
as $$
begin
    insert into project_usage (project, files, stored_bytes)
    select project, count(*), sum(bytes) from added where deleted_at is null group by project order by project
    on conflict (project) do update
    set files = project_usage.files + excluded.files,
        stored_bytes = project_usage.stored_bytes + excluded.stored_bytes;
    return null;
end
$$;

create function count_deleted_files() returns trigger
    language plpgsql
as $$
begin
    update project_usage as usage
    set files = usage.files - gone.files, stored_bytes = usage.stored_bytes - gone.bytes
    from (
        select before.project, count(*) as files, sum(before.bytes) as bytes
        from before join after using (id)
        where before.deleted_at is null and after.deleted_at is not null
        group by before.project
    ) as gone
    where usage.project = gone.project;
    return null;
end
$$;

create trigger count_new_jobs after insert on jobs
    referencing new table as added for each statement execute function count_new_jobs();
create trigger count_ended_job after update on jobs for each row
    when (old.finished_at is null and new.finished_at is not null) execute function count_ended_job();
create trigger count_deleted_job after delete on jobs for each row
    when (old.finished_at is null) execute function count_ended_job();
create trigger count_new_files after insert on files
    referencing new table as added for each statement execute function count_new_files();
create trigger count_deleted_files after update on files
    referencing old table as before new table as after for each statement execute function count_deleted_files();
