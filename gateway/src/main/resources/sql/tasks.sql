-- name: claim
-- $1 worker, $2 the state of the jobs that wait for such a task, $3 the models that the worker has. Two claims never
-- wait for each other, and never get the same job.
with candidate as (
    select id, started_at is null and status = 'queued' as is_first_start
    from jobs
    where status = $2 and lease_owner is null and upstream is null and base_model = any($3)
    order by number
    limit 1
    for update skip locked
)
update jobs
set status = case when status = 'queued' then 'running' else status end,
    started_at = case when status = 'queued' then coalesce(started_at, tunegate_now()) end,
    lease_owner = $1,
    lease_until = tunegate_now() + worker_lease(),
    attempt = attempt + 1,
    tries = tries + 1,
    received_seq = 0
from candidate
where jobs.id = candidate.id
returning jobs.*, is_first_start;

-- name: missing_file
-- The field of a file that was deleted or has expired since the job was created, null when all are there.
with usable as (
    select id from files
    where project = $1 and file_is_trainable(files)
)
select case
    when $2 not in (select id from usable) then 'training_file'
    when $3::text is not null and $3 not in (select id from usable) then 'validation_file'
end as field;

-- name: renew
update jobs set lease_until = tunegate_now() + worker_lease() where id = $1;

-- name: progress
update jobs
set lease_until = tunegate_now() + worker_lease(),
    received_seq = $2,
    hyperparameters = $3::text::jsonb,
    trained_tokens = coalesce($4, trained_tokens),
    estimated_finish = case
        when $5::integer is null or status = 'paused' then estimated_finish
        else tunegate_now() + make_interval(secs => $5::integer)
    end
where id = $1;

-- name: expired
select id from jobs where lease_until < tunegate_now() order by lease_until limit 100;

-- name: lock_expired
select * from jobs where id = $1 and lease_until < tunegate_now() for update;

-- name: owned
select id from jobs where lease_owner = $1;

-- name: lock_owned
select * from jobs where id = $1 and lease_owner = $2 for update;

-- name: model
select id, base_model, adapter_blob from models where id = $1 and adapter_blob is not null and deleted_at is null;
