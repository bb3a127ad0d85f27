-- name: create
insert into job_blobs (id, project, job_id, bytes, sha256) values ($1, $2, $3, $4, $5);

-- name: find
select id, bytes, sha256 from job_blobs where job_id = $1 and id = $2;

-- name: commit
update job_blobs set committed = true where job_id = $1 and id = $2
returning id, bytes, sha256;

-- name: unused
-- Committed once, or left over by a job that has ended, and referred to by nothing any more. Of the $2 blobs behind $1: a
-- few at a time, round and round, so that no look takes long. `last` is where the next look goes on, null when it starts
-- again. (`offset 0` has each blob looked up, where the planner would rather read whole tables.)
with slice as (
    select id, job_id, committed from job_blobs where id > $1 order by id limit $2
)
select
    (select case when count(*) = $2 then max(id) end from slice) as last,
    array(
        select blob.id from slice as blob
        where exists (
            select from jobs
            where jobs.id = blob.job_id
              and (blob.committed or finished_at is not null)
              and blob.id is distinct from resume_blob
            offset 0)
          and not exists (select from models where adapter_blob = blob.id and deleted_at is null offset 0)
          and not exists (select from files where blob_id = blob.id and deleted_at is null offset 0)
          and not exists (select from jobs where start_adapter = blob.id and finished_at is null offset 0)
    ) as unused;

-- name: remove
delete from job_blobs where id = $1;

-- name: create_result_file
insert into files (id, project, purpose, filename, bytes, blob_id, sha256)
values ($1, $2, 'fine-tune-results', $3, $4, $5, $6);
