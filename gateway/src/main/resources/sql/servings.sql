-- $1, $2, $3 are an engine, its URL and a base model everywhere: the place that a row belongs to.

-- name: enroll_base
-- The configuration may call the base model otherwise than it did; whoever still looks for it under the old name has lost
-- its lease.
insert into servings (engine, base_url, base_model, name) values ($1, $2, $3, $4)
on conflict (engine, base_url, base_model, coalesce(adapter_blob, '')) do update
set name = excluded.name, state = 'waiting', reason = null, tries = 0, due_at = tunegate_now(),
    attempt = servings.attempt + 1, lease_until = null
where servings.name <> excluded.name;

-- name: not_enrolled
-- Of the $5 models behind number $4: a few at a time, round and round, so that no look takes long. `last` is where the next
-- look goes on, null when it starts again.
with slice as (
    select number, adapter_blob from models
    where base_model = $3 and adapter_blob is not null and deleted_at is null and number > $4
    order by number
    limit $5
)
select
    (select case when count(*) = $5 then max(number) end from slice) as last,
    array(
        select distinct adapter_blob from slice
        where not exists (
            select from servings
            where engine = $1 and base_url = $2 and base_model = $3
              and coalesce(servings.adapter_blob, '') = slice.adapter_blob
            offset 0)
    ) as adapters;

-- name: enroll
insert into servings (engine, base_url, base_model, adapter_blob, name) values ($1, $2, $3, $4, $5)
on conflict (engine, base_url, base_model, coalesce(adapter_blob, '')) do nothing;

-- name: any_due
select exists (
    select from servings where engine = $1 and base_url = $2 and base_model = $3 and serving_is_due(servings)
) as found;

-- name: confirm
-- The engine has the names $4; what was ready and has not been deleted still is.
update servings
set due_at = tunegate_now() + serving_check()
where engine = $1 and base_url = $2 and base_model = $3 and serving_is_due(servings)
  and name = any($4) and state = 'ready' and not adapter_is_deleted(adapter_blob);

-- name: claim
-- One at a time, for half a minute, which its holder prolongs. Two gateways never get the same. The engine has the names
-- $4: a model that is ready and among them answers while it is looked at, so it stays ready.
with due as (
    select number from servings
    where engine = $1 and base_url = $2 and base_model = $3 and serving_is_due(servings)
    order by due_at
    limit 1
    for update skip locked
)
update servings
set state = case when adapter_is_deleted(adapter_blob) then 'unloading'
                 when state = 'ready' and name = any($4) then 'ready'
                 else 'loading' end,
    attempt = attempt + 1,
    lease_until = tunegate_now() + serving_lease()
from due
where servings.number = due.number
returning servings.number, attempt, name, adapter_blob, state;

-- name: renew
update servings set lease_until = tunegate_now() + serving_lease() where number = $1 and attempt = $2;

-- name: ready
-- What was deleted while it was loaded does not wait for its next look.
update servings
set state = 'ready', reason = null, tries = 0, lease_until = null,
    due_at = tunegate_now() + case when adapter_is_deleted(adapter_blob) then interval '0' else serving_check() end
where number = $1 and attempt = $2;

-- name: not_ready
-- $3 the state, $4 what is wrong, $5 the longest pause before the next try, in seconds.
update servings
set state = case when state = 'unloading' then state else $3 end, reason = $4, tries = tries + 1, lease_until = null,
    due_at = tunegate_now() + case when state <> 'unloading' and adapter_is_deleted(adapter_blob) then interval '0'
                                   else serving_pause(tries, $5) end
where number = $1 and attempt = $2;

-- name: remove
delete from servings where number = $1 and attempt = $2;

-- name: out_of_reach
-- All that is due, as with not_ready.
update servings
set state = case when adapter_is_deleted(adapter_blob) then 'unloading' else $4 end,
    reason = $5, tries = tries + 1, lease_until = null, due_at = tunegate_now() + serving_pause(tries, $6)
where engine = $1 and base_url = $2 and base_model = $3 and serving_is_due(servings);

-- name: doubt
-- The engine told a client that it has no such model: the next look loads it again. A look that is under way began before
-- that and loses its lease, or it would call the model ready.
update servings
set state = 'waiting', due_at = tunegate_now(), attempt = attempt + 1, lease_until = null
where engine = $1 and base_url = $2 and base_model = $3 and name = $4 and state = 'ready';

-- name: find
-- For the project's model $5: the base model itself, or one that was fine-tuned from it.
select name, state, reason from servings
where engine = $1 and base_url = $2 and base_model = $3
  and coalesce(adapter_blob, '') = case when $5 = $3 then ''
      else (select adapter_blob from models where project = $4 and id = $5 and deleted_at is null) end;

-- name: list
-- Of the base model itself and of the adapters $4.
select adapter_blob, state, reason from servings
where engine = $1 and base_url = $2 and base_model = $3
  and coalesce(adapter_blob, '') = any(array_append($4::text[], ''));
