-- name: list
-- The best is the one with the lowest loss on all validation examples, the first of equal ones.
select *, step is not distinct from (
    select step from checkpoints
    where job_id = $1 and metrics ->> 'full_valid_loss' is not null
    order by (metrics ->> 'full_valid_loss')::numeric, step
    limit 1
) as best
from checkpoints
where job_id = $1 and ($2::text is null or step < (select step from checkpoints where job_id = $1 and id = $2))
order by step desc
limit $3;

-- name: exists
select exists (select from checkpoints where job_id = $1 and step = $2) as found;

-- name: create_model
insert into models (id, project, job_id, base_model, adapter_blob) values ($1, $2, $3, $4, $5);

-- name: create
insert into checkpoints (id, project, job_id, step, model, metrics) values ($1, $2, $3, $4, $5, $6::text::jsonb);

-- name: prune
-- Keeps the $2 newest and the best; the models of the others are gone with them.
with best as (
    select step from checkpoints
    where job_id = $1 and metrics ->> 'full_valid_loss' is not null
    order by (metrics ->> 'full_valid_loss')::numeric, step
    limit 1
), pruned as (
    delete from checkpoints
    where job_id = $1
      and step not in (select step from checkpoints where job_id = $1 order by step desc limit $2)
      and step not in (select step from best)
    returning model
)
update models set deleted_at = tunegate_now() where id in (select model from pruned);

-- name: resume_from
-- Getting further gives the job all its tries again.
with further as (
    update jobs set resume_step = $2, resume_blob = $3
    where id = $1 and (resume_step is null or resume_step < $2)
    returning id
)
update tasks set tries = 0 where subject in (select id from further) and ended_at is null;

-- name: committed
-- What a later attempt may finish the job with.
select step, adapter_blob
from checkpoints join models on models.id = checkpoints.model
where checkpoints.job_id = $1 and deleted_at is null
order by step;

-- name: name_final
-- One checkpoint is the finished model itself and carries its name: the one with its adapter $3, else the last.
update checkpoints
set model = $2
where job_id = $1 and step = (
    select step
    from checkpoints join models on models.id = checkpoints.model
    where checkpoints.job_id = $1
    order by adapter_blob = $3 desc, step desc
    limit 1
);
