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

-- name: admit
-- One row always: whether a key is needed, and the key with the hash $1 where it is in force.
select required.required, found.*
from (select exists (select from api_keys where kind = 'api') as required) as required
left join api_keys as found on found.sha256 = $1 and found.revoked_at is null;

-- name: revoked
-- Those of the keys $1 that open nothing any more.
select held.id
from unnest($1::text[]) as held (id)
where not exists (select from api_keys where api_keys.id = held.id and revoked_at is null);
