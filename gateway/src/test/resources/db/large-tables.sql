-- What a gateway has after years: 20,000 jobs, 200,000 events, 30,000 files, 15,000 blobs, half of all with the project p1.
-- Written past the triggers, which look at one row at a time.
set local session_replication_role = replica;

create temporary table of_job on commit drop as
select n, 'ftjob-' || lpad(n::text, 24, '0') as id, case when n % 2 = 0 then 'p1' else 'p' || 2 + n % 49 end as project
from generate_series(1, 20000) as n;

-- The last thousand are open: 100 being checked, 700 queued, 150 running, 50 paused. Every fortieth is an upstream's.
insert into jobs (id, project, status, model, base_model, training_file, validation_file, method, hyperparameters, seed,
                  metadata, created_at, caller, request_sha256, started_at, finished_at,
                  fine_tuned_model, error, upstream, upstream_job_id, last_seq)
select id, project, status, 'base', 'base', 'file-' || n, case when n % 3 = 0 then 'file-' || n + 1 end, 'supervised', '{}', 1,
       case when n % 4 < 2 then jsonb_build_object('env', 'prod', 'run', n::text) when n % 4 = 2 then '{}' end,
       now() - make_interval(mins => 20000 - n), 'key-' || n % 300, 'sha-' || n,
       case when n <= 19000 or status in ('running', 'paused') then now() end,
       case when n <= 19000 then now() end,
       case when status = 'succeeded' then 'ft:base::' || n end,
       case when status = 'failed' then '{"message": "x"}'::jsonb end,
       case when n % 40 = 1 then 'gpu-box' end,
       case when n % 40 = 1 then 'there-' || n end, 10
from (
    select *, case when n <= 15000 then 'succeeded' when n <= 17000 then 'failed' when n <= 19000 then 'cancelled'
                   when n <= 19100 and n % 40 <> 1 then 'validating_files' when n <= 19800 then 'queued'
                   when n <= 19950 then 'running' else 'paused' end as status
    from of_job
) as job;

insert into tasks (kind, subject, project, model, state, attempt, ended_at, queued_at, claimed_at)
select 'validate', id, project, 'base', 'succeeded', 1, now(), created_at, created_at from jobs
where upstream is null and status <> 'validating_files';
insert into tasks (kind, subject, project, model, state, attempt, ended_at, queued_at, claimed_at, is_heard, lease_owner,
                   lease_until)
select case when status = 'validating_files' then 'validate' else 'train' end, id, project, 'base',
       case status when 'validating_files' then 'waiting' when 'queued' then 'waiting' when 'running' then 'leased' else status end,
       2, finished_at, created_at, case when status not in ('validating_files', 'queued') then created_at end, true,
       case when status = 'running' then 'worker-' || number % 50 end,
       case when status = 'running' then now() + interval '1 hour' * (number % 50) - interval '1 minute' end
from jobs where upstream is null;

insert into events (id, project, job_id, seq, level, type, message, data)
select 'ftevent-' || lpad((n * 10 + seq)::text, 9, '0'), project, id, seq, 'info', case when seq > 2 then 'metrics' else 'message' end, 'x',
       case when seq > 2 then jsonb_build_object('step', seq) end
from of_job, generate_series(1, 10) as seq where n <= 10000;
insert into events (id, project, job_id, seq, level, type, message, data)
select 'ftevent-' || lpad((n * 10 + seq)::text, 9, '0'), project, id, seq, 'info', case when seq > 2 then 'metrics' else 'message' end, 'x',
       case when seq > 2 then jsonb_build_object('step', seq) end
from of_job, generate_series(1, 10) as seq where n > 10000;

insert into files (id, project, purpose, filename, bytes, blob_id, sha256, expires_at, deleted_at)
select 'file-' || n, case when n % 2 = 0 then 'p1' else 'p' || 2 + n % 49 end,
       case when n % 3 < 2 then 'fine-tune' when n % 1000 = 2 then 'user_data' else 'fine-tune-results' end, 'x.jsonl', 1,
       case when n % 3 = 2 then 'blob-' || n / 2 else 'upload-' || n end, repeat('a', 64),
       case when n % 10 = 0 then now() + make_interval(mins => n - 100) end,
       case when n % 5 = 4 then now() end
from generate_series(1, 30000) as n;

insert into job_blobs (id, project, job_id, bytes, sha256, committed)
select 'blob-' || n, project, id, 1, 'x', n % 50 <> 0 from of_job where n <= 15000;

insert into models (id, project, job_id, base_model, adapter_blob, upstream, deleted_at)
select 'ft:base::' || n, project, id, case when n % 8 < 5 then 'base' else 'other' end,
       case when n % 40 <> 1 then 'blob-' || n end, case when n % 40 = 1 then 'gpu-box' end,
       case when n % 6 = 5 then now() end
from of_job where n <= 15000;
-- Of each job the two checkpoints before its last one, which is the model.
insert into models (id, project, job_id, base_model, adapter_blob, deleted_at)
select 'ft:base::' || n || ':ckpt-step-' || step, project, id, 'base', 'blob-' || n || '-' || step,
       case when n > 3000 then now() end
from of_job, generate_series(1, 2) as step where n <= 6000;
insert into checkpoints (id, project, job_id, step, model, metrics)
select 'ftckpt_' || lpad((n * 10 + step)::text, 24, '0'), project, id, step,
       'ft:base::' || n || case when step < 3 then ':ckpt-step-' || step else '' end,
       jsonb_build_object('full_valid_loss', 1.5 - step / 10.0)
from of_job, generate_series(1, 3) as step where n <= 6000;

-- One job in five was asked for with a key, the jobs of the last hour by an SDK.
insert into creates (kind, subject, project, caller, request_sha256, idempotency_key, tries, is_in_use, created_at)
select 'job', id, project, caller, request_sha256, case when number % 5 = 0 then 'retry-' || number end, '{0}', number % 3 = 0,
       created_at
from jobs where number % 5 = 0 or number > 19900;
insert into project_usage (project, open_jobs, files, stored_bytes)
select distinct project, 10, 100, 1000 from of_job;

insert into servings (engine, base_url, base_model, adapter_blob, name, state, due_at)
select 'vllm', 'http://gpu:8000', 'base', adapter_blob, 'tunegate-' || lpad(number::text, 24, '0'), 'ready',
       case when number % 200 = 0 then now() else now() + interval '1 day' end
from models where base_model = 'base' and adapter_blob is not null and number <= 14900 and deleted_at is null;
insert into servings (engine, base_url, base_model, name, state)
values ('vllm', 'http://gpu:8000', 'base', 'base', 'ready');

insert into forwardings (job_id, upstream, due_at)
select id, upstream, case when number % 80 = 1 then now() else now() + interval '1 day' end from jobs
where upstream is not null and finished_at is null;
insert into upstream_files (upstream, base_url, sha256, file_id)
select 'gpu-box', 'http://gpu-box/v1', lpad(n::text, 64, '0'), 'file-there-' || n from generate_series(1, 5000) as n;

insert into stored_completions (id, project, request_id, model, dataset, metadata, request, messages, answer)
select 'chatcmpl-' || n, project, 'req', case when n % 1000 < 2 then 'rare' else 'base' end,
       case when n % 3 = 0 then 'set-' || n % 30 end, jsonb_build_object('env', 'prod', 'run', n::text), '{}',
       '[{"role": "user", "content": "hi"}]', '{"choices": []}'
from of_job;

insert into api_keys (id, project, name, kind, sha256, prefix, revoked_at)
select 'key-' || n, 'p' || n % 50, '', case when n % 10 = 0 then 'worker' else 'api' end, lpad(n::text, 64, '0'), 'sk', 
       case when n % 7 = 0 then now() end
from generate_series(0, 299) as n;
insert into workers (id, device, models, inference_url)
select 'worker-' || n, 'cpu', '[{"id": "base"}]', 'http://worker' from generate_series(0, 49) as n;
