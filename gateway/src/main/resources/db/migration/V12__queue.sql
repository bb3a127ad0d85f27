-- Work is given out in the order in which its subjects came: a job whose large files took long to check trains before one
-- that came later and was checked sooner.
alter table tasks add column queued_at timestamptz;
update tasks set queued_at = (select min(created_at) from tasks first where first.subject = tasks.subject);
alter table tasks
    alter column queued_at set default tunegate_now(),
    alter column queued_at set not null;

drop index tasks_to_claim;
create index tasks_to_claim on tasks (kind, queued_at, number) where state = 'waiting';
