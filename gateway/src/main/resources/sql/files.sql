-- name: create
insert into files (id, project, purpose, filename, bytes, blob_id, sha256, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, tunegate_now() + $8 * interval '1 second')
returning *;

-- name: find
select * from files
where project = $1 and id = $2 and file_is_there(files);

-- name: list_newest
select * from files
where project = $1 and file_is_there(files)
  and ($2::text is null or purpose = $2)
  and ($3::text is null or number < (select number from files where project = $1 and id = $3))
order by number desc
limit $4;

-- name: list_oldest
select * from files
where project = $1 and file_is_there(files)
  and ($2::text is null or purpose = $2)
  and ($3::text is null or number > (select number from files where project = $1 and id = $3))
order by number
limit $4;

-- name: delete
update files set deleted_at = tunegate_now()
where project = $1 and id = $2 and file_is_there(files)
returning blob_id;

-- name: delete_expired
update files set deleted_at = tunegate_now()
where deleted_at is null and expires_at <= tunegate_now()
returning blob_id;

-- name: blob_in_use
select exists (select from files where blob_id = $1 and deleted_at is null)
    or exists (select from models where adapter_blob = $1 and deleted_at is null)
    or exists (select from jobs where start_adapter = $1 and finished_at is null) as in_use;

-- name: blobs_without_row
-- Finds the blobs among $1 that nothing names: no file, no model, no job. Those of deleted files are known all the same.
-- (`offset 0` has each blob looked up, where the planner would rather read whole tables.)
select blob.id, exists (select from files where blob_id = blob.id offset 0) as is_known
from unnest($1::text[]) as blob (id)
where not exists (select from files where blob_id = blob.id and deleted_at is null offset 0)
  and not exists (select from models where adapter_blob = blob.id and deleted_at is null offset 0)
  and not exists (select from jobs where start_adapter = blob.id and finished_at is null offset 0)
  and not exists (select from job_blobs where job_blobs.id = blob.id offset 0);

-- name: database_created_at
select created_at from installation;
