-- name: lock
-- One create at a time for one key or request: the second finds what the first has made.
select pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: by_key
select subject, request_sha256 from creates
where kind = $1 and project = $2 and caller = $3 and idempotency_key = $4;

-- name: by_request
-- What the same request has made of late, the newest first. What was cancelled or deleted is over.
select subject, tries, is_in_use, case kind
    when 'job' then exists (select from jobs where id = subject and status = 'cancelled')
    else not exists (select from files where id = subject and file_is_there(files))
end as is_over
from creates
where kind = $1 and project = $2 and caller = $3 and request_sha256 = $4 and idempotency_key is null
  and created_at > tunegate_now() - retry_window()
order by number desc;

-- name: add
-- Each makes room: a few of those that nobody repeats any more are forgotten. Those with keys stay.
with forgotten as (
    delete from creates where number in (
        select number from creates
        where idempotency_key is null and created_at <= tunegate_now() - retry_window()
        order by created_at
        limit 10
        for update skip locked)
)
insert into creates (kind, subject, project, caller, request_sha256, idempotency_key, tries)
values ($1, $2, $3, $4, $5, $6, array[$7::integer]);

-- name: add_try
update creates set tries = tries || $3::integer where kind = $1 and subject = $2;

-- name: used
-- $3 the caller that has used the id.
update creates set is_in_use = true
where kind = $1 and subject = $2 and caller = $3 and not is_listed and not is_in_use;

-- name: listed
update creates set is_listed = true
where kind = $1 and subject = any($2) and not is_listed and not is_in_use;
