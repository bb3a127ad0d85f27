-- name: add
-- Attempts go on from the subject's earlier tasks, so that no worker's old number is ever right again; so does its place in
-- the queue.
insert into tasks (kind, subject, model, attempt, queued_at)
select $1, $2, $3, coalesce(max(attempt), 0), coalesce(min(queued_at), tunegate_now()) from tasks where subject = $2;

-- name: announce
-- Wakes the pollers of every gateway once this transaction is committed.
select pg_notify('tunegate_tasks', '');

-- name: claim
-- $1 worker, $2 the kind, $3 the models that the worker has. Two claims never wait for each other, and never get the same
-- task.
with candidate as (
    select number
    from tasks
    where state = 'waiting' and kind = $2 and model = any($3)
    order by queued_at, number
    limit 1
    for update skip locked
)
update tasks
set state = 'leased',
    lease_owner = $1,
    lease_until = tunegate_now() + worker_lease(),
    attempt = attempt + 1,
    is_heard = false,
    received_seq = 0
from candidate
where tasks.number = candidate.number
returning tasks.*, extract(epoch from worker_lease())::integer as lease_seconds;

-- name: heard
-- The first sign of life of an attempt makes it a try.
update tasks set tries = tries + 1, is_heard = true where number = $1 and not is_heard;

-- name: latest
-- Whoever asks has locked the subject, which every other change of its tasks does, too.
select *, extract(epoch from worker_lease())::integer as lease_seconds
from tasks
where subject = $1
order by number desc
limit 1;

-- name: renew
update tasks set lease_until = tunegate_now() + worker_lease() where number = $1;

-- name: received
update tasks set lease_until = tunegate_now() + worker_lease(), received_seq = $2 where number = $1;

-- name: give_back
-- The next worker goes on where this one stopped; what is paused waits for its resumption.
update tasks
set state = case when state = 'leased' then 'waiting' else state end,
    tries = $2, lease_owner = null, lease_until = null
where number = $1;

-- name: pause
-- A worker that holds it keeps it for as long as its lease runs, to save what it has.
update tasks set state = 'paused' where subject = $1 and ended_at is null;

-- name: resume
-- A worker that has not brought its state home by now has lost it.
update tasks
set state = 'waiting', tries = 0, lease_owner = null, lease_until = null
where subject = $1 and ended_at is null;

-- name: end
update tasks
set state = $2, ended_at = tunegate_now(), lease_owner = null, lease_until = null
where subject = $1 and ended_at is null;

-- name: expired
select number, subject from tasks where lease_until < tunegate_now() order by lease_until limit 100;

-- name: owned
select number, subject from tasks where lease_owner = $1;

-- name: lost
-- Nothing where the worker has reported since, or somebody else was faster. $2 the worker that is known to be dead, null for
-- whoever has let the lease run out.
select *, extract(epoch from worker_lease())::integer as lease_seconds
from tasks
where number = $1 and case when $2::text is null then lease_until < tunegate_now() else lease_owner = $2 end
for update;
