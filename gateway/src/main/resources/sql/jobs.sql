-- name: lock_request
-- One create at a time for one key or body: the second finds the first one's job.
select pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: find_by_key
select * from jobs where project = $1 and caller = $2 and idempotency_key = $3;

-- name: find_first_try
select * from jobs
where project = $1 and caller = $2 and request_sha256 = $3
  and created_at > tunegate_now() - interval '10 minutes'
order by number desc
limit 1;

-- name: has_file
select exists (
    select from files
    where project = $1 and id = $2 and file_is_trainable(files)
) as found;

-- name: start_adapter
-- Nobody deletes the model before the job that continues from it is written.
select adapter_blob from models where project = $1 and id = $2 and deleted_at is null for share;

-- name: create
insert into jobs (id, project, model, training_file, validation_file, method, hyperparameters, suffix, seed,
                  metadata, integrations, caller, request_sha256, idempotency_key, base_model, start_adapter,
                  upstream)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10::text::jsonb, $11::text::jsonb, $12, $13, $14, $15, $16, $17)
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

-- name: announce
-- Wakes the pollers of every gateway once this transaction is committed.
select pg_notify('tunegate_tasks', '');

-- name: queue
update jobs
set status = 'queued', tries = 0, lease_owner = null, lease_until = null
where id = $1;

-- name: give_back
-- The next worker goes on where this one stopped.
update jobs
set status = case when status = 'running' then 'queued' else status end,
    tries = $2, lease_owner = null, lease_until = null, estimated_finish = null
where id = $1;

-- name: pause
-- A worker that holds the job keeps it for as long as its lease runs, to save what it has.
update jobs
set status = 'paused', estimated_finish = null
where id = $1
returning *;

-- name: resume
-- A worker that has not brought its state home by now has lost the job.
update jobs
set status = 'queued', tries = 0, lease_owner = null, lease_until = null
where id = $1
returning *;

-- name: cancel
update jobs
set status = 'cancelled', finished_at = tunegate_now(), lease_owner = null, lease_until = null,
    estimated_finish = null, resume_step = null, resume_blob = null
where id = $1
returning *;

-- name: fail
update jobs
set status = 'failed', finished_at = tunegate_now(), error = $2::text::jsonb, lease_owner = null, lease_until = null,
    estimated_finish = null, resume_step = null, resume_blob = null
where id = $1;

-- name: succeed
update jobs
set status = 'succeeded', finished_at = tunegate_now(), fine_tuned_model = $2, result_files = $3,
    trained_tokens = coalesce($4, trained_tokens, 0), lease_owner = null, lease_until = null, estimated_finish = null,
    resume_step = null, resume_blob = null
where id = $1;
