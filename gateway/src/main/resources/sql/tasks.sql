-- name: add
-- Attempts go on from the subject's earlier tasks, so that no worker's old number is ever right again; so does its place in
-- the queue.
insert into tasks (kind, subject, model, attempt, queued_at)
select $1, $2, $3, coalesce(max(attempt), 0), coalesce(min(queued_at), tunegate_now()) from tasks where subject = $2;

-- name: announce
-- Wakes the pollers of every gateway once this transaction is committed.
select pg_notify('tunegate_tasks', '');

-- name: claim
-- $1 worker, $2 the kind, $3 the models that the worker has. The project with the fewest tasks at work is next, among those
-- the one whose last turn is the longest ago; within a project it is the oldest task. Two claims never wait for each other,
-- and never get the same task. A queue is what waits for one model in one project: the index holds them one behind the
-- other, and they are found by a jump from each to the next, however long they are.
with recursive queue (model, project) as (
    select asked.model, (
        select project from tasks
        where state = 'waiting' and kind = $2 and tasks.model = asked.model
        order by project
        limit 1)
    from (select distinct unnest($3::text[]) as model) as asked
    union all
    select queue.model, (
        select project from tasks
        where state = 'waiting' and kind = $2 and tasks.model = queue.model and tasks.project > queue.project
        order by project
        limit 1)
    from queue
    where queue.project is not null
), turn as (
    select model, project,
           (select count(*) from tasks
            where lease_owner is not null and kind = $2 and tasks.project = queue.project) as at_work,
           (select max(claimed_at) from tasks
            where claimed_at is not null and kind = $2 and tasks.project = queue.project) as last_turn,
           (select min(queued_at) from tasks
            where state = 'waiting' and kind = $2 and tasks.model = queue.model
              and tasks.project = queue.project) as oldest
    from queue
    where project is not null
    order by at_work, last_turn nulls first, oldest
), candidate as (
    select first.number
    from turn cross join lateral (
        select number from tasks
        where state = 'waiting' and kind = $2 and tasks.model = turn.model and tasks.project = turn.project
        order by queued_at, number
        limit 1
        for update skip locked) as first
    limit 1
)
update tasks
set state = 'leased',
    lease_owner = $1,
    lease_until = tunegate_now() + worker_lease(),
    claimed_at = tunegate_now(),
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
