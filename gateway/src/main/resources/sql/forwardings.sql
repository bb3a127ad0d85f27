-- name: enroll
insert into forwardings (job_id, upstream) values ($1, $2);

-- name: claim
-- One at a time, for some seconds, which its holder prolongs; of the upstreams $1, which this gateway knows. Two gateways never
-- get the same.
with due as (
    select job_id from forwardings
    where upstream = any($1) and due_at <= tunegate_now() and (lease_until is null or lease_until < tunegate_now())
    order by due_at
    limit 1
    for update skip locked
)
update forwardings
set attempt = attempt + 1, lease_until = tunegate_now() + forwarding_lease()
from due
where forwardings.job_id = due.job_id
returning forwardings.*;

-- name: renew
update forwardings set lease_until = tunegate_now() + forwarding_lease() where job_id = $1 and attempt = $2;

-- name: lock
-- Nothing where another attempt has it.
select * from forwardings where job_id = $1 and attempt = $2 for update;

-- name: lock_job
select * from forwardings where job_id = $1 for update;

-- name: create_sent
update forwardings set create_sent = true where job_id = $1;

-- name: created
update jobs set upstream_job_id = $2 where id = $1;

-- name: looked
-- All is well. Looked at again soon when something has changed, and less often the longer nothing does.
update forwardings
set tries = 0, problem = null, lease_until = null,
    quiet_looks = case when $2 then 0 else quiet_looks + 1 end,
    due_at = tunegate_now() + make_interval(secs =>
        case when $2 then 1 else least(30, 1 + quiet_looks) end * (0.75 + random() / 2))
where job_id = $1;

-- name: problem
-- $2 what is wrong, $3 the seconds that the upstream asks to wait.
update forwardings
set tries = case when problem is not distinct from $2 then tries + 1 else 1 end, problem = $2, lease_until = null,
    due_at = tunegate_now() + greatest(
        make_interval(secs => $3::integer),
        forwarding_pause(case when problem is not distinct from $2 then tries + 1 else 1 end))
where job_id = $1;

-- name: look_now
update forwardings set due_at = tunegate_now(), quiet_looks = 0 where job_id = $1;

-- name: done
delete from forwardings where job_id = $1;

-- name: known_events
select upstream_id from events where job_id = $1 and upstream_id = any($2);

-- name: append_events
-- $2 is a JSON array of {id, upstream_id, created_at, level, type, message, data}, the oldest first. Those that are there
-- already are left out.
with batch as (
    select value, row_number() over (order by ordinality) as place
    from jsonb_array_elements($2::text::jsonb) with ordinality
    where not exists (select from events where job_id = $1 and upstream_id = value ->> 'upstream_id')
), job as (
    update jobs set last_seq = last_seq + (select count(*) from batch)
    where id = $1
    returning id, project, last_seq - (select count(*) from batch) as before
)
insert into events (id, project, job_id, seq, level, type, message, data, upstream_id, created_at)
select value ->> 'id', project, job.id, before + place, value ->> 'level', value ->> 'type', value ->> 'message',
       nullif(value -> 'data', 'null'), value ->> 'upstream_id',
       coalesce(to_timestamp((value ->> 'created_at')::bigint), tunegate_now())
from job, batch;

-- name: progress
update jobs
set hyperparameters = $2::text::jsonb,
    trained_tokens = coalesce($3, trained_tokens),
    estimated_finish = case when $4::bigint is null then null else to_timestamp($4::bigint) end
where id = $1;

-- name: status
update jobs
set status = $2,
    started_at = case when $2 = 'running' then coalesce(started_at, tunegate_now()) else started_at end
where id = $1;

-- name: create_model
-- Nothing where the name is taken.
insert into models (id, project, job_id, base_model, upstream) values ($1, $2, $3, $4, $5)
on conflict (id) do nothing;

-- name: owns_model
select exists (select from models where id = $1 and job_id = $2) as found;

-- name: checkpoint
insert into checkpoints (id, project, job_id, step, model, metrics) values ($1, $2, $3, $4, $5, $6::text::jsonb)
on conflict (job_id, step) do update set model = excluded.model, metrics = excluded.metrics;

-- name: prune_checkpoints
-- Removes the checkpoints that the upstream keeps no longer: all but the steps $2. The finished model $3 stays.
with pruned as (
    delete from checkpoints where job_id = $1 and step <> all($2) returning model
)
update models set deleted_at = tunegate_now()
where id in (select model from pruned) and id is distinct from $3;

-- name: file
-- What a job's file is made of; nothing where it was deleted or has expired.
select filename, bytes, blob_id, sha256 from files
where project = $1 and id = $2 and file_is_trainable(files);

-- name: uploaded_file
select file_id from upstream_files where upstream = $1 and base_url = $2 and sha256 = $3;

-- name: file_uploaded
insert into upstream_files (upstream, base_url, sha256, file_id) values ($1, $2, $3, $4)
on conflict (upstream, base_url, sha256) do update set file_id = excluded.file_id, created_at = excluded.created_at;
