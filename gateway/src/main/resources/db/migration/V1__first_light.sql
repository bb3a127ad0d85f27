-- The one clock. Every time in these tables and every comparison with the present comes from here, never from a
-- gateway's own clock. Tests replace the function to move time in their database.
create function tunegate_now() returns timestamptz
    language sql stable
as $$ select now() $$;

create table api_keys (
    id         text primary key,
    project    text        not null,
    name       text        not null,
    kind       text        not null check (kind in ('api', 'worker')),
    sha256     text        not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
    prefix     text        not null,
    created_at timestamptz not null default tunegate_now(),
    revoked_at timestamptz
);

create table files (
    number     bigint generated always as identity unique,
    id         text primary key,
    project    text        not null,
    purpose    text        not null,
    filename   text        not null,
    bytes      bigint      not null check (bytes >= 0),
    blob_id    text        not null,
    sha256     text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
    created_at timestamptz not null default tunegate_now(),
    expires_at timestamptz,
    deleted_at timestamptz
);

create index files_of_project on files (project, number desc) where deleted_at is null;
create index files_by_blob on files (blob_id);

-- A job is the API's object and its place in the queue in one row: a job without a place, or a place without a job,
-- cannot exist. `number` is the order of creation.
create table jobs (
    number           bigint generated always as identity unique,
    id               text primary key check (id ~ '^ftjob-[A-Za-z0-9]{24}$'),
    project          text        not null,
    status           text        not null default 'validating_files' check (
        status in ('validating_files', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),

    -- What was asked for.
    model            text        not null,
    training_file    text        not null,
    validation_file  text,
    method           text        not null check (method in ('supervised', 'dpo', 'reinforcement')),
    hyperparameters  jsonb       not null check (jsonb_typeof(hyperparameters) = 'object'),
    suffix           text        check (length(suffix) between 1 and 64),
    seed             integer     not null check (seed >= 0),
    metadata         jsonb       check (jsonb_typeof(metadata) = 'object'),
    integrations     jsonb       check (jsonb_typeof(integrations) = 'array'),
    created_at       timestamptz not null default tunegate_now(),

    -- Who asked, so that a retried create finds its job.
    caller           text        not null,
    request_sha256   text        not null,
    idempotency_key  text,

    -- How it goes. `last_seq` numbers the job's events.
    last_seq         integer     not null default 0 check (last_seq >= 0),
    started_at       timestamptz,
    estimated_finish timestamptz,
    trained_tokens   bigint      check (trained_tokens >= 0),
    resume_step      integer     check (resume_step > 0),
    resume_blob      text,

    -- Who works on it. `attempt` only grows: a worker that names an older one has lost the job. `tries` counts the
    -- claims since the job last got somewhere (entered its state, stored a resume state); too many fail the job.
    attempt          integer     not null default 0 check (attempt >= 0),
    received_seq     integer     not null default 0 check (received_seq >= 0),
    tries            integer     not null default 0 check (tries >= 0),
    lease_owner      text,
    lease_until      timestamptz,

    -- How it ended.
    finished_at      timestamptz,
    fine_tuned_model text,
    result_files     text[]      not null default '{}',
    error            jsonb       check (jsonb_typeof(error) = 'object'),

    constraint lease_is_whole check ((lease_owner is null) = (lease_until is null)),
    constraint lease_only_while_worked_on check (lease_owner is null or status in ('validating_files', 'running')),
    constraint running_has_a_lease check (status <> 'running' or lease_owner is not null),
    constraint running_has_started check (status <> 'running' or started_at is not null),
    constraint resume_state_is_whole check ((resume_step is null) = (resume_blob is null)),
    constraint finished_exactly_in_final_states check (
        (status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
    constraint model_exactly_when_succeeded check ((status = 'succeeded') = (fine_tuned_model is not null)),
    constraint result_files_only_when_succeeded check (status = 'succeeded' or cardinality(result_files) = 0),
    constraint error_exactly_when_failed check ((status = 'failed') = (error is not null))
);

create index jobs_of_project on jobs (project, number desc);
create index jobs_to_claim on jobs (number) where status in ('validating_files', 'queued') and lease_owner is null;
create index jobs_leased on jobs (lease_until) where lease_owner is not null;
create index jobs_by_request on jobs (project, caller, request_sha256);
create unique index jobs_by_idempotency_key on jobs (project, caller, idempotency_key);

create function check_job_transition() returns trigger
    language plpgsql
as $$
begin
    if old.status in ('succeeded', 'failed', 'cancelled')
        and (new.status, new.finished_at, new.fine_tuned_model, new.result_files, new.error)
            is distinct from (old.status, old.finished_at, old.fine_tuned_model, old.result_files, old.error) then
        raise exception 'job % is %, which is final', old.id, old.status using errcode = 'check_violation';
    end if;
    if new.status <> old.status and not (case old.status
        when 'validating_files' then new.status in ('queued', 'failed', 'cancelled')
        when 'queued' then new.status in ('running', 'paused', 'failed', 'cancelled')
        when 'running' then new.status in ('queued', 'paused', 'succeeded', 'failed', 'cancelled')
        when 'paused' then new.status in ('queued', 'failed', 'cancelled')
        else false
    end) then
        raise exception 'job % cannot go from % to %', old.id, old.status, new.status using errcode = 'check_violation';
    end if;
    if new.attempt < old.attempt or new.last_seq < old.last_seq then
        raise exception 'attempt and last_seq of job % only grow', old.id using errcode = 'check_violation';
    end if;
    return new;
end
$$;

create trigger job_transition before update on jobs for each row execute function check_job_transition();

create table events (
    id         text primary key,
    project    text        not null,
    job_id     text        not null references jobs (id),
    seq        integer     not null check (seq > 0),
    created_at timestamptz not null default tunegate_now(),
    level      text        not null check (level in ('info', 'warn', 'error')),
    type       text        not null check (type in ('message', 'metrics')),
    message    text        not null,
    data       jsonb       check (jsonb_typeof(data) = 'object'),
    step       integer generated always as (case when type = 'metrics' then (data ->> 'step')::integer end) stored,
    unique (job_id, seq)
);

create unique index events_once_per_step on events (job_id, step) where step is not null;

-- Bytes that a worker uploaded for a job. Nothing else may be named by that job's checkpoints and results. Once
-- committed (or once the job has ended) a blob that nothing refers to any more is removed, its row last.
create table job_blobs (
    id         text primary key,
    project    text        not null,
    job_id     text        not null references jobs (id),
    bytes      bigint      not null check (bytes >= 0),
    sha256     text        not null,
    committed  boolean     not null default false,
    created_at timestamptz not null default tunegate_now()
);

create index job_blobs_of_job on job_blobs (job_id);

-- Fine-tuned models and checkpoint models; base models live on the workers' disks.
create table models (
    number       bigint generated always as identity unique,
    id           text primary key,
    project      text        not null,
    job_id       text        not null references jobs (id),
    base_model   text        not null,
    adapter_blob text        not null,
    created_at   timestamptz not null default tunegate_now(),
    deleted_at   timestamptz
);

create index models_of_project on models (project, number desc) where deleted_at is null;

create table checkpoints (
    id           text primary key check (id ~ '^ftckpt_[A-Za-z0-9]{24}$'),
    project      text        not null,
    job_id       text        not null references jobs (id),
    step         integer     not null check (step > 0),
    created_at   timestamptz not null default tunegate_now(),
    model        text        not null references models (id),
    metrics      jsonb       not null check (jsonb_typeof(metrics) = 'object'),
    unique (job_id, step)
);

create table workers (
    id              text primary key,
    device          text        not null,
    memory_bytes    bigint,
    models          jsonb       not null check (jsonb_typeof(models) = 'array'),
    inference_url   text,
    inference_token text,
    last_seen       timestamptz not null default tunegate_now()
);
