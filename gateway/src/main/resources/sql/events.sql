-- name: append
-- $2 is a JSON array of {id, level, type, message, data}; they get the job's next numbers in this order.
with batch as (
    select value, ordinality from jsonb_array_elements($2::text::jsonb) with ordinality
), job as (
    update jobs set last_seq = last_seq + (select count(*) from batch)
    where id = $1
    returning id, project, last_seq - (select count(*) from batch) as before
)
insert into events (id, project, job_id, seq, level, type, message, data)
select value ->> 'id', project, job.id, before + ordinality, value ->> 'level', value ->> 'type', value ->> 'message',
       nullif(value -> 'data', 'null')
from job, batch;

-- name: list
select * from events
where job_id = $1 and ($2::text is null or seq < (select seq from events where job_id = $1 and id = $2))
order by seq desc
limit $3;

-- name: reported_steps
select step from events where job_id = $1 and step = any($2);
