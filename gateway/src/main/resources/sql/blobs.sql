-- name: create
insert into job_blobs (id, project, job_id, bytes, sha256) values ($1, $2, $3, $4, $5);

-- name: find
select id, bytes, sha256 from job_blobs where job_id = $1 and id = $2;

-- name: commit
update job_blobs set committed = true where job_id = $1 and id = $2
returning id, bytes, sha256;

-- name: unused
-- Committed once, or left over by a job that has ended, and referred to by nothing any more.
select blob.id
from job_blobs as blob join jobs on jobs.id = blob.job_id
where (blob.committed or jobs.finished_at is not null)
  and blob.id is distinct from jobs.resume_blob
  and not exists (select from models where adapter_blob = blob.id and deleted_at is null)
  and not exists (select from files where blob_id = blob.id and deleted_at is null)
  and not exists (select from jobs as continuing where start_adapter = blob.id and finished_at is null)
limit 100;

-- name: remove
delete from job_blobs where id = $1;

-- name: create_result_file
insert into files (id, project, purpose, filename, bytes, blob_id, sha256)
values ($1, $2, 'fine-tune-results', $3, $4, $5, $6);
