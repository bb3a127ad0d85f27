-- name: seen
insert into workers (id, device, memory_bytes, models, inference_url, inference_token)
values ($1, $2, $3, $4::text::jsonb, $5, $6)
on conflict (id) do update
set device = excluded.device, memory_bytes = excluded.memory_bytes, models = excluded.models,
    inference_url = excluded.inference_url, inference_token = excluded.inference_token, last_seen = tunegate_now();

-- name: gone
delete from workers where id = $1;

-- name: forget_silent
delete from workers where last_seen < tunegate_now() - interval '1 day';

-- name: models
select distinct model.value ->> 'id' as model
from workers, jsonb_array_elements(models) as model
where last_seen > tunegate_now() - worker_silence();

-- name: answering
select distinct model.value ->> 'id' as model
from workers, jsonb_array_elements(models) as model
where inference_url is not null and last_seen > tunegate_now() - worker_silence();

-- name: serving
select id, inference_url, inference_token from workers
where inference_url is not null
  and last_seen > tunegate_now() - worker_silence()
  and models @> jsonb_build_array(jsonb_build_object('id', $1::text))
order by last_seen desc, id;
