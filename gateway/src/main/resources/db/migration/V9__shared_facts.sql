-- How long things last, each said once. A worker renews the lease of its task with every report.
create function worker_lease() returns interval
    language sql immutable
as $$ select interval '60 seconds' $$;

-- A worker claims at least once a minute; one that is silent for longer has gone.
create function worker_silence() returns interval
    language sql immutable
as $$ select interval '90 seconds' $$;

-- A gateway renews it while it looks after a forwarded job.
create function forwarding_lease() returns interval
    language sql immutable
as $$ select interval '20 seconds' $$;

-- A gateway renews it while it loads or unloads an engine's model.
create function serving_lease() returns interval
    language sql immutable
as $$ select interval '30 seconds' $$;

-- A model that an engine has answered with is looked after again behind this.
create function serving_check() returns interval
    language sql immutable
as $$ select interval '10 seconds' $$;

-- Whether a file can be read and named: neither deleted nor expired.
create function file_is_there(file files) returns boolean
    language sql stable
as $$ select file.deleted_at is null and (file.expires_at is null or file.expires_at > tunegate_now()) $$;

-- Whether a job may name a file.
create function file_is_trainable(file files) returns boolean
    language sql stable
as $$ select file.purpose = 'fine-tune' and file_is_there(file) $$;
