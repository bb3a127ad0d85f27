-- name: usage
-- What a project has; nothing where it never had anything. In a transaction that has added something it is exact, because
-- that holds the row.
select open_jobs, files, stored_bytes from project_usage where project = $1;
