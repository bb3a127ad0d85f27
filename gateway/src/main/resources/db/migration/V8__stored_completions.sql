-- Answers that a chat request asked to keep, each with its request: one row, so that half of one cannot exist. What was
-- said is json, not jsonb: the order of members stays (chat templates print a tool's schema as it was sent), and so do
-- numbers beyond jsonb's and the character U+0000, which jsonb refuses.
create table stored_completions (
    number     bigint generated always as identity primary key,
    id         text        not null check (length(id) between 1 and 256),
    project    text        not null,
    request_id text        not null,
    model      text        not null,
    dataset    text        check (dataset ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    metadata   jsonb       not null check (jsonb_typeof(metadata) = 'object'),
    request    json        not null check (json_typeof(request) = 'object'),
    messages   json        not null check (json_typeof(messages) = 'array'),
    answer     json        not null check (json_typeof(answer) = 'object'),
    created_at timestamptz not null default tunegate_now(),

    unique (project, id)
);

comment on column stored_completions.request is 'As the client sent it, but for messages, store, metadata and dataset.';
comment on column stored_completions.answer is 'The completion, put together where it was a stream.';

create index stored_completions_of_project on stored_completions (project, number);
create index stored_completions_of_dataset on stored_completions (project, dataset, number) where dataset is not null;
