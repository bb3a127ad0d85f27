-- An SDK that saw no answer asks again, without saying which request it repeats. It has given up by then: OpenAI's wait ten
-- minutes for an answer, and ask three times.
create function retry_window() returns interval
    language sql immutable
as $$ select interval '1 hour' $$;

-- What made a job or a file: a row for each that a client has asked for. Without a key of the client's, the number that an
-- SDK gives to each try is all there is to tell a repetition from another request for the same. What they mean together is
-- said in `retries/Tries`.
create table creates (
    number          bigint generated always as identity primary key,
    kind            text        not null check (kind in ('job', 'file')),
    subject         text        not null,
    project         text        not null,
    caller          text        not null,
    request_sha256  text        not null,
    idempotency_key text,
    tries           integer[]   not null check (cardinality(tries) > 0),
    is_listed       boolean     not null default false,
    is_in_use       boolean     not null default false,
    created_at      timestamptz not null default tunegate_now()
);

comment on column creates.tries is 'The numbers of the tries that have come, 0 for the first.';
comment on column creates.is_listed is 'A list has shown the id: who knows it need not have got the answer.';
comment on column creates.is_in_use is 'Its caller has used the id, and knew it from the answer.';

create unique index creates_of_subject on creates (kind, subject);
create unique index creates_by_key on creates (kind, project, caller, idempotency_key) where idempotency_key is not null;
create index creates_by_request on creates (kind, project, caller, request_sha256, number)
    where idempotency_key is null;
create index creates_to_forget on creates (created_at) where idempotency_key is null;

insert into creates (kind, subject, project, caller, request_sha256, idempotency_key, tries, is_listed, created_at)
select 'job', id, project, caller, request_sha256, idempotency_key, '{0}', true, created_at
from jobs
where idempotency_key is not null or created_at > tunegate_now() - retry_window()
order by number;

drop index jobs_by_request, jobs_by_idempotency_key;
alter table jobs drop column idempotency_key;

-- A claim whose answer never reached a worker is no try of the job.
alter table tasks add column is_heard boolean not null default false;
update tasks set is_heard = true where lease_owner is not null;

comment on column tasks.is_heard is 'Whether the worker of this attempt has given a sign of life.';
comment on column tasks.tries is 'The attempts since the work last got further, each from its first sign of life on.';
