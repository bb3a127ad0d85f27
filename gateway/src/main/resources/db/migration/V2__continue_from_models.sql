-- A job may continue from a fine-tuned model. `model` is what was asked for, `base_model` what workers need, and
-- `start_adapter` the bytes to start from, which stay until the job has ended even if the model is deleted.
alter table jobs add column base_model text, add column start_adapter text;
update jobs set base_model = model;
alter table jobs alter column base_model set not null;

create index jobs_by_start_adapter on jobs (start_adapter) where start_adapter is not null and finished_at is null;
