-- What workers are given to do, a row for each piece of work: checking a job's files, training it. The subject is what the
-- work is for, a job for these two kinds. What a kind needs to know beyond its subject is its payload, and what comes of it
-- beyond its subject's own row its result; jobs keep both in their own rows. `attempt` only grows, over all tasks of a
-- subject: a worker that names an older one has lost the work. `tries` counts the claims since the work last got
-- further; too many fail it.
create table tasks (
    number       bigint generated always as identity primary key,
    kind         text        not null check (kind in ('validate', 'train')),
    subject      text        not null,
    model        text        not null,
    state        text        not null default 'waiting' check (
        state in ('waiting', 'leased', 'paused', 'succeeded', 'failed', 'cancelled')),
    payload      jsonb       not null default '{}' check (jsonb_typeof(payload) = 'object'),
    result       jsonb       check (jsonb_typeof(result) = 'object'),
    attempt      integer     not null default 0 check (attempt >= 0),
    received_seq integer     not null default 0 check (received_seq >= 0),
    tries        integer     not null default 0 check (tries >= 0),
    lease_owner  text,
    lease_until  timestamptz,
    created_at   timestamptz not null default tunegate_now(),
    ended_at     timestamptz,

    constraint lease_is_whole check ((lease_owner is null) = (lease_until is null)),
    -- The worker of paused work keeps its lease until it has brought home what it has.
    constraint lease_only_while_worked_on check (lease_owner is null or state in ('leased', 'paused')),
    constraint leased_has_a_lease check (state <> 'leased' or lease_owner is not null),
    constraint ended_exactly_in_final_states check (
        (state in ('succeeded', 'failed', 'cancelled')) = (ended_at is not null)),
    constraint result_only_at_the_end check (result is null or ended_at is not null)
);

comment on column tasks.model is 'The base model that a worker must have to take it.';

create unique index tasks_open on tasks (subject) where ended_at is null;
create index tasks_of_subject on tasks (subject, number desc);
create index tasks_to_claim on tasks (kind, number) where state = 'waiting';
create index tasks_leased on tasks (lease_until) where lease_owner is not null;
create index tasks_owned on tasks (lease_owner) where lease_owner is not null;

-- The work that is there: of jobs that have ended, too, because their worker may repeat its last message.
insert into tasks (kind, subject, model, state, attempt, received_seq, tries, lease_owner, lease_until, created_at,
                   ended_at)
select case when status = 'validating_files' or (finished_at is not null and started_at is null)
            then 'validate' else 'train' end,
       id, base_model,
       case when finished_at is not null or status = 'paused' then status
            when lease_owner is not null then 'leased'
            else 'waiting' end,
       attempt, received_seq, tries, lease_owner, lease_until, created_at, finished_at
from jobs
where upstream is null
order by number;

create function check_task_transition() returns trigger
    language plpgsql
as $$
begin
    if old.ended_at is not null
        and (new.state, new.ended_at, new.result) is distinct from (old.state, old.ended_at, old.result) then
        raise exception 'task % of % is %, which is final', old.number, old.subject, old.state
            using errcode = 'check_violation';
    end if;
    if new.attempt < old.attempt then
        raise exception 'the attempt of task % only grows', old.number using errcode = 'check_violation';
    end if;
    if (new.kind, new.subject) is distinct from (old.kind, old.subject) then
        raise exception 'task % stays what it is', old.number using errcode = 'check_violation';
    end if;
    return new;
end
$$;

create trigger task_transition before update on tasks for each row execute function check_task_transition();

create or replace function check_job_transition() returns trigger
    language plpgsql
as $$
begin
    if old.status in ('succeeded', 'failed', 'cancelled')
        and (new.status, new.finished_at, new.fine_tuned_model, new.result_files, new.error)
            is distinct from (old.status, old.finished_at, old.fine_tuned_model, old.result_files, old.error) then
        raise exception 'job % is %, which is final', old.id, old.status using errcode = 'check_violation';
    end if;
    if new.status <> old.status and not (case
        when old.upstream is not null then new.status <> 'validating_files'
        when old.status = 'validating_files' then new.status in ('queued', 'failed', 'cancelled')
        when old.status = 'queued' then new.status in ('running', 'paused', 'failed', 'cancelled')
        when old.status = 'running' then new.status in ('queued', 'paused', 'succeeded', 'failed', 'cancelled')
        when old.status = 'paused' then new.status in ('queued', 'failed', 'cancelled')
        else false
    end) then
        raise exception 'job % cannot go from % to %', old.id, old.status, new.status using errcode = 'check_violation';
    end if;
    if new.last_seq < old.last_seq then
        raise exception 'last_seq of job % only grows', old.id using errcode = 'check_violation';
    end if;
    if new.upstream is distinct from old.upstream
        or (old.upstream_job_id is not null and new.upstream_job_id is distinct from old.upstream_job_id) then
        raise exception 'job % stays where it is', old.id using errcode = 'check_violation';
    end if;
    return new;
end
$$;

drop index jobs_to_claim, jobs_leased;
alter table jobs
    drop constraint lease_is_whole,
    drop constraint lease_only_while_worked_on,
    drop constraint running_has_a_lease,
    drop constraint forwarded_jobs_are_no_workers,
    drop column attempt,
    drop column received_seq,
    drop column tries,
    drop column lease_owner,
    drop column lease_until,
    add constraint forwarded_jobs_are_no_workers
        check (upstream is null or (resume_blob is null and start_adapter is null));

-- A job and its work agree at every commit: none without the other, and no state that the other contradicts. An upstream's
-- jobs have no work here.
create function check_job_has_its_task() returns trigger
    language plpgsql
as $$
declare
    job_id text;
    problem text;
begin
    if tg_table_name = 'jobs' then
        job_id := new.id;
    else
        job_id := new.subject;
    end if;
    select format('job %s is %s and its work %s', id, status, open) into problem
    from (
        select id, status, upstream, finished_at, coalesce((
            select kind || ' ' || state from tasks where subject = id and ended_at is null
        ), 'none') as open
        from jobs where id = job_id
    ) as job
    where case
        when upstream is not null or finished_at is not null then open <> 'none'
        when status = 'validating_files' then open not in ('validate waiting', 'validate leased')
        when status = 'queued' then open <> 'train waiting'
        when status = 'running' then open <> 'train leased'
        when status = 'paused' then open <> 'train paused'
    end;
    if problem is not null then
        raise exception '%', problem using errcode = 'check_violation';
    end if;
    return null;
end
$$;

create constraint trigger job_has_its_task after insert or update of status, finished_at, upstream on jobs
    deferrable initially deferred for each row execute function check_job_has_its_task();
create constraint trigger task_has_its_job after insert or update of state, ended_at on tasks
    deferrable initially deferred for each row execute function check_job_has_its_task();
