-- name: create
insert into stored_completions (id, project, request_id, model, dataset, metadata, request, messages, answer)
values ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::json, $8::text::json, $9::text::json)
on conflict (project, id) do nothing;

-- name: list_oldest
-- $4 is a map of metadata that a completion must have, null for any.
select id, request_id, dataset, metadata::text, request::text, answer::text, created_at
from stored_completions
where project = $1
  and ($2::text is null or model = $2)
  and ($3::text is null or dataset = $3)
  and ($4::text is null or metadata @> $4::text::jsonb)
  and ($5::text is null or number > (select number from stored_completions where project = $1 and id = $5))
order by number
limit $6;

-- name: list_newest
select id, request_id, dataset, metadata::text, request::text, answer::text, created_at
from stored_completions
where project = $1
  and ($2::text is null or model = $2)
  and ($3::text is null or dataset = $3)
  and ($4::text is null or metadata @> $4::text::jsonb)
  and ($5::text is null or number < (select number from stored_completions where project = $1 and id = $5))
order by number desc
limit $6;

-- name: find
select id, request_id, dataset, metadata::text, request::text, answer::text, created_at
from stored_completions
where project = $1 and id = $2;

-- name: messages_oldest
-- Behind the message at position $3, which counts from 0.
select position - 1 as position, message::text
from stored_completions, json_array_elements(messages) with ordinality as element (message, position)
where project = $1 and id = $2 and position - 1 > $3
order by position
limit $4;

-- name: messages_newest
-- Before the message at position $3.
select position - 1 as position, message::text
from stored_completions, json_array_elements(messages) with ordinality as element (message, position)
where project = $1 and id = $2 and position - 1 < $3
order by position desc
limit $4;

-- name: set_metadata
update stored_completions set metadata = $3::text::jsonb
where project = $1 and id = $2
returning id, request_id, dataset, metadata::text, request::text, answer::text, created_at;

-- name: delete
delete from stored_completions where project = $1 and id = $2;
