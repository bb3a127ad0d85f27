-- A job may be trained by another host. `upstream` is that host's name in the configuration; no worker here ever has such a
-- job, so it has no lease, no attempts and no states to resume from. `upstream_job_id` is its id there, once known.
alter table jobs add column upstream text, add column upstream_job_id text;
alter table jobs drop constraint running_has_a_lease;
alter table jobs add constraint running_has_a_lease
    check (status <> 'running' or lease_owner is not null or upstream is not null);
alter table jobs add constraint forwarded_jobs_are_no_workers
    check (upstream is null or (lease_owner is null and attempt = 0 and resume_blob is null and start_adapter is null));
alter table jobs add constraint upstream_job_has_an_upstream check (upstream_job_id is null or upstream is not null);
create unique index jobs_by_upstream_job on jobs (upstream, upstream_job_id) where upstream_job_id is not null;

drop index jobs_to_claim;
create index jobs_to_claim on jobs (number)
    where status in ('validating_files', 'queued') and lease_owner is null and upstream is null;

-- What another host does between two looks is not seen, so its jobs may skip states.
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
    if new.attempt < old.attempt or new.last_seq < old.last_seq then
        raise exception 'attempt and last_seq of job % only grow', old.id using errcode = 'check_violation';
    end if;
    if new.upstream is distinct from old.upstream
        or (old.upstream_job_id is not null and new.upstream_job_id is distinct from old.upstream_job_id) then
        raise exception 'job % stays where it is', old.id using errcode = 'check_violation';
    end if;
    return new;
end
$$;

-- What is still to be done for a job at its upstream: one row from its creation until nothing is left to do. `create_sent`
-- is set before the job is created there, so that after a crash it is looked for first. `attempt` only grows: a gateway
-- that names an older one has lost its lease. `problem` is what keeps it from going on, of which its events have told.
create table forwardings (
    job_id      text primary key references jobs (id),
    upstream    text        not null,
    create_sent boolean     not null default false,
    tries       integer     not null default 0 check (tries >= 0),
    problem     text        check (problem in ('later', 'key_refused', 'refused', 'nonsense')),
    quiet_looks integer     not null default 0 check (quiet_looks >= 0),
    due_at      timestamptz not null default tunegate_now(),
    attempt     integer     not null default 0 check (attempt >= 0),
    lease_until timestamptz,

    constraint tries_exactly_with_a_problem check ((problem is null) = (tries = 0))
);

create index forwardings_due on forwardings (due_at);

-- When to try again: later after each try, five minutes at most, and not all at the same time.
create function forwarding_pause(tries integer) returns interval
    language sql volatile
as $$ select make_interval(secs => least(300, power(2, least(tries, 10))) * (0.5 + random() / 2)) $$;

-- Files that an upstream has, so that it gets none twice. Another account may be behind another entry of the same host.
create table upstream_files (
    upstream   text        not null,
    base_url   text        not null,
    sha256     text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
    file_id    text        not null,
    created_at timestamptz not null default tunegate_now(),
    primary key (upstream, base_url, sha256)
);

-- An upstream's events, once each, in its order. Its metrics are its own affair: a step may come twice, or be no number.
alter table events drop column step;
alter table events add column upstream_id text;
alter table events add column step integer generated always as (
    case when type = 'metrics' and upstream_id is null then (data ->> 'step')::integer end) stored;
create unique index events_once_per_step on events (job_id, step) where step is not null;
create unique index events_once_per_upstream_id on events (job_id, upstream_id) where upstream_id is not null;

-- A model is an adapter here, or another host's.
alter table models alter column adapter_blob drop not null, add column upstream text;
alter table models add constraint model_is_here_or_there check ((adapter_blob is null) <> (upstream is null));
