-- name: list
select id, base_model, adapter_blob, created_at from models
where project = $1 and deleted_at is null
order by number desc;

-- name: find
select id, base_model, adapter_blob, created_at from models
where project = $1 and id = $2 and deleted_at is null;

-- name: delete
update models set deleted_at = tunegate_now()
where project = $1 and id = $2 and deleted_at is null
returning adapter_blob;
