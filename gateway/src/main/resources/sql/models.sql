-- name: list
-- The $3 newest models before number $2. A job's last checkpoint is its final model, under the name that its event told;
-- it answers, and is not listed twice: `is_listed` is false.
select number, id, base_model, adapter_blob, upstream, created_at,
    not exists (
        select from models as later
        where later.adapter_blob = models.adapter_blob and later.number > models.number and later.deleted_at is null
        offset 0) as is_listed
from models
where project = $1 and deleted_at is null and number < $2
order by number desc
limit $3;

-- name: find
select id, base_model, adapter_blob, upstream, created_at from models
where project = $1 and id = $2 and deleted_at is null;

-- name: delete
-- Under all its names.
update models set deleted_at = tunegate_now()
where project = $1 and deleted_at is null
  and (id = $2 or adapter_blob = (select adapter_blob from models where project = $1 and id = $2 and deleted_at is null))
returning adapter_blob;

-- name: locate
-- The base of the project's fine-tuned model $2, and the upstream that has it if any; whether $2 is a base model of a
-- worker that is there; whether another
-- project has a fine-tuned model of that name.
select
    (select base_model from models where project = $1 and id = $2 and deleted_at is null) as base_model,
    (select upstream from models where project = $1 and id = $2 and deleted_at is null) as upstream,
    exists (
        select from workers
        where last_seen > tunegate_now() - worker_silence()
          and models @> jsonb_build_array(jsonb_build_object('id', $2::text))
    ) as is_base,
    exists (select from models where id = $2 and project <> $1) as is_anothers;

-- name: adapter
-- What a worker needs to answer with it; nothing for a model of an upstream.
select id, base_model, adapter_blob from models where id = $1 and adapter_blob is not null and deleted_at is null;
