-- A deletion makes what engines have of the model due. Until now every look at an engine asked of each of its adapters
-- whether it had been deleted.
create function make_servings_due() returns trigger
    language plpgsql
as $$
begin
    update servings set due_at = tunegate_now()
    where adapter_blob = old.adapter_blob and state <> 'unloading' and adapter_is_deleted(adapter_blob);
    return null;
end
$$;

create trigger deleted_models_are_unloaded after update of deleted_at on models for each row
    when (old.deleted_at is null and new.deleted_at is not null and old.adapter_blob is not null)
    execute function make_servings_due();

update servings set due_at = tunegate_now() where state <> 'unloading' and adapter_is_deleted(adapter_blob);

create or replace function serving_is_due(serving servings) returns boolean
    language sql stable
as $$
    select serving.due_at <= tunegate_now() and (serving.lease_until is null or serving.lease_until < tunegate_now())
$$;

create index servings_due on servings (engine, base_url, base_model, due_at);
create index servings_by_place_and_name on servings (engine, base_url, base_model, name);
create index servings_by_adapter on servings (adapter_blob) where adapter_blob is not null;
