-- What an engine other than our workers is to answer with: a base model, whose `name` there the configuration says, or an
-- adapter, which gets a name that no other adapter ever had or will have. Whatever the engine still keeps under a name is
-- therefore that adapter's. `attempt` only grows: a gateway that names an older one has lost its lease.
create table servings (
    number       bigint generated always as identity primary key,
    engine       text        not null check (engine in ('vllm', 'llama.cpp', 'ollama')),
    base_url     text        not null,
    base_model   text        not null,
    adapter_blob text,
    name         text        not null,
    state        text        not null default 'waiting' check (
        state in ('waiting', 'loading', 'ready', 'failed', 'unloading')),
    reason       text,
    tries        integer     not null default 0 check (tries >= 0),
    due_at       timestamptz not null default tunegate_now(),
    attempt      integer     not null default 0 check (attempt >= 0),
    lease_until  timestamptz,
    created_at   timestamptz not null default tunegate_now(),

    constraint adapters_have_our_names check (adapter_blob is null or name ~ '^tunegate-[a-z0-9]{24}$'),
    constraint reason_when_failed check (state <> 'failed' or reason is not null),
    constraint no_reason_when_ready check (state <> 'ready' or reason is null),
    constraint base_models_stay check (adapter_blob is not null or state <> 'unloading')
);

create unique index servings_of_place on servings (engine, base_url, base_model, coalesce(adapter_blob, ''));
create unique index servings_by_name on servings (name) where adapter_blob is not null;
create index models_by_adapter on models (adapter_blob) where deleted_at is null;

create function serving_names_stay() returns trigger
    language plpgsql
as $$
begin
    raise exception 'the name % of an adapter stays as it is', old.name using errcode = 'check_violation';
end
$$;

create trigger serving_names_stay before update on servings for each row
    when (old.adapter_blob is not null and new.name <> old.name)
    execute function serving_names_stay();

-- When to try again: later after each try, and not all at the same time.
create function serving_pause(tries integer, longest integer) returns interval
    language sql volatile
as $$ select make_interval(secs => least(longest, power(2, least(tries, 10))) * (0.5 + random() / 2)) $$;

create function adapter_is_deleted(adapter text) returns boolean
    language sql stable
as $$ select adapter is not null and not exists (select from models where adapter_blob = adapter and deleted_at is null) $$;

-- What was deleted does not wait for its time.
create function serving_is_due(serving servings) returns boolean
    language sql stable
as $$
    select (serving.lease_until is null or serving.lease_until < tunegate_now())
       and (serving.due_at <= tunegate_now()
            or serving.state <> 'unloading' and adapter_is_deleted(serving.adapter_blob))
$$;
