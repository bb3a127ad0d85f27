-- name: has_file
select exists (
    select from files
    where project = $1 and id = $2 and file_is_trainable(files)
) as found;

-- name: start_adapter
-- Nobody deletes the model before the job that continues from it is written.
select adapter_blob from models where project = $1 and id = $2 and deleted_at is null for share;

-- name: create
insert into jobs (model, training_file, validation_file, method, hyperparameters, suffix, seed, metadata, integrations,
                  id, project, caller, request_sha256, base_model, start_adapter, upstream)
values ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8::text::jsonb, $9::text::jsonb,
        $10, $11, $12, $13, $14, $15, $16)
returning *;

-- name: find
select * from jobs where project = $1 and id = $2;

-- name: lock
select * from jobs where id = $1 for update;

-- name: list
-- $3 is a map of metadata that a job must have, null for any; $4 asks for the jobs without metadata.
select * from jobs
where project = $1
  and ($2::text is null or number < (select number from jobs where project = $1 and id = $2))
  and ($3::text is null or metadata @> $3::text::jsonb)
  and (not $4 or metadata is null or metadata = '{}')
order by number desc
limit $5;

-- name: lock_free
-- Nothing where somebody else is changing it.
select * from jobs where id = $1 for no key update skip locked;

-- name: start
-- Nothing where somebody else is changing it.
with job as (
    select id, started_at is null as is_first_start from jobs where id = $1 for no key update skip locked
)
update jobs
set status = 'running', started_at = coalesce(started_at, tunegate_now())
from job
where jobs.id = job.id
returning jobs.*, is_first_start;

-- name: missing_file
-- The field of a file that was deleted or has expired since the job was created, null when all are there.
select case
    when not exists (select from files where project = $1 and id = $2 and file_is_trainable(files)) then 'training_file'
    when $3::text is not null
        and not exists (select from files where project = $1 and id = $3 and file_is_trainable(files))
        then 'validation_file'
end as field;

-- name: progress
update jobs
set hyperparameters = $2::text::jsonb,
    trained_tokens = coalesce($3, trained_tokens),
    estimated_finish = case
        when $4::integer is null or status = 'paused' then estimated_finish
        else tunegate_now() + make_interval(secs => $4::integer)
    end
where id = $1;

-- name: queue
update jobs set status = 'queued' where id = $1;

-- name: give_back
update jobs
set status = case when status = 'running' then 'queued' else status end, estimated_finish = null
where id = $1;

-- name: pause
update jobs
set status = 'paused', estimated_finish = null
where id = $1
returning *;

-- name: resume
update jobs set status = 'queued' where id = $1 returning *;

-- name: cancel
update jobs
set status = 'cancelled', finished_at = tunegate_now(), estimated_finish = null, resume_step = null, resume_blob = null
where id = $1
returning *;

-- name: fail
update jobs
set status = 'failed', finished_at = tunegate_now(), error = $2::text::jsonb,
    estimated_finish = null, resume_step = null, resume_blob = null
where id = $1;

-- name: succeed
update jobs
set status = 'succeeded', finished_at = tunegate_now(), fine_tuned_model = $2, result_files = $3,
    trained_tokens = coalesce($4, trained_tokens, 0), estimated_finish = null,
    resume_step = null, resume_blob = null
where id = $1;

-- name: add_timings
-- $2 is an object of seconds, which come on top of those of earlier attempts.
update jobs
set timings = (
    select jsonb_object_agg(key, value::numeric + coalesce((timings ->> key)::numeric, 0))
    from jsonb_each_text($2::text::jsonb)
)
where id = $1;
