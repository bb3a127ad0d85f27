-- What is looked up often is found by an index, however large the tables have become.
create index jobs_by_metadata on jobs using gin (metadata jsonb_path_ops);
create index jobs_without_metadata on jobs (project, number desc) where metadata is null or metadata = '{}';

create index files_of_purpose on files (project, purpose, number desc) where deleted_at is null;
create index files_expiring on files (expires_at) where deleted_at is null;

create index stored_completions_by_metadata on stored_completions using gin (metadata jsonb_path_ops);
create index stored_completions_of_model on stored_completions (project, model, number);

-- The old one's condition named lease_owner, which a search by lease_until says nothing of: it was never used.
drop index tasks_leased;
create index tasks_leased on tasks (lease_until) where lease_until is not null;

create index models_of_base on models (base_model, number) where adapter_blob is not null and deleted_at is null;
