-- name: create
insert into api_keys (id, project, name, kind, sha256, prefix)
values ($1, $2, $3, $4, $5, $6)
returning *;

-- name: list
select * from api_keys order by created_at, id;

-- name: revoke
update api_keys set revoked_at = tunegate_now()
where id = $1 and revoked_at is null
returning *;

-- name: required
select exists (select from api_keys where kind = 'api') as required;

-- name: find
select * from api_keys where sha256 = $1 and revoked_at is null;
